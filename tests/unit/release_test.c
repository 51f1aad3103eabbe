/* release_test.c - lists of a release, versions, addresses, and whose place a program is in */
#include "lib/deploy/release.h"

#include "lib/base/mem.h"
#include "tests/t.h"

#define HASH "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OURS HASH "  opencode-cloud-1.2.3-linux-x86_64\n"

static void
test_lists(void)
{
	static const struct { const char *name, *text; enum err_code code; const char *version; } rows[] = {
		{ "one line", OURS, ERR_NONE, "1.2.3" },
		{ "a binary file's star, and no line feed at the end", HASH " *opencode-cloud-10.20.30-linux-x86_64", ERR_NONE, "10.20.30" },
		{ "among others", HASH "  sbom.json\n" HASH "  opencode-cloud-1.2.3-linux-arm64\n" OURS HASH "  opencode-cloud-1.2.3-x86_64\n", ERR_NONE, "1.2.3" },
		{ "another's name that ends alike", HASH "  opencode-cloud-extra-1.2.3-linux-x86_64\n" OURS, ERR_NONE, "1.2.3" },
		{ "nothing", "", ERR_NOT_FOUND, NULL },
		{ "none for this target", HASH "  opencode-cloud-1.2.3-macos-arm64\n", ERR_NOT_FOUND, NULL },
		{ "no version", HASH "  opencode-cloud-linux-x86_64\n" HASH "  opencode-cloud--linux-x86_64\n" HASH "  opencode-cloud-1.2-linux-x86_64\n", ERR_NOT_FOUND, NULL },
		{ "a directory before it", HASH "  ../opencode-cloud-1.2.3-linux-x86_64\n", ERR_NOT_FOUND, NULL },
		{ "two", OURS HASH "  opencode-cloud-1.2.4-linux-x86_64\n", ERR_PARSE, NULL },
		{ "upper case", "0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef  x\n", ERR_PARSE, NULL },
		{ "too short", "0123  opencode-cloud-1.2.3-linux-x86_64\n", ERR_PARSE, NULL },
		{ "one space", HASH " opencode-cloud-1.2.3-linux-x86_64\n", ERR_PARSE, NULL },
		{ "no name", HASH "  \n", ERR_PARSE, NULL },
		{ "an empty line", OURS "\n", ERR_PARSE, NULL },
		{ "a page", "<html>not found</html>", ERR_PARSE, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		AUTO(arena) struct arena a = ARENA_INIT;
		struct err e = ERR_INIT;
		struct release r;
		size_t n = strlen(rows[i].text);
		struct str text = str_from(t_guard(rows[i].text, n), n);

		t_row("list: %s", rows[i].name);
		if (rows[i].code) {
			T_FAILS(release_find(&a, text, "linux-x86_64", &r, &e), rows[i].code);
			continue;
		}
		T_CALL(release_find(&a, text, "linux-x86_64", &r, &e));
		T_STR(r.version, rows[i].version);
		T_HAS(r.file, rows[i].version);
		T_EQ(r.hash[0] << 8 | r.hash[31], 0x01ef);
	}
}

static void
test_versions(void)
{
	static const struct { const char *text; bool is_one; } rows[] = {
		{ "0.1.0", true }, { "10.20.30", true }, { "1.2", false }, { "1.2.3.4", false }, { "1.2.x", false }, { "01.2.3", false }, { "1.2.3-rc1", false }, { "v1.2.3", false }, { "", false },
		{ "1..3", false }, { "../..", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		t_row("version \"%s\"", rows[i].text);
		T_EQ(release_is_version(str_of(rows[i].text)), rows[i].is_one);
	}
}

static void
test_places(void)
{
	static const struct { const char *path, *owner; } rows[] = {
		{ "/usr/local/bin/opencode-cloud", NULL }, { "/home/a/.local/bin/opencode-cloud", NULL }, { "/home/a/node/lib/node_modules/opencode-cloud-linux-x64/bin/opencode-cloud", "npm" },
		{ "/home/a/.npm/_npx/1/node_modules/x/opencode-cloud", "npx" },
		{ "/home/a/.bun/install/cache/.bunx-0/opencode-cloud@latest/node_modules/opencode-cloud-linux-x64/bin/opencode-cloud", "bunx" },
		{ "/home/a/.bun/install/global/node_modules/opencode-cloud-linux-x64/bin/opencode-cloud", "bun" },
		{ "/home/a/pnpm/global/5/.pnpm/opencode-cloud-linux-x64@0.2.0/node_modules/opencode-cloud-linux-x64/bin/opencode-cloud", "pnpm" },
		{ "/home/a/.cargo/bin/opencode-cloud", "cargo" }, { "/home/a/.cache/opencode-cloud/cargo/0.2.0/opencode-cloud", "cargo" },
		{ "/opt/homebrew/Cellar/opencode-cloud/1/bin/occ", "Homebrew" },
	};
	AUTO(arena) struct arena a = ARENA_INIT;

	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct release_owner *o = release_owner_of(rows[i].path);

		t_row("place %s", rows[i].path);
		T_STR(o ? o->name : NULL, rows[i].owner);
	}
	t_row("addresses");
	T_STR(release_url(&a, "https://x/releases/", NULL, "SHA256SUMS"), "https://x/releases/latest/download/SHA256SUMS");
	T_STR(release_url(&a, "https://x/releases", "1.2.3", "f"), "https://x/releases/download/v1.2.3/f");
}

int
main(void)
{
	test_lists();
	test_versions();
	test_places();
	return t_done();
}
