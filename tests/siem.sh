#!/bin/sh
# Real receivers that Debian does not package: an OpenSearch node and an OpenTelemetry
# Collector as Splunk's event collector. First each has to prove itself with requests made
# by hand, then records go there, and contrib/ has to work on what arrived.
# Usage: tests/siem.sh BUILD. Needs Java 11 to 21 with Maven, and the Go of
# tests/siem/otel/go.mod; what is missing is skipped with a word. With SIEM_ASKED set (CI),
# a peer that cannot be had is a failure.
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
dir=$(mktemp -d) || exit 1
chmod 755 "$dir"
peers=tests/siem
clean() {
	$peers/opensearch.sh kill "$dir/opensearch"
	$peers/otel.sh kill "$dir/otel"
	rm -rf "$dir"
}
trap clean EXIT INT TERM
n_passed=0 n_failed=0 n_skipped=0

judge() { # name, command...
	name=$1
	shift
	if "$@" >"$dir/log" 2>&1; then
		n_passed=$((n_passed + 1))
	else
		n_failed=$((n_failed + 1))
		echo "FAILED: $name"
		tail -n 20 "$dir/log"
	fi
}

soon() { # command...: until it succeeds, at most half a minute
	left=60
	until "$@"; do
		left=$((left - 1))
		[ $left -gt 0 ] || return 1
		sleep 0.5
	done
}

