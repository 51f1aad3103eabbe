/* cause_test.c - causes: names, words, remedies that are commands, and how ends and refusals of real engines are read */
#include "lib/deploy/cause.h"

#include <string.h>

#include "applets/applet.h"
#include "lib/base/mem.h"
#include "lib/deploy/schema.h"
#include "tests/t.h"

/* ---- the table ---- */

static char *
filled_in(struct arena *a, char *word)
{
	static const char *const places[][2] = { { "PORT", "3001" }, { "SIZE", "4g" }, { "ID", "0123456789abcdef0123456789abcdef" }, { "PATH", "/srv/x" } };

	for (size_t i = 0; i < ARRAY_LEN(places); i++) {
		if (strcmp(word, places[i][0]) == 0)
			return arena_printf(a, "%s", places[i][1]);
	}
	return word;
}

/* One command, as the command line would take it. */
static void
check_command(const struct cli *c, struct arena *a, char *line)
{
	struct err e = ERR_INIT;
	struct globals g;
	struct cli_parsed p;
	char *argv[16] = { NULL };
	int argc = 0;

	for (char *word = strtok(line, " "); word && argc < 15; word = strtok(NULL, " "))
		argv[argc++] = filled_in(a, word);
	cli_defaults(c->globals, &g);
	T_CALL(cli_parse(c, a, argc, argv, &g, &p, &e));
	T_OK(p.cmd != NULL);
	if (argc > 2 && strcmp(argv[1], "config") == 0 && strcmp(argv[2], "set") == 0)
		T_OK(argc > 4 && schema_find(argv[3]) != NULL);
}

/* A command goes on to three spaces, a semicolon, a parenthesis or the end. */
static void
check_remedy(const struct cli *c, struct arena *a, const char *remedy)
{
	static const char *const ends[] = { "   ", ";", ")", " or " };

	for (const char *at = remedy; (at = strstr(at, "occ ")); at++) {
		char *line = arena_printf(a, "%s", at);
		for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
			char *end = strstr(line, ends[i]);
			if (end)
				*end = '\0';
		}
		check_command(c, a, line);
	}
}

static void
test_table(void)
{
	AUTO(arena) struct arena a = ARENA_INIT;
	struct cli c;

	occ_cli("occ", &c);
	for (unsigned i = 0; i < CAUSE__N; i++) {
		enum cause cause = (enum cause)i;
		const char *name = cause_name(cause), *text = cause_text(cause), *remedy = cause_remedy(cause);
		t_row("cause %s", name);
		T_EQ(cause_of_name(str_of(name)), cause);
		T_OK(strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name));
		T_OK(strlen(text) > 3 && strlen(text) < 80 && text[strlen(text) - 1] != '.');
		T_OK(!cause_is_blocking(cause) || remedy);
		if (remedy)
			check_remedy(&c, &a, remedy);
	}
	t_row("a name that is none");
	T_EQ(cause_of_name(STR_LIT("nonsense")), CAUSE_NONE);
	T_EQ(cause_of_name(STR_NULL), CAUSE_NONE);
	t_row("what blocks");
	static const enum cause blocking[] = { CAUSE_IMAGE, CAUSE_PORT, CAUSE_MOUNT, CAUSE_FOREIGN, CAUSE_CONFIG, CAUSE_PASSWORD, CAUSE_OPEN };
	unsigned n = 0;
	for (unsigned i = 0; i < CAUSE__N; i++)
		n += cause_is_blocking((enum cause)i);
	T_EQ(n, ARRAY_LEN(blocking));
	for (size_t i = 0; i < ARRAY_LEN(blocking); i++)
		T_OK(cause_is_blocking(blocking[i]));
}

/* ---- ends ---- */

#define NO_PROGRAM_20 "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"/nope\": " \
	"stat /nope: no such file or directory: unknown"
#define NOT_EXEC_28 "failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start " \
	"container process: error during container init: exec: \"/etc/passwd\": permission denied"
#define PORT_20 "driver failed programming external connectivity on endpoint x (29b4): Error starting userland proxy: listen tcp4 127.0.0.1:18999: " \
	"bind: address already in use"
#define PORT_28 "failed to set up container networking: driver failed programming external connectivity on endpoint x (7fa2): " \
	"Bind for 127.0.0.1:18777 failed: port is already allocated"
#define MOUNT_20 "failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: " \
	"error mounting \"/srv/f\" to rootfs at \"/etc\": mount /srv/f:/etc (via /proc/self/fd/6), flags: 0x5000: not a directory: unknown: Are you trying to"
