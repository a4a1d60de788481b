#!/bin/sh
# The courier against collectors of syslog with one fault at a time: connections cut within
# a frame, a slow reader, a collector that throws out, certificates of every wrong kind.
# Everything at once, with kills: tests/kill.sh.
# Usage: tests/courier.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
for tool in python3 openssl setpriv; do
	command -v $tool >/dev/null || { echo "SKIPPED: $tool is not installed"; exit 77; }
done
. tests/courier_setup.sh
pids=

stop_all() {
	for pid in $pids; do
		kill -9 "$pid" 2>/dev/null
	done
	pids=
}
trap 'stop_all; [ -n "${KEEP:-}" ] || rm -rf "$dir"' EXIT

await() { # what comes true, within two minutes on the busiest machine
	i=0
	until "$@" 2>/dev/null; do
		i=$((i + 1))
		[ $i -lt 2400 ] || return 1
		sleep 0.05
	done
}

peer() { # kind, name, options...: a collector; its port is in NAME.port, messages in NAME.out
	kind=$1 name=$2
	shift 2
	rm -f "$dir/$name.port.ready"
	python3 tests/syslog_peer.py $kind "$dir/$name.port" "$dir/$name.out" "$@" \
		>>"$dir/$name.log" 2>&1 &
	peer_pid=$!
	pids="$pids $peer_pid"
	await test -e "$dir/$name.port.ready" || { echo "FAILED: no collector $name"; exit 1; }
}

# Numbers of messages in order of arrival, and what is wrong with that order: one that was
# never seen has to be above all before it.
sids() { sed -n 's/.*"kind":"rule".*"signature_id":\([0-9]*\),.*"journal_seq":\([0-9]*\).*/\1 \2/p' "$@"; }
disorder() { awk '!seen[$2]++ { if ($2 <= most) n++; else most = $2 } END { print n + 0 }'; }
#### one fault after the other, over a journal of its own
$as "$build"/tests/live_journal "$dir/k" 1 1000 >"$dir/told"
# A courier over that journal from its start. The sink's options; --once unless $2 is empty.
sink_conf() { # options of the sink s
	rm -f "$dir/k/s.cursor"
	echo "journal: {dir: $dir/k}
sinks: {s: {$1, retry: {min: 10ms, max: 50ms}}}" >"$dir/k.conf"
}
once() { # options: its exit status is the result, its messages in $dir/k.log
	sink_conf "$1"
	$as "$build"/wardtap courier -c "$dir/k.conf" --once >"$dir/k.log" 2>&1
}
port() { cat "$dir/$1.port"; }
holds() { [ "$(cat "$1" | wc -l)" -ge "$2" ]; } # file, lines
n_got() { sids "$dir/$1.out" | cut -d' ' -f1 | sort -u | wc -l; }
once "type: file, path: $dir/k.lines"
judge "file: the end" $? 0
n_alerts=$(wc -l <"$dir/k.lines")
n_rules=$(grep -c '"kind":"rule"' "$dir/k.lines")
judge "file: alerts" "$n_rules" 1000
to() { echo "type: syslog, address: '127.0.0.1:$(port "$1")', format: json, timeout: 2s"; }

peer tcp lf framing=lf
once "$(to lf), transport: tcp, framing: lf, syntax: rfc3164"
judge "LF frames: the end" $? 0
await holds "$dir/lf.out" "$n_alerts"
judge "LF frames: alerts" "$(n_got lf)" "$n_rules"
judge "RFC 3164: headers that are none" "$(grep -cvE '^<16[0-9]>[A-Z][a-z]{2} [ 0-9][0-9] [0-9:]{8} [!-~]+ wardtap: \{' "$dir/lf.out")" 0

peer tcp leef framing=lf
once "type: syslog, address: '127.0.0.1:$(port leef)', transport: tcp, framing: lf, format: leef, leef: {delimiter: caret}"
judge "LEEF with carets: the end" $? 0
await holds "$dir/leef.out" "$n_alerts"
judge "LEEF with carets: records" "$(grep -c 'LEEF:2.0|.*|^|devTime=[0-9]*^.*sev=[0-9]*^' "$dir/leef.out")" "$n_alerts"

peer tcp cut cut=100000
once "$(to cut), transport: tcp, batch: {records: 50}"
judge "cut within frames: the end" $? 0
await holds "$dir/cut.out" "$n_rules"
judge "cut within frames: alerts" "$(n_got cut)" "$n_rules"
judge "cut within frames: order" "$(sids "$dir/cut.out" | disorder)" 0
judge "RFC 5424: headers that are none" "$(grep -cvE '^<16[0-9]>1 [-0-9]{10}T[0-9:]{8}\.[0-9]{6}Z [!-~]+ wardtap [0-9]+ [a-z_]+ - \{' "$dir/cut.out")" 0

peer tcp slow slow=0.002
once "$(to slow), transport: tcp"
judge "slow reader: the end" $? 0
await holds "$dir/slow.out" "$n_alerts"
judge "slow reader: alerts" "$(n_got slow)" "$n_rules"

peer tcp thrown close=first
once "$(to thrown), transport: tcp"
judge "thrown out: the end" $? 1
judge "thrown out: nothing counts as sent" "$(grep -c "sent 0, .*left $n_alerts: " "$dir/k.log")" 1

