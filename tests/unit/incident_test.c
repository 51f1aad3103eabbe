/*
 * incident_test.c - incidents: there and back, at most 64 KiB whatever comes in, and no secret in any form
 */
/* ldflags: -Wl,--wrap=pwrite,--wrap=pwrite64,--wrap=write,--wrap=fsync,--wrap=rename */
#include "lib/deploy/incident.h"

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "lib/json/json.h"
#include "tests/unit/slots_kit.h"

static struct arena arena;
static struct err e;

static const char *
path_of(const char *name)
{
	return arena_printf(&arena, "%s/%s", t_tmpdir(), name);
}

static uint64_t random_state = 1;

static size_t
below(size_t n)
{
	random_state = random_state * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(random_state >> 33) % n;
}

static struct incident
sample(void)
{
	struct incident i = {
		.at_epoch_s = 1795374727, .cause = CAUSE_OOM, .action = "waiting 4 s", .exit_code = 137, .is_oom_killed = true, .error = "",
		.started_epoch_s = 1795370000, .finished_epoch_s = 1795374726, .container_id = "4f53cda18c2b", .image_id = "sha256:0123",
		.image_ref = "opencode-cloud:1.18.34", .n_samples = 2, .log = STR_LIT("one\ntwo\r\nthree"), .evidence_ms = 31,
		.samples = { { 1795374700, 200, 6, 400000000 }, { 1795374720, 0, 1500, 0 } },
	};

	strlist_add(&arena, &i.busy, "ses_1 in ~/workspace/shop: its turn is cut");
	return i;
}

/* ---- there and back ---- */

static void
test_round(void)
{
	AUTO(incident_ring) struct incident_ring r = INCIDENT_RING_INIT;
	AUTO(incident_ring) struct incident_ring reader = INCIDENT_RING_INIT;
	const char *path = path_of("incidents");
	struct incident i = sample(), got;
	uint64_t number = 0, all[INCIDENTS_MAX];

	t_row("none yet");
	T_FAILS(incident_ring_read(&r, path, &e), ERR_NOT_FOUND);
	T_CALL(incident_ring_open(&r, path, &e));
	T_EQ(incident_numbers(&r, all), 0);
	T_FAILS(incident_get(&r, &arena, 1, &got, &e), ERR_NOT_FOUND);
	T_STR(e.msg, "there is no incident 1: none is recorded");

	t_row("written and read");
	T_CALL(incident_put(&r, &i, NULL, &number, &e));
	T_EQ(number, 1);
	T_CALL(incident_ring_read(&reader, path, &e));
	T_CALL(incident_get(&reader, &arena, 1, &got, &e));
	T_OK(got.number == 1 && got.at_epoch_s == i.at_epoch_s && got.cause == CAUSE_OOM && got.exit_code == 137 && got.is_oom_killed);
	T_OK(got.started_epoch_s == i.started_epoch_s && got.finished_epoch_s == i.finished_epoch_s && got.evidence_ms == 31 && !got.is_log_cut);
	T_STR(got.action, i.action);
	T_STR(got.container_id, i.container_id);
	T_STR(got.image_id, i.image_id);
	T_STR(got.image_ref, i.image_ref);
	T_EQ(got.busy.n, 1);
	T_STR(got.busy.v[0], i.busy.v[0]);
	T_EQ(got.n_samples, 2);
	T_MEM(&got.samples[0], &i.samples[0], 2 * sizeof i.samples[0]);
	T_VIEW(got.log, "one\ntwo\nthree\n");
	T_FAILS(incident_get(&r, &arena, 2, &got, &e), ERR_NOT_FOUND);
	T_STR(e.msg, "there is no incident 2; there is one, number 1");

	t_row("the last twenty are kept");
	for (int k = 0; k < 26; k++)
		T_CALL(incident_put(&r, &i, NULL, &number, &e));
	T_EQ(number, 27);
	T_EQ(incident_numbers(&r, all), INCIDENTS_MAX);
	T_OK(all[0] == 27 && all[19] == 8);
	T_FAILS(incident_get(&r, &arena, 7, &got, &e), ERR_NOT_FOUND);
	T_STR(e.msg, "there is no incident 7; there are 20, numbers 8 to 27");
	T_FAILS(incident_get(&reader, &arena, 1, &got, &e), ERR_NOT_FOUND);

	t_row("nothing known but the cause");
	i = (struct incident){ .cause = CAUSE_HANG, .exit_code = -1 };
	T_CALL(incident_put(&r, &i, NULL, &number, &e));
	T_CALL(incident_get(&r, &arena, number, &got, &e));
	T_OK(got.exit_code == -1 && got.cause == CAUSE_HANG && got.log.n == 0 && got.busy.n == 0);
	T_STR(got.error, "");
}

