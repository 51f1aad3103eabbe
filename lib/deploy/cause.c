/* cause.c - the one table of causes, and how exit codes, a container's end and an engine's refusal are read */
#include "lib/deploy/cause.h"

#include <string.h>

#include "lib/base/mem.h"
#include "lib/base/num.h"

#define LOGS "occ logs   shows what it said last"

static const struct {
	const char *name, *text, *remedy;
	bool is_blocking;
} causes[] = {
	[CAUSE_NONE] = { "none", "nothing is wrong", NULL, false },
	[CAUSE_EXIT_0] = { "exit-0", "ended by itself, without an error", LOGS, false },
	[CAUSE_EXIT] = { "exit", "ended with an error", LOGS, false },
	[CAUSE_SECRET] = { "secret-missing", "found no password: the secret file was missing or wrong", "occ restart   writes it anew", false },
	[CAUSE_NOT_EXECUTABLE] = { "not-executable", "its program cannot be executed",
	    "occ start --rebuild   (image.source pull: an image for this machine's architecture)", false },
	[CAUSE_NO_PROGRAM] = { "no-program", "its program was not found", "occ start --rebuild   (image.source pull: occ start --pull)", false },
	[CAUSE_ABORT] = { "abort", "gave up (SIGABRT)", LOGS, false },
	[CAUSE_CPU] = { "cpu", "this CPU lacks an instruction that opencode was built for",
	    "occ config set image.variant baseline   and then: occ start", false },
	[CAUSE_OOM] = { "out-of-memory", "killed for want of memory", "occ config set container.memory SIZE   and then: occ start", false },
	[CAUSE_KILLED] = { "killed", "killed (SIGKILL)", NULL, false },
	[CAUSE_SEGV] = { "segfault", "crashed (segmentation fault)", LOGS, false },
	[CAUSE_TERM] = { "terminated", "ended by SIGTERM", NULL, false },
	[CAUSE_STOPPED] = { "stopped", "stopped through the engine", "occ start", false },
	[CAUSE_ENGINE] = { "engine", "the engine ended, or does not answer", "occ status   says what is wrong with it", false },
	[CAUSE_ABSENT] = { "container-gone", "the container was removed", NULL, false },
	[CAUSE_PAUSED] = { "paused", "paused through the engine", "occ start   lets it go on", false },
	[CAUSE_IMAGE] = { "image", "its image is missing", "occ start   builds or pulls it", true },
	[CAUSE_PORT] = { "port-taken", "its port is taken by another program", "occ start --port PORT   or end the other program", true },
	[CAUSE_MOUNT] = { "mount", "a directory to mount is missing, or is not what it was",
	    "occ mount list   and make the directory, or: occ mount remove PATH", true },
	[CAUSE_DISK] = { "disk-full", "the engine's disk is full", "docker system df   shows what fills it", false },
	[CAUSE_FOREIGN] = { "foreign", "its name belongs to somebody else's container",
	    "occ status   says whose; occ start --adopt ID   takes over one of yours", true },
	[CAUSE_CONFIG] = { "configuration", "the configuration or the credentials are not valid", "occ config validate", true },
	[CAUSE_START] = { "start-refused", "the engine could not start it", "occ start   shows why", false },
	[CAUSE_HANG] = { "hang", "neither answered nor showed a sign of life", LOGS, false },
	[CAUSE_NEVER_READY] = { "never-ready", "was started and never answered", LOGS, false },
	[CAUSE_PASSWORD] = { "password", "refuses the password that is saved (401)", "occ restart   gives it the saved one; occ password set   another", true },
	[CAUSE_OPEN] = { "open", "lets in without a password",
	    "occ config set image.source build   (or an image whose opencode honours OPENCODE_SERVER_PASSWORD)", true },
	[CAUSE_MEMORY] = { "memory-threshold", "used more memory than watchdog.memory_percent allows",
	    "occ config set container.memory SIZE   and then: occ start", false },
	[CAUSE_CHANGED] = { "changed", "the configuration or the image is another", NULL, false },
	[CAUSE_UPDATE] = { "update", "another version did not prove itself and was taken back", "occ history   tells of it", false },
};

_Static_assert(ARRAY_LEN(causes) == CAUSE__N, "every cause has a row");

const char *
cause_name(enum cause c)
{
	return causes[c].name;
}

const char *
cause_text(enum cause c)
{
	return causes[c].text;
}

const char *
cause_remedy(enum cause c)
{
	return causes[c].remedy;
}

bool
cause_is_blocking(enum cause c)
{
	return causes[c].is_blocking;
}

enum cause
cause_of_name(struct str name)
{
	for (unsigned c = CAUSE_NONE; c < CAUSE__N; c++) {
		if (str_is(name, causes[c].name))
			return (enum cause)c;
	}
	return CAUSE_NONE;
}

/* ---- how it ended ---- */

static const struct {
	int code;
	enum cause cause;
} exits[] = {
	{ 0, CAUSE_EXIT_0 },
	{ 78, CAUSE_SECRET },
	{ 126, CAUSE_NOT_EXECUTABLE },
	{ 127, CAUSE_NO_PROGRAM },
	{ 132, CAUSE_CPU },
	{ 134, CAUSE_ABORT },
	{ 137, CAUSE_KILLED },
	{ 139, CAUSE_SEGV },
	{ 143, CAUSE_TERM },
};

