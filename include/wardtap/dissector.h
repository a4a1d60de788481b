/* The contract of a dissector. Files in dissectors/ include this header and nothing
 * else of the project; adding a protocol is one such file, one line in
 * dissectors/list.def, one folder in pcaps/, its goldens and its fields.
 *
 * How a message becomes events. The engine finds the dissector by content (probe);
 * ports only order the candidates. For a stream it calls `message` with all bytes
 * from the first unconsumed one; the dissector reads ONE unit and returns:
 *   WT_OK        what was read is consumed (at least a byte, or a skip was asked
 *                for). Called again at once while bytes are left.
 *   WT_MORE      nothing is consumed; called again when the stream has grown, and
 *                state must be as before the call (wt_out_scanned is for progress).
 *   WT_MALFORMED nothing more can be understood here: a glitch event is made, open
 *                events are dropped, and the engine goes to where `resync` points.
 *   WT_FOREIGN   (only before the first committed event) not this protocol after all.
 * A unit need not be a whole message: a long one is consumed in parts, its events
 * begun in one call and finished in a later one; wt_out_commit marks the moment.
 * For a datagram `message` is called once with the whole payload, on_short being
 * WT_CLIPPED when the capture cut it and WT_MALFORMED otherwise. The same goes for a
 * link-layer frame and an ICMPv6 message, which have no flow and no state.
 *
 * The same stream must give the same events however it is cut into segments.
 * A dissector never allocates, logs, locks, keeps a pointer past the call, or knows
 * another dissector. tests/check_contract.c holds every one of them to all this. */
#ifndef WARDTAP_DISSECTOR_H
#define WARDTAP_DISSECTOR_H

#include "wardtap/bytes.h"
#include "wardtap/event.h"
#include "wardtap/names.h"
#include "wardtap/types.h"

/* What carries the protocol; flags of wt_dissector.carriage. */
enum {
	WT_OVER_TCP = 1 << 0,
	WT_OVER_UDP = 1 << 1,
	WT_OVER_ETHER = 1 << 2, /* ports[] holds EtherTypes, which decide; stateless */
	WT_OVER_INNER = 1 << 3, /* inside another protocol's messages (later) */
	WT_OVER_LLC = 1 << 4,   /* 802.2 frames, from the LLC header on; probe decides */
	WT_OVER_ICMP6 = 1 << 5, /* ports[] holds ICMPv6 types; from the type octet on */
};

/* Longest prefix that a probe is shown, bytes. */
#define WT_PROBE_MAX 4096u

#define WT_PORTS_MAX 8

struct wt_dissector {
	const char *name;   /* lower case: app_proto and the object in the output */
	const char *title;  /* as people say it */
	const char *source; /* standards and editions */
	unsigned carriage;
	uint16_t ports[WT_PORTS_MAX]; /* registered or usual server ports; hints only */

	/* Is `head` (the first bytes of one direction, or a later segment's when the
	 * start was missed, from its beginning and from where `resync` points) this
	 * protocol? WT_OK, WT_MORE (too short to say) or WT_FOREIGN; what it says of
	 * some bytes holds for more of them. Holds no state; looks at WT_PROBE_MAX bytes
	 * at most. */
	enum wt_verdict (*probe)(struct wt_slice head);

	/* One unit, see above. `state` is state_size bytes per flow, zeroed at the
	 * start, shared by both directions. */
	enum wt_verdict (*message)(void *state, enum wt_direction dir,
				   struct wt_reader *r, struct wt_out *out);

	/* `lost` bytes of this direction were never captured, or (lost = 0) the stream
	 * ended inside a message. Events left open are dropped unless they are committed
	 * here (wt_out_commit). Optional. */
	void (*gap)(void *state, enum wt_direction dir, uint64_t lost, struct wt_out *out);

	/* The flow ended. Events may be begun and are committed. Optional. */
	void (*close)(void *state, struct wt_out *out);

	/* Offset of the next place in `rest` where a message may start, or rest.len.
	 * Offset 0 is a valid answer (the engine tries elsewhere first after a
	 * malformed unit: it passes what follows the unit's first byte). */
	size_t (*resync)(struct wt_slice rest);

	/* Every message tells its end (wt_out_message_end), whatever the other side says
	 * meanwhile: messages of both sides may interleave. */
	bool is_framed;

	/* An identified link may rest for days and is kept all the same
	 * (WT_IDLE_CLINICAL_NS): for clinical protocols only. */
	bool is_long_lived;

	uint32_t state_size; /* bytes, <= WT_STATE_MAX; 0 for frames: `state` is NULL */
	uint32_t buffer_max; /* unconsumed bytes kept per direction, <= WT_BUFFER_MAX */

	const struct wt_event_type *event_types;
	unsigned n_event_types;
	const struct wt_field *fields;
	unsigned n_fields;
};

#define WT_STATE_MAX 8192u
#define WT_BUFFER_MAX 262144u

/* Services of the engine during a call. */

/* Time of the packet that brought the last byte. */
uint64_t wt_out_time_ns(const struct wt_out *out);