static void
test_json(void)
{
	static const struct { const char *text; enum err_code want; } rows[] = {
		{ "{\"format\":1}", ERR_NONE },
		{ "{\"format\":1,\"busy\":[1,null,\"x\"],\"samples\":[1,{}],\"log\":[1,\"a\\u0000b\",{}],\"exit_code\":-7}", ERR_NONE },
		{ "{\"format\":1,\"busy\":{\"a\":\"b\"},\"samples\":\"x\",\"log\":7,\"exit_code\":99999999999,\"cause\":[]}", ERR_NONE },
		{ "{\"format\":2}", ERR_CONFIG },
		{ "{}", ERR_PARSE },
		{ "", ERR_PARSE },
		{ "{\"format\":1", ERR_PARSE },
	};
	AUTO(buf) struct buf out = BUF_INIT(INCIDENT_BYTES_MAX);
	struct incident i = sample(), got;

	t_row("the record as the header tells it");
	i.number = 7;
	incident_emit(&i, 0, &out);
	T_HAS(out.p, "{\"format\":1,\"number\":7,\"at_epoch_s\":1795374727,\"cause\":\"");
	T_HAS(out.p, "\"action\":\"waiting 4 s\",\"exit_code\":137,\"signal\":9,\"oom_killed\":true,\"error\":\"\",\"started_epoch_s\":1795370000,"
	    "\"finished_epoch_s\":1795374726,\"container\":\"4f53cda18c2b\",\"image_id\":\"sha256:0123\",\"image_ref\":\"opencode-cloud:1.18.34\","
	    "\"busy\":[\"ses_1 in ~/workspace/shop: its turn is cut\"],\"samples\":[{\"at_epoch_s\":1795374700,\"status\":200,\"took_ms\":6,"
	    "\"memory_bytes\":400000000},{\"at_epoch_s\":1795374720,\"status\":0,\"took_ms\":1500,\"memory_bytes\":0}],\"evidence_ms\":31,"
	    "\"log_cut\":false,\"log\":[\"one\",\"two\",\"three\"]}");
	for (size_t k = 0; k < ARRAY_LEN(rows); k++) {
		struct str text = str_of(rows[k].text);

		t_row("parse %s", rows[k].text[0] ? rows[k].text : "(empty)");
		e = (struct err)ERR_INIT;
		T_EQ(incident_parse(&arena, str_from(t_guard(text.p, text.n), text.n), &got, &e), rows[k].want == ERR_NONE ? 0 : -1);
		T_ERR(rows[k].want);
		T_OK(rows[k].want != ERR_NONE || got.exit_code == -1);
	}
}

static void
test_log_lines(void)
{
	AUTO(incident_ring) struct incident_ring r = INCIDENT_RING_INIT;
	AUTO(buf) struct buf log = BUF_INIT(1u << 20);
	struct incident i = { .exit_code = 1 }, got;
	struct str rest, line;
	uint64_t number = 0;
	unsigned n = 0;

	t_row("200 lines at most, the newest");
	T_CALL(incident_ring_open(&r, path_of("lines"), &e));
	for (unsigned k = 1; k <= 500; k++)
		buf_printf(&log, "line %u\n", k);
	i.log = buf_str(&log);
	T_CALL(incident_put(&r, &i, NULL, &number, &e));
	T_CALL(incident_get(&r, &arena, number, &got, &e));
	rest = got.log;
	for (; incident_last_line(&rest, &line); n++)
		T_VIEW(line, arena_printf(&arena, "line %u", 500 - n));
	T_EQ(n, INCIDENT_LOG_LINES);
	T_EQ(got.is_log_cut, false);

	t_row("bytes that are no UTF-8, escape sequences, NUL");
	i.log = STR_LIT("\xff\xfe\x1b]0;title\a\x1b[2J \xc3\xa9 \0 \xe2\x82\n\n\nend");
	T_CALL(incident_put(&r, &i, NULL, &number, &e));
	T_CALL(incident_get(&r, &arena, number, &got, &e));
	T_OK(str_eq(got.log, STR_LIT("\xef\xbf\xbd\xef\xbf\xbd\x1b]0;title\a\x1b[2J \xc3\xa9 \0 \xef\xbf\xbd\xef\xbf\xbd\n\n\nend\n")));

	t_row("one line larger than a record: its beginning");
	buf_reset(&log);
	memset(buf_room(&log, 300000), 'y', 300000);
	buf_grew(&log, 300000);
	i.log = buf_str(&log);
	T_CALL(incident_put(&r, &i, NULL, &number, &e));
	T_CALL(incident_get(&r, &arena, number, &got, &e));
	T_OK(got.log.n > 4000 && got.log.n < 5000 && str_has_suffix(got.log, "yyy...\n"));
}

