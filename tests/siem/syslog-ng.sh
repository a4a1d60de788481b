#!/bin/sh
# syslog-ng as the receiver: its syslog() source over UDP, TCP and TLS with certificates
# of both sides, and network() for lines. Usage: tests/siem/syslog-ng.sh fetch |
# check FILE | start|stop|kill DIR. What arrives is written raw to DIR/{udp,tcp,lf,tls}.log, and the
# parsed parts (host, program, message) of all to DIR/parsed.log as JSON.
# PEER_CERT=server|expired|othername: the certificate that it shows (start).
set -u
. "$(dirname "$0")/peer.sh"
cache=$(cache_folder)
root=$cache/syslog-ng dir=${2:-}

# The one of the system, else the one in the cache.
find_it() {
	program=$(PATH=$PATH:/usr/sbin command -v syslog-ng) && return 0
	program=$root/usr/sbin/syslog-ng
	[ -f "$root/complete" ] || return 1
	modules=$(echo "$root"/usr/lib/syslog-ng/[0-9]*)
	LD_LIBRARY_PATH=$root/usr/lib/syslog-ng:$(echo "$root"/usr/lib/*-linux-gnu*/ | tr ' ' ':')
	export LD_LIBRARY_PATH
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

# The options go to the program behind the folder of its modules, where that is ours.
run_it() {
	if [ -n "${modules:-}" ]; then
		exec "$program" --module-path "$modules" "$@"
	fi
	exec "$program" "$@"
}

verify() {
	(run_it --syntax-only --no-caps -f "$1" -R /nonexistent)
}

launch() {
	run_it -F --no-caps -f "$1" -R "$dir/persist" -p "$dir/own.pid" -c "$dir/ctl"
}

syslog_main "$@"
