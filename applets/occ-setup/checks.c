/* checks.c - looks at engine, rights, room, port and what is there already, before the first question */
#include "applets/occ-setup/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/num.h"
#include "lib/base/path.h"
#include "lib/deploy/build_check.h"
#include "lib/deploy/schema_check.h"
#include "lib/deploy/vantage.h"
#include "lib/engine/exec.h"
#include "lib/net/addr.h"
#include "lib/proc/spawn.h"

#define TEXT_MAX 65536
#define CPUINFO_MAX (1u << 20)
#define ASK_MS 10000
#define PORT_TRIES 100

static void PRINTF_LIKE(3, 4)
tell(struct setup *s, const char *label, const char *fmt, ...)
{
	AUTO(buf) struct buf text = BUF_INIT(TEXT_MAX);
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	term_item(s->r->term, label, "%s", text.p);
}

static const char *
bytes(struct setup *s, uint64_t n)
{
	AUTO(buf) struct buf out = BUF_INIT(64);

	num_put_bytes(&out, n);
	return arena_str(s->r->arena, buf_str(&out));
}

/* ---- rights ---- */

/* Asked without making a directory; the refusal is scope_prepare's own. */
static int
check_rights(struct setup *s, struct err *e)
{
	const char *dirs[] = { path_dir(s->r->arena, s->s.scope.credentials_path), s->s.scope.state_dir };

	for (size_t i = 0; i < 2; i++) {
		const char *dir = dirs[i];

		while (faccessat(AT_FDCWD, dir, F_OK, AT_EACCESS) < 0 && errno == ENOENT && strcmp(dir, path_dir(s->r->arena, dir)) != 0)
			dir = path_dir(s->r->arena, dir);
		if (faccessat(AT_FDCWD, dir, W_OK | X_OK, AT_EACCESS) < 0)
			return scope_prepare(&s->s.scope, e) < 0 ? -1 : 0;
	}
	tell(s, "permission", "may write %s", path_tilde(s->r->arena, path_dir(s->r->arena, s->s.scope.credentials_path), s->s.scope.home));
	return 0;
}

/* ---- room ---- */

static uint64_t
meminfo(struct str text, const char *name)
{
	struct err ignored = ERR_INIT;
	struct str line;
	uint64_t kib = 0;

	while (str_line(&text, &line)) {
		struct str key = str_cut(&line, ':');

		line = str_trim(line);
		if (str_is(key, name) && num_u64(str_cut(&line, ' '), 0, UINT64_MAX >> 10, &kib, &ignored) == 0)
			return kib << 10;
	}
	return 0;
}

static void
check_memory(struct setup *s, const struct engine_info *info)
{
	AUTO(buf) struct buf text = BUF_INIT(TEXT_MAX);
	struct err ignored = ERR_INIT;
	const char *swap = "", *low = "";

	if (!s->s.is_remote && file_read("/proc/meminfo", &text, &ignored) == 0) {
		uint64_t total = meminfo(buf_str(&text), "SwapTotal"), free_bytes = build_check_meminfo(buf_str(&text));

		swap = total ? arena_printf(s->r->arena, ", swap %s", bytes(s, total)) : ", no swap";
		if (free_bytes && free_bytes < BUILD_MEMORY_BYTES)
			low = arena_printf(s->r->arena, "; LOW: %s free, a build needs %s", bytes(s, free_bytes), bytes(s, BUILD_MEMORY_BYTES));
	}
	tell(s, "memory", "%s%s%s", bytes(s, info->memory_bytes), swap, low);
}

static void
check_cpu(struct setup *s, const struct engine_info *info)
{
	AUTO(buf) struct buf text = BUF_INIT(CPUINFO_MAX);
	struct err ignored = ERR_INIT;
	const char *note = "";

	if (!s->s.is_remote && strcmp(info->arch, "amd64") == 0 && file_read("/proc/cpuinfo", &text, &ignored) == 0 &&
	    str_find(buf_str(&text), STR_LIT(" avx2")) == STR_NONE)
		note = ", without AVX2: the baseline build of opencode is used";
	tell(s, "cpu", "%u, %s%s", info->cpus, info->arch, note);
}

static void
check_disk(struct setup *s, const struct engine_info *info)
{
	struct err ignored = ERR_INIT;
	uint64_t free_bytes = 0;

	if (s->s.is_remote || !info->root_dir[0] || file_free_bytes(info->root_dir, &free_bytes, &ignored) < 0)
		return;
	tell(s, "disk", "%s free in %s%s", bytes(s, free_bytes), info->root_dir,
	     free_bytes < BUILD_DISK_BYTES ? arena_printf(s->r->arena, "; LOW: a build needs %s", bytes(s, BUILD_DISK_BYTES)) : "");
}

static int
check_room(struct setup *s, struct err *e)
{
	struct engine_info info;

	if (engine_info_get(&s->s.engine, s->r->arena, &info, e) < 0)
		return -1;
	tell(s, "engine", "%s %s on %s, %s/%s", s->s.engine.is_podman ? "Podman" : "Docker", info.version, s->s.engine.at.url, info.os, info.arch);
	check_disk(s, &info);
	check_memory(s, &info);
	check_cpu(s, &info);
	return 0;
}

/* ---- what is there already ---- */

