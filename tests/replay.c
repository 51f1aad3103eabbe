/*
 * replay.c - runs a fuzz target over files, without a fuzzer
 *
 * Usage: replay DIR|FILE... Each directory's files are one TAP row, so that a corpus kept in the repository stays
 * answered for. Each input sits flush against a guard page.
 */
#include "tests/t.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#define INPUT_MAX_BYTES (4u << 20)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned char input[INPUT_MAX_BYTES];

static void
feed(const char *path)
{
	FILE *f = fopen(path, "rbe");

	if (!f) {
		T_FAIL("%s: cannot be read", path);
		return;
	}
	size_t n = fread(input, 1, sizeof input, f);
	fclose(f);
	T_EQ(LLVMFuzzerTestOneInput(t_guard(input, n), n), 0);
}

static void
feed_dir(const char *dir)
{
	char path[4096];
	unsigned n = 0;
	DIR *d = opendir(dir);

	if (!d) {
		T_FAIL("%s: cannot be read", dir);
		return;
	}
	for (struct dirent *de; (de = readdir(d));) {
		if (de->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", dir, de->d_name);
		feed(path);
		n++;
	}
	closedir(d);
	if (n == 0)
		T_FAIL("%s: no input in it", dir);
}

int
main(int argc, char **argv)
{
	struct stat st;

	for (int i = 1; i < argc; i++) {
		t_row("replay %s", argv[i]);
		if (stat(argv[i], &st) == 0 && S_ISDIR(st.st_mode))
			feed_dir(argv[i]);
		else
			feed(argv[i]);
	}
	return t_done();
}
