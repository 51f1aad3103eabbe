/* incident_json.c - an incident as JSON, and back; tolerant of what is missing */
#include "lib/deploy/incident.h"

#include "lib/json/json.h"
#include "lib/json/jsonw.h"

#define SIGNAL_BASE 128		/* exit codes above it tell a signal */

/* ---- writing ---- */

static void
emit_samples(const struct incident *i, struct jsonw *w)
{
	jsonw_array(w, "samples");
	for (size_t k = 0; k < i->n_samples; k++) {
		jsonw_object(w, NULL);
		jsonw_int(w, "at_epoch_s", i->samples[k].at_epoch_s);
		jsonw_int(w, "status", i->samples[k].status);
		jsonw_int(w, "took_ms", i->samples[k].took_ms);
		jsonw_int(w, "memory_bytes", (int64_t)i->samples[k].memory_bytes);
		jsonw_end(w);
	}
	jsonw_end(w);
}

static void
emit_end_of_container(const struct incident *i, struct jsonw *w)
{
	if (i->exit_code >= 0)
		jsonw_int(w, "exit_code", i->exit_code);
	else
		jsonw_null(w, "exit_code");
	jsonw_int(w, "signal", i->exit_code > SIGNAL_BASE ? i->exit_code - SIGNAL_BASE : 0);
	jsonw_bool(w, "oom_killed", i->is_oom_killed);
	jsonw_text(w, "error", str_of(i->error));
	jsonw_int(w, "started_epoch_s", i->started_epoch_s);
	jsonw_int(w, "finished_epoch_s", i->finished_epoch_s);
}

void
incident_emit(const struct incident *i, unsigned indent, struct buf *out)
{
	struct jsonw w = JSONW_INIT(out, indent);
	struct str log = i->log, line;

	jsonw_object(&w, NULL);
	jsonw_int(&w, "format", INCIDENT_FORMAT);
	jsonw_int(&w, "number", (int64_t)i->number);
	jsonw_int(&w, "at_epoch_s", i->at_epoch_s);
	jsonw_str(&w, "cause", cause_name(i->cause));
	jsonw_str(&w, "text", cause_text(i->cause));
	jsonw_text(&w, "action", str_of(i->action));
	emit_end_of_container(i, &w);
	jsonw_text(&w, "container", str_of(i->container_id));
	jsonw_text(&w, "image_id", str_of(i->image_id));
	jsonw_text(&w, "image_ref", str_of(i->image_ref));
	jsonw_array(&w, "busy");
	for (size_t k = 0; k < i->busy.n; k++)
		jsonw_str(&w, NULL, i->busy.v[k]);
	jsonw_end(&w);
	emit_samples(i, &w);
	jsonw_int(&w, "evidence_ms", i->evidence_ms);
	jsonw_bool(&w, "log_cut", i->is_log_cut);
	jsonw_array(&w, "log");
	while (str_line(&log, &line))
		jsonw_text(&w, NULL, line);
	jsonw_end(&w);
	jsonw_end(&w);
}

/* ---- reading ---- */

static int
int_of(const struct json *j, int dflt)
{
	int64_t v = json_int(j, dflt);

	return v >= INT32_MIN && v <= INT32_MAX ? (int)v : dflt;
}

static const char *
text_of(const struct json *j, const char *key)
{
	return json_str(json_get(j, key), "");
}

static void
parse_samples(const struct json *list, struct incident *ret)
{
	for (JSON_EACH(one, list)) {
		int64_t memory = json_int(json_get(one, "memory_bytes"), 0);

		if (ret->n_samples == INCIDENT_SAMPLES_MAX)
			return;
		ret->samples[ret->n_samples++] = (struct incident_sample){
			.at_epoch_s = json_int(json_get(one, "at_epoch_s"), 0),
			.status = int_of(json_get(one, "status"), -1),
			.took_ms = json_int(json_get(one, "took_ms"), 0),
			.memory_bytes = memory > 0 ? (uint64_t)memory : 0,
		};
	}
}

static int
parse_log(struct arena *a, const struct json *list, struct incident *ret, struct err *e)
{
	AUTO(buf) struct buf all = BUF_INIT(INCIDENT_BYTES_MAX);

	for (JSON_EACH(line, list)) {
		if (!json_is(line, JSON_STRING))
			continue;
		buf_putstr(&all, line->text);
		buf_putc(&all, '\n');
	}
	if (buf_check(&all, "log of the incident", e) < 0)
		return -1;
	ret->log = str_from(arena_str(a, buf_str(&all)), all.n);
	return 0;
}

int
incident_parse(struct arena *a, struct str text, struct incident *ret, struct err *e)
{
	const struct json *j;
	int64_t number;

	if (text.n > INCIDENT_BYTES_MAX)
		return err_set(e, ERR_TOO_BIG, "it is larger than %d bytes", INCIDENT_BYTES_MAX);
	j = json_parse(a, text, e);
	if (!j)
		return -1;
	if (int_of(json_get(j, "format"), 0) > INCIDENT_FORMAT)
		return err_set(e, ERR_CONFIG, "it has format %d, newer than this program knows (%d): use the newer program",
		    int_of(json_get(j, "format"), 0), INCIDENT_FORMAT);
	if (int_of(json_get(j, "format"), 0) != INCIDENT_FORMAT)
		return err_set(e, ERR_PARSE, "it names no format");
	number = json_int(json_get(j, "number"), 0);
	*ret = (struct incident){
		.number = number > 0 ? (uint64_t)number : 0,
		.at_epoch_s = json_int(json_get(j, "at_epoch_s"), 0),
		.cause = cause_of_name(str_of(text_of(j, "cause"))),
		.action = text_of(j, "action"),
		.exit_code = int_of(json_get(j, "exit_code"), -1),
		.is_oom_killed = json_bool(json_get(j, "oom_killed"), false),
		.error = text_of(j, "error"),
		.started_epoch_s = json_int(json_get(j, "started_epoch_s"), 0),
		.finished_epoch_s = json_int(json_get(j, "finished_epoch_s"), 0),
		.container_id = text_of(j, "container"),
		.image_id = text_of(j, "image_id"),
		.image_ref = text_of(j, "image_ref"),
		.evidence_ms = json_int(json_get(j, "evidence_ms"), 0),
		.is_log_cut = json_bool(json_get(j, "log_cut"), false),
	};
	if (ret->exit_code < 0)
		ret->exit_code = -1;
	for (JSON_EACH(one, json_get(j, "busy")))
		strlist_add(a, &ret->busy, json_str(one, ""));
	parse_samples(json_get(j, "samples"), ret);
	return parse_log(a, json_get(j, "log"), ret, e);
}
