#!/bin/sh
# The sinks for Splunk HEC and for Elastic/OpenSearch against receivers that are strict and
# fail in every way we know: tests/siem/http_sinks.py; and the courier around them:
# tests/siem/courier_stub.py. Usage: tests/siem_http.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
build=${1:-build}
for tool in python3 openssl; do
	if ! command -v "$tool" >/dev/null; then
		echo "SKIPPED: $tool is not installed"
		exit 77
	fi
done
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
n_passed=0 n_failed=0
for program in http_sinks courier_stub; do
	python3 -B tests/siem/$program.py "$build" >"$log" 2>&1
	code=$?
	cat "$log"
	set -- $(sed -n '$s/^\([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p' "$log")
	[ $# = 2 ] && [ "$code" = "$([ "$2" = 0 ] && echo 0 || echo 1)" ] || set -- 0 1
	n_passed=$((n_passed + $1)) n_failed=$((n_failed + $2))
done
echo "$n_passed passed, $n_failed failed"
[ "$n_failed" = 0 ]
