/* Every keyword that is no field of the dictionary: who reads it, and what it is for.
 * `wardtap rules keywords` prints this table.
 * Source: Suricata 7 user guide. Memory: none. */
#include "match/parse.h"

#define ROW(name, kind, parser, doc)                                                           \
	{                                                                                      \
		name, WT_KEYWORD_##kind, wt_parse_##parser, doc                                \
	}
#define REFUSED(name, why)                                                                     \
	{                                                                                      \
		name, WT_KEYWORD_REFUSED, NULL, why                                            \
	}
#define OLD(name)                                                                              \
	ROW(name, MODIFIER, legacy_buffer,                                                     \
	    "Moves the content before it to that buffer (old style).")

static const struct wt_keyword keywords[] = {
	ROW("msg", META, msg, "What the alert says."),
	ROW("sid", META, sid, "Number of the rule."),
	ROW("rev", META, rev, "Revision of the rule."),
	ROW("gid", META, gid, "Group of the number, 1 unless said."),
	ROW("classtype", META, classtype, "Class, which gives the priority."),
	ROW("priority", META, priority, "1 (highest) to 255."),
	ROW("reference", META, reference, "type,id: where to read more."),
	ROW("metadata", META, metadata, "Key value pairs; wardtap_severity 1..10."),
	ROW("target", META, ignored, "Which end is the target; kept, no effect."),
	ROW("tag", META, ignored,
	    "Recording after the alert; kept, no effect: nothing is recorded."),
	ROW("requires", META, ignored, "Demands on the engine; kept, no effect."),
	ROW("prefilter", META, ignored, "Kept, no effect: the engine chooses."),
	ROW("tls.store", META, ignored, "Kept, no effect: certificates are not stored."),
	ROW("tls_store", META, ignored, "Kept, no effect: certificates are not stored."),
	ROW("bypass", META, ignored, "Kept, no effect: flows are looked at to their end."),
	ROW("noalert", META, noalert, "The rule sets bits and alerts of nothing."),

	ROW("content", PAYLOAD, content, "Bytes that must be there (or, behind !, must not)."),
	ROW("nocase", MODIFIER, nocase, "The content before it in any case."),
	ROW("depth", MODIFIER, depth, "... ends within so many bytes of the offset."),
	ROW("offset", MODIFIER, offset, "... not before this byte of the buffer."),
	ROW("distance", MODIFIER, distance,
	    "... not before so many bytes behind the last match."),
	ROW("within", MODIFIER, within, "... ends within so many bytes behind the last match."),
	ROW("startswith", MODIFIER, startswith, "... at the start of the buffer."),
	ROW("endswith", MODIFIER, endswith, "... at its end."),
	ROW("fast_pattern", MODIFIER, fast_pattern, "... is what the prefilter looks for."),
	ROW("rawbytes", MODIFIER, rawbytes,
	    "... before normalisation; no effect, bytes are raw."),
	ROW("pcre", PAYLOAD, pcre, "Regular expression, \"/.../flags\"."),
	ROW("byte_test", PAYLOAD, byte_test, "Compares bytes as a number."),
	ROW("byte_jump", PAYLOAD, byte_jump, "Moves on by a number found in the bytes."),
	ROW("byte_extract", PAYLOAD, byte_extract, "Keeps a number under a name."),
	ROW("byte_math", PAYLOAD, byte_math, "Calculates with a number, kept under a name."),
	ROW("isdataat", PAYLOAD, isdataat, "Whether there are bytes that far on."),
	ROW("bsize", PAYLOAD, bsize, "Length of the buffer."),
	ROW("urilen", PAYLOAD, urilen, "Length of http.uri."),
	ROW("base64_decode", PAYLOAD, base64_decode, "Decodes base64 into base64_data."),
	ROW("base64_data", BUFFER, base64_data, "What base64_decode made."),
	ROW("pkt_data", BUFFER, pkt_data, "Back to the payload."),

	OLD("http_uri"),
	OLD("http_raw_uri"),
	OLD("http_method"),
	OLD("http_header"),
	OLD("http_raw_header"),
	OLD("http_cookie"),
	OLD("http_user_agent"),
	OLD("http_host"),
	OLD("http_raw_host"),
	OLD("http_client_body"),
	OLD("http_server_body"),
	OLD("http_stat_code"),
	OLD("http_stat_msg"),

	ROW("dotprefix", TRANSFORM, transform, "A dot before the buffer."),
	ROW("to_lowercase", TRANSFORM, transform, "Lower case."),
	ROW("to_uppercase", TRANSFORM, transform, "Upper case."),
	ROW("header_lowercase", TRANSFORM, transform, "Lower case."),
	ROW("strip_whitespace", TRANSFORM, transform, "Without blanks."),
	ROW("compress_whitespace", TRANSFORM, transform, "Runs of blanks as one."),
	ROW("url_decode", TRANSFORM, transform, "%xx and + decoded."),
	ROW("to_sha1", TRANSFORM, transform, "SHA-1 of the buffer, 20 bytes."),
	ROW("to_md5", TRANSFORM, transform, "MD5 of the buffer, 16 bytes."),
	ROW("strip_pseudo_headers", TRANSFORM, transform, "Without lines that begin with ':'."),
	ROW("to_sha256", TRANSFORM, transform, "SHA-256 of the buffer, 32 bytes."),

	ROW("tls.version", PAYLOAD, worded, "Version that the server chose, such as 1.2."),
	ROW("ssl_version", PAYLOAD, worded, "The same, such as tls1.2."),
	ROW("ssl_state", PAYLOAD, ssl_state, "client_hello or server_hello."),
	ROW("tls_cert_expired", PAYLOAD, certificate, "The certificate is no longer valid."),
	ROW("tls_cert_valid", PAYLOAD, certificate, "The certificate is valid now."),
	ROW("dns.opcode", PAYLOAD, worded, "Operation, as a number."),
	ROW("dns.rcode", PAYLOAD, worded, "Result, as a number."),
	ROW("snmp.version", PAYLOAD, worded, "Version: 1, 2 or 3."),
	ROW("snmp.pdu_type", PAYLOAD, worded, "Kind of message, such as get_request."),
	ROW("mqtt.type", PAYLOAD, worded, "Kind of packet, such as CONNECT."),
	ROW("dcerpc.iface", PAYLOAD, worded, "Interface bound or called, by UUID."),
	ROW("dce_iface", PAYLOAD, worded, "Interface bound or called, by UUID."),
	ROW("fileext", PAYLOAD, worded, "Extension of the file's name."),
	ROW("filename", PAYLOAD, worded, "Part of the file's name."),
	ROW("ftpdata_command", PAYLOAD, worded, "Command that the file came by."),

	ROW("flow", FLOW, flow, "Direction and state of the flow."),
	ROW("flowbits", FLOW, flowbits, "Marks on the flow."),
	ROW("stream_size", FLOW, stream_size, "Bytes of the stream so far."),
	ROW("app-layer-protocol", FLOW, app_layer_protocol, "Protocol of the flow."),
	ROW("iprep", PACKET, iprep, "Reputation of an address."),
	ROW("dataset", PAYLOAD, dataset,
	    "Whether the buffer is in a set; set puts it there and passes if it was not."),
	ROW("datarep", PAYLOAD, datarep, "Compares the score that a file gives the buffer."),
	ROW("flowint", FLOW, flowint, "Numbers kept with the flow, four of them at most."),
	ROW("flow.age", FLOW, flow_number, "Seconds since the flow began."),
	ROW("flow.pkts_toserver", FLOW, flow_number, "Packets so far."),
	ROW("flow.pkts_toclient", FLOW, flow_number, "Packets so far."),
	ROW("flow.bytes_toserver", FLOW, flow_number, "IP bytes so far."),
	ROW("flow.bytes_toclient", FLOW, flow_number, "IP bytes so far."),
	ROW("hostbits", CONTEXT, hostbits, "Marks on one address."),
	ROW("xbits", CONTEXT, xbits, "Marks on addresses."),
	ROW("threshold", CONTEXT, threshold, "How many matches make alerts."),
	ROW("detection_filter", CONTEXT, detection_filter, "Alerts only beyond a rate."),

#define D(id, name, doc) ROW("device." name, CONTEXT, device, doc),
#include "wardtap/device.def"
#undef D
	ROW("device.zone", PACKET, zone, "A zone of inventory.zones that an address lies in."),

	ROW("dsize", PACKET, number, "Length of the packet's payload."),
	ROW("ttl", PACKET, number, "Time to live, or hop limit."),
	ROW("itype", PACKET, number, "ICMP type."),
	ROW("icode", PACKET, number, "ICMP code."),
	ROW("icmp_id", PACKET, number, "ICMP identifier."),
	ROW("icmp_seq", PACKET, number, "ICMP sequence number."),
	ROW("ip_proto", PACKET, number, "IP protocol number."),
	ROW("id", PACKET, number, "IP identification."),
	ROW("seq", PACKET, number, "TCP sequence number."),
	ROW("tcp.seq", PACKET, number, "TCP sequence number."),
	ROW("ack", PACKET, number, "TCP acknowledgement number."),
	ROW("tcp.ack", PACKET, number, "TCP acknowledgement number."),
	ROW("window", PACKET, number, "TCP window."),
	ROW("tcp.window", PACKET, number, "TCP window."),
	ROW("tos", PACKET, number, "Type of service, or traffic class."),
	ROW("icmpv6.mtu", PACKET, number, "MTU of an ICMPv6 Packet Too Big."),
	ROW("fragbits", PACKET, fragbits, "Bits of the IPv4 header; M: it was rebuilt."),
	ROW("fragoffset", PACKET, fragoffset, "0, or >0: the datagram was rebuilt."),
	ROW("l3_proto", PACKET, l3_proto, "ipv4 or ipv6."),
	ROW("ip.src", BUFFER, part, "Source address, 4 or 16 bytes."),
	ROW("ip.dst", BUFFER, part, "Destination address, 4 or 16 bytes."),
	ROW("ipv4.hdr", BUFFER, part, "IPv4 header of a packet."),
	ROW("ipv6.hdr", BUFFER, part, "IPv6 header with its extensions."),
	ROW("tcp.hdr", BUFFER, part, "TCP header of a packet, with options."),
	ROW("udp.hdr", BUFFER, part, "UDP header."),
	ROW("icmpv4.hdr", BUFFER, part, "First 8 bytes of an ICMP message."),
	ROW("icmpv6.hdr", BUFFER, part, "First 8 bytes of an ICMPv6 message."),
	ROW("flags", PACKET, flags, "TCP flags."),
	ROW("tcp.flags", PACKET, flags, "TCP flags."),
	ROW("tcp.mss", PACKET, header_number, "Maximum segment size, of a TCP option."),
	ROW("tcp.option_len", PACKET, tcp_option,
	    "kind,length: length octet of the first TCP option of that kind."),
	ROW("tcp.urgent_pointer", PACKET, header_number,
	    "TCP urgent pointer, where the flag is set."),
	ROW("tcp.urgent_past", PACKET, header_number,
	    "Bytes by which it points behind the packet's payload."),
	ROW("ipopts", PACKET, ipopts, "IPv4 option: lsrr, ssrr, rr, ts, ..., or any."),
	ROW("ipv6.routing_type", PACKET, header_number, "Type of the IPv6 routing header."),
	ROW("tunnel", PACKET, tunnel, "The packet came in a tunnel: ipip, gre, vxlan, ..."),
	ROW("fragmented", PACKET, fragmented, "The packet was rebuilt from IP fragments."),
	ROW("sameip", PACKET, sameip, "Source and destination are one address."),

	REFUSED("lua", "scripts in rules are not run"),
	REFUSED("luajit", "scripts in rules are not run"),
	REFUSED("asn1", "use the fields of snmp, ldap or kerberos instead"),
	REFUSED("ftpbounce", "compare ftp.data_ip instead"),
	REFUSED("filestore", "files are not stored"),
	REFUSED("geoip", "countries are not known to the matching stage"),
	REFUSED("app-layer-event", "oddities of protocols are events of their own (glitch)"),
	REFUSED("decode-event", "oddities of packets are counters"),
	REFUSED("stream-event", "oddities of streams are events of their own (glitch)"),
	REFUSED("engine-event", "there are no such events"),
	REFUSED("replace", "this sensor changes nothing"),
};

#define N_KEYWORDS (sizeof(keywords) / sizeof(keywords[0]))

const struct wt_keyword *wt_keyword_at(unsigned i)
{
	return i < N_KEYWORDS ? &keywords[i] : NULL;
}

const struct wt_keyword *wt_keyword_find(struct wt_slice name)
{
	unsigned i;

	for (i = 0; i < N_KEYWORDS; i++)
		if (wt_is_word(name, keywords[i].name))
			return &keywords[i];
	return NULL;
}
