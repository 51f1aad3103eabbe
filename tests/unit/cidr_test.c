/* cidr_test.c - networks and what is in them: rows, each address also flush against a guard page */
#include "lib/net/cidr.h"

#include "lib/base/mem.h"
#include "tests/t.h"

static const struct {
	const char *in, *text;		/* text NULL: no address */
} addresses[] = {
	{ "10.0.0.1", "10.0.0.1" }, { "::ffff:10.0.0.1", "10.0.0.1" }, { "::ffff:a00:1", "10.0.0.1" }, { "2001:DB8:0:0::1", "2001:db8::1" },
	{ "::", "::" }, { "::1", "::1" }, { "0.0.0.0", "0.0.0.0" }, { "255.255.255.255", "255.255.255.255" },
	{ "ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff" },
	{ "", NULL }, { "10.0.0", NULL }, { "10.0.0.1 ", NULL }, { " 10.0.0.1", NULL }, { "10.0.0.256", NULL }, { "010.0.0.1", NULL }, { "[::1]", NULL },
	{ "::1%lo", NULL }, { "localhost", NULL }, { "1:2:3:4:5:6:7:8:9", NULL }, { "0000000000000000000000000000000000000000000000010.0.0.1", NULL },
};

static void
test_addresses(void)
{
	for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
		struct str in = str_of(addresses[i].in);
		struct cidr_addr a;
		char text[CIDR_ADDR_TEXT];

		t_row("address \"%s\"", addresses[i].in);
		for (size_t n = 0; n < in.n; n++)
			cidr_addr(str_from(t_guard(in.p, n), n), &a);
		T_EQ(cidr_addr(str_from(t_guard(in.p, in.n), in.n), &a), addresses[i].text != NULL);
		if (!addresses[i].text)
			continue;
		cidr_addr_text(&a, text);
		T_STR(text, addresses[i].text);
	}
	struct cidr_addr a;
	t_row("an address with a NUL in it");
	T_OK(!cidr_addr(STR_LIT("10.0.0.1\0"), &a));
}

static const struct {
	const char *net, *in, *out;	/* an address within, and one without; NULL: there is none */
} nets[] = {
	{ "10.0.0.0/8", "10.255.255.255", "11.0.0.0" }, { "10.0.0.0/8", "::ffff:10.1.2.3", "9.255.255.255" }, { "10.0.0.0/8", "10.0.0.0", "a00::" },
	{ "192.0.2.128/25", "192.0.2.128", "192.0.2.127" }, { "192.0.2.1/32", "192.0.2.1", "192.0.2.0" }, { "192.0.2.1", "192.0.2.1", "192.0.2.2" },
	{ "172.16.0.0/12", "172.31.255.255", "172.32.0.0" }, { "0.0.0.0/0", "255.1.2.3", "::1" }, { "::/0", "2001:db8::1", "127.0.0.1" },
	{ "::ffff:10.0.0.0/104", "10.9.9.9", "11.0.0.0" }, { "fd00::/8", "fdff::1", "fe00::" }, { "2001:db8::/33", "2001:db8:7fff::1", "2001:db8:8000::" },
	{ "2001:db8::1/128", "2001:db8::1", "2001:db8::2" }, { "::1", "::1", "::" }, { "::/1", "7fff::", "8000::" }, { "::ffff:0:0/96", "1.2.3.4", "::1:0:0" },
};

static void
test_nets(void)
{
	for (size_t i = 0; i < ARRAY_LEN(nets); i++) {
		struct err e = ERR_INIT;
		struct cidr c;
		struct cidr_addr a;

		t_row("network %s", nets[i].net);
		T_CALL(cidr_parse(str_of(nets[i].net), &c, &e));
		T_OK(cidr_addr(str_of(nets[i].in), &a));
		T_OK(cidr_has(&c, &a));
		T_OK(cidr_addr(str_of(nets[i].out), &a));
		T_OK(!cidr_has(&c, &a));
	}
}

static const struct {
	const char *in, *why;
} bad[] = {
	{ "", "is not a network" }, { "/8", "is not a network" }, { "10.0.0.0/", "0 to 32 bits" }, { "10.0.0.0/33", "0 to 32 bits" }, { "10.0.0.0/-1", "0 to 32 bits" },
	{ "10.0.0.0/8/8", "0 to 32 bits" }, { "10.0.0.0/ 8", "0 to 32 bits" }, { "::/129", "0 to 128 bits" }, { "10.0.0/8", "ADDRESS/BITS" },
	{ "10.0.0.1/8", "10.0.0.0/8 is the network, /32 this address alone" }, { "2001:db8::1/32", "2001:db8::/32 is the network, /128" },
	{ "example.org/24", "is not a network" },
};

static void
test_bad(void)
{
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err e = ERR_INIT;
		struct cidr c;

		t_row("no network: \"%s\"", bad[i].in);
		T_FAILS(cidr_parse(str_of(bad[i].in), &c, &e), ERR_CONFIG);
		T_HAS(e.msg, bad[i].why);
	}
}

int
main(void)
{
	test_addresses();
	test_nets();
	test_bad();
	return t_done();
}
