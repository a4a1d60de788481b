/* Who is there: an event for the first packet of each sender (hardware address, IP
 * address, VLAN), and for another after a while. The inventory learns from it which
 * hardware address carried whom, for flows of every protocol.
 *
 * What was seen lately is kept in a table without chains, whose places an unkeyed hash
 * chooses: which senders displace each other must not depend on the seed. Senders that
 * make others be forgotten cost an event per flow at most.
 * Trust: addresses are hostile. Memory: WT_SIGHTS places per shard. */
#include "base/hash.h"
#include "base/values.h"
#include "flow/shard.h"
#include "wardtap/registry.h"

/* As compared and hashed: no padding. */
struct sender {
	struct wt_addr addr;
	uint8_t mac[6];
	uint16_t vlan, space;
	uint8_t ip_version, scope, has_mac, zero[3];
};
_Static_assert(sizeof(struct sender) == sizeof(((struct wt_sight *)0)->sender), "same room");

/* How far the packet goes: what stays on the link proves more than what may be routed. */
enum scope { SCOPE_ANY, SCOPE_GROUP, SCOPE_LINK, SCOPE_SYN };

static enum scope scope_of(const struct wt_packet *p)
{
	const uint8_t *to = p->key.end[p->sender ^ 1].addr.octet;

	if (!(p->bytes[p->mac_off] & 1))
		return SCOPE_ANY;
	if (p->key.ip_version == 6)
		return to[0] == 0xff && (to[1] & 15) <= 2 ? SCOPE_LINK : SCOPE_GROUP;
	return (to[0] == 224 && to[1] == 0 && to[2] == 0) ||
			       memcmp(to, "\xff\xff\xff\xff", 4) == 0
		       ? SCOPE_LINK
		       : SCOPE_GROUP;
}

static struct sender sender_of(const struct wt_packet *p)
{
	struct sender s = { .space = p->key.space, .ip_version = p->key.ip_version };

	if (p->key.ip_version)
		s.addr = p->key.end[p->sender].addr;
	if (p->n_vlans)
		s.vlan = p->vlan[p->n_vlans - 1];
	if (p->flags & WT_PKT_HAS_MAC) {
		s.has_mac = 1;
		s.scope = (uint8_t)scope_of(p);
		memcpy(s.mac, p->bytes + p->mac_off + 6, sizeof(s.mac));
	}
	return s;
}

static bool is_known(struct wt_shard *sh, const struct sender *s, uint64_t now_ns)
{
	uint64_t hash = wt_hash(0, wt_slice_of(s, sizeof(*s)));
	struct wt_sight *sight = &sh->sights->slot[hash % WT_SIGHTS];
	bool is_known = sight->ns && memcmp(&sight->sender, s, sizeof(*s)) == 0 &&
			wt_elapsed_ns(sight->ns, now_ns) < WT_SIGHT_NS;

	if (is_known)
		return true;
	memcpy(&sight->sender, s, sizeof(*s));
	sight->ns = now_ns ? now_ns : 1;
	return false;
}

/* The first connection that a sender opens is a sight of its own: its first packet was
 * often another. */
static bool has_syn(struct wt_shard *sh, const struct wt_packet *p, const struct sender *s,
		    uint64_t now_ns, struct wt_builder *text)
{
	struct sender opener = *s;

	opener.scope = SCOPE_SYN;
	return wt_syn_text(p, text) && !is_known(sh, &opener, now_ns);
}

void wt_sight(struct wt_shard *sh, const struct wt_packet *p, uint64_t flow_id, uint8_t client,
	      const struct wt_moment *m)
{
	struct sender s = sender_of(p);
	struct wt_event event = { .handle = 0 };
	uint8_t room[64 + WT_SYN_TEXT_MAX], syn_room[WT_SYN_TEXT_MAX];
	struct wt_builder b = wt_builder_of(room, sizeof(room));
	struct wt_builder syn = wt_builder_of(syn_room, sizeof(syn_room));
	bool is_new, is_opener;

	if (!s.ip_version && !s.has_mac)
		return;
	is_new = !is_known(sh, &s, m->now_ns);
	is_opener = s.ip_version && has_syn(sh, p, &s, m->now_ns, &syn);
	if (!is_new && !is_opener)
		return;
	event.head = (struct wt_event_head){
		.order = m->order,
		.index = (*sh->event_index)++,
		.shard = sh->number,
		.is_tick = m->is_tick,
		.sender = p->sender,
		.client = client,
		.type = WT_EVENT_SIGHTING,
		.ts_ns = m->ts_ns,
		.number = m->number,
		.flow_id = flow_id,
		.key = p->key,
		.n_vlans = p->n_vlans,
		.has_mac = s.has_mac,
		.interface = p->interface,
	};
	memcpy(event.head.vlan, p->vlan, sizeof(event.head.vlan));
	if (s.has_mac)
		memcpy(event.head.mac, p->bytes + p->mac_off, sizeof(event.head.mac));
	if (s.ip_version)
		(void)wt_values_put_number(&b, WT_F_HOST_TTL, 0, p->ttl);
	if (is_opener)
		(void)wt_values_put(&b, WT_F_HOST_TCP_SYN, 0, WT_FORM_PLAIN, wt_bld_slice(&syn));
	event.values = wt_bld_slice(&b);
	sh->events.take(sh->events.self, &event);
}
