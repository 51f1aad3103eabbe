/* client_addr.c - whose request this is */
#include "applets/occ-tls/client_addr.h"

#include "lib/base/num.h"

#define PORT_MAX 65535

static bool
is_trusted(const struct client_trust *t, const struct cidr_addr *a)
{
	for (size_t i = 0; i < t->n; i++)
		if (cidr_has(&t->nets[i], a))
			return true;
	return false;
}

static bool
is_port(struct str s)
{
	uint64_t ignored;
	struct err e = ERR_INIT;

	return num_u64(s, 0, PORT_MAX, &ignored, &e) == 0;
}

/* "192.0.2.1", "192.0.2.1:4711", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:4711": all of them are met. */
static bool
read_element(struct str s, struct cidr_addr *ret)
{
	if (str_has_prefix(s, "[")) {
		s = str_skip(s, 1);
		if (str_find_char(s, ']') == STR_NONE)
			return false;
		struct str inside = str_cut(&s, ']');
		return (s.n == 0 || (s.p[0] == ':' && is_port(str_skip(s, 1)))) && cidr_addr(inside, ret) && str_find_char(inside, ':') != STR_NONE;
	}
	size_t colon = str_find_char(s, ':');
	if (colon != STR_NONE && colon == str_rfind_char(s, ':')) {
		struct str port = str_skip(s, colon + 1);

		return is_port(port) && cidr_addr(str_take(s, colon), ret);
	}
	return cidr_addr(s, ret);
}

/* The last element of a list, which it is cut off; false when there is none left. */
static bool
cut_last(struct str *list, bool *has_more, struct str *ret)
{
	if (!*has_more)
		return false;
	size_t comma = str_rfind_char(*list, ',');
	*has_more = comma != STR_NONE;
	*ret = str_trim(comma == STR_NONE ? *list : str_skip(*list, comma + 1));
	*list = comma == STR_NONE ? str_take(*list, 0) : str_take(*list, comma);
	return true;
}

/* Walks one field from its end. True when the next field to the left is to be walked, too: every element was a trusted hop. */
static bool
walk(const struct client_trust *t, struct str list, unsigned *n_hops, struct cidr_addr *client)
{
	struct str element;
	struct cidr_addr a;
	bool has_more = true;

	while (cut_last(&list, &has_more, &element)) {
		if (++*n_hops > CLIENT_HOPS_MAX || !read_element(element, &a))
			return false;
		*client = a;
		if (!is_trusted(t, &a))
			return false;
	}
	return true;
}

/* The last element of the last field of this name. */
static struct str
last_of(const struct http_request_head *h, const char *name)
{
	struct str ret = STR_NULL;

	for (size_t i = 0; i < h->n_fields; i++) {
		struct str list = h->fields[i].value;
		bool has_more = true;

		if (str_ieq(h->fields[i].name, str_of(name)))
			cut_last(&list, &has_more, &ret);
	}
	return ret;
}

static void
read_said(const struct http_request_head *h, struct client_addr *ret)
{
	struct str proto = last_of(h, "X-Forwarded-Proto"), port = last_of(h, "X-Forwarded-Port");
	struct err ignored = ERR_INIT;
	uint64_t number;

	if (str_ieq(proto, STR_LIT("https")))
		ret->proto = CLIENT_PROTO_HTTPS;
	else if (str_ieq(proto, STR_LIT("http")))
		ret->proto = CLIENT_PROTO_HTTP;
	if (num_u64(port, 1, PORT_MAX, &number, &ignored) == 0)
		ret->port = (unsigned)number;
}

void
client_addr_of(const struct client_trust *t, const char *peer, const struct http_request_head *h, struct client_addr *ret)
{
	struct str text = str_of(peer);
	struct cidr_addr client;
	unsigned n_hops = 0;

	*ret = (struct client_addr){ .text = "unknown" };
	if (!cidr_addr(str_cut(&text, '%'), &client))
		return;
	ret->is_behind_proxy = is_trusted(t, &client);
	if (ret->is_behind_proxy) {
		read_said(h, ret);
		for (size_t i = h->n_fields; i-- > 0;)
			if (str_ieq(h->fields[i].name, STR_LIT("X-Forwarded-For")) && !walk(t, h->fields[i].value, &n_hops, &client))
				break;
	}
	cidr_addr_text(&client, ret->text);
}
