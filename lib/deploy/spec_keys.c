/* spec_keys.c - labels of our objects, and a short digest per configuration key so that a drift can be named */
#include "lib/deploy/spec.h"
#include "lib/tls/digest.h"

#define KEY_DIGEST_DIGITS 8	/* a difference is named, not proved: the spec's own digest decides */
#define KEYS_LABEL_MAX 8192
#define VALUE_MAX (256u << 10)

const char *const *
spec_object_labels(struct arena *a, const struct spec_input *in)
{
	struct strlist l = { .v = NULL };

	strlist_add(a, &l, LABEL_MANAGED "=" LABEL_MANAGED_VALUE);
	strlist_add(a, &l, arena_printf(a, "%s=%s", LABEL_INSTANCE, in->instance));
	strlist_add(a, &l, arena_printf(a, "%s=%s", LABEL_DEPLOYMENT, in->deployment));
	return l.v;
}

/* The restart policy is outside: a change of it needs no new container. */
static bool
is_in_container(const struct schema_key *k)
{
	return k->cost != SCHEMA_NOTHING;
}

static void
put_key_digest(const struct config *c, const struct schema_key *k, struct buf *out)
{
	AUTO(buf) struct buf value = BUF_INIT(VALUE_MAX), hex = BUF_INIT(2 * DIGEST_SHA256_BYTES);

	config_put_value(c, k, &value);
	if (k->cost == SCHEMA_SWITCH) {		/* all that the container knows of it */
		bool is_off = schema_is_off(k, value.p);

		buf_reset(&value);
		buf_puts(&value, is_off ? "off" : "on");
	}
	digest_sha256_hex(buf_str(&value), &hex);
	buf_putstr(out, str_take(buf_str(&hex), KEY_DIGEST_DIGITS));
}

const char *
spec_keys_label(struct arena *a, const struct config *c)
{
	AUTO(buf) struct buf out = BUF_INIT(KEYS_LABEL_MAX);

	for (const struct schema_key *k = schema_keys; k->name; k++) {
		if (!is_in_container(k))
			continue;
		buf_printf(&out, "%s%s=", out.n ? "," : "", k->name);
		put_key_digest(c, k, &out);
	}
	return arena_str(a, buf_str(&out));
}

/* The label's digest of a key; empty when an older program did not know the key. */
static struct str
label_digest(struct str label, const char *name)
{
	while (label.n) {
		struct str value = str_cut(&label, ',');
		if (str_is(str_cut(&value, '='), name))
			return value;
	}
	return STR_NULL;
}

/* A switch that the label does not know was off: there was none. */
static bool
is_changed(const struct config *c, const struct schema_key *k, struct str old)
{
	AUTO(buf) struct buf now = BUF_INIT(VALUE_MAX);

	if (old.n) {
		put_key_digest(c, k, &now);
		return !str_eq(old, buf_str(&now));
	}
	config_put_value(c, k, &now);
	return k->cost == SCHEMA_SWITCH && !schema_is_off(k, now.p);
}

const char *
spec_changed_keys(struct arena *a, const struct config *c, const char *label)
{
	AUTO(buf) struct buf out = BUF_INIT(KEYS_LABEL_MAX);

	for (const struct schema_key *k = schema_keys; k->name; k++) {
		if (!is_in_container(k))
			continue;
		if (is_changed(c, k, label_digest(str_of(label), k->name)))
			buf_printf(&out, "%s%s", out.n ? ", " : "", k->name);
	}
	return arena_str(a, buf_str(&out));
}
