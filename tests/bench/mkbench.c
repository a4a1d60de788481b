/* Writes the captures of `make bench`, the same for the same seed and templates.
 *   mkbench hosp OUT MIB SEED PCAPS           hospital mix
 *   mkbench mix OUT MIB SEED FOLDER...        small-flow mix
 * A folder that is absent is named and left out; nothing left is an error. */
#include "mkbench.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	struct out out = { .ns_per_byte_x16 = 960 }; /* 133 Mbit/s */
	uint64_t size, seed;
	size_t n = 0;
	int i;

	if (argc < 6)
		die("usage: mkbench hosp|mix OUT MIB SEED FOLDER...");
	size = strtoull(argv[3], NULL, 10) << 20;
	seed = strtoull(argv[4], NULL, 10);
	if (size == 0)
		die("size %s: want MiB", argv[3]);
	for (i = 5; i < argc; i++) {
		if (access(argv[i], R_OK) == 0)
			argv[5 + n++] = argv[i];
		else
			fprintf(stderr, "mkbench: WARNING: %s is ABSENT; this corpus is not "
				"comparable with one made from it\n", argv[i]);
	}
	if (n == 0)
		die("no folder with captures");
	out_open(&out, argv[2]);
	if (!strcmp(argv[1], "hosp"))
		make_hosp(&out, size, seed, argv[5]);
	else if (!strcmp(argv[1], "mix"))
		make_mix(&out, size, seed, (const char *const *)argv + 5, n);
	else
		die("unknown corpus %s", argv[1]);
	out_close(&out);
	printf("%s: %llu packets, %llu bytes, mean %.0f\n", argv[2],
	       (unsigned long long)out.n_packets, (unsigned long long)out.n_bytes,
	       (double)out.n_bytes / (double)out.n_packets);
	return 0;
}
