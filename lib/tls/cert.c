/*
 * cert.c - keys and certificates made here: the local authority and its leaves
 */
#include "lib/tls/cert.h"

#include <string.h>
#include <time.h>

#include <mbedtls/asn1write.h>
#include <mbedtls/ecp.h>
#include <mbedtls/oid.h>

#include "lib/base/mem.h"
#include "lib/tls/own.h"

#define KEY_PEM_MAX 1024
#define CERT_PEM_MAX 32768
#define CONSTRAINTS_MAX 16384		/* bytes of DER */
#define SERIAL_BYTES 20			/* RFC 5280 section 4.1.2.2: at most 20, positive */
#define SLACK_S 3600			/* clients whose clock is behind */
#define DAY_S 86400
#define COMMON_NAME_MAX 64		/* RFC 5280 appendix A, ub-common-name */
#define LEAF_SUBJECT "CN=opencode-cloud server"	/* no dot in it: as a DNS name it would fall under the constraints */
#define ADDRESS_BYTES_MAX 16

struct certificate {
	mbedtls_x509write_cert w;
	mbedtls_pk_context subject_key, issuer_key;
};

static void
certificate_auto(struct certificate *c)
{
	mbedtls_x509write_crt_free(&c->w);
	mbedtls_pk_free(&c->subject_key);
	mbedtls_pk_free(&c->issuer_key);
}

static void
certificate_init(struct certificate *c)
{
	mbedtls_x509write_crt_init(&c->w);
	mbedtls_pk_init(&c->subject_key);
	mbedtls_pk_init(&c->issuer_key);
}

int
cert_key_new(struct buf *ret_key_pem, struct err *e)
{
	AUTO(tls_key) mbedtls_pk_context key;
	unsigned char text[KEY_PEM_MAX];
	int code;

	mbedtls_pk_init(&key);
	code = mbedtls_pk_setup(&key, mbedtls_pk_info_from_type(MBEDTLS_PK_ECKEY));
	if (code == 0)
		code = mbedtls_ecp_gen_key(MBEDTLS_ECP_DP_SECP256R1, mbedtls_pk_ec(key), tls_random, NULL);
	if (code == 0)
		code = mbedtls_pk_write_key_pem(&key, text, sizeof text);
	if (code == 0)
		buf_puts(ret_key_pem, (const char *)text);
	mem_wipe(text, sizeof text);
	return code == 0 ? buf_check(ret_key_pem, "the key", e) : tls_fail(e, code, "make a key");
}

static int
read_names(const struct cert_names *names, struct tls_name *ret, struct err *e)
{
	if (names->n == 0 || names->n > CERT_NAMES_MAX)
		return err_set(e, ERR_TLS, "%zu names for a certificate, 1 to %d are possible", names->n, CERT_NAMES_MAX);
	for (size_t i = 0; i < names->n; i++)
		if (!tls_name_read(str_of(names->v[i]), &ret[i]))
			return err_set(e, ERR_TLS, "\"%s\" is neither a host name nor an address", names->v[i]);
	return 0;
}

/* --- name constraints (RFC 5280 section 4.2.1.10) ---------------------------------------------------------------- */

/* DER is written from its end to its beginning. */
struct der {
	unsigned char bytes[CONSTRAINTS_MAX];
	unsigned char *p;		/* the first byte written */
	int code;			/* the first failure of mbedTLS's */
};

static void
der_wrap(struct der *d, const unsigned char *end, unsigned char tag)
{
	int n = mbedtls_asn1_write_len(&d->p, d->bytes, (size_t)(end - d->p));

	if (n >= 0)
		n = mbedtls_asn1_write_tag(&d->p, d->bytes, tag);
	if (n < 0 && d->code == 0)
		d->code = n;
}

/* GeneralSubtree ::= SEQUENCE { base GeneralName }; minimum is 0 and so left out. */
static void
put_subtree(struct der *d, unsigned char tag, const void *p, size_t n)
{
	const unsigned char *end = d->p;
	int code = mbedtls_asn1_write_raw_buffer(&d->p, d->bytes, p, n);

	if (code < 0 && d->code == 0)
		d->code = code;
	der_wrap(d, end, (unsigned char)(MBEDTLS_ASN1_CONTEXT_SPECIFIC | tag));
	der_wrap(d, end, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE);
}

/* An address is followed by its mask. */
static void
put_network(struct der *d, const unsigned char *address, size_t n, size_t n_fixed)
{
	unsigned char both[2 * ADDRESS_BYTES_MAX] = { 0 };

	memcpy(both, address, n);
	memset(&both[n], 0xff, n_fixed);
	put_subtree(d, MBEDTLS_X509_SAN_IP_ADDRESS, both, 2 * n);
}

/* What a wildcard stands below is the subtree: constraints know no star. Loopback is in both families, so that names and addresses are always
 * constrained, also when the deployment has only one kind. */
