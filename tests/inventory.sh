#!/bin/sh
# `wardtap inventory`: what replay leaves is listed, shown, exported and compared; each
# format is read back by somebody else's reader. Usage: tests/inventory.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
bin=${1:-build}/wardtap
[ -x "$bin" ] || { echo "SKIPPED: $bin is not built"; exit 77; }
command -v python3 >/dev/null || { echo "SKIPPED: python3 is not installed"; exit 77; }
room=$(mktemp -d) || exit 1
trap 'rm -rf "$room"' EXIT
umask 077
printf 'wardtap inventory test key, no secret' >"$room/key"
printf 'privacy:\n  key_file: %s\n' "$room/key" >"$room/site.conf"
# The validator of CycloneDX comes from PyPI: contrib/bootstrap.sh check installs it.
python=python3
[ ! -x build/venv/bin/python ] || python=build/venv/bin/python
"$python" tests/inventory.py "$bin" "$room" "$room/site.conf"
