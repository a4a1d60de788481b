#!/bin/sh
# wardtap-siem(7): the frame around what `wardtap fields --siem` prints.
# Usage: man/siem.sh PROGRAM
cat <<'END'
.\" Made by man/siem.sh; run "make vocab" after a change of the encoders' tables.
.Dd November 26, 2026
.Dt WARDTAP-SIEM 7
.Os
.Sh NAME
.Nm wardtap-siem
.Nd records that wardtap sends to a SIEM, key by key
.Sh DESCRIPTION
.Xr wardtap 8
keeps what it finds as records in its journal and sends each of them to the sinks
that
.Xr wardtap.conf 5
names, as CEF, LEEF, EVE, ECS or an event of Splunk's HTTP Event Collector.
All formats are made from the same values; this page lists their keys.
.Ss Records
An alert is told by several records of one id.
The first, number 0, leaves at once; later ones, after a minute, ten minutes and when
the alert closes, bring its count and times up to date.
The id is made of the sensor's name, the rule, the flow and the first packet, so a
receiver that keeps id and number apart may be sent a record twice without harm.
Only the first record holds fields of the rule: its metadata, techniques and references.
.Pp
The kinds of records are:
.Bl -tag -width journal_evicted
.It Sy rule
A rule or an indicator matched.
.It Sy sensor_gap
The sensor did not watch for a while.
.It Sy journal_evicted
Records left the journal before they were sent, to make room.
.It Sy journal_damage
A part of the journal cannot be read.
.It Sy journal_missing
Records of the journal that this receiver never got, because they were evicted before or their
writer was killed; the courier makes it in their place, one for the gaps of a batch.
.It Sy sensor_health
The heartbeat: the sensor lives, with its counters as fields.
It is no alert; a SIEM that misses it should raise one.
.It Sy device
A device was found or changed: its addresses, names and class, with what is known of it as
fields.
It is no alert.
.El
.Pp
No format holds data of patients: records are made behind the redactor, see
.Xr wardtap-events 7 .
.Ss Severity
1 to 10.
9 and 10 are for rules about the safety of patients; rules without a severity of
their own have 8, 6, 4 or 2 by their priority 1, 2, 3 or lower.
ArcSight calls 0 to 3 Low, 4 to 6 Medium, 7 and 8 High, 9 and 10 Very-High.
.Ss Text
All text is valid UTF-8, one record is one line, and whatever a device or an attacker
wrote cannot end a value, a record or a line, or turn a terminal's text around.
What a format cannot carry as it is becomes
.Ql \exHH ,
two lower-case hexadecimal digits for each byte:
.Bl -bullet -compact
.It
bytes that are not valid UTF-8;
.It
in CEF and LEEF control characters, bidirectional and invisible controls, line and
paragraph separators, and a blank at either end of a value;
.It
in LEEF the delimiter, in its header the bar as well;
.It
in CEF and LEEF a comma within a member of a list, since members are parted by
.Ql ",\ " .
.El
A backslash before an x, and in CEF and LEEF one at the end of a value, becomes
.Ql \ex5c .
So the exact bytes come back when each
.Ql \exHH
is replaced by its byte, and nothing else is touched.
.Pp
These forms are text to the format itself, whose own escapes come on top:
CEF has two backslashes before a backslash's x, JSON too.
In CEF
.Ql |
and
.Ql \e
of the header and
.Ql =
and
.Ql \e
of values get a backslash, and line ends in values are
.Ql \en
and
.Ql \er .
JSON has control characters as
.Ql \eu
escapes.
.Pp
Bounds in bytes below count this text before the format's own escapes; a longer text
ends at the last character that fits.
.Ss Length
A sink may bound the length of a record: 2,048 bytes suit syslog over UDP, 8,000 most
receivers of TCP.
A record that is too long is written with less, in the order given with each format,
and with as little less as possible: first its list of fields gets shorter, then keys go,
at last texts are cut.
It is always whole.
Keys that are not in the order are never left out.
.Ss Time
The time of a record is that at which it was due, by the packets' clock; the first and
the latest match are told beside it.
CEF and LEEF have milliseconds since 1970, HEC seconds with six decimals, EVE and ECS ISO
8601 in UTC.
EVE has the first match as its
.Sy timestamp ,
as Suricata does.
.Sh KEYS
The word in parentheses is the type, for which records the key is there, and the bound of
a text.
A key without a value is not written.
.Pp
The header of CEF is
.Bd -literal -offset indent
CEF:0|wardtap|wardtap|VERSION|CLASS|NAME|SEVERITY|
.Ed
.Pp
where CLASS is the group and number of the rule
.Pq Ql 1:9100001
or the kind of another record, NAME is what the rule says, 512 bytes, and SEVERITY is 0
for heartbeats and devices.
Keys of one's own begin with
.Sy wardtap ;
fields are
.Sy wardtap
and the parts of their name, each with a capital letter:
.Sy alert.buffer
is
.Sy wardtapAlertBuffer .
Labels of custom fields are the same for ever.
.Pp
The header of LEEF is
.Bd -literal -offset indent
LEEF:2.0|wardtap|wardtap|VERSION|CLASS|x09|
.Ed
.Pp
and keys are parted by a tab, or by a caret
.Pq Ql |^|
where the sink asks for it.
END
"$1" fields --siem
cat <<'END'
.Sh RECEIVERS
.Ss Microsoft Sentinel
Send CEF by syslog to a Linux forwarder with the Azure Monitor Agent; records arrive in
the table CommonSecurityLog.
The data collection rule picks events by facility and level, so give the sink a facility
that nothing else uses, such as
.Sy local4 .
Do not collect the same facility by a rule for Syslog as well, or every row is there twice.
.Pp
CEF:0 knows
.Sy src
and
.Sy dst
for IPv4 alone.
IPv6 addresses arrive in DeviceCustomIPv6Address2 and 3; a sink that asks for
.Sy both
has them in SourceIP and DestinationIP as well.
Keys of one's own arrive in AdditionalExtensions.
.Pp
.Sy dvchost
and
.Sy deviceExternalId
are the sensor that reports.
The medical device is the source or the destination:
.Sy src , dst , smac , dmac , shost , dhost
with
.Sy cs2
and
.Sy cs3 .
.Ss ArcSight
The lengths of its dictionary are kept.
.Sy type
1 says that a record brings an earlier one up to date;
.Sy externalId
tells which, without its last part.
Filter on the event classes
.Sy sensor_health
and
.Sy device
where only alerts are wanted.
.Ss QRadar
LEEF events are found by their header; map the event ids
.Pq group and number of the rule
with
.Sy cat
to QIDs.
.Sy devTime
needs no
.Sy devTimeFormat .
Send over TCP or TLS where records may be longer than 1,024 bytes, and raise the
payload length of TCP syslog in the system settings to 8,000.
.Ss Splunk
Events are of the source types
.Sy wardtap:alert , wardtap:health
and
.Sy wardtap:device ,
unless the sink names one for all.
Names and words are those of the data model Intrusion Detection; tag
.Sy wardtap:alert
with
.Sy ids
and
.Sy attack .
.Sy fields
has two indexed fields:
.Sy record_id
is the same whenever a record is sent again
.Pq dedup record_id ,
.Sy alert_id
that of all its updates.
Names of fields keep their dots: write them in single quotes in
.Sy eval
and
.Sy where .
.Ss Elastic and OpenSearch
Documents are for a data stream, with
.Sy event.id
as
.Sy _id :
a record that is sent twice is stored once.
Map
.Sy wardtap.fields
dynamically, without date detection; no name in it is the beginning of another, and numbers
are below 2^63.
Identities of devices are below
.Sy wardtap.source
and
.Sy wardtap.destination ;
ECS has no fields for them
.Pq its device.* is about mobile devices .
Heartbeats are
.Sy event.kind
metric, devices asset.
.Ss EveBox, Filebeat, Arkime and others that read Suricata
EVE lines follow Suricata's event type
.Sy alert ,
with
.Sy alert.severity
1 to 4 and
.Sy alert.metadata
as lists; further members of
.Sy alert
are wardtap's own.
.Sy alert.risk
is the severity from 1 to 10.
Heartbeats and devices have the event types
.Sy health
and
.Sy device .
.Sh SEE ALSO
.Xr wardtap-rules 5 ,
.Xr wardtap.conf 5 ,
.Xr wardtap-events 7 ,
.Xr wardtap 8
.Sh STANDARDS
.Rs
.%T Implementing ArcSight Common Event Format (CEF), revision 25
.%D 2017
.Re
.Rs
.%T IBM QRadar Log Event Extended Format (LEEF), version 2
.Re
.Rs
.%T Elastic Common Schema, version 8.11
.Re
.Rs
.%T Splunk Common Information Model, Intrusion Detection
.Re
.Rs
.%T Community ID flow hashing, version 1
.Re
.Sh CAVEATS
A number above 2147483647 in
.Sy cnt
is written as that number, one above 2^63-1 in ECS as 2^63-1, since receivers have no more
room.
.Pp
Members of a list longer than 63 bytes are cut in
.Sy cs6
and
.Sy technique .
At most 16 techniques and references and 32 metadata of a rule are told by keys of their own;
the list of fields has all.
END
