/* Reading from files (read.h). Source: read(2). Trust: none needed. Memory: none. */
#include "base/read.h"

#include <errno.h>
#include <unistd.h>

ssize_t wt_read_all(int fd, void *room, size_t size)
{
	char *into = room;
	size_t len = 0;

	while (len < size) {
		ssize_t n = read(fd, into + len, size - len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		if (n == 0)
			break;
		len += (size_t)n;
	}
	return (ssize_t)len;
}
