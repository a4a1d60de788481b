#!/bin/sh
# syslog-ng as the receiver: its syslog() source over UDP, TCP and TLS with certificates
# of both sides, and network() for lines. Usage: tests/siem/syslog-ng.sh fetch |
# check FILE | start|stop|kill DIR. What arrives is written raw to DIR/{udp,tcp,lf,tls}.log, and the
# parsed parts (host, program, message) of all to DIR/parsed.log as JSON.
# PEER_CERT=server|expired|othername: the certificate that it shows (start).
set -u
. "$(dirname "$0")/peer.sh"
cache=$(cache_folder)
root=$cache/syslog-ng

# The one of the system, else the one in the cache.
find_it() {
	set --
	program=$(PATH=$PATH:/usr/sbin command -v syslog-ng) && return 0
	program=$root/usr/sbin/syslog-ng
	[ -f "$root/complete" ] || return 1
	modules=$(echo "$root"/usr/lib/syslog-ng/[0-9]*)
	LD_LIBRARY_PATH=$root/usr/lib/syslog-ng:$(echo "$root"/usr/lib/*-linux-gnu*/ | tr ' ' ':')
	export LD_LIBRARY_PATH
}

run_it() {
	if [ -n "${modules:-}" ]; then
		"$program" --module-path "$modules" "$@"
	else
		"$program" "$@"
	fi
}

launch() {
	if [ -n "${modules:-}" ]; then
		exec "$program" --module-path "$modules" "$@"
	fi
	exec "$program" "$@"
}

fetch() {
	find_it || fetch_debian "$root" syslog-ng-core libivykis0 libnet1 libwrap0 libjson-c5 libpcre3 ||
		skip "its packages cannot be had"
}

configure() {
	cat <<END
@version: 3.38
options { keep-hostname(yes); use-dns(no); log-msg-size(65536); stats-freq(0); dns-cache(no); log-fifo-size(20000);
	owner(-1); group(-1); perm(-1); dir-owner(-1); dir-group(-1); dir-perm(-1); };
template raw { template("\${RAWMSG}\n"); };
template parsed { template("\$(format-json --key HOST --key PROGRAM --key MSGID --key PID --key ISODATE --key MESSAGE --key PRI)\n"); };
source s_udp { syslog(ip("127.0.0.1") port($UDP) transport("udp") so-rcvbuf(4194304) flags(store-raw-message)); };
source s_tcp { syslog(ip("127.0.0.1") port($TCP) transport("tcp") max-connections(64) log-iw-size(6400) flags(store-raw-message)); };
source s_lf { network(ip("127.0.0.1") port($LF) transport("tcp") max-connections(64) log-iw-size(6400) flags(syslog-protocol, store-raw-message)); };
source s_tls { syslog(ip("127.0.0.1") port($TLS) transport("tls") max-connections(64) log-iw-size(6400) flags(store-raw-message)
	tls(key-file("$dir/certs/${PEER_CERT:-server}.key") cert-file("$dir/certs/${PEER_CERT:-server}.crt")
		ca-file("$dir/certs/ca.crt") peer-verify(required-trusted))); };
destination d_parsed { file("$dir/parsed.log" template(parsed)); };
END
	for way in udp tcp lf tls; do
		echo "destination d_$way { file(\"$dir/$way.log\" template(raw)); };"
		echo "log { source(s_$way); destination(d_$way); destination(d_parsed); };"
	done
}

start() {
	need python3 openssl
	fetch
	find_it || skip "it is not installed"
	mkdir -p "$dir" && certificates "$dir" || fail "no certificates"
	if [ ! -f "$dir/env" ]; then
		set -- $(free_ports 4)
		cat >"$dir/env" <<END
UDP=$1
TCP=$2
LF=$3
TLS=$4
CA=$dir/certs/ca.crt
CLIENT_CERT=$dir/certs/client.crt
CLIENT_KEY=$dir/certs/client.key
SERVER_NAME=siem.test
END
	fi
	. "$dir/env"
	configure >"$dir/syslog-ng.conf"
	run_it -s -f "$dir/syslog-ng.conf" -R "$dir/persist" >"$dir/check" 2>&1 || {
		cat "$dir/check" >&2
		fail "configuration refused"
	}
	# exec: what is killed later has to be the program, not a shell around it
	launch -F --no-caps -f "$dir/syslog-ng.conf" -R "$dir/persist" -p "$dir/own.pid" \
		-c "$dir/ctl" >>"$dir/out" 2>&1 &
	echo $! >"$dir/pid"
	for port in "$TCP" "$LF" "$TLS"; do
		wait_for 20 "$dir/pid" listens "$port" || {
			cat "$dir/out" >&2
			fail "it did not start"
		}
	done
	cat "$dir/env"
}

# Says what is wrong with a configuration of somebody else.
check() {
	fetch
	find_it || skip "it is not installed"
	run_it --syntax-only --no-caps -f "$1" -R /nonexistent
}

dir=${2:-}
case ${1:-}:$dir in
fetch:) fetch ;;
check:/*) check "$dir" ;;
start:/*) start ;;
stop:/*) end "$dir/pid" TERM 10 ;;
kill:/*) end "$dir/pid" KILL 0 ;;
*)
	echo "usage: $0 fetch | check FILE | start|stop|kill DIR (absolute paths)" >&2
	exit 2
	;;
esac
