#!/bin/sh
# The generated pages agree with the code. Usage: tests/vocab.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
n_passed=0 n_failed=0
same() { # file; new content on standard input
	if diff -u "$1" - >/dev/null 2>&1; then
		n_passed=$((n_passed + 1))
	else
		n_failed=$((n_failed + 1))
		echo "FAILED: $1 differs from the code; run: make vocab"
	fi
}
man/events.sh "$1"/wardtap | same man/wardtap-events.7
"$1"/wardtap fields --schema | same contrib/wardtap-events.schema.json
echo "$n_passed passed, $n_failed failed"
[ "$n_failed" = 0 ]
