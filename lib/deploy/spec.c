/* spec.c - the create body of the service's container, section by section */
#include "lib/deploy/spec.h"

#include "lib/deploy/edge.h"
#include "lib/json/jsonw.h"
#include "lib/tls/digest.h"

#define AUTO_MEMORY_PCT 75
#define PODMAN_NPROC 32768
#define HEALTH_EVERY_NS (60 * INT64_C(1000000000))
#define HEALTH_TIMEOUT_NS (10 * INT64_C(1000000000))
#define HEALTH_START_NS (30 * INT64_C(1000000000))

/* Which labels and limits go in: the digest is made of a body without what it cannot depend on. */
enum body_form { FOR_ENGINE, FOR_DIGEST };

uint64_t
spec_memory_bytes(const struct config *c, uint64_t host_memory_bytes)
{
	return c->container.memory ? c->container.memory : host_memory_bytes / 100 * AUTO_MEMORY_PCT;
}

const char *
spec_restart_policy(const struct config *c, bool is_podman)
{
	return !is_podman && str_is(str_of(c->container.restart), "unless-stopped") ? "always" : c->container.restart;
}

static void
put_strings(struct jsonw *w, const char *key, const struct strlist *l)
{
	if (!l->n)
		return;
	jsonw_array(w, key);
	for (size_t i = 0; i < l->n; i++)
		jsonw_str(w, NULL, l->v[i]);
	jsonw_end(w);
}

/* Further arguments of `opencode serve`. */
static void
put_command(struct jsonw *w, const struct config *c)
{
	if (!c->server.cors.n)
		return;
	jsonw_array(w, "Cmd");
	for (size_t i = 0; i < c->server.cors.n; i++) {
		jsonw_str(w, NULL, "--cors");
		jsonw_str(w, NULL, c->server.cors.v[i]);
	}
	jsonw_end(w);
}

static void
put_volume(struct jsonw *w, const char *volume, const char *target)
{
	jsonw_object(w, NULL);
	jsonw_str(w, "Type", "volume");
	jsonw_str(w, "Source", volume);
	jsonw_str(w, "Target", target);
	jsonw_end(w);
}

static int
put_mounts(struct jsonw *w, const struct spec_input *in, struct err *e)
{
	const struct strlist *l = &in->config->container.mounts;

	jsonw_array(w, "Mounts");
	put_volume(w, in->names->home_volume, SERVICE_HOME);
	put_volume(w, in->names->workspace_volume, SERVICE_WORKSPACE);
	for (size_t i = 0; i < l->n; i++) {
		struct config_mount m;
		if (config_mount_parse(str_of(l->v[i]), &m, e) < 0)
			return err_wrap(e, "container.mounts");
		jsonw_object(w, NULL);
		jsonw_str(w, "Type", "bind");
		jsonw_text(w, "Source", m.host);
		jsonw_text(w, "Target", m.target);
		jsonw_bool(w, "ReadOnly", m.is_read_only);
		jsonw_end(w);
	}
	jsonw_end(w);
	return 0;
}

static void
put_binding(struct jsonw *w, unsigned container_port, struct str address, unsigned host_port)
{
	AUTO(buf) struct buf text = BUF_INIT(32);

	buf_printf(&text, "%u/tcp", container_port);
	jsonw_array(w, text.p);
	jsonw_object(w, NULL);
	jsonw_text(w, "HostIp", address);
	buf_reset(&text);
	buf_printf(&text, "%u", host_port);
	jsonw_str(w, "HostPort", text.p);
	jsonw_end(w);
	jsonw_end(w);
}

static int
put_ports(struct jsonw *w, const struct config *c, struct err *e)
{
	jsonw_object(w, "PortBindings");
	put_binding(w, SERVICE_PORT, str_of(c->server.bind), (unsigned)c->server.port);
	for (size_t i = 0; i < c->container.ports.n; i++) {
		struct config_port p;
		if (config_port_parse(str_of(c->container.ports.v[i]), &p, e) < 0)
			return err_wrap(e, "container.ports");
		put_binding(w, p.container, p.address.n ? p.address : str_of(c->server.bind), p.host);
	}
	jsonw_end(w);
	return 0;
}