/* ---- size ---- */

static const char *
random_text(size_t max)
{
	static const char *const kinds[] = { "a", "\x1b", "\xff", "\xe2\x82\xac", "\"", "\n", "Bearer " };
	size_t n = below(3) ? below(max + 1) : max, kind = below(ARRAY_LEN(kinds) + 1);
	AUTO(buf) struct buf b = BUF_INIT(max + 8);

	while (b.n < n)
		buf_puts(&b, kinds[kind < ARRAY_LEN(kinds) ? kind : below(ARRAY_LEN(kinds))]);
	return arena_str(&arena, str_take(buf_str(&b), n));
}

/* Some lines of text in any form, or of none. */
static struct str
random_log(void)
{
	AUTO(buf) struct buf b = BUF_INIT(1u << 22);
	size_t n = below(300), max = below(2) ? 100 : 4000;

	for (size_t i = 0; i < n; i++) {
		const char *line = random_text(max);

		buf_puts(&b, strchr(line, '\n') && below(4) ? "short" : line);
		buf_putc(&b, '\n');
	}
	if (below(4) == 0)
		buf_puts(&b, random_text(200000));
	return str_from(arena_str(&arena, buf_str(&b)), b.n);
}

static void
test_sizes(void)
{
	AUTO(incident_ring) struct incident_ring r = INCIDENT_RING_INIT;
	unsigned rounds = getenv("OCC_LONG") ? 2000 : 100, n_cut = 0;

	t_row("%u incidents of random sizes: all are written, in 64 KiB, with the newest log lines", rounds);
	T_CALL(incident_ring_open(&r, path_of("sizes"), &e));
	for (unsigned k = 0; k < rounds; k++) {
		AUTO(buf) struct buf text = BUF_INIT(1u << 20);
		struct incident i = sample(), got;
		uint64_t number = 0;
		i.busy = (struct strlist){ .v = NULL };
		for (size_t b = below(100); b > 0; b--)
			strlist_add(&arena, &i.busy, random_text(2000));
		i.error = random_text(10000);
		i.action = random_text(1000);
		i.image_ref = random_text(3000);
		i.container_id = i.image_id = random_text(300);
		i.n_samples = below(INCIDENT_SAMPLES_MAX + 1);
		for (size_t s = 0; s < i.n_samples; s++)
			i.samples[s] = (struct incident_sample){ INT64_MIN, INT32_MIN, INT64_MIN, UINT64_C(1) << 63 };
		i.log = random_log();
		T_CALL(incident_put(&r, &i, NULL, &number, &e));
		T_CALL(slots_get(&r.slots, number, &text, &e));
		T_OK(text.n <= INCIDENT_BYTES_MAX - SLOT_HEAD_BYTES && str_utf8_valid(buf_str(&text)) == text.n);
		T_CALL(incident_get(&r, &arena, number, &got, &e));
		T_OK(got.busy.n == (i.busy.n > INCIDENT_BUSY_MAX ? INCIDENT_BUSY_MAX + 1 : i.busy.n) && got.n_samples == i.n_samples);
		T_OK(i.log.n == 0 || got.log.n > 0);
		T_OK(!got.is_log_cut || text.n > INCIDENT_BYTES_MAX - SLOT_HEAD_BYTES - 4200);
		n_cut += got.is_log_cut;
		arena_fini(&arena);
		arena = (struct arena)ARENA_INIT;
	}
	printf("# %u of them were cut\n", n_cut);
	T_OK(n_cut > 0 && n_cut < rounds);
}

/* ---- secrets ---- */

#define PASSWORD "kV7d-\"9s/Qe+ p%41\\z\xc3\xa9"
#define KEY "canary.plain-0123456789abcdef"