#define MOUNT_PODMAN "runc: runc create failed: unable to start container process: error during container init: " \
	"error mounting \"/srv/x\" to rootfs at \"/x\": stat /srv/x: no such file or directory: OCI runtime attempted to invoke a command that was not found"
#define NO_PROGRAM_PODMAN "runc: runc create failed: unable to start container process: exec: \"/nope\": stat /nope: no such file or directory: " \
	"OCI runtime attempted to invoke a command that was not found"

static const struct {
	const char *name;
	int exit_code;
	bool is_oom, is_by_engine;
	const char *error;
	enum cause want;
} ends[] = {
	{ "by itself", 0, false, false, "", CAUSE_EXIT_0 },
	{ "an error", 1, false, false, "", CAUSE_EXIT },
	{ "an unknown code", 201, false, false, NULL, CAUSE_EXIT },
	{ "no password", 78, false, false, "", CAUSE_SECRET },
	{ "not executable", 126, false, false, "", CAUSE_NOT_EXECUTABLE },
	{ "not found", 127, false, false, "", CAUSE_NO_PROGRAM },
	{ "illegal instruction", 132, false, false, "", CAUSE_CPU },
	{ "abort", 134, false, false, "", CAUSE_ABORT },
	{ "killed by somebody", 137, false, false, "", CAUSE_KILLED },
	{ "out of memory", 137, true, false, "", CAUSE_OOM },
	{ "out of memory, and the engine's kill after it", 137, true, true, "", CAUSE_OOM },
	{ "a child was killed for memory, opencode ended by itself", 0, true, false, "", CAUSE_EXIT_0 },
	{ "segmentation fault", 139, false, false, "", CAUSE_SEGV },
	{ "SIGTERM", 143, false, false, "", CAUSE_TERM },
	{ "docker stop", 143, false, true, "", CAUSE_STOPPED },
	{ "docker stop, obeyed", 0, false, true, "", CAUSE_STOPPED },
	{ "docker kill", 137, false, true, "", CAUSE_STOPPED },
	{ "20.10: no program", 127, false, false, NO_PROGRAM_20, CAUSE_NO_PROGRAM },
	{ "28: not executable", 126, false, false, NOT_EXEC_28, CAUSE_NOT_EXECUTABLE },
	{ "20.10: port taken", 128, false, false, PORT_20, CAUSE_PORT },
	{ "28: port taken", 128, false, false, PORT_28, CAUSE_PORT },
	{ "20.10: a file on a directory", 127, false, false, MOUNT_20, CAUSE_MOUNT },
	{ "an error of other words", 137, false, false, "something else", CAUSE_KILLED },
};

static void
test_ends(void)
{
	for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
		const struct container c = { .state = CONTAINER_EXITED, .exit_code = ends[i].exit_code, .is_oom_killed = ends[i].is_oom,
			.error = ends[i].error };
		t_row("end: %s", ends[i].name);
		T_STR(cause_name(cause_of_end(&c, ends[i].is_by_engine)), cause_name(ends[i].want));
	}
}

/* ---- refusals, with the codes that lib/engine and lib/deploy give them ---- */

