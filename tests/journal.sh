#!/bin/sh
# The journal under kill -9: a writer is killed 30 times at random; every alert that it
# called durable is there afterwards, once, and every restart told the gap.
# Usage: tests/journal.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n_passed=0 n_failed=0 first=1 rounds=30 n_wrote=0

judge() { # name, what was found, what was expected
	if [ "$2" = "$3" ]; then
		n_passed=$((n_passed + 1))
	else
		n_failed=$((n_failed + 1))
		echo "FAILED: $1: found $2, expected $3"
	fi
}

: >"$dir/durable"
i=0
while [ $i -lt $rounds ]; do
	i=$((i + 1))
	"$build"/tests/live_journal "$dir/j" $first >"$dir/told" &
	pid=$!
	sleep 0.$(awk -v seed=$i 'BEGIN { srand(seed * 7919 + systime()); printf "%02d", 10 + rand() * 50 }')
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	n=$(grep -x '[0-9]*' "$dir/told" | tail -n 1)
	if [ -n "$n" ]; then # otherwise it was killed while it started
		seq $first $((first + n - 1)) >>"$dir/durable"
		n_wrote=$((n_wrote + 1))
	fi
	first=$((first + 1000000))
done
"$build"/wardtap alerts list -n 0 --json -s "$dir/j" >"$dir/alerts"
sed -n 's/.*"kind":"rule".*"signature_id":\([0-9]*\),.*/\1/p' "$dir/alerts" | sort >"$dir/found"
sort "$dir/durable" >"$dir/wanted"
judge "durable alerts that are lost" "$(comm -23 "$dir/wanted" "$dir/found" | wc -l)" 0
judge "alerts that are there twice" "$(uniq -d "$dir/found" | wc -l)" 0
judge "some alerts were written" "$(test -s "$dir/wanted" && echo yes)" yes
n_gaps=$(grep -c '"kind":"sensor_gap"' "$dir/alerts")
judge "every start behind the first tells a gap" "$((n_gaps >= n_wrote - 1))" 1
judge "damages told" "$(grep -c '"kind":"journal_damage"' "$dir/alerts")" 0
echo "($n_wrote starts wrote, $n_gaps gaps, $(wc -l <"$dir/wanted") alerts called durable, $(wc -l <"$dir/found") found)"
echo "$n_passed passed, $n_failed failed"
[ "$n_failed" = 0 ]
