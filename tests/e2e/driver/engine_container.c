/* engine_container.c - the life of a container, files, events, against a real engine */
#include "tests/e2e/driver/driver.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include "lib/base/fd.h"
#include "lib/engine/exec.h"
#include "lib/engine/tar.h"

#define NAME "engtest-life"

static void
life(void)
{
	struct container c;
	const struct json *list;
	const char *id = NULL, *other;

	t_row("create, inspect");
	T_CALL(container_remove(&en, NAME, true, &e));
	T_CALL(container_create(&en, &a, NAME, driver_body("[\"sleep\",\"600\"]", "", ""), &id, &e));
	if (!T_CALL(container_inspect(&en, &a, NAME, &c, &e)))
		return;
	T_STR(c.id, id);
	T_STR(c.name, NAME);
	T_EQ(c.state, CONTAINER_CREATED);
	T_EQ(c.started_epoch_s, 0);
	T_EQ(c.finished_epoch_s, 0);
	T_STR(c.health, "");
	T_STR(container_label(&c, "engtest"), "1");
	T_OK(!container_label(&c, "absent") && str_has_prefix(str_of(c.image_id), "sha256:"));
	t_row("a taken name is a conflict");
	T_FAILS(container_create(&en, &a, NAME, driver_body("[\"sleep\",\"600\"]", "", ""), &other, &e), ERR_CONFLICT);
	t_row("start, twice; running");
	T_CALL(container_start(&en, id, DUE, &e));
	T_CALL(container_start(&en, id, DUE, &e));
	T_CALL(container_inspect(&en, &a, NAME, &c, &e));
	T_EQ(c.state, CONTAINER_RUNNING);
	T_OK(c.started_epoch_s > 1600000000);
	t_row("list by label");
	T_CALL(container_list(&en, &a, LABEL, &list, &e));
	T_OK(json_is(list, JSON_ARRAY) && list->n >= 1);
	T_CALL(container_list(&en, &a, "engtest=nobody", &list, &e));
	T_OK(!json_first(list));
	t_row("rename there and back");
	T_CALL(container_rename(&en, id, NAME "-renamed", &e));
	T_CALL(container_rename(&en, NAME "-renamed", NAME, &e));
	t_row("restart policy");
	int rc = container_set_restart_policy(&en, id, "unless-stopped", &e);
	if (en.is_podman)
		T_OK(rc == 0 || e.code == ERR_FAIL);
	else if (T_CALL(rc) && T_CALL(container_inspect(&en, &a, NAME, &c, &e)))
		T_STR(json_str(json_path(c.raw, "HostConfig.RestartPolicy.Name"), ""), "unless-stopped");
}

static void
ends(void)
{
	struct container c;
	int code = -1;

	t_row("pause by the engine, unpause by us, unpause again is a conflict");
	AUTO(arena) struct arena own = ARENA_INIT;
	T_CALL(engine_call(&en, &own, "POST", "/containers/" NAME "/pause", STR_NULL, DUE, NULL, &e));
	T_CALL(container_inspect(&en, &a, NAME, &c, &e));
	T_EQ(c.state, CONTAINER_PAUSED);
	T_CALL(container_unpause(&en, NAME, &e));
	T_OK(container_unpause(&en, NAME, &e) < 0);
	printf("# %d: %s\n", e.http, e.msg);
	t_row("kill, wait: 137; kill again is not running");
	T_CALL(container_kill(&en, NAME, "KILL", &e));
	T_CALL(container_wait(&en, NAME, DUE, &code, &e));
	T_EQ(code, 137);
	T_FAILS(container_kill(&en, NAME, "KILL", &e), ERR_NOT_RUNNING);
	T_CALL(container_inspect(&en, &a, NAME, &c, &e));
	T_EQ(c.state, CONTAINER_EXITED);
	T_EQ(c.exit_code, 137);
	T_OK(c.finished_epoch_s > 1600000000 && !c.is_oom_killed);
	t_row("stop: graceful, and when stopped");
	T_CALL(container_start(&en, NAME, DUE, &e));
	T_CALL(container_stop(&en, NAME, 1, &e));
	T_CALL(container_stop(&en, NAME, 1, &e));
	t_row("remove, twice; then everything is not found");
	T_CALL(container_remove(&en, NAME, false, &e));
	T_CALL(container_remove(&en, NAME, false, &e));
	T_FAILS(container_inspect(&en, &a, NAME, &c, &e), ERR_NOT_FOUND);
	T_FAILS(container_start(&en, NAME, DUE, &e), ERR_NOT_FOUND);
	T_FAILS(container_stop(&en, NAME, 1, &e), ERR_NOT_FOUND);
	t_row("a wait ends at its deadline and the engine can be called again");
	driver_start(NAME, "[\"sleep\",\"600\"]", "", "");
	T_FAILS(container_wait(&en, NAME, clock_due_ms(200), &code, &e), ERR_TIMEOUT);
	T_CALL(container_inspect(&en, &a, NAME, &c, &e));
	T_CALL(container_remove(&en, NAME, true, &e));
}

