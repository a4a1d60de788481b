#!/bin/sh
# The inventory against the known content of captures: of ../shared/pcaps where it is
# there, and of recordings of real programs in pcaps/. Usage: tests/inventory_truth.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
bin=${1:-build}/wardtap
[ -x "$bin" ] || { echo "SKIPPED: $bin is not built"; exit 77; }
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
exec python3 tests/inventory_truth.py "$bin" ../shared/pcaps
