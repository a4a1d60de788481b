#!/bin/sh
# Runs fuzz targets for a while each, from their seeds. Usage: run.sh SECONDS NAME...
# FUZZ_SEED=N repeats a run: the whole test suite does, so that it says of a change what
# it said before; searching for what is new is `make fuzz` without it.
# What a target finds is written to build-fuzz/NAME.crash-*; keep it as a seed in
# tests/fuzz/corpus/NAME once it is fixed.
set -u
seconds=$1
shift
n_good=0 n_bad=0
for name in "$@"; do
	seeds=tests/fuzz/corpus/$name
	work=$(mktemp -d) || exit 1
	[ -d "$seeds" ] || seeds=
	printf '  FUZZ    %s (%s s)\n' "$name" "$seconds"
	if build-fuzz/fuzz_"$name" ${FUZZ_SEED:+-seed="$FUZZ_SEED"} -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 \
		-artifact_prefix=build-fuzz/"$name". -print_final_stats=1 \
		"$work" $seeds >"$work.log" 2>&1; then
		n_good=$((n_good + 1))
		grep 'number_of_executed_units' "$work.log"
	else
		n_bad=$((n_bad + 1))
		grep -A12 '^whole:' "$work.log" | cut -c1-300
		tail -40 "$work.log"
	fi
	rm -rf "$work" "$work.log"
done
echo "$n_good passed, $n_bad failed"
[ "$n_bad" = 0 ]
