#!/bin/sh
# The generated pages agree with the code. Usage: tests/vocab.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
n_passed=0 n_failed=0
new=$(mktemp) || exit 1
trap 'rm -f "$new"' EXIT
same() { # file, command...
	file=$1
	shift
	if "$@" >"$new" && diff -u "$file" "$new" >/dev/null 2>&1; then
		n_passed=$((n_passed + 1))
	else
		n_failed=$((n_failed + 1))
		echo "FAILED: $file differs from the code; run: make vocab"
	fi
}
same man/wardtap-events.7 man/events.sh "$1"/wardtap
same man/wardtap-siem.7 man/siem.sh "$1"/wardtap
same contrib/wardtap-events.schema.json "$1"/wardtap fields --schema
echo "$n_passed passed, $n_failed failed"
[ "$n_failed" = 0 ]