enum cause
cause_of_exit(int exit_code, bool is_oom_killed)
{
	/* The kernel may have killed a child of opencode only: then the code is another, and the flag says nothing. */
	if (is_oom_killed && exit_code == 137)
		return CAUSE_OOM;
	for (size_t i = 0; i < ARRAY_LEN(exits); i++) {
		if (exits[i].code == exit_code)
			return exits[i].cause;
	}
	return CAUSE_EXIT;
}

/* ---- what the engine said ---- */

/* Words of Docker 20.10 to 28, Docker Desktop and Podman 4. First match counts: Podman calls a missing mount a missing command, too. */
static const struct {
	const char *text;
	enum cause cause;
	bool is_of_exec;	/* says it only when the engine speaks of an exec: "exec: "/x": stat /x: no such file or directory" */
} words[] = {
	{ "no space left on device", CAUSE_DISK, false },
	{ "disk quota exceeded", CAUSE_DISK, false },
	{ "port is already allocated", CAUSE_PORT, false },
	{ "address already in use", CAUSE_PORT, false },
	{ "Ports are not available", CAUSE_PORT, false },
	{ "cannot assign requested address", CAUSE_CONFIG, false },
	{ "bind source path does not exist", CAUSE_MOUNT, false },
	{ "invalid mount config", CAUSE_MOUNT, false },
	{ "error mounting", CAUSE_MOUNT, false },
	{ "Mounts denied", CAUSE_MOUNT, false },
	{ "is not shared from the host", CAUSE_MOUNT, false },
	{ "No such image", CAUSE_IMAGE, false },
	{ "no such image", CAUSE_IMAGE, false },
	{ "image not known", CAUSE_IMAGE, false },
	{ "exec format error", CAUSE_NOT_EXECUTABLE, false },
	{ ": no such file or directory", CAUSE_NO_PROGRAM, true },
	{ "executable file not found", CAUSE_NO_PROGRAM, false },
	{ ": permission denied", CAUSE_NOT_EXECUTABLE, true },
};

/* CAUSE_NONE when the words say nothing. */
static enum cause
cause_of_words(const char *text)
{
	bool is_exec = strstr(text, "exec: ") != NULL;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		if ((is_exec || !words[i].is_of_exec) && strstr(text, words[i].text))
			return words[i].cause;
	}
	return CAUSE_NONE;
}

enum cause
cause_of_end(const struct container *c, bool is_by_engine)
{
	enum cause refused = c->error ? cause_of_words(c->error) : CAUSE_NONE;
	enum cause exited = cause_of_exit(c->exit_code, c->is_oom_killed);

	if (refused != CAUSE_NONE)
		return refused;
	return is_by_engine && exited != CAUSE_OOM ? CAUSE_STOPPED : exited;
}

/* A start that waits for the first answer tells how it ended instead: tail_explain_exit's words. */
static enum cause
cause_of_unhealthy(const char *msg)
{
	static const char before[] = "exit code ";
	struct str s = str_of(msg);
	size_t at = str_find(s, str_of(before)), n = 0;
	struct err ignored = ERR_INIT;
	uint64_t code;

	if (at == STR_NONE)
		return CAUSE_START;
	s = str_skip(s, at + strlen(before));
	while (n < s.n && s.p[n] >= '0' && s.p[n] <= '9')
		n++;
	if (num_u64(str_take(s, n), 0, 255, &code, &ignored) < 0)
		return CAUSE_START;
	return cause_of_exit((int)code, strstr(msg, causes[CAUSE_OOM].text) != NULL);
}

enum cause
cause_of_refusal(const struct err *e)
{
	enum cause said = cause_of_words(e->msg);

	/* Nobody's words but the engine's own: a file of ours may be missing, too. */
	if (said != CAUSE_NONE && e->code != ERR_SYS && e->code != ERR_PERM)
		return said;
	switch (e->code) {
	case ERR_TIMEOUT:
		return strstr(e->msg, "opencode gave no") ? CAUSE_NEVER_READY : CAUSE_ENGINE;
	case ERR_ENGINE:
	case ERR_EOF:
		return CAUSE_ENGINE;
	case ERR_UNHEALTHY:
		return e->http == 401 ? CAUSE_PASSWORD : cause_of_unhealthy(e->msg);
	case ERR_ADDR_IN_USE:
		return CAUSE_PORT;
	case ERR_IMAGE:
		return CAUSE_IMAGE;
	case ERR_CONFIG:
	case ERR_PARSE:
		return CAUSE_CONFIG;
	case ERR_REFUSED:
		if (strstr(e->msg, "without credentials"))
			return CAUSE_OPEN;
		return strstr(e->msg, "belongs to") ? CAUSE_FOREIGN : CAUSE_CONFIG;
	case ERR_NOT_FOUND:
		return CAUSE_ABSENT;
	default:
		return said != CAUSE_NONE ? said : CAUSE_START;
	}
}
