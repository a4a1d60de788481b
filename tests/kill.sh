#!/bin/sh
# Alerts through every sink while sinks, courier and sensor are killed and disks fill:
# tests/siem/kill.py, in a small form. Usage: tests/kill.sh BUILD [OPTION=VALUE]...
set -u
cd "$(dirname "$0")/.." || exit 1
for tool in python3 openssl setpriv; do
	command -v $tool >/dev/null || { echo "SKIPPED: $tool is not installed"; exit 77; }
done
exec python3 -B tests/siem/kill.py "$@"