# Runs a program that judges for itself, and adds up.
sums() { # command...
	"$@" >"$dir/log" 2>&1
	code=$?
	set -- $(sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$dir/log")
	[ $# = 2 ] && [ "$code" = "$([ "$2" = 0 ] && echo 0 || echo 1)" ] || set -- 0 1
	[ "$2" = 0 ] || tail -n 40 "$dir/log"
	grep '^SKIPPED' "$dir/log"
	n_passed=$((n_passed + $1)) n_failed=$((n_failed + $2))
}

took() { # name, seconds since
	echo "($1: $(($(date +%s) - $2)) s)"
}

# Starts a peer; false when this machine cannot have it.
begin() { # name
	since=$(date +%s)
	$peers/"$1".sh fetch >"$dir/told" 2>&1
	code=$?
	took "$1 fetched or built" "$since"
	since=$(date +%s)
	[ $code != 0 ] || $peers/"$1".sh start "$dir/$1" >"$dir/told" 2>&1
	code=$((code + $?))
	if [ $code = 0 ]; then
		took "$1 started" "$since"
		return 0
	fi
	cat "$dir/told"
	if [ $code = 77 ] && [ -z "${SIEM_ASKED:-}" ]; then
		n_skipped=$((n_skipped + 1))
	else
		n_failed=$((n_failed + 1))
		echo "FAILED: $1 is not there"
	fi
	return 1
}

records() {
	"$build"/wardtap replay --rules rules --journal "$dir/journal" pcaps/rules pcaps/hl7 || return 1
	for format in hec ecs; do
		"$build"/tests/live_documents $format "$dir/journal" >"$dir/$format" || return 1
	done
	# the last four are made up; the others are what the courier will send
	head -n -4 "$dir/hec" >"$dir/hec.journal" && [ "$(wc -l <"$dir/ecs")" -gt 20 ]
}

# By `export setup`, twice, as an update of the sensor does. What it says it has done is
# asked for by hand; the policy's plugin is not in the minimal distribution, and it says so.
install_templates() {
	printf '%s\n' "journal: {dir: $dir/journal}" \
		"sinks: {node: {type: elastic, url: ['$URL'], data_stream: logs-wardtap.alert-courier}}" >"$dir/conf"
	for turn in first second; do
		"$build"/wardtap export setup -c "$dir/conf" >"$dir/setup" 2>&1 || {
			echo "the $turn time: exit $?"
			cat "$dir/setup"
			return 1
		}
	done
	cat "$dir/setup"
	grep -q '_plugins/.*no index management' "$dir/setup" || return 1
	grep '^PUT' contrib/opensearch/setup.list | while read -r _ path _; do
		case $path in _plugins/*) continue ;; esac
		grep -q "/$path: done" "$dir/setup" && curl -sf --max-time 60 "$URL/$path" >/dev/null || exit 1
	done
}

sigma() {
	if build/venv/bin/python -c 'import sigma.backends.opensearch' 2>/dev/null; then
		judge "Sigma rules become queries" build/venv/bin/python -B $peers/sigma_queries.py contrib/sigma "$dir/queries"
	fi
}

post() { # url, file, curl options...
	url=$1 file=$2
	shift 2
	curl -s --max-time 30 -w ' %{http_code}' --data-binary "@$file" "$@" "$url"
}

# The event collector by hand: tokens, channels, acknowledgement, compression, faults.
hec_by_hand() {
	. "$dir/otel/env"
	at=http://127.0.0.1:$HTTP/services/collector
	token="Authorization: Splunk $TOKEN"
	channel="X-Splunk-Request-Channel: 8f5e1a52-5a7e-4b1f-9d3c-2f6d8f0b7c11"
	gzip -c "$dir/hec" >"$dir/hec.gz"
	tr -d '\n' <"$dir/hec" >"$dir/hec.joined"
	echo '{"event":' >"$dir/cut"
	echo '{"acks":[0]}' >"$dir/asked"
	answer_is() { # wanted, post arguments...
		wanted=$1
		shift
		found=$(post "$@")
		echo "$found"
		case $found in *$wanted*) ;; *) return 1 ;; esac
	}
	judge "HEC: no token" answer_is " 401" "$at/event" "$dir/hec"
	judge "HEC: wrong token" answer_is " 401" "$at/event" "$dir/hec" -H "Authorization: Splunk x"
	judge "HEC: a batch has its number" answer_is '"ackId": 0}' "$at/event" "$dir/hec.joined" -H "$token" -H "$channel"
	judge "HEC: not acknowledged at once" answer_is '"0":false' "$at/ack" "$dir/asked" -H "$token" -H "$channel"
	judge "HEC: acknowledged later" soon answer_is '"0":true' "$at/ack" "$dir/asked" -H "$token" -H "$channel"
	judge "HEC: what was acknowledged is forgotten" answer_is '"0":false' "$at/ack" "$dir/asked" -H "$token" -H "$channel"
	judge "HEC: gzip over TLS" answer_is '"ackId": 1}' "https://localhost:$HTTPS/services/collector/event" "$dir/hec.gz" \
		-H "$token" -H "$channel" -H 'Content-Encoding: gzip' --cacert "$CA"
	judge "HEC: half an event is refused" answer_is '"code":6} 400' "$at/event" "$dir/cut" -H "$token" -H "$channel"
	judge "HEC: a channel has to be a GUID" answer_is " 400" "$at/event" "$dir/hec" -H "$token" -H 'X-Splunk-Request-Channel: x'
	judge "HEC: without acknowledgement" answer_is '"code": 0} 200' "http://127.0.0.1:$NOACK/services/collector/event" "$dir/hec" -H "$token"
	judge "HEC: every record arrived three times, and whole" soon python3 -B $peers/hec_arrived.py "$dir/otel/events.json" "$dir/hec" 3
}

# The courier gives up root, so what it reads and writes belongs to its user.
as() { "$@"; }
own() { :; }
if [ "$(id -u)" = 0 ]; then
	own() { chown -R 65534:65534 "$@"; }
	as() { setpriv --reuid=65534 --regid=65534 --clear-groups "$@"; }
fi

courier() { # options of a sink, one a line
	printf '%s\n' "journal:" "  dir: $dir/journal" "sinks:" >"$dir/conf"
	printf '  %s\n' "$@" >>"$dir/conf"
	own "$dir/journal"
	as timeout -s KILL 90 "$build"/wardtap courier -c "$dir/conf" --once
}

# Sends the journal to the node twice under two names: what is there stays there once.
courier_to_opensearch() {
	for sink in first second; do
		judge "courier: OpenSearch, $sink time" courier "$sink:" "  type: elastic" "  url: [$URL]" \
			"  data_stream: logs-wardtap.alert-courier"
	done
	sums python3 -B $peers/search_check.py "$URL" courier "$dir"
}

courier_to_otel() {
	. "$dir/otel/env"
	own "$dir/otel/token"
	for way in "http://127.0.0.1:$HTTP on" "https://localhost:$HTTPS auto" "http://127.0.0.1:$NOACK off"; do
		: >"$dir/otel/events.json"
		set -- "hec:" "  type: hec" "  url: [${way% *}]" "  token_file: $dir/otel/token" "  ack: ${way#* }"
		case $way in https*) set -- "$@" "  tls:" "    ca_file: $CA" ;; esac
		judge "courier: HEC at $way" courier "$@"
		judge "courier: HEC at $way: all arrived" soon python3 -B $peers/hec_arrived.py \
			"$dir/otel/events.json" "$dir/hec.journal" any
		rm -f "$dir/journal/hec.cursor"
	done
}

judge "records to send" records
if begin opensearch; then
	. "$dir/opensearch/env"
	judge "export setup installs what setup.list names" install_templates
	sigma
	sums python3 -B $peers/search_check.py "$URL" load "$dir"
	sums python3 -B $peers/search_check.py "$URL" contrib "$dir"
	courier_to_opensearch
	$peers/opensearch.sh stop "$dir/opensearch"
fi
if begin otel; then
	hec_by_hand
	courier_to_otel
	$peers/otel.sh stop "$dir/otel"
fi
echo "$n_passed passed, $n_failed failed, $n_skipped skipped"
[ "$n_failed" = 0 ]
