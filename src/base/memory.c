/* Reservation of address space (memory.h). Memory: as the profile says. */
#define _GNU_SOURCE
#include "base/memory.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

static _Atomic size_t n_reserved;

void *wt_memory_reserve(size_t len)
{
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (at == MAP_FAILED) {
		fprintf(stderr, "wardtap: cannot reserve %zu bytes of memory; choose a smaller "
				"memory.profile or raise the limit (ulimit -v)\n", len);
		exit(2);
	}
	atomic_fetch_add(&n_reserved, len);
	return at;
}

void wt_memory_release(void *at, size_t len)
{
	if (!at)
		return;
	munmap(at, len);
	atomic_fetch_sub(&n_reserved, len);
}

size_t wt_memory_reserved(void)
{
	return atomic_load(&n_reserved);
}
