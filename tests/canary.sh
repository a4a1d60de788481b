#!/bin/sh
# No trace of a person in alerts, whatever the rules look at: canaries through rules over
# every field, the journal, and every encoder. Usage: tests/canary.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
bin=${1:-build}/wardtap driver=${1:-build}/tests/diff/encode
[ -x "$bin" ] && [ -x "$driver" ] || { echo "SKIPPED: $bin or $driver is not built"; exit 77; }
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
room=$(mktemp -d) || exit 1
trap 'rm -rf "$room"' EXIT
umask 077
printf 'wardtap privacy test key, no secret' >"$room/key"
printf 'privacy:\n  key_file: %s\nsensor:\n  name: ward 7\n' "$room/key" >"$room/site.conf"
python3 -B tests/canary.py "$bin" "$room" "$room/site.conf" "$driver"