static const struct { const char *in, *want; } redactions[] = {
	{ "nothing to see", "nothing to see" },
	{ "", "" },
	{ "key " KEY " and " KEY KEY ".", "key *** and ******." },
	{ "pw " PASSWORD ".", "pw ***." },
	/* percent-encoded by different hands */
	{ "x=kV7d-%229s%2FQe%2B%20p%2541%5Cz%C3%A9&y=1", "x=***&y=1" },
	{ "x=kV7d-%229s/Qe%2b+p%2541%5cz%c3%a9&y=1", "x=***&y=1" },
	{ "x=%6b%56%37%64%2d%22%39%73%2f%51%65%2b%20%70%25%34%31%5c%7a%c3%a9", "x=***" },
	/* JSON */
	{ "{\"p\":\"kV7d-\\\"9s\\/Qe+ p%41\\\\z\xc3\xa9\"}", "{\"p\":\"***\"}" },
	{ "{\"p\":\"\\u006bV7d-\\\"9s/Qe+ p%41\\\\z\xc3\xa9\"}", "{\"p\":\"***\"}" },
	/* a part is not the whole */
	{ "kV7d- canary.plain", "kV7d- canary.plain" },
	/* a short secret, and one that is a word */
	{ "pin 77 but 1771 and x77", "pin *** but 1771 and x77" },
	/* where notifications go */
	{ "POST https://hooks.example.org/services/T0/B0/canaryhook01 failed", "POST *** failed" },
	{ "POST /services/T0/B0/canaryhook01 HTTP/1.1 to hooks.example.org", "POST /*** HTTP/1.1 to hooks.example.org" },
	{ "GET /services, /short", "GET /services, /short" },
	/* what stands behind a name */
	{ "Authorization: Basic b3BlbmNvZGU6eA== done", "Authorization: ***" },
	{ "curl -H 'authorization: Digest a=\"b\"' http://x/", "curl -H 'authorization: ***\"b\"' http://x/" },
	{ "{\"Authorization\":\"Bearer abc\",\"x\":1}", "{\"Authorization\":\"***\",\"x\":1}" },
	{ "{\\\"authorization\\\":\\\"Bearer abc\\\",\\\"x\\\":1}", "{\\\"authorization\\\":\\\"***\\\",\\\"x\\\":1}" },
	{ "[ 'authorization', 'Basic abc' ]", "[ 'authorization', '***' ]" },
	{ "authorization failed for alice", "authorization failed for alice" },
	{ "sent bearer abc.def-ghi, then", "sent bearer ***, then" },
	{ "git clone https://alice:pa@ss@host:8080/x.git", "git clone https://alice:***@host:8080/x.git" },
	{ "https://0123456789abcdef0123456789@github.com/x", "https://***@github.com/x" },
	{ "ssh://git@github.com/x http://127.0.0.1:3000/a@b", "ssh://git@github.com/x http://127.0.0.1:3000/a@b" },
	{ "GET /event?auth_token=abc%3D&x=1", "GET /event?auth_token=***&x=1" },
	{ "ANTHROPIC_API_KEY=abc OPENAI_API_KEY='d e f' DB_PASSWORD: x", "ANTHROPIC_API_KEY=*** OPENAI_API_KEY='***' DB_PASSWORD: ***" },
	{ "{ apiKey: \"abc\", \"client_secret\" : \"a\\\"b c\", password: '' }", "{ apiKey: \"***\", \"client_secret\" : \"***\", password: '' }" },
	{ "Unexpected token: } in JSON", "Unexpected token: } in JSON" },
	{ "using sk-ant-" "api03-" "0123456789abcdef now", "using sk-*** now" },
	{ "ghp_0123456789abcdefghij0123456789abcdef", "ghp_***" },
	{ "task-0123456789abcdef0123 sk-short", "task-0123456789abcdef0123 sk-short" },
	{ "Set-Cookie: a=b; c=d", "Set-Cookie: ***" },
	{ "Authorization:", "Authorization:" },
	{ "Authorization: ***", "Authorization: ***" },
};

static void
set_secret(struct credentials *cr, const char *name, const char *value)
{
	T_CALL(credentials_set_secret(cr, name, str_of(value), &e));
}

static void
fill_credentials(struct credentials *cr)
{
	credentials_init(cr);
	T_CALL(credentials_set_password(cr, STR_LIT(PASSWORD), &e));
	set_secret(cr, "A_KEY", KEY);
	set_secret(cr, "PIN", "77");
	set_secret(cr, "OVER_A", "overlapping-first");
	set_secret(cr, "OVER_B", "first-and-second");
	T_CALL(credentials_add_notify(cr, NOTICE_WEBHOOK, NULL, STR_LIT("https://hooks.example.org/services/T0/B0/canaryhook01"), &e));
	T_CALL(credentials_add_notify(cr, NOTICE_WEBHOOK, NULL, STR_LIT("https://ntfy.example.org/short"), &e));
}

