/*
 * raw SOCKET PATH - asks the engine behind a unix socket and reads the answer to its end, as it comes, into nothing: what any program
 * that shows it has to wait for at least. Prints the bytes.
 */
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char run[65536];

int
main(int argc, char **argv)
{
	struct sockaddr_un sun = { .sun_family = AF_UNIX };
	unsigned long long bytes = 0;
	ssize_t n;

	if (argc != 3 || strlen(argv[1]) >= sizeof sun.sun_path) {
		fprintf(stderr, "usage: raw SOCKET PATH\n");
		return 2;
	}
	memcpy(sun.sun_path, argv[1], strlen(argv[1]));
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (const struct sockaddr *)&sun, sizeof sun) < 0) {
		perror(argv[1]);
		return 1;
	}
	if (dprintf(fd, "GET %s HTTP/1.1\r\nHost: docker\r\nConnection: close\r\n\r\n", argv[2]) < 0)
		return 1;
	while ((n = read(fd, run, sizeof run)) > 0)
		bytes += (unsigned long long)n;
	printf("%llu\n", bytes);
	return n < 0;
}
