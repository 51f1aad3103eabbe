/* account.c - the second question: the name to log in with, and the address */
#include "applets/occ-setup/setup.h"

#include "lib/deploy/edge.h"
#include "lib/net/addr.h"

/* Nothing to decide: said, so that nobody wonders. */
static void
tell_address(struct setup *s)
{
	if (answer_is(&s->answers, ANSWER_REACH, REACH_TAILSCALE))
		term_printf(s->r->term, "Address: https://%s\n", s->facts.tailscale_name ? s->facts.tailscale_name : "(as Tailscale names it)");
	else if (answer_is(&s->answers, ANSWER_REACH, REACH_LOCAL))
		term_printf(s->r->term, "Address: http://127.0.0.1:%s (the port is an advanced setting)\n", s->answers.text[ANSWER_PORT]);
}

static int
ask_username(struct setup *s, enum setup_move *ret, struct err *e)
{
	tell_address(s);
	return setup_ask_text(s, ANSWER_USERNAME, "User name", ret, e);
}

static bool
is_proxy(const struct setup *s)
{
	return answer_is(&s->answers, ANSWER_REACH, REACH_PROXY);
}

static bool
is_internet(const struct setup *s)
{
	return answer_is(&s->answers, ANSWER_REACH, REACH_INTERNET);
}

static bool
has_certificate(const struct setup *s)
{
	return is_internet(s) && s->answers.text[ANSWER_CERTIFICATE][0];
}

/* The ports are the scope's: those that only root may open are the machine's own service's. */
static int
ask_name(struct setup *s, enum setup_move *ret, struct err *e)
{
	bool is_system = s->s.scope.kind == SCOPE_SYSTEM;

	term_printf(s->r->term, is_system ? "It listens on port 443, and 80 leads there.\n"
	    : "It listens on port 8443: lower ones are the machine's own, for `%s --system setup` as root.\n", s->r->cli->prog);
	for (;;) {
		if (setup_ask_text(s, ANSWER_NAME, "Name in the browser, as code.example.org", ret, e) < 0)
			return -1;
		if (*ret != SETUP_NEXT || s->answers.text[ANSWER_NAME][0])
			return 0;
		term_warn(s->r->term, s->r->cli->prog, "there has to be one, or this machine's address; b goes back, q ends");
	}
}

static int
ask_certificate(struct setup *s, enum setup_move *ret, struct err *e)
{
	return setup_ask_text(s, ANSWER_CERTIFICATE, "File of a certificate for it (none: a local authority of this machine makes one)", ret, e);
}

static int
ask_key(struct setup *s, enum setup_move *ret, struct err *e)
{
	return setup_ask_text(s, ANSWER_KEY, "File of its key", ret, e);
}

static bool
is_network(const struct setup *s)
{
	return answer_is(&s->answers, ANSWER_REACH, REACH_NETWORK);
}

static bool
has_address(const struct setup *s)
{
	return is_proxy(s) || is_network(s);
}

static bool
is_fronted(const struct setup *s)
{
	return answers_are_fronted(&s->answers);
}

static bool
may_be_fronted(const struct setup *s)
{
	return is_proxy(s) && !s->s.is_remote;
}

static int
ask_edge(struct setup *s, enum setup_move *ret, struct err *e)
{
	bool is_yes = is_fronted(s);
	struct config plain = s->file;
	enum term_reply reply;

	if (term_prompt_bool(s->r->term, "This program's login page, health checks and unseen restarts in front of opencode", is_yes, &is_yes, &reply, e) < 0)
		return -1;
	*ret = setup_move_of(reply);
	if (*ret != SETUP_NEXT)
		return 0;
	plain.edge.mode = "plain";
	if (is_yes)
		term_printf(s->r->term, "The load balancer's target is port %u, plain HTTP, its health check /healthz.\n", edge_port(&plain, s->s.scope.kind));
	return answer_set(s->r->arena, &s->answers, ANSWER_EDGE, is_yes ? "true" : "false", e);
}

static int
ask_proxies(struct setup *s, enum setup_move *ret, struct err *e)
{
	return setup_ask_text(s, ANSWER_PROXIES, "Networks of the load balancer, as 10.0.1.0/24, 10.0.2.0/24", ret, e);
}

/* The proposal is the address that leads out, never a public one; the edge can do without naming one, which may be another tomorrow. A proxy on this machine reaches 127.0.0.1. */
static int
ask_bind(struct setup *s, enum setup_move *ret, struct err *e)
{
	bool has_private = s->facts.outward && addr_scope_of(s->facts.outward) == ADDR_PRIVATE, has_edge = answers_are_fronted(&s->answers);
	const char *question = is_network(s) ? "Address to listen on" : "Address to listen on (127.0.0.1: the proxy is on this machine)";

	if (has_edge)
		question = "Address to listen on (private: any but public; 127.0.0.1: the proxy is here)";

	if (!s->answers.is_set[ANSWER_BIND] && addr_scope_of(s->answers.text[ANSWER_BIND]) == ADDR_LOOPBACK && has_private &&
	    !s->answers.text[ANSWER_PUBLIC_URL][0])
		s->answers.text[ANSWER_BIND] = has_edge ? EDGE_BIND_PRIVATE : s->facts.outward;
	return setup_ask_text(s, ANSWER_BIND, question, ret, e);
}

static bool
is_open(const struct setup *s)
{
	enum addr_scope scope = addr_scope_of(s->answers.text[ANSWER_BIND]);

	return has_address(s) && (scope == ADDR_ANY || scope == ADDR_PUBLIC);
}

static int
ask_plain(struct setup *s, enum setup_move *ret, struct err *e)
{
	bool is_yes = answer_is(&s->answers, ANSWER_PLAIN_HTTP, "true");
	enum term_reply reply;

	term_printf(s->r->term, "%s is a public address, and what goes there is not encrypted:\nthe password can be read on the way. "
		    "Ports that Docker publishes also go round\nufw and other rules of the INPUT chain.\n", s->answers.text[ANSWER_BIND]);
	if (term_prompt_bool(s->r->term, "Something else protects the way to it: listen there", is_yes, &is_yes, &reply, e) < 0)
		return -1;
	*ret = setup_move_of(reply);
	if (*ret == SETUP_NEXT && !is_yes)
		*ret = SETUP_BACK;
	return *ret == SETUP_NEXT ? answer_set(s->r->arena, &s->answers, ANSWER_PLAIN_HTTP, "true", e) : 0;
}

static int
ask_url(struct setup *s, enum setup_move *ret, struct err *e)
{
	for (;;) {
		if (setup_ask_text(s, ANSWER_PUBLIC_URL, "Address in the browser, https://HOST", ret, e) < 0)
			return -1;
		if (*ret != SETUP_NEXT || s->answers.text[ANSWER_PUBLIC_URL][0])
			return 0;
		term_warn(s->r->term, s->r->cli->prog, "behind a load balancer there has to be one; b goes back, q ends");
	}
}

const struct setup_step setup_account[] = {
	{ "2. Name and address", NULL, ask_username },
	{ NULL, is_internet, ask_name },
	{ NULL, is_internet, ask_certificate },
	{ NULL, has_certificate, ask_key },
	{ NULL, may_be_fronted, ask_edge },
	{ NULL, has_address, ask_bind },
	{ NULL, is_open, ask_plain },
	{ NULL, is_fronted, ask_proxies },
	{ NULL, is_proxy, ask_url },
	{ NULL, NULL, NULL },
};
