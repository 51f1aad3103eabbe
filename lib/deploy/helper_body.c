/* helper_body.c - one body around every script on the volumes */
#include "lib/deploy/helper_body.h"

#include "lib/deploy/helper.h"
#include "lib/json/jsonw.h"

static void
put_volume(struct jsonw *w, const struct helper_volume *v)
{
	jsonw_object(w, NULL);
	jsonw_str(w, "Type", "volume");
	jsonw_str(w, "Source", v->name);
	jsonw_str(w, "Target", v->target);
	if (v->is_read_only)
		jsonw_bool(w, "ReadOnly", true);
	jsonw_object(w, "VolumeOptions");
	jsonw_bool(w, "NoCopy", !v->is_filled);
	jsonw_end(w);
	jsonw_end(w);
}

static void
put_host_config(struct jsonw *w, const struct helper_body *h)
{
	static const char *const all[] = { "ALL", NULL }, *const no_new[] = { "no-new-privileges", NULL };

	jsonw_object(w, "HostConfig");
	jsonw_str(w, "NetworkMode", "none");
	jsonw_strings(w, "CapDrop", all);
	jsonw_strings(w, "CapAdd", h->rights);
	jsonw_strings(w, "SecurityOpt", no_new);
	jsonw_array(w, "Mounts");
	for (size_t i = 0; i < HELPER_VOLUMES_MAX && h->volumes[i].name; i++)
		put_volume(w, &h->volumes[i]);
	jsonw_end(w);
	/* What goes through its standard output is the agent's, and no engine's log. */
	jsonw_object(w, "LogConfig");
	jsonw_str(w, "Type", "none");
	jsonw_end(w);
	spec_put_ulimits(w, h->in);
	jsonw_end(w);
}

void
helper_put_body(const struct helper_body *h, struct buf *out)
{
	/* The image's own PATH leads into the home, where the agent's files are. */
	static const char *const env[] = { "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=/root", NULL };
	struct jsonw w = JSONW_INIT(out, 0);

	jsonw_object(&w, NULL);
	jsonw_str(&w, "Image", h->in->image);
	jsonw_str(&w, "User", "0:0");
	jsonw_str(&w, "WorkingDir", "/");
	jsonw_strings(&w, "Entrypoint", h->entrypoint);
	jsonw_strings(&w, "Cmd", h->command);
	jsonw_strings(&w, "Env", env);
	jsonw_bool(&w, "OpenStdin", h->has_stdin);
	jsonw_bool(&w, "StdinOnce", h->has_stdin);
	jsonw_bool(&w, "AttachStdin", h->has_stdin);
	jsonw_bool(&w, "AttachStdout", true);
	jsonw_bool(&w, "AttachStderr", true);
	jsonw_object(&w, "Labels");
	jsonw_str(&w, LABEL_MANAGED, LABEL_MANAGED_VALUE);
	jsonw_str(&w, LABEL_HELPER, h->in->deployment);
	jsonw_end(&w);
	put_host_config(&w, h);
	jsonw_end(&w);
}
