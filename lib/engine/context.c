#include "lib/engine/context.h"

#include <dirent.h>
#include <string.h>

#include "lib/base/buf.h"
#include "lib/base/file.h"
#include "lib/base/path.h"
#include "lib/tls/digest.h"

#define CONFIG_MAX_BYTES (1u << 20)
#define META_MAX_BYTES (256u << 10)
#define CONTEXTS_LISTED_MAX 64		/* directories looked at for the list of names */

const char *
context_file(struct arena *a, const struct engine_env *env, const char *name)
{
	if (env->docker_config && *env->docker_config)
		return path_join(a, env->docker_config, name);
	if (env->home && *env->home)
		return path_join(a, path_join(a, env->home, ".docker"), name);
	return NULL;
}

/* Reads and parses a JSON file; *ret is NULL when it is absent. */
static int
load_json(struct arena *a, const char *path, size_t ceiling, const struct json **ret, struct err *e)
{
	AUTO(buf) struct buf text = BUF_INIT(ceiling);

	*ret = NULL;
	if (file_read(path, &text, e) < 0) {
		if (e->code != ERR_NOT_FOUND)
			return -1;
		err_clear(e);
		return 0;
	}
	if (str_trim(buf_str(&text)).n == 0)
		return 0;
	*ret = json_parse(a, buf_str(&text), e);
	if (*ret)
		return 0;
	(void)err_wrap(e, "%s", path);
	e->code = ERR_CONFIG;
	return err_note(e, "try", "correct that file");
}

int
context_config(struct arena *a, const struct engine_env *env, const struct json **ret, struct err *e)
{
	const char *path = context_file(a, env, "config.json");

	*ret = NULL;
	return path ? load_json(a, path, CONFIG_MAX_BYTES, ret, e) : 0;
}

int
context_current(struct arena *a, const struct engine_env *env, const char **ret, struct err *e)
{
	const struct json *config;

	if (context_config(a, env, &config, e) < 0)
		return -1;
	const char *name = json_str(json_get(config, "currentContext"), "");
	*ret = *name && strcmp(name, "default") != 0 ? name : NULL;
	return 0;
}

/* Adds the names of the contexts there are as a note. */
static int
note_names(struct arena *a, const char *meta_dir, struct err *e)
{
	AUTO(buf) struct buf names = BUF_INIT(ERR_NOTE_BYTES);
	struct err ignored = ERR_INIT;
	DIR *dir = opendir(meta_dir);

	buf_puts(&names, "default");
	for (unsigned i = 0; dir && i < CONTEXTS_LISTED_MAX; i++) {
		const struct dirent *entry = readdir(dir);
		if (!entry)
			break;
		if (entry->d_name[0] == '.')
			continue;
		const struct json *meta;
		const char *path = path_join(a, path_join(a, meta_dir, entry->d_name), "meta.json");
		if (load_json(a, path, META_MAX_BYTES, &meta, &ignored) == 0 && json_is(json_get(meta, "Name"), JSON_STRING))
			buf_printf(&names, ", %s", json_str(json_get(meta, "Name"), ""));
	}
	if (dir)
		closedir(dir);
	return err_note(e, "contexts", "%s", names.p);
}

int
context_host(struct arena *a, const struct engine_env *env, const char *name, const char **ret_url, struct err *e)
{
	AUTO(buf) struct buf hex = BUF_INIT(2 * DIGEST_SHA256_BYTES);
	const char *meta_dir = context_file(a, env, "contexts/meta");

	digest_sha256_hex(str_of(name), &hex);
	if (!meta_dir)
		return err_set(e, ERR_USAGE, "context \"%s\": no home directory to look for contexts in", name);

	const struct json *meta;
	const char *path = path_join(a, path_join(a, meta_dir, hex.p), "meta.json");
	if (load_json(a, path, META_MAX_BYTES, &meta, e) < 0)
		return err_wrap(e, "context \"%s\"", name);
	if (!meta) {
		(void)err_set(e, ERR_USAGE, "there is no docker context \"%s\"", name);
		return note_names(a, meta_dir, e);
	}

	*ret_url = json_str(json_path(meta, "Endpoints.docker.Host"), "");
	if (**ret_url)
		return 0;
	return err_set(e, ERR_USAGE, "context \"%s\" names no engine (%s)", name, path);
}