static void
test_redact(void)
{
	AUTO(credentials) struct credentials cr;

	fill_credentials(&cr);
	for (size_t i = 0; i < ARRAY_LEN(redactions); i++) {
		AUTO(buf) struct buf out = BUF_INIT(65536), again = BUF_INIT(65536);
		struct str in = str_of(redactions[i].in);

		t_row("redact %zu: %s", i, redactions[i].want);
		incident_redact(str_from(t_guard(in.p, in.n), in.n), &cr, &out);
		T_STR(out.p, redactions[i].want);
		incident_redact(buf_str(&out), &cr, &again);
		T_STR(again.p, out.p);
	}
	AUTO(buf) struct buf out = BUF_INIT(65536);
	t_row("overlapping secrets leave nothing of each other");
	incident_redact(STR_LIT("<overlapping-first-and-second>"), &cr, &out);
	T_STR(out.p, "<***>");
	t_row("no credentials: what looks like a secret goes, too");
	buf_reset(&out);
	incident_redact(STR_LIT("Bearer abc " KEY), NULL, &out);
	T_STR(out.p, "Bearer *** " KEY);
}

/* "user:password" of any user, of any length before it, in both alphabets, percent-encoded, in the middle of a line. */
static void
test_base64(void)
{
	AUTO(credentials) struct credentials cr;
	static const char *const secrets[] = { PASSWORD, KEY, "overlapping-first" };

	fill_credentials(&cr);
	for (size_t k = 0; k < ARRAY_LEN(secrets); k++) {
		t_row("base64 of USER:SECRET %zu, 40 users, in 4 forms, with and without something behind it", k);
		for (size_t n = 0; n < 320; n++) {
			AUTO(buf) struct buf raw = BUF_INIT(4096), coded = BUF_INIT(4096), line = BUF_INIT(4096), out = BUF_INIT(4096);
			bool is_url = n & 1, is_percent = n & 2, has_more = n & 4;

			for (size_t u = 0; u < n / 8; u++)
				buf_putc(&raw, (char)('a' + u % 26));
			buf_printf(&raw, ":%s%s", secrets[k], has_more ? "\n and a bit more" : "");
			buf_putb64(&coded, buf_str(&raw), is_url);
			buf_puts(&line, "GET /x?t=");
			if (is_percent)
				buf_puturl(&line, buf_str(&coded), "");
			else
				buf_putstr(&line, buf_str(&coded));
			buf_puts(&line, "&y=1 200");
			incident_redact(buf_str(&line), &cr, &out);
			if (strcmp(out.p, "GET /x?t=***&y=1 200") != 0)
				T_FAIL("%s -> %s", line.p, out.p);
		}
	}
}

/* No text of an incident may carry a canary to the disk. */
static void
test_canaries(void)
{
	AUTO(incident_ring) struct incident_ring r = INCIDENT_RING_INIT;
	AUTO(credentials) struct credentials cr;
	AUTO(buf) struct buf log = BUF_INIT(1u << 20), coded = BUF_INIT(4096), percent = BUF_INIT(4096), disk = BUF_INIT(1u << 22);
	const char *path = path_of("canaries"), *dirty = "was " KEY " then";
	struct incident i = { .action = dirty, .error = dirty, .container_id = dirty, .image_id = dirty, .image_ref = dirty };
	uint64_t number = 0;

	t_row("canaries in every text of an incident do not reach the disk");
	fill_credentials(&cr);
	buf_putb64(&coded, STR_LIT("opencode:" KEY), false);
	for (const char *c = KEY; *c; c++)
		buf_printf(&percent, "%%%02x", (unsigned)(unsigned char)*c);
	for (unsigned k = 0; k < 300; k++)
		buf_printf(&log, "%u " KEY " %s %s %.*s\n", k, coded.p, percent.p, (int)(k * 50), "................................................");
	/* A line that is cut just where a secret stands. */
	for (unsigned k = 0; k < 60; k++)
		buf_printf(&log, "%0*d" KEY "\n", 4060 + (int)k, 0);
	i.log = buf_str(&log);
	strlist_add(&arena, &i.busy, dirty);
	T_CALL(incident_ring_open(&r, path, &e));
	T_CALL(incident_put(&r, &i, &cr, &number, &e));
	T_CALL(file_read(path, &disk, &e));
	T_EQ(str_find(buf_str(&disk), STR_LIT("canary")), STR_NONE);
	T_EQ(str_find(buf_str(&disk), str_take(str_skip(buf_str(&coded), 12), 8)), STR_NONE);
	T_EQ(str_find(buf_str(&disk), str_take(buf_str(&percent), 9)), STR_NONE);
	T_OK(str_find(buf_str(&disk), STR_LIT("was *** then")) != STR_NONE);
}

