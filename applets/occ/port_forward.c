/* occ port-forward: a port of the container on this machine, for as long as the command runs */
#include "applets/occ/forward.h"
#include "lib/base/fd.h"
#include "lib/net/addr.h"

struct forward_opts {
	const char *address;
};

static const struct opt forward_opts[] = {
	STR(struct forward_opts, address, 0, "address", "ADDRESS", "listen here instead of on 127.0.0.1"),
	OPT_LAST
};

static void
tell(struct run *r, const char *address, const struct forward_port *p)
{
	AUTO(buf) struct buf from = BUF_INIT(128);

	addr_put_hostport(&from, address, p->local);
	term_printf(r->term, "Forwarding %s -> %u (Ctrl-C ends)\n", from.p, p->remote);
}

static int
listen_all(struct run *r, const char *address, struct forward_port *ports, struct err *e)
{
	for (int i = 0; i < r->argc; i++) {
		if (forward_listen(r->arena, address, &ports[i], e) < 0)
			return -1;
	}
	enum addr_scope scope = addr_scope_of(address);
	if (scope != ADDR_LOOPBACK)
		term_warn(r->term, r->cli->prog, "whoever reaches %s reaches these ports, without a password of ours", address);
	for (int i = 0; i < r->argc; i++)
		tell(r, address, &ports[i]);
	return 0;
}

static int
forward_run(struct run *r, struct err *e)
{
	const struct forward_opts *o = r->opts;
	struct forward_port ports[FORWARD_PORTS_MAX];
	const char *address = o->address ? o->address : "127.0.0.1";
	AUTO(service) struct service s = { .engine = ENGINE_INIT };
	struct container c;
	size_t n = (size_t)r->argc;

	if (n > FORWARD_PORTS_MAX)
		return err_set(e, ERR_USAGE, "%zu ports are more than %d", n, FORWARD_PORTS_MAX);
	for (size_t i = 0; i < n; i++) {
		if (forward_parse(str_of(r->argv[i]), &ports[i], e) < 0)
			return -1;
	}
	if (occ_connect(r, &s, e) < 0 || service_running(&s, &c, e) < 0)
		return -1;
	int rc = listen_all(r, address, ports, e);
	if (rc == 0)
		rc = forward_serve(r, &s, &c, ports, n, e);
	for (size_t i = 0; i < n; i++)
		fd_auto(&ports[i].fd);
	return rc < 0 && e->code == ERR_INTERRUPTED ? err_exit_status(ERR_INTERRUPTED) : rc;
}

static const char *const forward_examples[] = {
	"port-forward 8080", "the agent's development server on http://127.0.0.1:8080",
	"port-forward 9000:8080 5432", "under another port, and a second one",
	"port-forward :8080", "on any free port, which is printed",
	NULL
};

CMD(occ_port_forward) = {
	.applet = "occ", .name = "port-forward", .group = "Access", .args = "PORT[:PORT]...", .args_min = 1, .args_max = FORWARD_PORTS_MAX,
	.brief = "reach a port of the container from this machine",
	.about = "LOCAL:REMOTE, or one number for both. The server in the container may listen on its loopback address only. Nothing about the "
		"container is changed; for ports that stay, see container.ports.",
	.examples = forward_examples,
	.opts = forward_opts, .opts_bytes = sizeof(struct forward_opts),
	.run = forward_run,
};
