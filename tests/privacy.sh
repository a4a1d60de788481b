#!/bin/sh
# Non-interference: captures that differ only in data of persons give identical output, and
# canaries in its place appear nowhere in it. Usage: tests/privacy.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
bin=${1:-build}/wardtap
[ -x "$bin" ] || { echo "SKIPPED: $bin is not built"; exit 77; }
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
room=$(mktemp -d) || exit 1
trap 'rm -rf "$room"' EXIT
umask 077
printf 'wardtap privacy test key, no secret' >"$room/key"
printf 'privacy:\n  key_file: %s\n' "$room/key" >"$room/site.conf"
python3 tests/privacy.py "$bin" "$room" "$room/site.conf"
