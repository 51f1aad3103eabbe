/* release.c - names, lines, places */
#include "lib/deploy/release.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"

#if defined(__APPLE__)
#define SYSTEM "macos"
#else
#define SYSTEM "linux"
#endif

#if defined(__x86_64__)
#define TARGET SYSTEM "-x86_64"
#elif defined(__aarch64__)
#define TARGET SYSTEM "-arm64"
#else
#define TARGET NULL
#endif

#define HASH_DIGITS (2 * DIGEST_SHA256_BYTES)

const char *
release_target(void)
{
	return TARGET;
}

bool
release_is_version(struct str text)
{
	struct err ignored = ERR_INIT;
	uint64_t n;

	for (int i = 0; i < 3; i++) {
		struct str part = i < 2 ? str_cut(&text, '.') : text;

		if (num_u64(part, 0, UINT32_MAX, &n, &ignored) < 0 || (part.n > 1 && part.p[0] == '0'))
			return false;
	}
	return true;
}

const char *
release_url(struct arena *a, const char *base, const char *version, const char *file)
{
	struct str s = str_trim_char(str_of(base), '/');

	if (!version)
		return arena_printf(a, STR_FMT "/latest/download/%s", STR_ARG(s), file);
	return arena_printf(a, STR_FMT "/download/v%s/%s", STR_ARG(s), version, file);
}

static int
digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
get_hash(struct str hex, unsigned char ret[DIGEST_SHA256_BYTES])
{
	if (hex.n != HASH_DIGITS)
		return false;
	for (size_t i = 0; i < DIGEST_SHA256_BYTES; i++) {
		int high = digit(hex.p[2 * i]), low = digit(hex.p[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		ret[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

/* "opencode-cloud-1.2.3-TARGET" gives "1.2.3"; a view without bytes for any other name. */
static struct str
version_in(struct str file, const char *target)
{
	size_t before = sizeof RELEASE_PROGRAM, behind = strlen(target) + 1;

	if (!str_has_prefix(file, RELEASE_PROGRAM "-") || !str_has_suffix(file, target) || file.n <= before + behind || file.p[file.n - behind] != '-')
		return STR_NULL;
	struct str version = str_take(str_skip(file, before), file.n - before - behind);
	return release_is_version(version) ? version : STR_NULL;
}

int
release_find(struct arena *a, struct str sums, const char *target, struct release *ret, struct err *e)
{
	unsigned char hash[DIGEST_SHA256_BYTES];
	struct str line;

	*ret = (struct release){ .version = NULL };
	for (unsigned n = 1; str_line(&sums, &line); n++) {
		struct str file = str_skip(line, HASH_DIGITS + 2), version = version_in(file, target);

		/* Two spaces, or one and the star of a binary file. */
		if (!get_hash(str_take(line, HASH_DIGITS), hash) || line.n <= HASH_DIGITS + 2 || line.p[HASH_DIGITS] != ' ' || !strchr(" *", line.p[HASH_DIGITS + 1]))
			return err_set(e, ERR_PARSE, "line %u is no line of a list of SHA-256", n);
		if (version.n == 0)
			continue;
		if (ret->version)
			return err_set(e, ERR_PARSE, "it has two programs for %s", target);
		*ret = (struct release){ .version = arena_str(a, version), .file = arena_str(a, file) };
		memcpy(ret->hash, hash, sizeof hash);
	}
	return ret->version ? 0 : err_set(e, ERR_NOT_FOUND, "it has no program for %s", target);
}

const struct release_owner *
release_owner_of(const char *path)
{
	static const struct {
		const char *part;
		struct release_owner owner;
	} rows[] = {
		{ "/_npx/", { "npx", "npx opencode-cloud@latest" } },
		{ "/.bunx-", { "bunx", "bunx opencode-cloud@latest" } },
		{ "/.bun/", { "bun", "bun add -g opencode-cloud@latest" } },
		{ "/pnpm/dlx/", { "pnpm", "pnpm dlx opencode-cloud@latest" } },
		{ "/.pnpm/", { "pnpm", "pnpm add -g opencode-cloud@latest" } },
		{ "/node_modules/", { "npm", "npm install -g opencode-cloud@latest" } },
		{ "/.cargo/", RELEASE_OWNER_CARGO },
		{ "/opencode-cloud/cargo/", RELEASE_OWNER_CARGO },
		{ "/nix/store/", { "nix", "nix profile upgrade opencode-cloud" } },
		{ "/Cellar/", { "Homebrew", "brew upgrade opencode-cloud" } },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		if (strstr(path, rows[i].part))
			return &rows[i].owner;
	}
	return NULL;
}
