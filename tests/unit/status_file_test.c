/* status_file_test: what a normal user is told of a system instance */
#include "lib/deploy/status_file.h"

#include <sys/stat.h>

#include "lib/base/file.h"
#include "lib/base/mem.h"
#include "tests/t.h"

static const struct {
	const char *text;
	enum err_code want;
} rows[] = {
	{ "{\"format\":1,\"up\":true,\"url\":\"u\",\"opencode\":\"1.2.3\",\"written_epoch_s\":7}", ERR_NONE },
	{ "{\"format\":1}", ERR_NONE },
	{ "{\"format\":2,\"up\":true}", ERR_CONFIG },
	{ "{}", ERR_CONFIG },
	{ "{\"format\":1", ERR_PARSE },
	{ "", ERR_PARSE },
};

int
main(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct err e = ERR_INIT;
	struct scope s = { .kind = SCOPE_SYSTEM, .status_path = arena_printf(&a, "%s/status.json", t_tmpdir()) };
	const struct status_file f = { .is_up = true, .url = "http://127.0.0.1:3000", .version = "1.18.33", .written_epoch_s = 1795374727 };
	struct status_file got;
	struct stat st;

	t_row("status file: none yet");
	T_FAILS(status_file_load(&a, &s, &got, &e), ERR_NOT_FOUND);
	t_row("status file: saved, read again, open to all");
	T_CALL(status_file_save(&s, &f, &e));
	T_CALL(status_file_load(&a, &s, &got, &e));
	T_EQ(got.is_up, true);
	T_STR(got.url, f.url);
	T_STR(got.version, f.version);
	T_EQ(got.written_epoch_s, f.written_epoch_s);
	T_EQ(stat(s.status_path, &st), 0);
	T_EQ(st.st_mode & 0777, 0644);
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		t_row("status file: %s", rows[i].text[0] ? rows[i].text : "(empty)");
		e = (struct err)ERR_INIT;
		T_CALL(file_save(s.status_path, str_of(rows[i].text), 0644, &e));
		T_EQ(status_file_load(&a, &s, &got, &e), rows[i].want == ERR_NONE ? 0 : -1);
		T_ERR(rows[i].want);
	}
	t_row("status file: nothing to do in user scope");
	s.status_path = NULL;
	T_CALL(status_file_save(&s, &f, &e));
	return t_done();
}
