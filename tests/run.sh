#!/bin/sh
# Every test of one build, several at once, with a sum at the end. Usage: tests/run.sh BUILD
# Programs of the Check library print their own summary; scripts end with
# "N passed, N failed[, N skipped]", or exit with 77 where they cannot run.
#   JOBS=N         tests at once; one more than there are processors, for some wait
#   TESTS="A B"    these alone, by name (check_dicom courier diff/run)
# A line tells of each test how long it took and, in brackets, what of the processor.
set -u
cd "$(dirname "$0")/.." || exit 1

scripts="layers vocab cases truth inventory_truth systems schema inventory corpus invariance
	privacy canary usage contrib rules_verify pack rules_random rules_peer rules_wide
	rules_keywords rules_sets rules_device journal encode
	courier kill courier_rsyslog siem_http collectors report live live_replay live_reload diff/run"
# says nothing new under sanitizers
plain_alone="invariance diff/run schema truth inventory_truth privacy canary encode vocab
	rules_verify pack rules_random rules_peer rules_wide rules_keywords layers contrib kill"
# The longest come first, so that none of them is alone at the end; before all, those that
# take long on one processor.
longest="inventory_truth privacy kill courier diff/run corpus pack rules_wide rules_peer siem_http cases
	check_journal_crash check_contract inventory check_stream schema invariance truth
	collectors live report"

# ---- one test: its report goes to NAME.log, its counts to NAME.sum in $ROOM ----

check_counts() { # log: passed and failed of a program of the Check library
	sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\).*/\1 \2 \3/p' "$1" |
		awk '{ c += $1; f += $2 + $3 } END { if (NR) print c - f, f, 0 }'
}

script_counts() { # log: passed, failed and skipped of a script
	sed -n -e 's/^\([0-9]*\) passed, \([0-9]*\) failed, \([0-9]*\) skipped.*/\1 \2 \3/p; t' \
		-e 's/^\([0-9]*\) passed, \([0-9]*\) failed.*/\1 \2 0/p' "$1" | tail -n 1
}

cpu_time() { # what `times` wrote: seconds of processor time of the shell's children
	awk 'NR == 2 { split($1 "m" $2, t, "[ms]+"); printf "%.0f", (t[1] + t[3]) * 60 + t[2] + t[4] }' "$1"
}

run_one() { # name
	name=$1 log=$ROOM/$(echo "$1" | tr / _).log
	started=$(date +%s)
	case $name in
	check_*)
		# Check forks its tests, which end without freeing their fixtures; leaks of the
		# program itself are looked for where it runs as a program (corpus, usage, cases).
		ASAN_OPTIONS=detect_leaks=0 "$BUILD/tests/$name" >"$log" 2>&1
		code=$?
		set -- $(check_counts "$log")
		;;
	live*) # not dumpable: no leak check
		ASAN_OPTIONS=detect_leaks=0 "tests/$name.sh" "$BUILD" >"$log" 2>&1
		code=$?
		set -- $(script_counts "$log")
		;;
	*)
		"tests/$name.sh" "$BUILD" >"$log" 2>&1
		code=$?
		set -- $(script_counts "$log")
		;;
	esac
	[ "$code" != 77 ] || set -- 0 0 1
	[ $# = 3 ] || set -- 0 1 0
	[ "$code" = 0 ] || [ "$code" = 77 ] || [ "$2" != 0 ] || set -- "$1" 1 "$3"
	times >"${log%.log}.times" # here, for a subshell has no children
	printf '%d %d %d\n' "$1" "$2" "$3" >"${log%.log}.sum"
	printf '  %-24s %6d passed, %d failed, %d skipped (%d s, [%s s])\n' "$name" "$1" "$2" "$3" \
		$(($(date +%s) - started)) "$(cpu_time "${log%.log}.times")"
}

if [ "$1" = --one ]; then
	run_one "$2"
	exit 0
fi

# ---- all of them ----

export BUILD="$1"
# Limits of time in programs of the Check library are there for what hangs, not for what
# waits for a processor.
export CK_TIMEOUT_MULTIPLIER="${CK_TIMEOUT_MULTIPLIER:-5}"
ROOM=$(mktemp -d) || exit 1
export ROOM
trap 'rm -rf "$ROOM"' EXIT
everything() {
	for name in $longest; do
		case $name in check_*) ;; *) echo "$name" ;; esac
	done
	for program in "$BUILD"/tests/check_*; do
		case $program in *.o | *.d) continue ;; esac
		basename "$program"
	done
	printf '%s\n' $scripts
}
among() { # name, list
	case " $(echo $2) " in *" $1 "*) return 0 ;; esac
	return 1
}
everything >"$ROOM/list"
{
	for name in $longest; do
		grep -x "$name" "$ROOM/list"
	done
	cat "$ROOM/list"
} | awk '!seen[$0]++' | while read -r name; do
	case $BUILD in
	build-asan) ! among "$name" "$plain_alone" || continue ;;
	esac
	[ -z "${TESTS:-}" ] || among "$name" "$TESTS" || continue
	echo "$name"
done >"$ROOM/plan"
for name in ${TESTS:-}; do
	grep -qx "$name" "$ROOM/list" || {
		echo "tests/run.sh: '$name' is no test"
		exit 2
	}
done
xargs -P "${JOBS:-$(($(nproc) + 1))}" -n 1 "$0" --one <"$ROOM/plan"

n_passed=0 n_failed=0 n_skipped=0
while read -r name; do
	log=$ROOM/$(echo "$name" | tr / _).log
	p=0 f=1 s=0 # what left no counts has failed
	[ ! -s "${log%.log}.sum" ] || read -r p f s <"${log%.log}.sum"
	n_passed=$((n_passed + p)) n_failed=$((n_failed + f)) n_skipped=$((n_skipped + s))
	if [ "$f" != 0 ]; then
		echo "---- $name:"
		cat "$log"
	else
		grep -i '^SKIPPED\|absent' "$log" | head -3 | sed "s,^,  $name: ,"
	fi
done <"$ROOM/plan"
[ -s "$ROOM/plan" ] || n_failed=1 # no test is no success
echo "$n_passed passed, $n_failed failed, $n_skipped skipped"
[ "$n_failed" = 0 ]
