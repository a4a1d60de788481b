#!/bin/sh
# rsyslog as the receiver: UDP, TCP with octet counting, TCP with lines, TLS with
# certificates of both sides. Usage: tests/siem/rsyslog.sh fetch | check FILE | start|stop|kill DIR
# What arrives is written raw, one message a line, to DIR/{udp,tcp,lf,tls}.log.
# PEER_CERT=server|expired|othername: the certificate that it shows (start).
set -u
. "$(dirname "$0")/peer.sh"
cache=$(cache_folder)
root=$cache/rsyslog

# The one of the system when it can do TLS, else the one in the cache.
find_it() {
	for modules in /usr/lib/*/rsyslog; do
		[ -f "$modules/lmnsd_ossl.so" ] && program=$(PATH=$PATH:/usr/sbin command -v rsyslogd) && return 0
	done
	program=$root/usr/sbin/rsyslogd
	[ -f "$root/complete" ] || return 1
	modules=$(echo "$root"/usr/lib/*/rsyslog)
	LD_LIBRARY_PATH=$(echo "$root"/usr/lib/*/ | tr ' ' ':')
	export LD_LIBRARY_PATH
}

fetch() {
	find_it || fetch_debian "$root" rsyslog rsyslog-openssl libestr0 libfastjson4 liblognorm5 ||
		skip "its packages cannot be had"
}

configure() {
	cat <<END
global(workDirectory="$dir/work" maxMessageSize="64k" net.enableDNS="off"
	parser.escapeControlCharactersOnReceive="off"
	defaultNetstreamDriver="ptcp" defaultNetstreamDriverCAFile="$dir/certs/ca.crt"
	defaultNetstreamDriverCertFile="$dir/certs/${PEER_CERT:-server}.crt"
	defaultNetstreamDriverKeyFile="$dir/certs/${PEER_CERT:-server}.key")
main_queue(queue.size="20000" queue.type="FixedArray")
module(load="imudp")
module(load="imtcp" maxSessions="64")
template(name="raw" type="list") { property(name="rawmsg") constant(value="\n") }
input(type="imudp" address="127.0.0.1" port="$UDP" ruleset="udp" rcvbufSize="4m")
input(type="imtcp" address="127.0.0.1" port="$TCP" ruleset="tcp")
input(type="imtcp" address="127.0.0.1" port="$LF" ruleset="lf" supportOctetCountedFraming="off")
input(type="imtcp" address="127.0.0.1" port="$TLS" ruleset="tls" streamDriver.name="ossl"
	streamDriver.mode="1" streamDriver.authMode="x509/name" permittedPeer=["sensor.test"])
END
	for way in udp tcp lf tls; do
		echo "ruleset(name=\"$way\") { action(type=\"omfile\" file=\"$dir/$way.log\" template=\"raw\" flushOnTXEnd=\"on\") }"
	done
}

start() {
	need python3 openssl
	fetch
	find_it || skip "it is not installed"
	mkdir -p "$dir/work" && certificates "$dir" || fail "no certificates"
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
	configure >"$dir/rsyslog.conf"
	"$program" -N1 -M "$modules" -f "$dir/rsyslog.conf" >"$dir/check" 2>&1 || {
		cat "$dir/check" >&2
		fail "configuration refused"
	}
	rm -f "$dir/own.pid"
	"$program" -n -M "$modules" -f "$dir/rsyslog.conf" -i "$dir/own.pid" >>"$dir/out" 2>&1 &
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
	"$program" -N1 -M "$modules" -f "$1"
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
