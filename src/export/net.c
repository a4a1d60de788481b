/* Connections (net.h). Source: getaddrinfo(3), tcp(7), udp(7), RFC 1123 2.1 (names).
 * Trust: bytes of a receiver are dropped; at most DROP_MAX of them per look.
 * Memory: on the stack; what getaddrinfo makes is freed at once. A question to a name server
 * has no time limit of ours, so it is asked in a thread, which is left behind with its own
 * memory where the answer comes too late: LOOKUPS_MAX of them at most. */
#define _GNU_SOURCE /* POLLRDHUP */
#include "export/net.h"

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define SLICE_MS 50u     /* how soon a wait sees that it is to stop */
#define DROP_MAX 65536u  /* bytes of a receiver that are dropped per look */
#define LOOKUP_MS 5u     /* between looks whether a name is resolved */
#define LOOKUPS_MAX 64u  /* threads that wait for name servers */
#define KEEP_IDLE_S 30   /* a receiver that vanished is found while nothing is sent */

uint64_t wt_net_now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static bool is_stopped(const struct wt_deadline *deadline)
{
	return deadline->is_stopping &&
	       atomic_load_explicit(deadline->is_stopping, memory_order_relaxed);
}

bool wt_net_split(const char *text, char host[WT_NET_HOST_MAX], char port[WT_NET_PORT_MAX])
{
	const char *colon = strrchr(text, ':'), *from = text;
	uint64_t number;
	size_t len;

	if (!colon || !wt_slice_to_u64(wt_slice_of(colon + 1, strlen(colon + 1)), &number) ||
	    number == 0 || number > 65535)
		return false;
	len = (size_t)(colon - text);
	if (*text == '[') {
		if (len < 4 || text[len - 1] != ']')
			return false;
		from++;
		len -= 2;
	} else if (memchr(text, ':', len)) {
		return false;
	}
	if (len == 0 || len >= WT_NET_HOST_MAX || memchr(from, ' ', len) ||
	    memchr(from, '/', len) || memchr(from, '@', len))
		return false;
	memcpy(host, from, len);
	host[len] = 0;
	(void)snprintf(port, WT_NET_PORT_MAX, "%u", (unsigned)number);
	return true;
}

static int digit_of(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool wt_net_fingerprint(const char *text, uint8_t digest[32])
{
	unsigned i;

	if (strncmp(text, "sha256:", 7) != 0)
		return false;
	text += 7;
	for (i = 0; i < 32; i++) {
		text += i > 0 && *text == ':';
		if (digit_of(text[0]) < 0 || digit_of(text[1]) < 0)
			return false;
		digest[i] = (uint8_t)(digit_of(text[0]) * 16 + digit_of(text[1]));
		text += 2;
	}
	return *text == 0;
}

int wt_net_wait(int fd, short events, const struct wt_deadline *deadline)
{
	struct pollfd wait = { .fd = fd, .events = events };
	uint64_t now = wt_net_now_ms(), left;

	/* Looked at first: a receiver that always has some byte for us, or takes one, must not
	 * hold us for longer. */
	if (now >= deadline->until_ms || is_stopped(deadline))
		return 0;
	for (;;) {
		int n;

		now = wt_net_now_ms();
		left = now < deadline->until_ms ? deadline->until_ms - now : 0;
		n = poll(&wait, 1, (int)(left < SLICE_MS ? left : SLICE_MS));
		if (n > 0 || (n < 0 && errno != EINTR))
			return 1;
		if (left == 0 || is_stopped(deadline))
			return 0;
	}
}

static void set_options(int fd, bool is_stream)
{
	const int on = 1, idle = KEEP_IDLE_S;

	if (!is_stream)
		return;
	/* Each only makes a failure known sooner; nothing depends on one. */
	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &idle, sizeof(idle));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

/* 0, or an error number. */
static int finish_connect(int fd, const struct wt_deadline *deadline)
{
	int error = 0;
	socklen_t len = sizeof(error);

	if (!wt_net_wait(fd, POLLOUT, deadline))
		return ETIMEDOUT;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0)
		return errno;
	return error;
}

static int try_address(const struct addrinfo *at, bool is_stream,
		       const struct wt_deadline *deadline, int *error)
{
	int fd = socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC,
			at->ai_protocol);

	if (fd < 0) {
		*error = errno;
		return -1;
	}
	set_options(fd, is_stream);
	*error = connect(fd, at->ai_addr, at->ai_addrlen) == 0 ? 0 : errno;
	if (*error == EINPROGRESS)
		*error = finish_connect(fd, deadline);
	if (*error == 0)
		return fd;
	(void)close(fd);
	return -1;
}

struct lookup {
	pthread_mutex_t lock;
	unsigned n_users; /* who asks, and the thread; the last one frees it */
	bool is_over;
	int code, error; /* of getaddrinfo, and errno */
	struct addrinfo hints, *list;
	char host[WT_NET_HOST_MAX], port[WT_NET_PORT_MAX];
};

static _Atomic unsigned n_lookups;

/* The list is the caller's where he still waits and asks for it. */
static struct addrinfo *leave_lookup(struct lookup *l, bool takes_list)
{
	struct addrinfo *list = NULL;
	bool is_last;

	(void)pthread_mutex_lock(&l->lock);
	if (takes_list) {
		list = l->list;
		l->list = NULL;
	}
	is_last = --l->n_users == 0;
	(void)pthread_mutex_unlock(&l->lock);
	if (!is_last)
		return list;
	if (l->list)
		freeaddrinfo(l->list);
	(void)pthread_mutex_destroy(&l->lock);
	free(l);
	return list;
}

