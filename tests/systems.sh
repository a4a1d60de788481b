#!/bin/sh
# Operating systems from TCP SYN packets against hosts whose system is known, in
# ../shared/pcaps where it is there and in pcaps/. Usage: tests/systems.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
bin=${1:-build}/wardtap
[ -x "$bin" ] || { echo "SKIPPED: $bin is not built"; exit 77; }
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
exec python3 tests/systems.py "$bin" ../shared/pcaps
