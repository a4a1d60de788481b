#!/bin/sh
# Hostile texts in every field of records through every encoder, read back by independent
# parsers. Usage: tests/encode.sh BUILD [RECORDS [SEED]]
# pycef and cefevent (PyPI) judge too where build/venv has them (contrib/bootstrap.sh).
set -u
cd "$(dirname "$0")/.." || exit 1
driver=$1/tests/diff/encode
[ -x "$driver" ] || { echo "SKIPPED: $driver is not built"; exit 77; }
python=python3
[ -x build/venv/bin/python ] && python=build/venv/bin/python
command -v "$python" >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
exec "$python" -B tests/encode.py "$driver" "${2:-3000}" "${3:-1}"
