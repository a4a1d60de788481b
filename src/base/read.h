/* Reading from files. */
#ifndef BASE_READ_H
#define BASE_READ_H

#include <stddef.h>
#include <sys/types.h>

/* Reads until the end or until `size` bytes are there, also when signals come between.
 * The number of bytes; -1: errno says why not. */
ssize_t wt_read_all(int fd, void *room, size_t size);

#endif