static int
put_exposed(struct jsonw *w, const struct config *c, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(32);

	jsonw_object(w, "ExposedPorts");
	buf_printf(&text, "%d/tcp", SERVICE_PORT);
	jsonw_object(w, text.p);
	jsonw_end(w);
	for (size_t i = 0; i < c->container.ports.n; i++) {
		struct config_port p;
		if (config_port_parse(str_of(c->container.ports.v[i]), &p, e) < 0)
			return err_wrap(e, "container.ports");
		buf_reset(&text);
		buf_printf(&text, "%u/tcp", p.container);
		jsonw_object(w, text.p);
		jsonw_end(w);
	}
	jsonw_end(w);
	return 0;
}

/* With container.sudo the person asked for root inside: what sudo and a package manager need, and no more. */
static void
put_rights(struct jsonw *w, const struct config *c)
{
	static const char *const all[] = { "ALL", NULL }, *const no_new[] = { "no-new-privileges", NULL };
	static const char *const sudo_caps[] = { "AUDIT_WRITE", "CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "NET_BIND_SERVICE",
		"SETFCAP", "SETGID", "SETPCAP", "SETUID", "SYS_CHROOT", NULL };

	jsonw_strings(w, "CapDrop", all);
	if (c->container.sudo)
		jsonw_strings(w, "CapAdd", sudo_caps);
	else
		jsonw_strings(w, "SecurityOpt", no_new);
}

static void
put_ulimit(struct jsonw *w, const char *name, uint64_t value)
{
	jsonw_object(w, NULL);
	jsonw_str(w, "Name", name);
	jsonw_int(w, "Soft", (int64_t)value);
	jsonw_int(w, "Hard", (int64_t)value);
	jsonw_end(w);
}

void
spec_put_ulimits(struct jsonw *w, const struct spec_input *in)
{
	if (!in->is_podman)
		return;
	jsonw_array(w, "Ulimits");
	put_ulimit(w, "nofile", in->nofile_max);
	put_ulimit(w, "nproc", PODMAN_NPROC);
	jsonw_end(w);
}

static void
put_limits(struct jsonw *w, const struct spec_input *in, enum body_form form)
{
	const struct config *c = in->config;
	uint64_t memory = form == FOR_DIGEST ? c->container.memory : spec_memory_bytes(c, in->host_memory_bytes);

	if (memory)
		jsonw_int(w, "Memory", (int64_t)memory);
	if (c->container.cpus)
		jsonw_int(w, "NanoCpus", c->container.cpus);
	jsonw_int(w, "PidsLimit", (int64_t)c->container.pids);
	if (form == FOR_ENGINE)
		spec_put_ulimits(w, in);
}

static void
put_log_config(struct jsonw *w, const struct config *c)
{
	AUTO(buf) struct buf text = BUF_INIT(32);

	jsonw_object(w, "LogConfig");
	jsonw_str(w, "Type", "json-file");
	jsonw_object(w, "Config");
	buf_printf(&text, "%llu", (unsigned long long)c->log.max_size);
	jsonw_str(w, "max-size", text.p);
	buf_reset(&text);
	buf_printf(&text, "%llu", (unsigned long long)c->log.max_files);
	jsonw_str(w, "max-file", text.p);
	jsonw_end(w);
	jsonw_end(w);
}

/* Told here and not left to the image: the interval is part of the design, and Podman drops an image's own. */
static void
put_health_check(struct jsonw *w)
{
	jsonw_object(w, "Healthcheck");
	jsonw_array(w, "Test");
	jsonw_str(w, NULL, "CMD");
	jsonw_str(w, NULL, SERVICE_HEALTH_SCRIPT);
	jsonw_end(w);
	jsonw_int(w, "Interval", HEALTH_EVERY_NS);
	jsonw_int(w, "Timeout", HEALTH_TIMEOUT_NS);
	jsonw_int(w, "StartPeriod", HEALTH_START_NS);
	jsonw_int(w, "Retries", 3);
	jsonw_end(w);
}

