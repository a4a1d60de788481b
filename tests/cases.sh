#!/bin/sh
# Captures and the events they give (tests/cases, tests/golden/). Usage:
#   tests/cases.sh BUILD              compare
#   GOLDEN=write tests/cases.sh BUILD rewrite the goldens, to be read before a commit
set -u
cd "$(dirname "$0")/.." || exit 1
bin=${1:-build}/wardtap
[ -x "$bin" ] || { echo "SKIPPED: $bin is not built"; exit 77; }
room=$(mktemp -d) || exit 1
trap 'rm -rf "$room"' EXIT
umask 077 # a key that others may read is refused
printf 'wardtap golden output key, no secret' >"$room/key"
printf 'privacy:\n  key_file: %s\n' "$room/key" >"$room/site.conf"
mkdir -p tests/golden
passed=0 failed=0

fail() {
	echo "$1: $2"
	failed=$((failed + 1))
}

while read -r name capture golden options; do
	case $name in '' | '#'*) continue ;; esac
	# the options are shell words, quotes and all
	eval "set -- $options"
	if ! "$bin" replay -c "$room/site.conf" -o "$room/out" "$@" "$capture" 2>"$room/errors"; then
		fail "$name" "replay ended with an error: $(head -n 1 "$room/errors")"
	elif [ "${GOLDEN:-}" = write ]; then
		install -m 0644 "$room/out/events.jsonl" "tests/golden/$golden"
		passed=$((passed + 1))
	elif ! diff -u "tests/golden/$golden" "$room/out/events.jsonl" >"$room/diff" 2>&1; then
		fail "$name" "differs from tests/golden/$golden"
		head -n 6 "$room/diff" | cut -c 1-600
	else
		passed=$((passed + 1))
	fi
	rm -rf "$room/out"
done <tests/cases
for golden in tests/golden/*.jsonl; do
	grep -q "[[:space:]]$(basename "$golden")" tests/cases ||
		fail "$golden" "no case of tests/cases names it"
done
[ "${GOLDEN:-}" != write ] || echo "goldens are written; read them before you commit them"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