/* One line of a command in the running container; NULL when it says nothing. */
static const char *
ask_container(struct setup *s, const struct container *c, const char *const *argv)
{
	AUTO(buf) struct buf out = BUF_INIT(TEXT_MAX);
	const struct exec_spec spec = { .argv = argv };
	struct err ignored = ERR_INIT;
	int status = 0;

	if (exec_capture(&s->s.engine, s->r->arena, c->id, &spec, STR_NULL, &out, NULL, clock_due_ms(ASK_MS), &status, &ignored) < 0 || status != 0)
		return NULL;
	/* What the agent wrote there may hold anything. */
	if (check_text(str_trim(buf_str(&out)), &ignored) < 0)
		return NULL;
	return arena_str(s->r->arena, str_trim(buf_str(&out)));
}

static void
ask_home(struct setup *s, const struct container *c)
{
	static const char *const name[] = { "git", "config", "--global", "--get", "user.name", NULL };
	static const char *const email[] = { "git", "config", "--global", "--get", "user.email", NULL };
	static const char *const key[] = { "test", "-e", "/home/opencode/.ssh/id_ed25519", NULL };

	s->facts.git_name = ask_container(s, c, name);
	s->facts.git_email = ask_container(s, c, email);
	s->facts.has_ssh_key = ask_container(s, c, key) != NULL;
}

static int
check_deployment(struct setup *s, struct container *c, struct err *e)
{
	const char *path = path_tilde(s->r->arena, s->s.scope.config_path, s->s.scope.home);
	int there = s->s.is_connected ? service_container(&s->s, c, e) : 0;

	if (there < 0)
		return -1;
	s->facts.has_container = there;
	if (there)
		tell(s, "deployment", "%s is %s; its settings are proposed", s->s.names.container, container_state_name(c->state));
	else if (file_exists(s->s.scope.config_path))
		tell(s, "deployment", "no container; the settings of %s are proposed", path);
	else
		tell(s, "deployment", "none yet");
	if (there && c->state == CONTAINER_RUNNING)
		ask_home(s, c);
	return 0;
}

/* Taken by something else: another one is proposed, as `start` would choose it. */
static void
look_at_port(struct setup *s, const struct container *c)
{
	unsigned port = (unsigned)s->s.config.server.port, held = 0;
	const char *bind = s->s.config.server.bind, *host = "";
	struct err ignored = ERR_INIT;

	if (s->s.is_remote)
		return;
	if (s->facts.has_container && vantage_address(&s->s, c, &host, &held, &ignored) == 0 && held == port) {
		tell(s, "port", "%u on %s, this service's own", port, bind);
		return;
	}
	if (addr_port_is_free(bind, port, &ignored) != 0) {
		tell(s, "port", "%u on %s is free", port, bind);
		return;
	}
	const char *owner = addr_port_owner(s->r->arena, port);
	s->facts.free_port = addr_port_next_free(bind, port + 1, PORT_TRIES);
	tell(s, "port", "%u on %s is taken%s%s; %u is free", port, bind, owner ? " by " : "", owner ? owner : "", s->facts.free_port);
}

/* ---- the way in ---- */

/* Only a tailscaled that runs and is logged in counts. */
static void
look_for_tailscale(struct setup *s)
{
	static const char *const argv[] = { "tailscale", "status", "--json", NULL };
	AUTO(buf) struct buf out = BUF_INIT(1u << 22);
	struct err ignored = ERR_INIT;
	const struct json *status;
	int code = 0;

	if (s->s.is_remote || !spawn_find(s->r->arena, argv[0]) || spawn_run(argv, STR_NULL, &out, clock_due_ms(ASK_MS), &code, &ignored) < 0 || code != 0)
		return;
	status = json_parse(s->r->arena, buf_str(&out), &ignored);
	if (strcmp(json_str(json_get(status, "BackendState"), ""), "Running") != 0)
		return;
	s->facts.has_tailscale = true;
	const char *name = arena_str(s->r->arena, str_trim_char(str_of(json_str(json_path(status, "Self.DNSName"), "")), '.'));
	if (check_origin(str_of(arena_printf(s->r->arena, "https://%s", name)), &ignored) == 0)
		s->facts.tailscale_name = name;
	tell(s, "tailscale", "runs%s%s", s->facts.tailscale_name ? ", this machine is " : "", s->facts.tailscale_name ? name : "");
}

static int
look_for_password(struct setup *s, struct err *e)
{
	AUTO(credentials) struct credentials cr;

	credentials_init(&cr);
	if (credentials_load(&s->s.scope, &cr, e) < 0)
		return -1;
	s->facts.has_password = cr.has_password;
	return 0;
}

int
setup_check(struct setup *s, struct err *e)
{
	struct container c = { .state = CONTAINER_UNKNOWN };

	if (!s->r->term->is_quiet)
		term_printf(s->r->term, "Checking this machine\n");
	/* Whatever refuses without an engine comes before one is installed. */
	if (check_rights(s, e) < 0 || look_for_password(s, e) < 0 || setup_engine(s, e) < 0)
		return -1;
	if ((s->s.is_connected && check_room(s, e) < 0) || check_deployment(s, &c, e) < 0)
		return -1;
	look_at_port(s, &c);
	look_for_tailscale(s);
	setup_service_look(s);
	s->facts.is_remote = s->s.is_remote;
	s->facts.outward = addr_outward(s->r->arena);
	return 0;
}