static const struct {
	const char *name;
	enum err_code code;
	int http;
	const char *msg;
	enum cause want;
} refusals[] = {
	{ "Docker: image missing", ERR_IMAGE, 404, "create container x: No such image: nope:1", CAUSE_IMAGE },
	{ "Podman: image missing", ERR_NOT_FOUND, 404, "no such image: docker.io/library/nope:1: image not known", CAUSE_IMAGE },
	{ "a build that failed", ERR_IMAGE, 0, "build the image: a step failed", CAUSE_IMAGE },
	{ "20.10: port taken", ERR_ADDR_IN_USE, 500, "start container x: " PORT_20, CAUSE_PORT },
	{ "28: port allocated", ERR_ADDR_IN_USE, 500, "start container x: " PORT_28, CAUSE_PORT },
	{ "Podman: port taken", ERR_ADDR_IN_USE, 500, "cannot listen on the TCP port: listen tcp4 127.0.0.1:18777: bind: address already in use", CAUSE_PORT },
	{ "our own look at the port", ERR_ADDR_IN_USE, 0, "port 3000 on 127.0.0.1 is taken by nginx", CAUSE_PORT },
	{ "an address that is not there", ERR_CONFIG, 500, "Error starting userland proxy: listen tcp4 10.9.9.9:80: bind: cannot assign requested address",
	    CAUSE_CONFIG },
	{ "Docker: mount missing", ERR_CONFIG, 400, "start container x: invalid mount config for type \"bind\": bind source path does not exist: /srv/x",
	    CAUSE_MOUNT },
	{ "20.10: a file on a directory", ERR_CONFIG, 400, "start container x: " MOUNT_20, CAUSE_MOUNT },
	{ "Podman: mount missing", ERR_CONFIG, 500, "start container x: " MOUNT_PODMAN, CAUSE_MOUNT },
	{ "Docker Desktop: not shared", ERR_CONFIG, 500, "Mounts denied: the path /opt/x is not shared from the host", CAUSE_MOUNT },
	{ "Podman: no program", ERR_FAIL, 500, "start container x: " NO_PROGRAM_PODMAN, CAUSE_NO_PROGRAM },
	{ "28: not executable", ERR_FAIL, 400, "start container x: " NOT_EXEC_28, CAUSE_NOT_EXECUTABLE },
	{ "another architecture", ERR_FAIL, 400, "exec /usr/local/bin/occ-entry: exec format error", CAUSE_NOT_EXECUTABLE },
	{ "disk full", ERR_FAIL, 500, "start container x: mkdir /var/lib/docker/overlay2/a: no space left on device", CAUSE_DISK },
	{ "disk full while building", ERR_IMAGE, 0, "build the image: write /x: no space left on device", CAUSE_DISK },
	{ "our own disk is full", ERR_SYS, 0, "save state.json: No space left on device", CAUSE_START },
	{ "somebody else's container", ERR_REFUSED, 0, "the container opencode-cloud belongs to somebody else", CAUSE_FOREIGN },
	{ "lets in", ERR_REFUSED, 0, "this image answers 200 without credentials: it would let everybody in", CAUSE_OPEN },
	{ "would be exposed", ERR_REFUSED, 0, "server.bind 0.0.0.0 would send the password over plain HTTP on a public address", CAUSE_CONFIG },
	{ "configuration", ERR_CONFIG, 0, "config.jsonc:3:5: server.port is a string", CAUSE_CONFIG },
	{ "credentials torn", ERR_PARSE, 0, "credentials.json: unexpected end", CAUSE_CONFIG },
	{ "engine away", ERR_ENGINE, 0, "the Docker engine is installed but not running", CAUSE_ENGINE },
	{ "engine silent", ERR_TIMEOUT, 0, "the engine did not answer POST /containers/x/start in time", CAUSE_ENGINE },
	{ "never ready", ERR_TIMEOUT, 0, "opencode gave no healthy answer in time", CAUSE_NEVER_READY },
	{ "password refused", ERR_UNHEALTHY, 401, "opencode refuses the password of ~/credentials.json", CAUSE_PASSWORD },
	{ "ended while starting: CPU", ERR_UNHEALTHY, 0, "the container ended with exit code 132: this CPU lacks an instruction", CAUSE_CPU },
	{ "ended while starting: memory", ERR_UNHEALTHY, 0, "the container ended with exit code 137: killed for want of memory: occ config set", CAUSE_OOM },
	{ "ended while starting: killed", ERR_UNHEALTHY, 0, "opencode keeps ending: exit code 137, killed", CAUSE_KILLED },
	{ "unhealthy without a code", ERR_UNHEALTHY, 0, "opencode answered 500, not as healthy", CAUSE_START },
	{ "unhealthy with nonsense", ERR_UNHEALTHY, 0, "exit code 99999", CAUSE_START },
	{ "gone meanwhile", ERR_NOT_FOUND, 404, "start container x: No such container: x", CAUSE_ABSENT },
	{ "anything else", ERR_FAIL, 500, "start container x: something broke", CAUSE_START },
	{ "a directory of the engine's is not an exec", ERR_FAIL, 500, "open /run/x: no such file or directory", CAUSE_START },
};

static void
test_refusals(void)
{
	for (size_t i = 0; i < ARRAY_LEN(refusals); i++) {
		struct err e = ERR_INIT;
		err_set(&e, refusals[i].code, "%s", refusals[i].msg);
		e.http = refusals[i].http;
		t_row("refusal: %s", refusals[i].name);
		T_STR(cause_name(cause_of_refusal(&e)), cause_name(refusals[i].want));
	}
}

int
main(void)
{
	test_table();
	test_ends();
	test_refusals();
	return t_done();
}
