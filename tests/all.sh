#!/bin/sh
# The whole test suite: both compilers, sanitizers, static checks, a round of fuzzing.
# Ends with one line: N passed, N failed, N skipped.
set -u
cd "$(dirname "$0")/.." || exit 1
jobs=$(nproc)
n_passed=0 n_failed=0 n_skipped=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

step() { # name, command...: adds the counts of its last summary line, or one
	name=$1
	shift
	started=$(date +%s)
	printf '== %s\n' "$name"
	"$@" >"$log" 2>&1
	code=$?
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
	# as comment lines, so that the one summary is the last line of all
	sed 's/^\([0-9]* passed, [0-9]* failed.*\)$/   = \1/' "$log" | tail -n 400
	p=$(printf '%s' "$line" | sed 's/ passed.*//')
	f=$(printf '%s' "$line" | sed 's/.* passed, \([0-9]*\) failed.*/\1/')
	s=$(printf '%s' "$line" | sed -n 's/.* failed, \([0-9]*\) skipped.*/\1/p')
	if [ -z "$line" ]; then
		[ "$code" = 0 ] && p=1 f=0 || p=0 f=1
	fi
	[ "$code" = 0 ] || [ "$f" != 0 ] || f=1
	n_passed=$((n_passed + p)) n_failed=$((n_failed + f)) n_skipped=$((n_skipped + ${s:-0}))
	printf '== %s: %s (%d s)\n' "$name" "$([ "$f" = 0 ] && echo good || echo BAD)" \
		$(($(date +%s) - started))
}

step "build with gcc" make -j"$jobs" all checks
step "build with clang" make -j"$jobs" CC=clang-14 BUILD=build-clang all
step "tests" make -j"$jobs" check
step "real receivers" make -j"$jobs" check-siem
step "lint" make lint
step "tests under sanitizers" make -j"$jobs" check-asan
step "fuzzing" make -j"$jobs" fuzz T="${FUZZ_SECONDS:-15}"
printf '\n%d passed, %d failed, %d skipped\n' "$n_passed" "$n_failed" "$n_skipped"
[ "$n_failed" = 0 ]
