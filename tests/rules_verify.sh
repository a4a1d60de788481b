#!/bin/sh
# Public rule test cases; see rules_verify.py. Usage: tests/rules_verify.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
for PYTHON in python3 /usr/bin/python3; do
	"$PYTHON" -c 'import yaml' 2>/dev/null && break
done
"$PYTHON" -c 'import yaml' 2>/dev/null || {
	echo "SKIPPED: public rule cases: python3 with python3-yaml is needed"
	exit 77
}
exec "$PYTHON" -B tests/rules_verify.py "$1/wardtap" ../shared/data/suricata-verify ../shared/pcaps