static int
put_host_config(struct jsonw *w, const struct spec_input *in, enum body_form form, struct err *e)
{
	const struct config *c = in->config;

	jsonw_object(w, "HostConfig");
	if (put_mounts(w, in, e) < 0 || put_ports(w, c, e) < 0)
		return -1;
	jsonw_str(w, "NetworkMode", in->names->network);
	if (form == FOR_ENGINE || in->is_podman) {		/* Podman cannot change it later */
		jsonw_object(w, "RestartPolicy");
		jsonw_str(w, "Name", in->is_beside && !in->is_podman ? SPEC_RESTART_STOPPED : in->restart);
		jsonw_end(w);
	}
	put_rights(w, c);
	put_limits(w, in, form);
	put_log_config(w, c);
	put_strings(w, "ExtraHosts", &c->container.extra_hosts);
	jsonw_bool(w, "Init", false);		/* tini is in the image: not every host has the engine's own */
	jsonw_end(w);
	return 0;
}

static void
put_labels(struct arena *a, struct jsonw *w, const struct spec_input *in, const char *digest)
{
	const char *const *labels = spec_object_labels(a, in);

	jsonw_object(w, "Labels");
	for (size_t i = 0; labels[i]; i++) {
		struct str value = str_of(labels[i]);
		struct str name = str_cut(&value, '=');
		jsonw_text(w, arena_str(a, name), value);
	}
	jsonw_str(w, LABEL_USER, in->config->auth.username);
	if (in->is_helper)
		jsonw_str(w, LABEL_HELPER, in->deployment);
	if (edge_is_on(in->config))
		jsonw_str(w, LABEL_PASSWORD, LABEL_PASSWORD_INNER);
	if (digest) {
		jsonw_str(w, LABEL_OWNER, in->owner);
		jsonw_str(w, LABEL_SPEC, digest);
		jsonw_str(w, LABEL_KEYS, spec_keys_label(a, in->config));
	}
	jsonw_end(w);
}

static int
put_body(struct arena *a, const struct spec_input *in, enum body_form form, const char *digest, struct buf *out, struct err *e)
{
	struct jsonw w = JSONW_INIT(out, 0);
	const struct config *c = in->config;

	jsonw_object(&w, NULL);
	jsonw_str(&w, "Image", in->image);
	jsonw_str(&w, "Hostname", in->names->container);
	jsonw_str(&w, "User", "1000:1000");
	jsonw_str(&w, "WorkingDir", SERVICE_WORKSPACE);
	put_command(&w, c);
	put_strings(&w, "Env", &c->container.env);
	put_labels(a, &w, in, digest);
	put_health_check(&w);
	if (put_exposed(&w, c, e) < 0 || put_host_config(&w, in, form, e) < 0)
		return -1;
	jsonw_end(&w);
	return buf_check(out, "container specification", e);
}

const char *
spec_digest(struct arena *a, const struct spec_input *in, struct err *e)
{
	AUTO(buf) struct buf body = BUF_INIT(SPEC_BODY_MAX), hex = BUF_INIT(2 * DIGEST_SHA256_BYTES);

	if (put_body(a, in, FOR_DIGEST, NULL, &body, e) < 0)
		return NULL;
	digest_sha256_hex(buf_str(&body), &hex);
	return arena_str(a, buf_str(&hex));
}

int
spec_put_body(struct arena *a, const struct spec_input *in, struct buf *out, struct err *e)
{
	const char *digest = spec_digest(a, in, e);

	return digest ? put_body(a, in, FOR_ENGINE, digest, out, e) : -1;
}