static int
put_constraints(mbedtls_x509write_cert *w, const struct tls_name *names, size_t n, struct der *d)
{
	static const unsigned char loopback4[4] = { 127 }, loopback6[16] = { [15] = 1 };
	const unsigned char *end = &d->bytes[sizeof d->bytes];

	d->p = &d->bytes[sizeof d->bytes];
	put_network(d, loopback6, sizeof loopback6, sizeof loopback6);
	put_network(d, loopback4, sizeof loopback4, 1);
	put_subtree(d, MBEDTLS_X509_SAN_DNS_NAME, "localhost", strlen("localhost"));
	for (size_t i = n; i-- > 0;) {
		struct str name = str_from(names[i].v, names[i].n);

		if (names[i].is_address) {
			put_network(d, names[i].v, names[i].n, names[i].n);
		} else {
			struct str base = str_has_prefix(name, "*.") ? str_skip(name, 2) : name;
			put_subtree(d, MBEDTLS_X509_SAN_DNS_NAME, base.p, base.n);
		}
	}
	der_wrap(d, end, MBEDTLS_ASN1_CONTEXT_SPECIFIC | MBEDTLS_ASN1_CONSTRUCTED);	/* permittedSubtrees [0] */
	der_wrap(d, end, MBEDTLS_ASN1_CONSTRUCTED | MBEDTLS_ASN1_SEQUENCE);
	if (d->code != 0)
		return d->code;
	return mbedtls_x509write_crt_set_extension(w, MBEDTLS_OID_NAME_CONSTRAINTS, MBEDTLS_OID_SIZE(MBEDTLS_OID_NAME_CONSTRAINTS), 1, d->p,
	    (size_t)(end - d->p));
}

/* --- writing --------------------------------------------------------------------------------------------------------- */

static int
put_validity(mbedtls_x509write_cert *w, int64_t from_epoch_s, int64_t until_epoch_s)
{
	char from[16], until[16];
	time_t f = (time_t)from_epoch_s, u = (time_t)until_epoch_s;
	struct tm tm;

	if (!gmtime_r(&f, &tm) || strftime(from, sizeof from, "%Y%m%d%H%M%S", &tm) == 0 || !gmtime_r(&u, &tm) ||
	    strftime(until, sizeof until, "%Y%m%d%H%M%S", &tm) == 0)
		return MBEDTLS_ERR_X509_INVALID_DATE;
	return mbedtls_x509write_crt_set_validity(w, from, until);
}

/* What both kinds have. The first bits are fixed: positive, and always of the same length. */
static int
put_common(struct certificate *c, int64_t from_epoch_s, int64_t until_epoch_s)
{
	unsigned char serial[SERIAL_BYTES];
	int code = tls_random(NULL, serial, sizeof serial);

	if (code != 0)
		return code;
	serial[0] = (unsigned char)((serial[0] & 0x3f) | 0x40);
	mbedtls_x509write_crt_set_version(&c->w, MBEDTLS_X509_CRT_VERSION_3);
	mbedtls_x509write_crt_set_md_alg(&c->w, MBEDTLS_MD_SHA256);
	mbedtls_x509write_crt_set_subject_key(&c->w, &c->subject_key);
	mbedtls_x509write_crt_set_issuer_key(&c->w, &c->issuer_key);
	if ((code = mbedtls_x509write_crt_set_serial_raw(&c->w, serial, sizeof serial)) != 0 ||
	    (code = put_validity(&c->w, from_epoch_s, until_epoch_s)) != 0 || (code = mbedtls_x509write_crt_set_subject_key_identifier(&c->w)) != 0)
		return code;
	return mbedtls_x509write_crt_set_authority_key_identifier(&c->w);
}

static int
finish(struct certificate *c, int code, const char *what, struct buf *ret_cert_pem, struct err *e)
{
	unsigned char text[CERT_PEM_MAX];

	if (code == 0)
		code = mbedtls_x509write_crt_pem(&c->w, text, sizeof text, tls_random, NULL);
	if (code != 0)
		return tls_fail(e, code, "make %s", what);
	buf_puts(ret_cert_pem, (const char *)text);
	return buf_check(ret_cert_pem, "the certificate", e);
}

/* "CN=..." with what RFC 4514 section 2.4 wants escaped. */
static int
common_name(const char *name, struct buf *out, struct err *e)
{
	struct str s = str_of(name);

	if (s.n == 0 || s.n > COMMON_NAME_MAX || str_utf8_valid(s) != s.n)
		return err_set(e, ERR_TLS, "\"%s\" cannot name an authority: it has to be UTF-8 text of 1 to %d bytes", name, COMMON_NAME_MAX);
	buf_puts(out, "CN=");
	for (size_t i = 0; i < s.n; i++) {
		if (strchr("\"+,;<>\\=", s.p[i]) || ((i == 0 || i == s.n - 1) && strchr(" #", s.p[i])))
			buf_putc(out, '\\');
		buf_putc(out, s.p[i]);
	}
	return buf_check(out, "the authority's name", e);
}

