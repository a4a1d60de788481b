#!/bin/sh
# The sinks for Splunk HEC and for Elastic/OpenSearch against receivers that are strict and
# fail in every way we know: tests/siem/http_sinks.py. Usage: tests/siem_http.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
build=${1:-build}
for tool in python3 openssl; do
	if ! command -v "$tool" >/dev/null; then
		echo "SKIPPED: $tool is not installed"
		exit 77
	fi
done
exec python3 -B tests/siem/http_sinks.py "$build"
