#!/bin/sh
# Runs fuzz targets for a while each, from their seeds, as many at once as there are
# processors (JOBS=N: N). Usage: run.sh SECONDS NAME...
# FUZZ_SEED=N repeats a run: the whole test suite does, so that it says of a change what
# it said before; searching for what is new is `make fuzz` without it.
# What a target finds is written to build-fuzz/NAME.crash-*; keep it as a seed in
# tests/fuzz/corpus/NAME once it is fixed.
set -u

run_one() { # seconds, name: its verdict goes to $ROOM/NAME.good or NAME.bad
	seeds=tests/fuzz/corpus/$2 log=$ROOM/$2.log
	mkdir "$ROOM/$2" || return
	[ -d "$seeds" ] || seeds=
	if build-fuzz/fuzz_"$2" ${FUZZ_SEED:+-seed="$FUZZ_SEED"} -max_total_time="$1" -timeout=10 -rss_limit_mb=2048 \
		-artifact_prefix=build-fuzz/"$2". -print_final_stats=1 \
		"$ROOM/$2" $seeds >"$log" 2>&1; then
		mv "$log" "$ROOM/$2.good"
		printf '  FUZZ    %s (%s s): %s runs\n' "$2" "$1" \
			"$(sed -n 's/^stat::number_of_executed_units: *//p' "$ROOM/$2.good")"
	else
		mv "$log" "$ROOM/$2.bad"
		printf '  FUZZ    %s: BAD\n' "$2"
	fi
}

if [ "$1" = --one ]; then
	run_one "$2" "$3"
	exit 0
fi
seconds=$1
shift
ROOM=$(mktemp -d) || exit 1
export ROOM
trap 'rm -rf "$ROOM"' EXIT
printf '%s\n' "$@" | xargs -P "${JOBS:-$(nproc)}" -n 1 "$0" --one "$seconds"
n_good=0 n_bad=0
for name in "$@"; do
	if [ -f "$ROOM/$name.good" ]; then
		n_good=$((n_good + 1))
		continue
	fi
	n_bad=$((n_bad + 1))
	echo "---- $name:"
	if [ -f "$ROOM/$name.bad" ]; then
		grep -A12 '^whole:' "$ROOM/$name.bad" | cut -c1-300
		tail -40 "$ROOM/$name.bad"
	fi
done
echo "$n_good passed, $n_bad failed"
[ "$n_bad" = 0 ]
