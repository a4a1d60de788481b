#!/bin/sh
# wardtap-events(7): the frame around what `wardtap fields --man` prints.
# Usage: man/events.sh PROGRAM
cat <<'END'
.\" Made by man/events.sh; run "make vocab" after a change of the dictionary.
.Dd November 21, 2026
.Dt WARDTAP-EVENTS 7
.Os
.Sh NAME
.Nm wardtap-events
.Nd events that wardtap writes, and their fields
.Sh DESCRIPTION
.Xr wardtap 8
writes one JSON object per line to
.Pa events.jsonl .
The members follow the EVE format of Suricata:
.Bl -tag -width community_id
.It Sy timestamp
Time of the packet that completed the event, or of the tick that made it, in UTC.
.It Sy flow_id
Number of the flow, below 2^53; the same in all events of a flow.
.It Sy in_iface
Name of the interface (live).
.It Sy pcap_cnt
Number of the packet over all captures of the run, from 1 (replay).
.It Sy event_type
See
.Sx EVENT TYPES .
.It Sy src_ip , src_port , dest_ip , dest_port , proto
Who sent the bytes of the event to whom; in
.Sy flow
events the client is the source.
.It Sy app_proto
Protocol of the flow, by a dissector or, for flows that none of them knows, as the
hint library labels it.
.It Sy vlan
VLAN ids, outermost first.
.It Sy ether
MAC addresses of the packet.
.It Sy community_id
Community ID, version 1, seed 0.
.It Sy truncated
Present when a value was longer than its bound or a field found no room.
.El
.Pp
Further members are objects named after the first part of a field's name:
.Sy hl7.message_type
is member
.Sy message_type
of object
.Sy hl7 .
Lists are arrays.
.Pp
All text is valid UTF-8.
A byte that is not becomes
.Ql \exHH ,
and a backslash before an x becomes
.Ql \ex5c ,
so that the exact bytes can be told from the text.
Control characters and bidirectional controls are written as JSON escapes.
.Ss PHI classes
Every field has a class that says what leaves the sensor:
.Bl -tag -width direct
.It Sy none , device
The value.
.It Sy quasi
A pseudonym,
.Ql p:
and 20 hexadecimal digits: the beginning of HMAC-SHA-256 of the value with the key of
.Cm privacy.key_file ,
or in replay with a key derived from the captures.
.It Sy direct , secret
Nothing; or, where the list below says presence, a member with the suffix
.Ql _present
that is true when there was a value.
.El
END
"$1" fields --man
cat <<'END'
.Sh SEE ALSO
.Xr wardtap.conf 5 ,
.Xr wardtap 8
END