static void *look_up(void *self)
{
	struct lookup *l = self;
	struct addrinfo *list = NULL;
	int code = getaddrinfo(l->host, l->port, &l->hints, &list), error = errno;

	(void)pthread_mutex_lock(&l->lock);
	l->list = code == 0 ? list : NULL;
	l->code = code;
	l->error = error;
	l->is_over = true;
	(void)pthread_mutex_unlock(&l->lock);
	(void)leave_lookup(l, false);
	(void)atomic_fetch_sub(&n_lookups, 1);
	return NULL;
}

static bool start_lookup(struct lookup *l)
{
	pthread_t thread;

	if (atomic_fetch_add(&n_lookups, 1) >= LOOKUPS_MAX ||
	    pthread_create(&thread, NULL, look_up, l) != 0) {
		(void)atomic_fetch_sub(&n_lookups, 1);
		return false;
	}
	(void)pthread_detach(thread);
	return true;
}

static bool await_lookup(struct lookup *l, const struct wt_deadline *deadline)
{
	const struct timespec pause = { .tv_nsec = LOOKUP_MS * 1000000L };

	for (;;) {
		bool is_over;

		(void)pthread_mutex_lock(&l->lock);
		is_over = l->is_over;
		(void)pthread_mutex_unlock(&l->lock);
		if (is_over || is_stopped(deadline) || wt_net_now_ms() >= deadline->until_ms)
			return is_over;
		(void)nanosleep(&pause, NULL);
	}
}

static struct addrinfo *resolve(const char *host, const char *port, struct addrinfo hints,
				const struct wt_deadline *deadline, char *why, size_t why_size)
{
	struct addrinfo *list = NULL;
	struct lookup *l;
	const char *reason;
	bool is_over = false;

	hints.ai_flags |= AI_NUMERICHOST;
	if (getaddrinfo(host, port, &hints, &list) == 0)
		return list;
	hints.ai_flags &= ~AI_NUMERICHOST;
	l = calloc(1, sizeof(*l));
	if (!l)
		abort();
	(void)pthread_mutex_init(&l->lock, NULL);
	l->hints = hints;
	(void)snprintf(l->host, sizeof(l->host), "%s", host);
	(void)snprintf(l->port, sizeof(l->port), "%s", port);
	l->n_users = 2;
	if (!start_lookup(l)) {
		l->n_users = 1;
		reason = "no thread to ask in";
	} else if (!await_lookup(l, deadline)) {
		reason = "no answer in time";
	} else {
		is_over = true;
		reason = l->code == EAI_SYSTEM ? strerror(l->error) : gai_strerror(l->code);
	}
	list = leave_lookup(l, is_over);
	if (!list)
		(void)snprintf(why, why_size, "the name %s cannot be resolved: %s", host, reason);
	return list;
}

int wt_net_connect(const char *host, const char *port, bool is_stream,
		   const struct wt_deadline *deadline, char *why, size_t why_size)
{
	const struct addrinfo hints = { .ai_socktype = is_stream ? SOCK_STREAM : SOCK_DGRAM,
					.ai_flags = AI_NUMERICSERV };
	struct addrinfo *list = resolve(host, port, hints, deadline, why, why_size), *at;
	int fd = -1, error = 0;
	unsigned n_left = 0;

	if (!list)
		return -1;
	for (at = list; at; at = at->ai_next)
		n_left++;
	for (at = list; at && fd < 0 && !is_stopped(deadline); at = at->ai_next, n_left--) {
		/* An address that does not answer leaves time for the others. */
		uint64_t now = wt_net_now_ms();
		uint64_t left = deadline->until_ms > now ? deadline->until_ms - now : 0;
		struct wt_deadline part = { now + left / n_left, deadline->is_stopping };

		fd = try_address(at, is_stream, &part, &error);
	}
	freeaddrinfo(list);
	if (fd < 0)
		(void)snprintf(why, why_size, "connecting to %s port %s: %s", host, port,
			       error ? strerror(error) : "stopped");
	return fd;
}

bool wt_net_write(int fd, struct wt_slice bytes, const struct wt_deadline *deadline, char *why,
		  size_t why_size)
{
	while (bytes.len) {
		ssize_t n = send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL);

		if (n > 0) {
			bytes = wt_slice_tail(bytes, (size_t)n);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK) {
			(void)snprintf(why, why_size, "sending: %s", strerror(errno));
			return false;
		}
		if (!wt_net_wait(fd, POLLOUT, deadline)) {
			(void)snprintf(why, why_size, "sending: the receiver takes nothing");
			return false;
		}
	}
	return true;
}

bool wt_net_is_open(int fd)
{
	char dropped[4096];
	size_t sum = 0;

	while (sum < DROP_MAX) {
		ssize_t n = recv(fd, dropped, sizeof(dropped), MSG_DONTWAIT);

		if (n == 0)
			return false;
		if (n < 0)
			return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
		sum += (size_t)n;
	}
	return true;
}

void wt_net_finish(int fd, const struct wt_deadline *deadline)
{
	if (shutdown(fd, SHUT_WR) != 0)
		return;
	while (wt_net_wait(fd, POLLIN, deadline) == 1 && wt_net_is_open(fd))
		;
}

int wt_net_datagram(int fd, struct wt_slice bytes, const struct wt_deadline *deadline)
{
	for (;;) {
		if (send(fd, bytes.ptr, bytes.len, MSG_NOSIGNAL) >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN && errno != EWOULDBLOCK && errno != ENOBUFS)
			return errno;
		if (!wt_net_wait(fd, POLLOUT, deadline))
			return ETIMEDOUT;
	}
}

int wt_net_error(int fd, unsigned wait_ms)
{
	struct pollfd wait = { .fd = fd, .events = 0 };
	int error = 0;
	socklen_t len = sizeof(error);

	(void)poll(&wait, 1, (int)wait_ms); /* POLLERR is always looked for */
	return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 ? error : errno;
}
