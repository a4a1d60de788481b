#!/bin/sh
# Every test of one build, with a sum at the end. Usage: tests/run.sh BUILD
# Programs of the Check library print their own summary; scripts end with
# "N passed, N failed[, N skipped]", or exit with 77 where they cannot run.
set -u
export BUILD="$1"
cd "$(dirname "$0")/.." || exit 1
n_passed=0 n_failed=0 n_skipped=0
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT

add() {
	n_passed=$((n_passed + $1)) n_failed=$((n_failed + $2)) n_skipped=$((n_skipped + $3))
}

run_program() {
	name=$(basename "$1")
	started=$(date +%s)
	# Check forks its tests, which end without freeing their fixtures; leaks of the
	# program itself are looked for where it runs as a program (corpus, usage, cases).
	ASAN_OPTIONS=detect_leaks=0 "$1" >"$log" 2>&1
	code=$?
	sums=$(sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\).*/\1 \2 \3/p' "$log" |
		awk '{ c += $1; f += $2 + $3 } END { if (NR) print c, f }')
	set -- $sums
	if [ $# -lt 2 ]; then
		set -- 1 1
	fi
	[ "$code" = 0 ] || [ "$2" != 0 ] || set -- "$1" 1
	add $(($1 - $2)) "$2" 0
	printf '  %-28s %4d passed, %d failed (%d s)\n' "$name" $(($1 - $2)) "$2" $(($(date +%s) - started))
	[ "$2" = 0 ] || cat "$log"
	grep -i '^SKIPPED' "$log"
	return 0
}

run_script() {
	name=$(basename "$1" .sh)
	started=$(date +%s)
	case $name in
	live*) ASAN_OPTIONS=detect_leaks=0 "$@" >"$log" 2>&1 ;; # not dumpable: no leak check
	*) "$@" >"$log" 2>&1 ;;
	esac
	code=$?
	if [ "$code" = 77 ]; then
		add 0 0 1
		printf '  %-28s SKIPPED: %s\n' "$name" "$(grep -i -m1 skip "$log")"
		return 0
	fi
	line=$(grep -E '^[0-9]+ passed, [0-9]+ failed' "$log" | tail -n 1)
	p=$(printf '%s' "$line" | sed 's/ passed.*//')
	f=$(printf '%s' "$line" | sed 's/.* passed, \([0-9]*\) failed.*/\1/')
	s=$(printf '%s' "$line" | sed -n 's/.* failed, \([0-9]*\) skipped.*/\1/p')
	[ -n "$line" ] || p=0 f=1
	[ "$code" = 0 ] || [ "$f" != 0 ] || f=1
	add "$p" "$f" "${s:-0}"
	printf '  %-28s %4d passed, %d failed, %d skipped (%d s)\n' "$name" "$p" "$f" "${s:-0}" \
		$(($(date +%s) - started))
	[ "$f" = 0 ] || cat "$log"
	grep -i '^SKIPPED\|absent' "$log" | head -3
	return 0
}

for program in "$BUILD"/tests/check_*; do
	case $program in *.o | *.d) continue ;; esac
	run_program "$program"
done
for script in layers vocab cases truth inventory_truth systems schema inventory corpus invariance privacy canary usage contrib rules_verify pack rules_random rules_peer rules_wide journal encode courier courier_rsyslog siem_http collectors report live live_replay live_reload diff/run; do
	[ -x "tests/$script.sh" ] || continue
	case $BUILD:$script in
	build-asan:invariance | build-asan:diff/run | build-asan:schema | build-asan:truth | build-asan:inventory_truth | build-asan:privacy | build-asan:canary | build-asan:encode | build-asan:vocab | build-asan:rules_verify | build-asan:pack | build-asan:rules_random | build-asan:rules_peer | build-asan:rules_wide | build-asan:layers | build-asan:contrib)
		continue ;; # says nothing new under sanitizers
	esac
	run_script "tests/$script.sh" "$BUILD"
done
echo "$n_passed passed, $n_failed failed, $n_skipped skipped"
[ "$n_failed" = 0 ]
