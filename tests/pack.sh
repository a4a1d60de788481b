#!/bin/sh
# The rule pack against its captures; see pack.py. Usage: tests/pack.sh BUILD
cd "$(dirname "$0")/.." || exit 1
exec python3 -B tests/pack.py "$1/wardtap" ../shared
