/* engine_objects.c - images, networks, volumes and facts, against a real engine */
#include "tests/e2e/driver/driver.h"

#include "lib/engine/object.h"

static void
facts(void)
{
	struct engine_info info;

	t_row("info tells version, platform and size");
	if (!T_CALL(engine_info_get(&en, &a, &info, &e)))
		return;
	printf("# %s %s/%s, %u cpus, %" PRIu64 " bytes, %s, %s, swap limit %d\n", info.version, info.os, info.arch, info.cpus, info.memory_bytes,
	    info.operating_system, info.root_dir, info.has_swap_limit);
	T_OK(*info.version && *info.arch && *info.root_dir);
	T_STR(info.os, "linux");
	T_OK(info.memory_bytes > 0 && info.cpus > 0);
}

static void
images(void)
{
	const struct json *list;
	struct image im, other;

	t_row("image inspect");
	if (T_CALL(image_inspect(&en, &a, IMAGE, &im, &e))) {
		T_OK(str_has_prefix(str_of(im.id), "sha256:"));
		T_OK(im.size_bytes > 100000 && *im.arch);
		T_STR(im.os, "linux");
	}
	t_row("image tag, list, remove; removing twice");
	T_CALL(image_tag(&en, im.id, "engtest-other", "2", &e));
	if (T_CALL(image_inspect(&en, &a, "engtest-other:2", &other, &e)))
		T_STR(other.id, im.id);
	T_CALL(image_list(&en, &a, NULL, &list, &e));
	T_OK(json_is(list, JSON_ARRAY) && list->n > 0);
	T_CALL(image_list(&en, &a, "engtest=nobody", &list, &e));
	T_OK(!json_first(list));
	T_CALL(image_remove(&en, "engtest-other:2", &e));
	T_CALL(image_remove(&en, "engtest-other:2", &e));
	T_CALL(image_inspect(&en, &a, IMAGE, &im, &e));
	t_row("an absent image is not found");
	T_FAILS(image_inspect(&en, &a, "engtest-absent:1", &im, &e), ERR_NOT_FOUND);
	T_EQ(e.http, 404);
	t_row("a container of an absent image is an image error");
	const char *id;
	T_FAILS(container_create(&en, &a, "engtest-noimage", STR_LIT("{\"Image\":\"engtest-absent:1\"}"), &id, &e), ERR_IMAGE);
	printf("# %s\n", e.msg);
}

static void
networks(void)
{
	static const char *const labels[] = { LABEL, "engtest.eq=a=b", NULL }, *const others[] = { "engtest=2", NULL };
	const struct json *j;
	bool is_created = false;

	t_row("network: made once, then found");
	T_CALL(network_remove(&en, "engtest-net", &e));
	T_CALL(network_ensure(&en, &a, "engtest-net", labels, &is_created, &e));
	T_OK(is_created);
	T_CALL(network_ensure(&en, &a, "engtest-net", labels, &is_created, &e));
	T_OK(!is_created);
	if (T_CALL(network_inspect(&en, &a, "engtest-net", &j, &e))) {
		T_STR(json_str(json_get(j, "Driver"), ""), "bridge");
		T_STR(json_str(json_get(json_get(j, "Labels"), "engtest.eq"), ""), "a=b");
	}
	t_row("network of somebody else is refused");
	T_FAILS(network_ensure(&en, &a, "engtest-net", others, &is_created, &e), ERR_REFUSED);
	t_row("network in use is a conflict");
	driver_start("engtest-onnet", "[\"sleep\",\"60\"]", "", ",\"NetworkMode\":\"engtest-net\"");
	T_FAILS(network_remove(&en, "engtest-net", &e), ERR_CONFLICT);
	T_CALL(container_remove(&en, "engtest-onnet", true, &e));
	t_row("network removed, twice");
	T_CALL(network_remove(&en, "engtest-net", &e));
	T_CALL(network_remove(&en, "engtest-net", &e));
	T_FAILS(network_inspect(&en, &a, "engtest-net", &j, &e), ERR_NOT_FOUND);
}

static void
volumes(void)
{
	static const char *const labels[] = { LABEL, NULL }, *const others[] = { "engtest=2", NULL };
	const struct json *j;
	bool is_created = false;

	t_row("volume: made once, then found");
	T_CALL(volume_remove(&en, "engtest-vol", &e));
	T_CALL(volume_ensure(&en, &a, "engtest-vol", labels, &is_created, &e));
	T_OK(is_created);
	T_CALL(volume_ensure(&en, &a, "engtest-vol", labels, &is_created, &e));
	T_OK(!is_created);
	T_CALL(volume_inspect(&en, &a, "engtest-vol", &j, &e));
	T_FAILS(volume_ensure(&en, &a, "engtest-vol", others, &is_created, &e), ERR_REFUSED);
	t_row("volume list by label");
	T_CALL(volume_list(&en, &a, LABEL, &j, &e));
	T_STR(json_str(json_get(json_first(j), "Name"), ""), "engtest-vol");
	T_CALL(volume_list(&en, &a, "engtest=nobody", &j, &e));
	T_OK(!json_first(j));
	t_row("volume in use is a conflict");
	driver_start("engtest-onvol", "[\"sleep\",\"60\"]", "", ",\"Mounts\":[{\"Type\":\"volume\",\"Source\":\"engtest-vol\",\"Target\":\"/data\"}]");
	T_FAILS(volume_remove(&en, "engtest-vol", &e), ERR_CONFLICT);
	T_CALL(container_remove(&en, "engtest-onvol", true, &e));
	t_row("volume survives its container, is removed, twice");
	T_CALL(volume_inspect(&en, &a, "engtest-vol", &j, &e));
	T_CALL(volume_remove(&en, "engtest-vol", &e));
	T_CALL(volume_remove(&en, "engtest-vol", &e));
	T_FAILS(volume_inspect(&en, &a, "engtest-vol", &j, &e), ERR_NOT_FOUND);
}

int
main(void)
{
	driver_open();
	facts();
	images();
	networks();
	volumes();
	return driver_done();
}
