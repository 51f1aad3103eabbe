/* trust.c - the stores of trusted authorities, and how people reach those of other machines */
#include "applets/occ/trust.h"

#include <string.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/base/path.h"
#include "lib/proc/spawn.h"

#define FILE_WORD "FILE"
#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* In the order in which they are looked for: a directory of one kind may be there on a system of another one as well, its program is not. */
static const struct trust_store stores[] = {
	{ "Debian, Ubuntu", "/usr/local/share/ca-certificates", WORDS("update-ca-certificates"), WORDS("update-ca-certificates", "--fresh") },
	{ "openSUSE", "/etc/pki/trust/anchors", WORDS("update-ca-certificates"), WORDS("update-ca-certificates") },
	{ "Fedora, RHEL", "/etc/pki/ca-trust/source/anchors", WORDS("update-ca-trust", "extract"), WORDS("update-ca-trust", "extract") },
	{ "Arch", "/etc/ca-certificates/trust-source/anchors", WORDS("update-ca-trust"), WORDS("update-ca-trust") },
	{ "macOS", NULL, WORDS("security", "add-trusted-cert", "-d", "-r", "trustRoot", "-k", "/Library/Keychains/System.keychain", FILE_WORD),
	  WORDS("security", "remove-trusted-cert", "-d", FILE_WORD) },
};

static const struct {
	const char *system, *how;
} manual[] = {
	{ "Debian, Ubuntu", "sudo cp ca.pem /usr/local/share/ca-certificates/opencode-cloud.crt && sudo update-ca-certificates" },
	{ "Fedora, RHEL", "sudo cp ca.pem /etc/pki/ca-trust/source/anchors/opencode-cloud.crt && sudo update-ca-trust" },
	{ "Arch", "sudo trust anchor --store ca.pem" },
	{ "macOS", "sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ca.pem" },
	{ "Windows", "certutil -addstore -f Root ca.pem   (in a console as administrator)" },
	{ "Firefox", "Settings, Privacy & Security, View Certificates, Authorities, Import" },
	{ "Chromium on Linux", "certutil -d sql:$HOME/.pki/nssdb -A -t C,, -n opencode-cloud -i ca.pem   (package libnss3-tools)" },
	{ "iOS, iPadOS", "send ca.pem to the device, Settings, Profile Downloaded, Install; then General, About, Certificate Trust Settings: on" },
	{ "Android", "Settings, Security, Encryption & credentials, Install a certificate, CA certificate" },
};

const struct trust_store *
trust_store_here(struct arena *a, const char *root)
{
	for (size_t i = 0; i < ARRAY_LEN(stores); i++) {
		const struct trust_store *s = &stores[i];

		if (spawn_find(a, s->add[0]) && (!s->dir || file_exists(arena_printf(a, "%s%s", root, s->dir))))
			return s;
	}
	return NULL;
}

const char *const *
trust_argv(struct arena *a, const char *const *words, const char *file)
{
	struct strlist l = { .v = NULL };

	for (size_t i = 0; words[i]; i++)
		strlist_add(a, &l, strcmp(words[i], FILE_WORD) == 0 ? file : words[i]);
	return l.v;
}

/* update-ca-certificates takes names that end in .crt only. */
const char *
trust_file(struct arena *a, const struct trust_store *s, const char *root, const char *instance)
{
	return s->dir ? arena_printf(a, "%s%s/opencode-cloud-%s.crt", root, s->dir, instance) : NULL;
}

void
trust_put_manual(const char *prog, const char *sha256, struct buf *out)
{
	buf_printf(out, "The file    %s tls cert --ca --pem >ca.pem\n", prog);
	buf_printf(out, "SHA-256     %s\n", sha256);
	buf_puts(out, "It is good for this deployment's names and addresses only. Take it to the device that shall trust it, and there:\n\n");
	for (size_t i = 0; i < ARRAY_LEN(manual); i++)
		buf_printf(out, "  %s\n    %s\n", manual[i].system, manual[i].how);
	buf_printf(out, "\nOn this machine: %s tls trust --install\n", prog);
}
