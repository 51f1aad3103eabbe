/* status_file.c - a small JSON file beside the state, open to all */
#include "lib/deploy/status_file.h"

#include "lib/base/file.h"
#include "lib/json/json.h"
#include "lib/json/jsonw.h"

int
status_file_save(const struct scope *s, const struct status_file *f, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(STATUS_FILE_MAX);
	struct jsonw w = JSONW_INIT(&text, 2);

	if (!s->status_path)
		return 0;
	jsonw_object(&w, NULL);
	jsonw_int(&w, "format", STATUS_FILE_FORMAT);
	jsonw_bool(&w, "up", f->is_up);
	jsonw_str(&w, "url", f->url);
	jsonw_str(&w, "opencode", f->version);
	jsonw_int(&w, "written_epoch_s", f->written_epoch_s);
	jsonw_end(&w);
	buf_putc(&text, '\n');
	if (buf_check(&text, "status file", e) < 0)
		return -1;
	return file_save(s->status_path, buf_str(&text), 0644, e);
}

int
status_file_load(struct arena *a, const struct scope *s, struct status_file *ret, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(STATUS_FILE_MAX);

	if (!s->status_path)
		return err_set(e, ERR_NOT_FOUND, "there is no status file in user scope");
	if (file_read(s->status_path, &text, e) < 0)
		return -1;
	const struct json *j = json_parse(a, buf_str(&text), e);
	if (!j)
		return err_wrap(e, "%s", s->status_path);
	if (json_int(json_get(j, "format"), 0) != STATUS_FILE_FORMAT)
		return err_set(e, ERR_CONFIG, "%s has a format that this version does not know", s->status_path);
	*ret = (struct status_file){ .is_up = json_bool(json_get(j, "up"), false), .url = json_str(json_get(j, "url"), ""),
		.version = json_str(json_get(j, "opencode"), ""), .written_epoch_s = json_int(json_get(j, "written_epoch_s"), 0) };
	return 0;
}
