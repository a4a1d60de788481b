#!/bin/sh
# The courier against rsyslog and syslog-ng as Debian has them: UDP, TCP with octet counts,
# TCP with lines, TLS with certificates of both sides. Each record arrives once, whole and
# in order; collectors with a wrong certificate get nothing, nor does a wrong sensor.
# Usage: tests/collectors.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
dir=$(mktemp -d) || exit 1
chmod 755 "$dir"
n_passed=0 n_failed=0 n_skipped=0
clean() {
	for peer in rsyslog syslog-ng; do
		tests/siem/$peer.sh kill "$dir/$peer"
	done
	rm -rf "$dir"
}
trap clean EXIT INT TERM

judge() { # name, what was found, what was expected
	if [ "$2" = "$3" ]; then
		n_passed=$((n_passed + 1))
	else
		n_failed=$((n_failed + 1))
		echo "FAILED: $1: found $2, expected $3"
	fi
}

# The courier gives up root, so what it reads and writes belongs to its user.
as() { "$@"; }
own() { :; }
if [ "$(id -u)" = 0 ]; then
	own() { chown -R 65534:65534 "$@"; }
	as() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
fi

sink() { # name, port, transport, lines...: a sink of type syslog
	printf '  %s:\n    type: syslog\n    address: localhost:%s\n    transport: %s\n    retry:\n      min: 50ms\n      max: 100ms\n' \
		"$1" "$2" "$3"
	shift 3
	[ $# = 0 ] || printf '    %s\n' "$@"
}

tls_sink() { # name, certificate of the sensor
	sink "$1" "$TLS" tls tls: "  ca_file: $CA" "  cert_file: $certs/$2.crt" \
		"  key_file: $certs/$2.key" "  name: $SERVER_NAME"
}

configure() { # a block of sinks comes from standard input
	printf 'journal:\n  dir: %s\nsinks:\n' "$dir/journal" >"$dir/conf"
	cat >>"$dir/conf"
}

forward() {
	as timeout -s KILL 60 "$build"/wardtap courier -c "$dir/conf" --once >"$dir/told" 2>&1
}

lines() { # file
	[ -f "$1" ] && wc -l <"$1" || echo 0
}

arrived() { # file, lines: waits for them, at most a minute
	left=600
	while [ "$(lines "$1")" -lt "$2" ] && [ $left -gt 0 ]; do
		sleep 0.1
		left=$((left - 1))
	done
}

# Every message with what a receiver knows it by, in the order of arrival.
ids_of() { # file
	sed -n 's/.*CEF:0|wardtap.* externalId=\([0-9a-f]*-[0-9]*\) .*/\1/p; s/.*"alert_id":"\([0-9a-f]*\)","seq":\([0-9]*\).*/\1-\2/p' "$1"
}

wrong_certificate() { # collector, its certificate
	peer=tests/siem/$1.sh
	$peer stop "$dir/$1"
	PEER_CERT=$2 $peer start "$dir/$1" >/dev/null || return
	before=$(lines "$dir/$1/tls.log")
	tls_sink "$1-$2" client | configure
	forward
	judge "$1: with the certificate $2 it gets nothing, and the courier says so" "$?" 1
	judge "$1: nothing came" "$(lines "$dir/$1/tls.log")" "$before"
	judge "$1: the reason is told" "$(grep -ci certificate "$dir/told" | sed 's/[1-9].*/some/')" some
}

try_collector() { # name
	peer=tests/siem/$1.sh
	$peer start "$dir/$1" >"$dir/told" 2>&1
	code=$?
	if [ $code != 0 ]; then
		cat "$dir/told"
		[ $code = 77 ] && n_skipped=$((n_skipped + 1)) || n_failed=$((n_failed + 1))
		return
	fi
	# shellcheck disable=SC1090 # written by the peer's script
	. "$dir/$1/env"
	certs=$dir/$1/certs
	own "$certs"
	{
		sink "$1-udp" "$UDP" udp "len_max: 2048"
		sink "$1-tcp" "$TCP" tcp
		sink "$1-lf" "$LF" tcp "framing: lf" "format: json"
		tls_sink "$1-tls" client
	} | configure
	forward
	judge "$1: the courier sent all" "$?" 0
	for way in udp tcp lf tls; do
		arrived "$dir/$1/$way.log" "$n"
		judge "$1: one line a record over $way" "$(lines "$dir/$1/$way.log")" "$n"
		ids_of "$dir/$1/$way.log" >"$dir/ids"
		# datagrams may overtake each other
		[ $way = udp ] && set -- "$1" "-s" || set -- "$1" ""
		judge "$1: every record in order over $way" "$(order "$2" "$dir/ids")" "$(order "$2" "$dir/wanted")"
	done
	if [ "$1" = syslog-ng ]; then
		judge "syslog-ng: every header is parsed" "$(grep -c '"PROGRAM":"wardtap"' "$dir/$1/parsed.log")" $((4 * n))
	fi
	tls_sink "$1-stranger" stranger | configure
	before=$(lines "$dir/$1/tls.log")
	forward
	sleep 0.5
	judge "$1: a sensor with a certificate of another authority gets nothing in" \
		"$(lines "$dir/$1/tls.log")" "$before"
	wrong_certificate "$1" expired
	wrong_certificate "$1" othername
	$peer stop "$dir/$1"
}

order() { # -s: whatever the order; file
	if [ "$1" = -s ]; then sort "$2" | cksum; else cksum <"$2"; fi
}

"$build"/wardtap replay --rules rules --journal "$dir/journal" pcaps/rules pcaps/hl7 >"$dir/told" 2>&1 || {
	cat "$dir/told"
	exit 1
}
# The file sink is the truth: it confirms each record.
own "$dir/journal"
mkdir "$dir/truth" && own "$dir/truth"
printf '  truth:\n    type: file\n    path: %s\n' "$dir/truth/eve.json" | configure
forward
judge "records to send" "$?" 0
n=$(lines "$dir/truth/eve.json")
ids_of "$dir/truth/eve.json" >"$dir/wanted"
judge "each has its id" "$(sort -u "$dir/wanted" | wc -l)" "$n"
[ "$n" -gt 20 ] || judge "enough records" "$n" "more than 20"
try_collector rsyslog
try_collector syslog-ng
echo "($n records to each)"
echo "$n_passed passed, $n_failed failed, $n_skipped skipped"
[ "$n_failed" = 0 ]