/* The stream of this direction ended (FIN, RST, or nothing more will come) and the
 * reader holds all that is left, perhaps nothing when events are open: WT_MORE now
 * means the message is incomplete. WT_OK without progress is allowed here. */
bool wt_out_is_end(const struct wt_out *out);

/* Flow was joined mid-stream, or bytes before this point were lost. */
bool wt_out_is_resumed(const struct wt_out *out);

/* Offset in this direction's stream of the first byte of the reader given to
 * `message` (datagrams: 0). */
uint64_t wt_out_offset(const struct wt_out *out);

/* Server or client port of the flow, host order (EtherType: 0). */
uint16_t wt_out_port(const struct wt_out *out, enum wt_direction towards);

/* The bytes consumed by this call (which returns WT_OK) and those that it asks to pass
 * over are the last of a message: rules on payload see messages one by one. Said by
 * dissectors whose protocol has messages that stand for themselves. */
void wt_out_message_end(struct wt_out *out);

/* Everything begun so far is complete: commit it when this call returns WT_OK.
 * Without it, events stay open until a later call of the same direction says so. */
void wt_out_commit(struct wt_out *out);

/* Drops all events of this direction that are not committed. */
void wt_out_drop(struct wt_out *out);

/* After the bytes consumed by this call, pass over `len` bytes without looking at
 * them, in constant memory, over segments and gaps. Counted as skipped. */
void wt_out_skip(struct wt_out *out, uint64_t len);

/* With wt_out_skip: these bytes belong to the same object as those of the skip before, as the
 * fragments of an image do. Rules on payload inspect the first bytes of an object once. */
void wt_out_skip_goes_on(struct wt_out *out);

/* After the bytes consumed by this call, pass over everything before the next
 * byte that is in `stops` (1 to 4 bytes). Counted as skipped. A gap inside ends it:
 * the engine then resynchronises. */
void wt_out_skip_until(struct wt_out *out, struct wt_slice stops);

/* Bytes that were passed over by skip or skip_until since the last call of
 * `message` in this direction. A stream may end inside a skip: the call that asks
 * about open events (empty reader, wt_out_is_end) then finds fewer than asked for. */
uint64_t wt_out_skipped(const struct wt_out *out);

/* For WT_MORE: `len` bytes from the reader's first have been searched in vain; the
 * next call is told so by wt_out_scanned, so that a message which arrives byte by
 * byte is not searched again from its start. Reset when bytes are consumed. */
void wt_out_set_scanned(struct wt_out *out, size_t len);
size_t wt_out_scanned(const struct wt_out *out);

/* For WT_MORE: do not call again before `len` bytes from the first unconsumed one
 * are there (or the stream ended). */
void wt_out_need(struct wt_out *out, size_t len);

/* What follows the bytes consumed by this call (which returns WT_OK) is another
 * protocol, in both directions: STARTTLS, an accepted tunnel. Events begun so far are
 * committed, the dissector is done with the flow, and all probes but its own are asked
 * about the rest. */
void wt_out_yield(struct wt_out *out);

/* Reports an oddity that does not stop parsing. `reason` is a literal of fixed
 * words (snake_case), never bytes from the wire. */
void wt_out_glitch(struct wt_out *out, const char *reason);

/* 64-bit keyed hash of bytes for state tables (pairing by id); the key differs at
 * each start, so its values must not appear in events. */
uint64_t wt_out_hash(const struct wt_out *out, struct wt_slice bytes);

#define WT_DISSECTOR_TABLES(events) \
	.event_types = (events), .n_event_types = sizeof(events) / sizeof((events)[0]), \
	.fields = fields, .n_fields = sizeof(fields) / sizeof(fields[0])

/* A field of the shared dictionary: wt_put_DEVICE_MODEL(out, event, slice). */
#define F(id, type, mult, phi, declass, cap, unit, name, clause, doc) \
	static inline void wt_put_##id(struct wt_out *out, unsigned event, WT_CTYPE_##type value) \
	{ WT_PUT_##type(out, event, WT_F_##id, value); }
#include "wardtap/fields.def"
#undef F

/* A host name into the field that suits it: host.name, or host.personal_name. */
static inline void wt_put_host_name(struct wt_out *out, unsigned event, struct wt_slice name)
{
	if (wt_host_name_is_personal(name))
		wt_put_HOST_PERSONAL_NAME(out, event, name);
	else
		wt_put_HOST_NAME(out, event, name);
}

#ifndef WT_NO_POISON
#pragma GCC poison malloc calloc realloc free alloca strdup strndup
#pragma GCC poison printf fprintf sprintf snprintf puts fputs perror syslog
#pragma GCC poison memcpy memmove strcpy strncpy strcat strncat strlen sscanf strtol
#pragma GCC poison strtoul strtoll strtoull atoi atol fopen fread fwrite open read write
#pragma GCC poison pthread_mutex_lock setjmp longjmp time gettimeofday clock_gettime
#endif

#endif
