#!/bin/sh
# The courier and a real rsyslog: UDP, TCP with counted octets and with newlines, TLS with
# certificates on both sides. rsyslog parses the headers; what it says of them is compared.
# Usage: tests/courier_rsyslog.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
PATH=$PATH:/usr/sbin
for tool in rsyslogd openssl python3; do
	command -v $tool >/dev/null || { echo "SKIPPED: $tool is not installed"; exit 77; }
done
. tests/courier_setup.sh
n_skipped=0 server=
trap '[ -z "$server" ] || kill -9 $server 2>/dev/null; rm -rf "$dir"' EXIT

# Two numbers that nobody listens on, below those that the kernel gives to clients: another
# test may take one of these meanwhile.
free_ports() {
	python3 -c 'import random, socket
held = []
while len(held) < 2:
    s = socket.socket()
    try:
        s.bind(("127.0.0.1", random.randrange(10000, 32768)))
        held.append(s)
    except OSError:
        s.close()
print(*[s.getsockname()[1] for s in held])'
}

openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority \
	-keyout "$dir/ca.key" -out "$dir/ca.pem" 2>/dev/null
for name in collector sensor; do
	openssl req -newkey rsa:2048 -nodes -subj "/CN=$name.test" -keyout "$dir/$name.key" \
		-out "$dir/$name.csr" 2>/dev/null
	echo "subjectAltName=DNS:$name.test" >"$dir/ext"
	openssl x509 -req -in "$dir/$name.csr" -CA "$dir/ca.pem" -CAkey "$dir/ca.key" \
		-CAcreateserial -days 2 -extfile "$dir/ext" -out "$dir/$name.pem" 2>/dev/null
done
[ "$(id -u)" != 0 ] || chown 65534:65534 "$dir"/*.key
chmod 400 "$dir"/*.key

ports=$(free_ports)
tcp=${ports% *} tls=${ports#* }
has_tls=$(find /usr/lib -name lmnsd_ossl.so -path '*rsyslog*' 2>/dev/null | head -1)
cat >"$dir/rsyslog.conf" <<END
global(workDirectory="$dir" maxMessageSize="64k" defaultNetstreamDriverCAFile="$dir/ca.pem"
	defaultNetstreamDriverCertFile="$dir/collector.pem"
	defaultNetstreamDriverKeyFile="$dir/collector.key")
template(name="taken" type="string" string="%inputname% %syslogfacility-text% %syslogseverity% %hostname% %programname% %msgid% %timestamp:::date-rfc3339%|%msg%\n")
ruleset(name="all") { action(type="omfile" file="$dir/taken" template="taken") }
module(load="imudp")
module(load="imptcp")
input(type="imudp" address="127.0.0.1" port="$tcp" ruleset="all")
input(type="imptcp" address="127.0.0.1" port="$tcp" ruleset="all")
END
[ -z "$has_tls" ] || cat >>"$dir/rsyslog.conf" <<END
module(load="imtcp" streamDriver.name="ossl" streamDriver.mode="1"
	streamDriver.authMode="x509/name" permittedPeer="sensor.test")
input(type="imtcp" address="127.0.0.1" port="$tls" ruleset="all")
END
rsyslogd -n -f "$dir/rsyslog.conf" -i "$dir/pid" >"$dir/rsyslog.log" 2>&1 &
server=$!
listens() { # port
	python3 -c 'import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()' "$1" 2>/dev/null
}
i=0
until listens "$tcp" && { [ -z "$has_tls" ] || listens "$tls"; }; do
	i=$((i + 1))
	[ $i -lt 300 ] && kill -0 $server 2>/dev/null || break
	sleep 0.1
done
kill -0 $server 2>/dev/null || { cat "$dir/rsyslog.log"; echo "FAILED: rsyslogd does not start"; exit 1; }
$as "$build"/tests/live_journal "$dir/j" 1 500 >/dev/null

try() { # name, input as rsyslog names it, facility, options
	: >"$dir/taken"
	rm -f "$dir/j/s.cursor"
	echo "journal: {dir: $dir/j}
sinks: {s: {type: syslog, format: json, $4, records: [alerts]}}" >"$dir/conf"
	$as "$build"/wardtap courier -c "$dir/conf" --once >"$dir/log" 2>&1
	judge "$1: the end ($(head -1 "$dir/log"))" $? 0
	case $1 in UDP*) patience=20 ;; *) patience=600 ;; esac # datagrams may never come
	sent=$(sed -n 's/.* sent \([0-9]*\),.*/\1/p' "$dir/log")
	i=0
	while [ "$(wc -l <"$dir/taken")" -lt "$sent" ] && [ $i -lt $patience ]; do
		i=$((i + 1))
		sleep 0.1
	done
	n=$(wc -l <"$dir/taken")
	n_alerts=$(sed -n 's/.*"kind":"rule".*"signature_id":\([0-9]*\),.*/\1/p' "$dir/taken" | sort -u | wc -l)
	case $1 in
	UDP*) # which promises nothing: the loss is told, and must not be all
		echo "$1: $((500 - n_alerts)) of 500 alerts lost"
		judge "$1: alerts arrive" "$([ "$n_alerts" -gt 0 ] && [ "$n" -le "$sent" ] && echo some)" some
		;;
	*)
		judge "$1: messages" "$n" "$sent"
		judge "$1: alerts" "$n_alerts" 500
		;;
	esac
	judge "$1: headers that rsyslog reads otherwise" "$(grep -cvE "^$2 $3 [1245] [^ ]+ wardtap ($5) [^|]*\| ?\{\"timestamp\"" "$dir/taken")" 0
	judge "$1: texts that are no JSON" "$(sed 's/^[^|]*|//' "$dir/taken" | python3 -c '
import json, sys
print(sum(not isinstance(json.loads(line), dict) for line in sys.stdin))')" 0
}
mutual="address: '127.0.0.1:$tls', tls: {ca_file: $dir/ca.pem, name: collector.test, cert_file: $dir/sensor.pem, key_file: $dir/sensor.key}"
kinds='rule|sensor_gap'
try "UDP, RFC 5424" imudp local4 "address: '127.0.0.1:$tcp', transport: udp" "$kinds"
try "UDP, RFC 3164" imudp local4 "address: '127.0.0.1:$tcp', transport: udp, syntax: rfc3164" -
try "TCP, octets" imptcp local4 "address: '127.0.0.1:$tcp', transport: tcp" "$kinds"
try "TCP, newlines" imptcp auth "address: '127.0.0.1:$tcp', transport: tcp, framing: lf, facility: auth" "$kinds"
try "TCP, RFC 3164" imptcp local4 "address: '127.0.0.1:$tcp', transport: tcp, syntax: rfc3164" -
if [ -n "$has_tls" ]; then
	try "TLS, both certificates" imtcp local4 "$mutual" "$kinds"
	sed -i 's/, cert_file.*key}/}/; s/timeout.*//' "$dir/conf"
	rm -f "$dir/j/s.cursor"
	: >"$dir/taken"
	$as "$build"/wardtap courier -c "$dir/conf" --once --set sinks.s.retry.min=10ms >"$dir/log" 2>&1
	judge "TLS without our certificate: the end" $? 1
	judge "TLS without our certificate: nothing arrives" "$(wc -l <"$dir/taken")" 0
else
	echo "SKIPPED: rsyslog-openssl is not installed: no TLS"
	n_skipped=1
fi
echo "$n_passed passed, $n_failed failed, $n_skipped skipped"
[ "$n_failed" = 0 ]
