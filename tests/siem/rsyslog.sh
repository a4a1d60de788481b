#!/bin/sh
# rsyslog as the receiver: UDP, TCP with octet counting, TCP with lines, TLS with
# certificates of both sides. Usage: tests/siem/rsyslog.sh fetch | check FILE | start|stop|kill DIR
# What arrives is written raw, one message a line, to DIR/{udp,tcp,lf,tls}.log.
# PEER_CERT=server|expired|othername: the certificate that it shows (start).
set -u
. "$(dirname "$0")/peer.sh"
cache=$(cache_folder)
root=$cache/rsyslog dir=${2:-}

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

verify() {
	"$program" -N1 -M "$modules" -f "$1"
}

launch() {
	exec "$program" -n -M "$modules" -f "$1" -i "$dir/own.pid"
}

syslog_main "$@"