sink_conf "type: syslog, address: '127.0.0.1:1', transport: tcp, format: json"
"$build"/wardtap courier -c "$dir/k.conf" --once >"$dir/k.log" 2>&1
judge "nobody listens: the end" $? 1
judge "nobody listens: told once" "$(grep -c 'Connection refused; trying again' "$dir/k.log")" 1

#### a journal that was made anew, under a courier and before one
sink_conf "type: file, path: $dir/anew.lines"
$as "$build"/wardtap courier -c "$dir/k.conf" >"$dir/anew.log" 2>&1 &
courier=$!
pids="$pids $courier"
await test -s "$dir/anew.lines"
sleep 0.3
mv "$dir/k" "$dir/k.old"
$as "$build"/tests/live_journal "$dir/k" 1 20 >"$dir/told"
wait $courier
judge "journal replaced: the end" $? 1
judge "journal replaced: told" "$(grep -c 'was removed or replaced' "$dir/anew.log")" 1
$as cp "$dir/k.old/s.cursor" "$dir/k/s.cursor"
$as "$build"/wardtap courier -c "$dir/k.conf" --once >"$dir/k.log" 2>&1
judge "position behind the end: the end" $? 1
judge "position behind the end: told" "$(grep -c 'behind the end of the journal.*somebody must mend' "$dir/k.log")" 1
rm -rf "$dir/k"
mv "$dir/k.old" "$dir/k"

#### certificates
tls=$dir/tls
mkdir "$tls"
authority() { # name
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 \
		-subj "/CN=$1" -keyout "$tls/$1.key" -out "$tls/$1.pem" 2>/dev/null
}
certificate() { # name, authority, subjectAltName, days
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" \
		-keyout "$tls/$1.key" -out "$tls/$1.csr" 2>/dev/null
	echo "subjectAltName=$3" >"$tls/$1.ext"
	openssl x509 -req -in "$tls/$1.csr" -CA "$tls/$2.pem" -CAkey "$tls/$2.key" \
		-CAcreateserial -days "$4" -extfile "$tls/$1.ext" -out "$tls/$1.pem" 2>/dev/null
}
authority ours
authority theirs
certificate server ours DNS:collector.test,IP:127.0.0.1 2
certificate client ours DNS:sensor.test 2
certificate stranger theirs DNS:sensor.test 2
certificate late ours DNS:collector.test,IP:127.0.0.1 -1
[ "$(id -u)" != 0 ] || chown 65534:65534 "$tls"/*.key
chmod 400 "$tls"/*.key
chmod 755 "$tls"
chmod 644 "$tls"/*.pem
fingerprint=sha256:$(openssl x509 -in "$tls/server.pem" -noout -fingerprint -sha256 | sed 's/.*=//')
peer tls mutual cert="$tls/server.pem" key="$tls/server.key" ca="$tls/ours.pem"
peer tls alone cert="$tls/server.pem" key="$tls/server.key"
peer tls expired cert="$tls/late.pem" key="$tls/late.key"
mine="cert_file: $tls/client.pem, key_file: $tls/client.key"
secure() { # name, what is in tls, status, pattern in the messages
	: >"$dir/$2.out"
	once "$(to "$2"), tls: {$3}"
	judge "TLS $1: the end" $? "$4"
	judge "TLS $1: what is told ($(head -1 "$dir/k.log"))" "$(grep -qE "$5" "$dir/k.log" && echo yes)" yes
	[ "$4" != 0 ] || { await holds "$dir/$2.out" "$n_alerts"; judge "TLS $1: alerts" "$(cat "$dir/$2.out" | wc -l)" "$n_alerts"; }
}
told="sent $n_alerts, refused 0"
none="somebody must mend this"
secure "authority, address" alone "ca_file: $tls/ours.pem" 0 "$told"
secure "authority, name" alone "ca_file: $tls/ours.pem, name: collector.test" 0 "$told"
secure "wrong name" alone "ca_file: $tls/ours.pem, name: other.test" 1 "ostname mismatch.*$none"
secure "wrong authority" alone "ca_file: $tls/theirs.pem" 1 "certificate.*$none"
secure "the system's authorities" alone "name: collector.test" 1 "certificate.*$none"
secure "expired" expired "ca_file: $tls/ours.pem" 1 "certificate has expired.*$none"
secure "fingerprint" alone "fingerprint: '$fingerprint'" 0 "$told"
secure "fingerprint of another" expired "fingerprint: '$fingerprint'" 1 "fingerprint sha256:[0-9a-f]{64}.*$none"
secure "mutual" mutual "ca_file: $tls/ours.pem, $mine" 0 "$told"
secure "mutual, we have none" mutual "ca_file: $tls/ours.pem" 1 "ertificate.*required.*$none|left $n_alerts"
secure "mutual, we are strangers" mutual "ca_file: $tls/ours.pem, cert_file: $tls/stranger.pem, key_file: $tls/stranger.key" 1 "(unknown ca|alert).*$none"
secure "key of another" alone "ca_file: $tls/ours.pem, cert_file: $tls/client.pem, key_file: $tls/stranger.key" 2 "not the key of|mismatch"
chmod 444 "$tls/client.key"
secure "key that others can read" alone "ca_file: $tls/ours.pem, $mine" 2 "tls.key_file: found mode 0444"
stop_all

echo "$n_passed passed, $n_failed failed"
[ "$n_failed" = 0 ]
