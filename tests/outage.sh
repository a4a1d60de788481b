#!/bin/sh
# An outage of both receivers that confirm, scaled: tests/siem/outage.py.
# Usage: tests/outage.sh BUILD [OPTION=VALUE]...
set -u
cd "$(dirname "$0")/.." || exit 1
for tool in python3 openssl setpriv; do
	command -v $tool >/dev/null || { echo "SKIPPED: $tool is not installed"; exit 77; }
done
exec python3 -B tests/siem/outage.py "$@"