static void
ports(void)
{
	const char *id;
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof in;
	AUTO(fd) int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	t_row("a taken port is ERR_ADDR_IN_USE");
	if (getenv("ENGTEST_REMOTE")) {		/* its ports are not ours: the engine itself holds one there */
		id = driver_start("engtest-port1", "[\"sleep\",\"60\"]", ",\"ExposedPorts\":{\"80/tcp\":{}}",
		    ",\"PortBindings\":{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"39181\"}]}");
		in.sin_port = htons(39181);
	} else if (bind(fd, (struct sockaddr *)&in, n) < 0 || listen(fd, 1) < 0 || getsockname(fd, (struct sockaddr *)&in, &n) < 0) {
		T_FAIL("no port");
	}
	const char *binding = arena_printf(&a, ",\"PortBindings\":{\"80/tcp\":[{\"HostIp\":\"127.0.0.1\",\"HostPort\":\"%u\"}]}", ntohs(in.sin_port));
	(void)!container_remove(&en, "engtest-port", true, &e);
	T_CALL(container_create(&en, &a, "engtest-port", driver_body("[\"sleep\",\"60\"]", ",\"ExposedPorts\":{\"80/tcp\":{}}", binding), &id, &e));
	T_FAILS(container_start(&en, id, DUE, &e), ERR_ADDR_IN_USE);
	printf("# %s\n", e.msg);
	T_CALL(container_remove(&en, "engtest-port", true, &e));
	T_CALL(container_remove(&en, "engtest-port1", true, &e));
	t_row("an address that is not the host's is ERR_CONFIG");
	T_CALL(container_create(&en, &a, "engtest-port", driver_body("[\"sleep\",\"60\"]", ",\"ExposedPorts\":{\"80/tcp\":{}}",
	    ",\"PortBindings\":{\"80/tcp\":[{\"HostIp\":\"203.0.113.77\",\"HostPort\":\"39182\"}]}"), &id, &e));
	T_FAILS(container_start(&en, id, DUE, &e), ERR_CONFIG);
	printf("# %s\n", e.msg);
	T_CALL(container_remove(&en, "engtest-port", true, &e));
	if (en.is_podman)
		return;		/* makes the source */
	t_row("a bind mount whose source is absent is ERR_CONFIG");
	int rc = container_create(&en, &a, "engtest-port", driver_body("[\"sleep\",\"60\"]", "",
	    ",\"Mounts\":[{\"Type\":\"bind\",\"Source\":\"/engtest/absent\",\"Target\":\"/x\"}]"), &id, &e);
	if (rc == 0)
		T_FAILS(container_start(&en, id, DUE, &e), ERR_CONFIG);
	else
		T_ERR(ERR_CONFIG);
	printf("# %s\n", e.msg);
	T_CALL(container_remove(&en, "engtest-port", true, &e));
}

/* Starts it, waits for its end, and what it said. */
static int
run_and_read(const char *id, struct buf *ret)
{
	AUTO(http_conn) struct http_conn c = HTTP_CONN_INIT;
	const struct logs_spec all = { .tail = -1 };
	struct demux d = { .left = 0 };
	struct str run, data;
	bool is_framed;
	int code, stream;

	if (container_start(&en, id, DUE, &e) < 0 || container_wait(&en, id, DUE, &code, &e) < 0 ||
	    logs_open(&en, &a, id, &all, &c, &is_framed, DUE, &e) < 0)
		return -1;
	while (http_recv_body(&c, &run, DUE, &e) > 0) {
		while (demux_next(&d, &run, &stream, &data, &e) > 0)
			buf_putstr(ret, data);
	}
	return 0;
}

