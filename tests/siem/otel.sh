#!/bin/sh
# A Splunk HTTP event collector: the OpenTelemetry Collector with its HEC receiver, built
# from otel/. Usage: tests/siem/otel.sh fetch | start|stop|kill DIR
# Three ports: HTTP and HTTPS with acknowledgement, NOACK (plain) without. All ask for the
# token. What arrives is appended to DIR/events.json, one request a line, as OTLP JSON.
# For start: PEER_ACK_DELAY (200ms) until an acknowledgement becomes true,
# PEER_ACK_LOSE=n: every n-th never does; PEER_CERT=server|expired|othername.
# Needs the Go that otel/go.mod names, or newer; the program is built once into the cache.
set -u
here=$(cd "$(dirname "$0")" && pwd)
. "$here/peer.sh"
cache=$(cache_folder)
token=6b9d1f5e-2f0e-4c58-9a67-3a0d5f1c7e42
program=$cache/hecpeer-$(cd "$here/otel" && cat go.mod go.sum *.go */*.go */go.mod | cksum | tr ' ' '-')

fetch() {
	[ -x "$program" ] && return 0
	need go
	wanted=$(sed -n 's/^go //p' "$here/otel/go.mod")
	(cd "$here/otel" && go list -m >/dev/null 2>&1) ||
		skip "Go $wanted or newer is needed, this is $(go version | cut -d ' ' -f 3)"
	mkdir -p "$cache" || fail "cannot write to $cache"
	rm -f "$cache"/hecpeer-*
	(cd "$here/otel" && CGO_ENABLED=0 go build -trimpath -ldflags='-s -w' -o "$program.new" .) \
		>"$cache/hecpeer.log" 2>&1 || {
		tail -n 5 "$cache/hecpeer.log" >&2
		skip "its modules cannot be had, or do not build"
	}
	mv "$program.new" "$program"
}

receiver() { # name, port, extra line
	cat <<END
  splunk_hec/$1:
    endpoint: 127.0.0.1:$2
    auth: { authenticator: bearertokenauth }
$3
END
}

configure() {
	cat <<END
extensions:
  ack: { delay: ${PEER_ACK_DELAY:-200ms}, lose_every: ${PEER_ACK_LOSE:-0} }
  bearertokenauth: { scheme: Splunk, token: $token }
exporters:
  file: { path: $dir/events.json, append: true, flush_interval: 100ms }
receivers:
END
	receiver plain "$HTTP" "    ack: { extension: ack }"
	receiver tls "$HTTPS" "    ack: { extension: ack }
    tls: { cert_file: $dir/certs/${PEER_CERT:-server}.crt, key_file: $dir/certs/${PEER_CERT:-server}.key, min_version: '1.2' }"
	receiver noack "$NOACK" ""
	cat <<END
service:
  extensions: [ack, bearertokenauth]
  telemetry:
    metrics: { level: none }
  pipelines:
    logs: { receivers: [splunk_hec/plain, splunk_hec/tls, splunk_hec/noack], exporters: [file] }
END
}

start() {
	need curl python3 openssl
	fetch
	mkdir -p "$dir" && certificates "$dir" || fail "no certificates"
	if [ ! -f "$dir/env" ]; then
		set -- $(free_ports 3)
		cat >"$dir/env" <<END
HTTP=$1
HTTPS=$2
NOACK=$3
TOKEN=$token
CA=$dir/certs/ca.crt
SERVER_NAME=siem.test
END
		(umask 077 && echo "$token" >"$dir/token")
	fi
	. "$dir/env"
	configure >"$dir/config.yaml"
	GOMEMLIMIT=256MiB GOMAXPROCS=2 "$program" "$dir/config.yaml" >>"$dir/out" 2>&1 &
	echo $! >"$dir/pid"
	for port in "$HTTP" "$HTTPS" "$NOACK"; do
		wait_for 60 "$dir/pid" listens "$port" || {
			tail -n 20 "$dir/out" >&2
			fail "it did not start"
		}
	done
	cat "$dir/env"
}

dir=${2:-}
case ${1:-}:$dir in
fetch:) fetch ;;
start:/*) start ;;
stop:/*) end "$dir/pid" TERM 15 ;;
kill:/*) end "$dir/pid" KILL 0 ;;
*)
	echo "usage: $0 fetch | start|stop|kill DIR (an absolute path)" >&2
	exit 2
	;;
esac
