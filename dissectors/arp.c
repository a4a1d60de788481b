/* ARP and RARP: who has which address.
 *
 *   hardware type 2 | protocol type 2 | lengths 1 1 | operation 2
 *   sender hardware, sender protocol, target hardware, target protocol address
 *
 * Source: RFC 826, RFC 903 (RARP), RFC 2390 (InARP), RFC 5227 (probes, announcements);
 * numbers of IANA's ARP parameters. Trust: every byte is hostile. Memory: none. */
#include "wardtap/dissector.h"
#include "wardtap/text.h"

/* clang-format off */
#define ARP_FIELDS(F) \
F(OPERATION, STR, ONE, NONE, ASIS, 24, "", "arp.operation", "RFC 826", "request, reply, rarp_request, rarp_reply, inarp_request, inarp_reply, nak, or the number.") \
F(SENDER_MAC, STR, ONE, DEVICE, ASIS, 64, "", "arp.sender_mac", "RFC 826 ar$sha", "Hardware address that the sender states, which need not be the frame's.") \
F(SENDER_IP, STR, ONE, DEVICE, ASIS, 64, "", "arp.sender_ip", "RFC 826 ar$spa", "Protocol address that the sender states.") \
F(TARGET_MAC, STR, ONE, DEVICE, ASIS, 64, "", "arp.target_mac", "RFC 826 ar$tha", "Hardware address of the target; absent when it is zero, as in requests.") \
F(TARGET_IP, STR, ONE, DEVICE, ASIS, 64, "", "arp.target_ip", "RFC 826 ar$tpa", "Protocol address of the target.") \
F(IS_PROBE, BOOL, ONE, NONE, ASIS, 1, "", "arp.is_probe", "RFC 5227 1.1", "The sender has no address yet and asks whether this one is free.") \
F(IS_GRATUITOUS, BOOL, ONE, NONE, ASIS, 1, "", "arp.is_gratuitous", "RFC 5227 3", "Sender and target address are the same: an announcement that nobody asked for.") \
F(HARDWARE_TYPE, U64, ONE, NONE, ASIS, 8, "", "arp.hardware_type", "RFC 826 ar$hrd", "Hardware type, when it is not Ethernet's 1.") \
F(PROTOCOL_TYPE, U64, ONE, NONE, ASIS, 8, "", "arp.protocol_type", "RFC 826 ar$pro", "Protocol type, when it is not that of IPv4.")
/* clang-format on */
WT_DECLARE_FIELDS(ARP_FIELDS)

enum {
	TYPE_ARP = 0x0806,
	TYPE_RARP = 0x8035,
	TYPE_IPV4 = 0x0800,
	HARDWARE_ETHERNET = 1,
};

static const char *const operations[] = {
	NULL,           "request",     "reply",
	"rarp_request", "rarp_reply",  "drarp_request",
	"drarp_reply",  "drarp_error", "inarp_request",
	"inarp_reply",  "nak",
};
enum { OP_REQUEST = 1, OP_REPLY = 2 };

static const struct wt_event_type events[] = { { "arp", "An ARP or RARP packet." } };

struct arp {
	unsigned hardware, protocol, operation;
	struct wt_slice sender_mac, sender_ip, target_mac, target_ip;
};

static enum wt_verdict probe(struct wt_slice head)
{
	return head.len ? WT_OK : WT_MORE; /* the EtherType decided */
}

static bool is_group(struct wt_slice mac)
{
	return mac.len == 6 && (mac.ptr[0] & 1);
}

/* What no honest sender states (RFC 826: addresses of one host). */
static void judge(const struct arp *a, struct wt_out *out)
{
	if (a->hardware == HARDWARE_ETHERNET && a->sender_mac.len != 6)
		wt_out_glitch(out, "odd_hardware_length");
	if (a->protocol == TYPE_IPV4 && a->sender_ip.len != 4)
		wt_out_glitch(out, "odd_protocol_length");
	if (is_group(a->sender_mac))
		wt_out_glitch(out, "sender_mac_is_group");
	if (a->sender_ip.len == 4 && a->sender_ip.ptr[0] >= 224)
		wt_out_glitch(out, "sender_ip_is_group");
	if (a->operation == 0)
		wt_out_glitch(out, "odd_operation");
}

static void tell(const struct arp *a, struct wt_out *out)
{
	unsigned event = wt_event_begin(out, 0);
	bool is_ip = a->sender_ip.len == 4, is_probe = is_ip && wt_text_is_zero(a->sender_ip);
	struct wt_text t;

	put_OPERATION(out, event,
		      wt_text_name(&t, operations, sizeof(operations) / sizeof(operations[0]),
				   a->operation));
	put_SENDER_MAC(out, event, wt_text_mac(&t, a->sender_mac));
	if (!is_probe)
		put_SENDER_IP(out, event,
			      is_ip ? wt_text_ip(&t, a->sender_ip)
				    : wt_text_hex(&t, a->sender_ip, 0));
	if (!wt_text_is_zero(a->target_mac))
		put_TARGET_MAC(out, event, wt_text_mac(&t, a->target_mac));
	put_TARGET_IP(out, event,
		      is_ip ? wt_text_ip(&t, a->target_ip) : wt_text_hex(&t, a->target_ip, 0));
	if (is_probe && a->operation == OP_REQUEST)
		put_IS_PROBE(out, event, true);
	if (is_ip && !is_probe && a->operation <= OP_REPLY &&
	    wt_slice_equal(a->sender_ip, a->target_ip))
		put_IS_GRATUITOUS(out, event, true);
	if (a->hardware != HARDWARE_ETHERNET)
		put_HARDWARE_TYPE(out, event, a->hardware);
	if (a->protocol != TYPE_IPV4)
		put_PROTOCOL_TYPE(out, event, a->protocol);
}

static enum wt_verdict message(void *state, enum wt_direction dir, struct wt_reader *r,
			       struct wt_out *out)
{
	struct arp a;
	unsigned hardware_len, protocol_len;

	(void)state;
	(void)dir;
	a.hardware = wt_rd_u16be(r);
	a.protocol = wt_rd_u16be(r);
	hardware_len = wt_rd_u8(r);
	protocol_len = wt_rd_u8(r);
	a.operation = wt_rd_u16be(r);
	a.sender_mac = wt_rd_bytes(r, hardware_len);
	a.sender_ip = wt_rd_bytes(r, protocol_len);
	a.target_mac = wt_rd_bytes(r, hardware_len);
	a.target_ip = wt_rd_bytes(r, protocol_len);
	if (r->err != WT_OK)
		return r->err;
	judge(&a, out);
	tell(&a, out);
	(void)wt_rd_rest(r); /* padding of a short frame */
	return WT_OK;
}

const struct wt_dissector wt_arp_dissector = {
	.name = "arp",
	.title = "ARP",
	.source = "RFC 826, RFC 903, RFC 2390, RFC 5227",
	.carriage = WT_OVER_ETHER,
	.ports = { TYPE_ARP, TYPE_RARP },
	.probe = probe,
	.message = message,
	WT_DISSECTOR_TABLES(events),
};
