/* Output, random numbers and checksums of mkbench.
 * Source: RFC 1071 and 1624 (checksums); the pcap file format (nanosecond magic). */
#include "mkbench.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void die(const char *format, ...)
{
	va_list args;

	fputs("mkbench: ", stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	exit(2);
}

void *need(size_t size)
{
	void *at = calloc(1, size ? size : 1);

	if (!at)
		die("no memory for %zu bytes", size);
	return at;
}

uint64_t draw(uint64_t *state)
{
	uint64_t x = *state += UINT64_C(0x9e3779b97f4a7c15);

	x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
	return x ^ x >> 31;
}

uint64_t draw_below(uint64_t *state, uint64_t n)
{
	return draw(state) % n;
}

uint16_t get16(const uint8_t *at)
{
	return (uint16_t)(at[0] << 8 | at[1]);
}

uint32_t get32(const uint8_t *at)
{
	return (uint32_t)get16(at) << 16 | get16(at + 2);
}

void put16(uint8_t *at, uint32_t value)
{
	at[0] = (uint8_t)(value >> 8);
	at[1] = (uint8_t)value;
}

void put32(uint8_t *at, uint32_t value)
{
	put16(at, value >> 16);
	put16(at + 2, value & 0xffff);
}

uint32_t sum_add(uint32_t sum, const uint8_t *at, size_t len)
{
	uint64_t wide = sum;
	size_t i;

	for (i = 0; i + 1 < len; i += 2)
		wide += (uint32_t)(at[i] << 8 | at[i + 1]);
	if (len & 1)
		wide += (uint32_t)(at[len - 1] << 8);
	while (wide >> 16)
		wide = (wide & 0xffff) + (wide >> 16);
	return (uint32_t)wide;
}

uint16_t sum_end(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return (uint16_t)~sum;
}

/* The transport checksum, its pseudo-header being `addresses`. */
static void fix_l4(uint8_t *l4, size_t len, uint8_t proto, const uint8_t *addresses,
		   size_t addresses_len)
{
	uint8_t tail[4] = { 0, proto, (uint8_t)(len >> 8), (uint8_t)len };
	size_t at = proto == 6 ? 16 : 6;
	uint16_t sum;

	if ((proto == 6 && len < 20) || (proto == 17 && (len < 8 || get16(l4 + 4) != len)))
		return;
	if (proto != 6 && (proto != 17 || get16(l4 + 6) == 0))
		return;
	put16(l4 + at, 0);
	sum = sum_end(sum_add(sum_add(sum_add(0, addresses, addresses_len), tail, 4), l4, len));
	put16(l4 + at, sum == 0 && proto == 17 ? 0xffff : sum);
}

void fix_sums(uint8_t *ip, size_t len)
{
	size_t header, total;

	if (len >= 40 && ip[0] >> 4 == 6) {
		total = 40u + get16(ip + 4);
		if (total <= len)
			fix_l4(ip + 40, total - 40, ip[6], ip + 8, 32);
		return;
	}
	header = (size_t)(ip[0] & 15) * 4;
	if (len < 20 || ip[0] >> 4 != 4 || header < 20 || header > len)
		return;
	put16(ip + 10, 0);
	put16(ip + 10, sum_end(sum_add(0, ip, header)));
	total = get16(ip + 2);
	if (total <= len && total >= header && (get16(ip + 6) & 0x3fff) == 0)
		fix_l4(ip + header, total - header, ip[9], ip + 12, 8);
}

void change16(uint8_t *at, uint16_t value, uint8_t *sum)
{
	if (sum)
		put16(sum, sum_end((uint32_t)(uint16_t)~get16(sum) +
				   (uint32_t)(uint16_t)~get16(at) + value));
	put16(at, value);
}

static void put_host(FILE *file, const void *value, size_t size)
{
	if (fwrite(value, size, 1, file) != 1)
		die("cannot write");
}

void out_open(struct out *out, const char *path)
{
	const uint32_t head[] = { 0xa1b23c4d, 2 | 4u << 16, 0, 0, FRAME_MAX, 1 };

	out->file = fopen(path, "wb");
	if (!out->file)
		die("cannot create %s", path);
	if (setvbuf(out->file, NULL, _IOFBF, 1 << 20) != 0)
		die("no memory for a buffer");
	put_host(out->file, head, sizeof(head));
	out->time_ns = UINT64_C(1767225600000000000); /* 2026-01-01 UTC */
}

void out_frame(struct out *out, const uint8_t *frame, size_t len)
{
	uint32_t head[4];

	out->time_ns += (len + 24) * out->ns_per_byte_x16 / 16;
	head[0] = (uint32_t)(out->time_ns / 1000000000);
	head[1] = (uint32_t)(out->time_ns % 1000000000);
	head[2] = head[3] = (uint32_t)len;
	put_host(out->file, head, sizeof(head));
	put_host(out->file, frame, len);
	out->n_packets++;
	out->n_bytes += len;
}

void out_close(struct out *out)
{
	if (fclose(out->file) != 0)
		die("cannot write");
}