static void
files(void)
{
	AUTO(buf) struct buf tar = BUF_INIT(1u << 20), out = BUF_INIT(1u << 20), said = BUF_INIT(65536);
	struct tar_entry t;
	const char *id;

	t_row("a file put before the first start, read back, with owner and mode");
	(void)!container_remove(&en, NAME, true, &e);
	T_CALL(container_create(&en, &a, NAME, driver_body("[\"sh\",\"-c\",\"stat -c %u:%g:%a /etc/engtest/secret; cat /etc/engtest/secret\"]", "",
	    ""), &id, &e));
	T_CALL(tar_put_file(&tar, "secret", 0400, 1000, 1001, STR_LIT("canary"), &e));
	tar_put_end(&tar);
	T_CALL(container_put_tar(&en, id, "/etc/engtest", buf_str(&tar), &e));
	T_CALL(container_get_tar(&en, id, "/etc/engtest/secret", &out, &e));
	struct str rest = buf_str(&out);
	T_EQ(tar_next(&rest, &t, &e), 1);
	T_VIEW(t.name, "secret");
	T_VIEW(t.data, "canary");
	/* Podman 4 gives a copy root's; the file itself is looked at from inside. */
	T_EQ(t.uid, en.is_podman ? 0 : 1000);
	T_EQ(t.gid, en.is_podman ? 0 : 1001);
	T_EQ(t.mode, 0400);
	T_EQ(tar_next(&rest, &t, &e), 0);
	T_CALL(run_and_read(id, &said));
	T_VIEW(buf_str(&said), "1000:1001:400\ncanary");
	t_row("into a directory that is not there: not found; a file that is not there: not found");
	if (!en.is_podman)		/* makes the directory */
		T_FAILS(container_put_tar(&en, id, "/absent", buf_str(&tar), &e), ERR_NOT_FOUND);
	T_FAILS(container_get_tar(&en, id, "/missing", &out, &e), ERR_NOT_FOUND);
	T_CALL(container_remove(&en, NAME, true, &e));
	t_row("a throw-away container's output and exit code; none is left");
	buf_reset(&said);
	int code = -1;
	T_CALL(container_run(&en, &a, driver_body("[\"sh\",\"-c\",\"echo out; echo err >&2; exit 7\"]", "", ""), &said, DUE, &code, &e));
	T_EQ(code, 7);
	T_OK(str_find(buf_str(&said), STR_LIT("out\n")) != STR_NONE && str_find(buf_str(&said), STR_LIT("err\n")) != STR_NONE);
	t_row("a throw-away container that cannot start is removed, too");
	T_OK(container_run(&en, &a, driver_body("[\"/engtest-absent\"]", "", ""), &said, DUE, &code, &e) < 0);
	printf("# %s\n", e.msg);
	const struct json *list;
	T_CALL(container_list(&en, &a, LABEL, &list, &e));
	for (JSON_EACH(c, list))
		T_OK(!strstr(json_str(json_at(json_get(c, "Names"), 0), ""), "-run-"));
}

static void
events(void)
{
	static const char *const names[] = { "start", "die", "destroy", NULL };
	AUTO(events) struct events ev = EVENTS_INIT;
	const struct json *j;
	int code;

	t_row("events of one container, in order, others not");
	(void)!container_remove(&en, NAME, true, &e);
	int64_t since_ns = clock_epoch_ns();
	T_CALL(events_open(&en, &ev, NAME, names, since_ns, DUE, &e));
	driver_start("engtest-noise", "[\"true\"]", "", "");
	driver_start(NAME, "[\"sh\",\"-c\",\"exit 3\"]", "", "");
	T_CALL(container_wait(&en, NAME, DUE, &code, &e));
	T_EQ(events_next(&ev, &a, &j, DUE, &e), 1);
	T_STR(json_str(json_get(j, "Action"), ""), "start");
	T_EQ(events_next(&ev, &a, &j, DUE, &e), 1);
	/* Podman 4 calls it died, whatever the filter's name for it */
	T_OK(str_has_prefix(str_of(json_str(json_get(j, "Action"), "")), "die"));
	T_OK(en.is_podman || strcmp(json_str(json_path(j, "Actor.Attributes.exitCode"), ""), "3") == 0);
	T_FAILS(events_next(&ev, &a, &j, clock_due_ms(100), &e), ERR_TIMEOUT);
	T_CALL(container_remove(&en, NAME, true, &e));
	T_EQ(events_next(&ev, &a, &j, DUE, &e), 1);
	printf("# %s\n", json_str(json_get(j, "Action"), ""));
	t_row("reconnected with since: they come again");
	T_CALL(events_open(&en, &ev, NAME, names, since_ns, DUE, &e));
	T_EQ(events_next(&ev, &a, &j, DUE, &e), 1);
	T_STR(json_str(json_get(j, "Action"), ""), "start");
	T_CALL(container_remove(&en, "engtest-noise", true, &e));
}

int
main(void)
{
	driver_open();
	life();
	ends();
	ports();
	files();
	events();
	return driver_done();
}
