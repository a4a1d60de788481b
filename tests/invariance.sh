#!/bin/sh
# The same captures give the same bytes: for any number of workers, and again with other
# hash seeds (each run draws its own). Usage: tests/invariance.sh BUILD
# Eviction under tiny limits is held to the same in check_stream and check_engine.
set -u
cd "$(dirname "$0")/.." || exit 1
bin=${1:-build}/wardtap
[ -x "$bin" ] || { echo "SKIPPED: $bin is not built"; exit 77; }
room=$(mktemp -d) || exit 1
trap 'rm -rf "$room"' EXIT
umask 077
printf 'wardtap golden output key, no secret' >"$room/key"
printf 'privacy:\n  key_file: %s\n' "$room/key" >"$room/keyed.conf"
: >"$room/derived.conf"
passed=0 failed=0 skipped=0

run() {
	rm -rf "${room:?}/$1"
	mkdir "$room/$1"
	out=$1
	shift
	"$bin" replay -o "$room/$out" "$@" 2>"$room/$out.errors"
	echo $? >"$room/$out/status"
	cp "$room/$out.errors" "$room/$out/errors"
}

compare() { # WHAT WANT GOT
	for file in events.jsonl inventory.json stats.json receipt.json errors status; do
		if cmp -s "$room/$2/$file" "$room/$3/$file"; then
			passed=$((passed + 1))
		else
			echo "$1: $file differs"
			diff "$room/$2/$file" "$room/$3/$file" | head -n 4 | cut -c 1-300
			failed=$((failed + 1))
		fi
	done
}

vary() { # NAME CONF PATHS...
	name=$1 conf=$2
	shift 2
	run want -c "$room/$conf" -j 1 "$@"
	[ -s "$room/want/events.jsonl" ] || { echo "$name: no events"; failed=$((failed + 1)); }
	for j in 1 2 3 7; do
		run got -c "$room/$conf" -j "$j" "$@"
		compare "$name -j $j" want got
	done
	echo "$name: $(wc -l <"$room/want/events.jsonl") events, 1 (twice), 2, 3 and 7 workers"
}

vary "pcaps, configured key" keyed.conf pcaps
vary "pcaps, derived key" derived.conf pcaps
if [ -d ../shared/pcaps ]; then
	vary "../shared/pcaps" derived.conf ../shared/pcaps
	vary "all at once, filtered" keyed.conf -F 'tcp or udp' pcaps ../shared/pcaps
else
	echo "../shared/pcaps is absent: 955 captures of many protocols were not compared"
	skipped=$((skipped + 1))
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ]
