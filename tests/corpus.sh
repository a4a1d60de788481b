#!/bin/sh
# Every capture of pcaps/ and ../shared/pcaps by itself, whole and damaged.
# Usage: tests/corpus.sh BUILD (a build under sanitizers is known by its symbols)
set -u
cd "$(dirname "$0")/.." || exit 1
bin=${1:-build}/wardtap
[ -x "$bin" ] || { echo "SKIPPED: $bin is not built"; exit 77; }
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
room=$(mktemp -d) || exit 1
trap 'rm -rf "$room"' EXIT
sanitized=no
! grep -q __asan_init "$bin" || sanitized=yes
python3 tests/corpus.py "$bin" "$room" "$sanitized"