int
cert_ca_new(struct str key_pem, const char *name, const struct cert_names *names, int64_t now_epoch_s, struct buf *ret_cert_pem, struct err *e)
{
	AUTO(buf) struct buf subject = BUF_INIT(4 * COMMON_NAME_MAX);
	AUTO(certificate) struct certificate c;
	struct tls_name list[CERT_NAMES_MAX] = { { .n = 0 } };
	struct der constraints = { .code = 0 };
	mbedtls_x509write_cert *w = &c.w;
	int code;

	certificate_init(&c);
	if (read_names(names, list, e) < 0 || common_name(name, &subject, e) < 0 || tls_key_read(key_pem, &c.subject_key, e) < 0 ||
	    tls_key_read(key_pem, &c.issuer_key, e) < 0)
		return -1;
	if ((code = put_common(&c, now_epoch_s - SLACK_S, now_epoch_s + (int64_t)CERT_CA_DAYS * DAY_S)) == 0 &&
	    (code = mbedtls_x509write_crt_set_subject_name(w, subject.p)) == 0 && (code = mbedtls_x509write_crt_set_issuer_name(w, subject.p)) == 0 &&
	    (code = mbedtls_x509write_crt_set_basic_constraints(w, 1, 0)) == 0 &&
	    (code = mbedtls_x509write_crt_set_key_usage(w, MBEDTLS_X509_KU_KEY_CERT_SIGN | MBEDTLS_X509_KU_CRL_SIGN)) == 0)
		code = put_constraints(w, list, names->n, &constraints);
	return finish(&c, code, "an authority's certificate", ret_cert_pem, e);
}

/* mbedTLS writes the list from its end: linked backwards, the names come out in the order given. */
static int
put_alternative_names(mbedtls_x509write_cert *w, struct tls_name *names, size_t n)
{
	mbedtls_x509_san_list list[CERT_NAMES_MAX];

	for (size_t i = 0; i < n; i++) {
		list[i] = (mbedtls_x509_san_list){
			.node.type = names[i].is_address ? MBEDTLS_X509_SAN_IP_ADDRESS : MBEDTLS_X509_SAN_DNS_NAME,
			.next = i > 0 ? &list[i - 1] : NULL,
		};
		list[i].node.san.unstructured_name = (mbedtls_x509_buf){ .tag = MBEDTLS_ASN1_IA5_STRING, .len = names[i].n, .p = names[i].v };
	}
	return mbedtls_x509write_crt_set_subject_alternative_name(w, &list[n - 1]);
}

/* The authority is ours, and its name was written from text as well: the same bytes come of it. */
static int
put_leaf(struct certificate *c, const mbedtls_x509_crt *ca, struct tls_name *names, size_t n)
{
	mbedtls_asn1_sequence purpose = { .buf = { .tag = MBEDTLS_ASN1_OID, .len = MBEDTLS_OID_SIZE(MBEDTLS_OID_SERVER_AUTH),
	    .p = mem_unconst(MBEDTLS_OID_SERVER_AUTH) } };
	char issuer[1024];
	int code;

	if (mbedtls_x509_dn_gets(issuer, sizeof issuer, &ca->subject) < 0)
		return MBEDTLS_ERR_X509_BUFFER_TOO_SMALL;
	if ((code = mbedtls_x509write_crt_set_subject_name(&c->w, LEAF_SUBJECT)) != 0 || (code = mbedtls_x509write_crt_set_issuer_name(&c->w, issuer)) != 0 ||
	    (code = mbedtls_x509write_crt_set_basic_constraints(&c->w, 0, -1)) != 0 ||
	    (code = mbedtls_x509write_crt_set_key_usage(&c->w, MBEDTLS_X509_KU_DIGITAL_SIGNATURE)) != 0 ||
	    (code = mbedtls_x509write_crt_set_ext_key_usage(&c->w, &purpose)) != 0)
		return code;
	return put_alternative_names(&c->w, names, n);
}

int
cert_leaf_new(struct str leaf_key_pem, struct str ca_cert_pem, struct str ca_key_pem, const struct cert_names *names, int64_t now_epoch_s,
    unsigned days, struct buf *ret_cert_pem, struct err *e)
{
	AUTO(tls_chain) struct tls_chain ca = TLS_CHAIN_INIT;
	AUTO(certificate) struct certificate c;
	struct tls_name list[CERT_NAMES_MAX] = { { .n = 0 } };

	certificate_init(&c);
	if (days == 0 || days > CERT_LEAF_DAYS)
		return err_set(e, ERR_TLS, "a certificate for %u days, 1 to %d are possible", days, CERT_LEAF_DAYS);
	if (read_names(names, list, e) < 0 || tls_key_read(leaf_key_pem, &c.subject_key, e) < 0)
		return -1;
	if (tls_chain_read(ca_cert_pem, &ca, e) < 0 || tls_key_read(ca_key_pem, &c.issuer_key, e) < 0 || tls_key_check(&ca.v[0], &c.issuer_key, e) < 0)
		return err_wrap(e, "authority");
	int code = put_common(&c, now_epoch_s - SLACK_S, now_epoch_s + (int64_t)days * DAY_S);
	if (code == 0)
		code = put_leaf(&c, &ca.v[0], list, names->n);
	return finish(&c, code, "a certificate", ret_cert_pem, e);
}
