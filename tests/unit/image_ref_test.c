/* image_ref_test.c - image references: the rows of the distribution project's grammar, and its traps */
#include "lib/engine/image.h"
#include "tests/t.h"

#define HEX64 "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static const struct {
	const char *text, *domain, *path, *tag, *digest, *familiar, *full;
} good[] = {
	{ "ubuntu", "docker.io", "library/ubuntu", "", "", "ubuntu", "docker.io/library/ubuntu" },
	{ "ubuntu:24.04", "docker.io", "library/ubuntu", "24.04", "", "ubuntu:24.04", "docker.io/library/ubuntu:24.04" },
	{ "docker.io/ubuntu", "docker.io", "library/ubuntu", "", "", "ubuntu", "docker.io/library/ubuntu" },
	{ "index.docker.io/library/ubuntu", "docker.io", "library/ubuntu", "", "", "ubuntu", "docker.io/library/ubuntu" },
	{ "library/ubuntu", "docker.io", "library/ubuntu", "", "", "ubuntu", "docker.io/library/ubuntu" },
	{ "docker.io/library/a/b", "docker.io", "library/a/b", "", "", "library/a/b", "docker.io/library/a/b" },
	{ "docker.io/a.b/c", "docker.io", "a.b/c", "", "", "docker.io/a.b/c", "docker.io/a.b/c" },
	{ "docker.io/localhost/c", "docker.io", "localhost/c", "", "", "docker.io/localhost/c", "docker.io/localhost/c" },
	{ "library/" HEX64, "docker.io", "library/" HEX64, "", "", "library/" HEX64, "docker.io/library/" HEX64 },
	{ "me/app:1", "docker.io", "me/app", "1", "", "me/app:1", "docker.io/me/app:1" },
	{ "localhost/app", "localhost", "app", "", "", "localhost/app", "localhost/app" },
	{ "localhost:5000/app:1", "localhost:5000", "app", "1", "", "localhost:5000/app:1", "localhost:5000/app:1" },
	{ "host:5000/a/b:tag@sha256:" HEX64, "host:5000", "a/b", "tag", "sha256:" HEX64, "host:5000/a/b:tag@sha256:" HEX64,
	    "host:5000/a/b:tag@sha256:" HEX64 },
	{ "ghcr.io/a/b@sha256:" HEX64, "ghcr.io", "a/b", "", "sha256:" HEX64, "ghcr.io/a/b@sha256:" HEX64, "ghcr.io/a/b@sha256:" HEX64 },
	{ "Host/app", "Host", "app", "", "", "Host/app", "Host/app" },
	{ "[2001:db8::1]:5000/app", "[2001:db8::1]:5000", "app", "", "", "[2001:db8::1]:5000/app", "[2001:db8::1]:5000/app" },
	{ "[2001:db8::1]/app", "[2001:db8::1]", "app", "", "", "[2001:db8::1]/app", "[2001:db8::1]/app" },
	{ "127.0.0.1:5000/x", "127.0.0.1:5000", "x", "", "", "127.0.0.1:5000/x", "127.0.0.1:5000/x" },
	{ "a-b.c_d__e--f", "docker.io", "library/a-b.c_d__e--f", "", "", "a-b.c_d__e--f", "docker.io/library/a-b.c_d__e--f" },
	{ "a:_x.Y-z", "docker.io", "library/a", "_x.Y-z", "", "a:_x.Y-z", "docker.io/library/a:_x.Y-z" },
	{ "a@sha512:" HEX64 HEX64, "docker.io", "library/a", "", "sha512:" HEX64 HEX64, "a@sha512:" HEX64 HEX64, "docker.io/library/a@sha512:" HEX64 HEX64 },
	{ "xn--n3h.com/a", "xn--n3h.com", "a", "", "", "xn--n3h.com/a", "xn--n3h.com/a" },
	{ "registry.example.com:443/team/app_1:v1.2.3-rc.1", "registry.example.com:443", "team/app_1", "v1.2.3-rc.1", "",
	    "registry.example.com:443/team/app_1:v1.2.3-rc.1", "registry.example.com:443/team/app_1:v1.2.3-rc.1" },
};

static const char *const bad[] = {
	"", ":", ":tag", ("@sha256:" HEX64), "a:", "a@", "a@sha256:12", ("a@sha256:" HEX64 "0"), ("a@md5:" HEX64), "a@sha256", "Ubuntu", "a/B", "a//b", "/a", "a/",
	"a b", "a:b:c", "a:-x", "a:.x", "a..b", "a___b", "a_-b", "a-_b", ".a", "a.", "-a", "a-", "_a", "a/.b", HEX64, "host:/a", "host:x/a",
	"host:123456/a", "-host.com/a", "host-.com/a", "host..com/a", "host.com./a", ".host.com/a", "[::1/a", "[]/a", "[::g]/a", "[::1]x/a", "[::1]:/a",
	"docker.io/", "localhost/", ("a@sha256:" HEX64 "@sha256:" HEX64), "a\n", "\xc3\xa9", "a:\xc3\xa9", "http://host/a", "a/b:c/d", "host.com/[a]",
};

static int
parse(const char *text, struct image_ref *r, struct err *e)
{
	size_t n = strlen(text);

	return image_ref_parse(str_from(t_guard(text, n), n), r, e);
}

int
main(void)
{
	struct err e = ERR_INIT;
	struct image_ref r;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		AUTO(buf) struct buf familiar = BUF_INIT(1000), full = BUF_INIT(1000);
		t_row("good: %s", good[i].text);
		if (!T_CALL(parse(good[i].text, &r, &e)))
			continue;
		T_VIEW(r.domain, good[i].domain);
		T_VIEW(r.path, good[i].path);
		T_VIEW(r.tag, good[i].tag);
		T_VIEW(r.digest, good[i].digest);
		image_ref_put_familiar(&r, &familiar);
		T_STR(familiar.p, good[i].familiar);
		image_ref_put_full(&r, &full);
		T_STR(full.p, good[i].full);
		/* What is written can be read, and is the same then. */
		struct image_ref again;
		T_CALL(parse(full.p, &again, &e));
		T_OK(str_eq(again.path, r.path) && str_eq(again.domain, r.domain));
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		t_row("bad %zu", i);
		if (parse(bad[i], &r, &e) == 0)
			T_FAIL("accepted: %s", bad[i]);
		else
			T_ERR(ERR_USAGE);
	}
	t_row("lengths: 255 bytes of name, 128 of tag");
	char text[400];
	memset(text, 'a', sizeof text);
	T_OK(image_ref_parse(str_from(text, 255), &r, &e) == 0);
	T_OK(image_ref_parse(str_from(text, 256), &r, &e) < 0);
	text[1] = ':';
	T_OK(image_ref_parse(str_from(text, 2 + 128), &r, &e) == 0);
	T_OK(image_ref_parse(str_from(text, 2 + 129), &r, &e) < 0);
	return t_done();
}
