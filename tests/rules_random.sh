#!/bin/sh
# 300 rules of the public set on traffic of their own contents; see rules_random.py.
# Usage: tests/rules_random.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
exec python3 -B tests/rules_random.py "$1/wardtap" ../shared/data/et-open
