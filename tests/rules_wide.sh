#!/bin/sh
# Rules on every kind of keyword in Suricata and here, over all captures at once; see
# rules_wide.py. Usage: tests/rules_wide.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
exec python3 -B tests/rules_wide.py "$1/wardtap" ../shared/pcaps
