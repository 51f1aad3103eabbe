/* notice_post.c - one notice to one address */
#include "lib/deploy/notice_send.h"
#include "lib/http/remote.h"

#define ANSWER_BYTES_MAX 65536

static bool
is_temporary_error(const struct err *e)
{
	return e->code == ERR_ENGINE || e->code == ERR_TIMEOUT || e->code == ERR_SYS || e->code == ERR_FAIL;
}

int
notice_post(struct arena *a, const struct credentials_notify *to, const struct notice *n, bool allow_http, int64_t due_ms, bool *ret_is_temporary,
    struct err *e)
{
	AUTO(buf) struct buf url = BUF_SECRET_INIT(CREDENTIALS_URL_MAX + 2), body = BUF_INIT(65536), answer = BUF_INIT(ANSWER_BYTES_MAX);
	struct str address = buf_str(&to->url);
	struct remote_answer got = { .status = 0 };

	*ret_is_temporary = false;
	notice_put_url(to->service, address, &url);
	notice_put_body(to->service, address, n, &body);
	if (buf_check(&url, "address", e) < 0 || buf_check(&body, "notification", e) < 0)
		return -1;
	const struct remote_request r = {
		.url = url.p, .allow_http = allow_http, .content_type = "application/json", .post = buf_str(&body), .due_ms = due_ms,
	};
	if (remote_post(a, &r, &answer, &got, e) < 0) {
		if (e->code == ERR_REFUSED && str_has_prefix(address, "http://"))
			return err_note(e, "try", "occ config set notify.allow_http true   (an address without TLS)");
		*ret_is_temporary = is_temporary_error(e);
		if (e->code == ERR_ENGINE)	/* it is no engine that is not reached */
			e->code = ERR_FAIL;
		return -1;
	}
	if (got.status >= 200 && got.status < 300)
		return 0;
	*ret_is_temporary = got.status >= 500 || got.status == 429 || got.status == 408;
	return err_set(e, ERR_REFUSED, "%s answers %d", notice_origin(a, address), got.status);
}
