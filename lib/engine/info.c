#include "lib/base/clock.h"
#include "lib/engine/engine.h"

static uint64_t
positive(const struct json *j)
{
	int64_t v = json_int(j, 0);

	return v > 0 ? (uint64_t)v : 0;
}

int
engine_info_get(struct engine *en, struct arena *a, struct engine_info *ret, struct err *e)
{
	const struct json *version = NULL, *info = NULL;

	if (engine_call(en, a, "GET", "/version", STR_NULL, clock_due_ms(ENGINE_CALL_MS), &version, e) < 0)
		return err_wrap(e, "ask the engine for its version");
	if (engine_call(en, a, "GET", "/info", STR_NULL, clock_due_ms(ENGINE_CALL_MS), &info, e) < 0)
		return err_wrap(e, "ask the engine about its host");

	*ret = (struct engine_info){
		.version = json_str(json_get(version, "Version"), ""),
		.os = json_str(json_get(version, "Os"), "linux"),
		.arch = json_str(json_get(version, "Arch"), ""),
		.memory_bytes = positive(json_get(info, "MemTotal")),
		.cpus = (unsigned)(positive(json_get(info, "NCPU")) & UINT32_MAX),
		.root_dir = json_str(json_get(info, "DockerRootDir"), ""),
		.operating_system = json_str(json_get(info, "OperatingSystem"), ""),
		.has_swap_limit = json_bool(json_get(info, "SwapLimit"), false),
	};
	return 0;
}