/* ---- kills, and time ---- */

struct kill_case {
	const char *path;
	volatile uint64_t *acked;
};

static void
write_many(void *ctx)
{
	struct kill_case *c = ctx;
	struct incident_ring r = INCIDENT_RING_INIT;
	struct incident i = sample();
	struct err why = ERR_INIT;
	uint64_t number = 0;

	if (incident_ring_open(&r, c->path, &why) < 0)
		_exit(1);
	for (int k = 0; k < 30; k++) {
		i.exit_code = (int)(r.slots.last + 1);
		if (incident_put(&r, &i, NULL, &number, &why) < 0)
			_exit(1);
		*c->acked = number;
	}
}

static void
test_kills(void)
{
	struct kill_case c = { .path = path_of("kills") };
	unsigned points = kit_points();
	AUTO(incident_ring) struct incident_ring first = INCIDENT_RING_INIT;
	void *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	T_OK(shared != MAP_FAILED);
	c.acked = shared;
	t_row("killed at %u points of its writes: every incident that was reported as written is read", points);
	T_CALL(incident_ring_open(&first, c.path, &e));
	for (unsigned k = 0; k < points; k++) {
		AUTO(incident_ring) struct incident_ring r = INCIDENT_RING_INIT;
		uint64_t all[INCIDENTS_MAX];
		struct incident got;
		size_t n;

		T_OK(kit_killed(write_many, &c, 1 + k * 11 % 150, 150));
		T_CALL(incident_ring_read(&r, c.path, &e));
		n = incident_numbers(&r, all);
		if ((n ? all[0] : 0) != *c.acked && all[0] != *c.acked + 1)
			T_FAIL("point %u", k);
		for (size_t i = 0; i < n; i++) {
			T_CALL(incident_get(&r, &arena, all[i], &got, &e));
			T_EQ(got.exit_code, all[i]);
		}
		*c.acked = n ? all[0] : 0;
	}
	munmap(shared, 4096);
}

/* The processor time of the worst likely record: 64 secrets, 200 long lines. */
static void
test_cost(void)
{
	AUTO(incident_ring) struct incident_ring r = INCIDENT_RING_INIT;
	AUTO(credentials) struct credentials cr;
	AUTO(buf) struct buf log = BUF_INIT(1u << 20);
	struct incident i = sample();
	uint64_t number = 0;
	clock_t from;

	t_row("what one record costs");
	credentials_init(&cr);
	for (unsigned k = 0; k < CREDENTIALS_SECRETS_MAX; k++)
		set_secret(&cr, arena_printf(&arena, "KEY_%u", k), arena_printf(&arena, "%csecret-%u-0123456789abcdef", (char)('a' + k % 26), k));
	for (unsigned k = 0; k < INCIDENT_LOG_LINES; k++)
		buf_printf(&log, "INFO  2026-11-01T10:00:00 +5ms service=server method=GET path=/session/ses_%u/message?directory=%%2Fhome%%2Fopencode%%2Fworkspace "
		    "took %u ms, the quick brown fox jumps over the lazy dog, and again and again, as logs do; status=200 request=%08x\n", k, k * 7, k * 2654435761u);
	i.log = buf_str(&log);
	T_CALL(incident_ring_open(&r, path_of("cost"), &e));
	from = clock();
	for (int k = 0; k < 20; k++)
		T_CALL(incident_put(&r, &i, &cr, &number, &e));
	printf("# %zu bytes of log, %d secrets: %.2f ms of processor time a record\n", log.n, CREDENTIALS_SECRETS_MAX,
	    (double)(clock() - from) * 1000 / CLOCKS_PER_SEC / 20);
	T_OK(number == 20);
}

int
main(void)
{
	test_round();
	test_json();
	test_log_lines();
	test_sizes();
	test_redact();
	test_base64();
	test_canaries();
	test_kills();
	test_cost();
	arena_fini(&arena);
	return t_done();
}
