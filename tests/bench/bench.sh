#!/bin/sh
# Runs the benchmark that tests/bench/README.md describes. Started by `make bench`.
# Environment: BUILD, MIB, ROUNDS, SEED; WARDTAP (a command instead of
# $BUILD/wardtap), CORPORA ("hosp mix"), BENCH_KEEP (keep the corpora).
set -eu
cd "$(dirname "$0")/../.."
BUILD=${BUILD:-build} MIB=${MIB:-1024} ROUNDS=${ROUNDS:-5} SEED=${SEED:-1}
CORPORA=${CORPORA:-hosp mix}
WARDTAP=${WARDTAP:-$BUILD/wardtap}
DIR=$BUILD/bench
LOG=$DIR/runs.jsonl
OUT=$DIR/out
MEASURE=$DIR/measure
RULES=/dev/null # of Suricata

rm -rf "$LOG" "$OUT" "$DIR/skipped" "$DIR/differs" "$DIR/callgrind.jsonl"
mkdir -p "$OUT"
: > "$LOG"; : > "$DIR/skipped"; : > "$DIR/differs"; : > "$DIR/callgrind.jsonl"

skip() {
	echo "bench: SKIPPED $1: $2" >&2
	printf '%s\t%s\n' "$1" "$2" >> "$DIR/skipped"
}

have() {
	command -v "$1" > /dev/null 2>&1
}

# make_corpus KIND OUT MIB
make_corpus() {
	case $1 in
	hosp) "$DIR/mkbench" hosp "$2" "$3" "$SEED" pcaps ;;
	mix) "$DIR/mkbench" mix "$2" "$3" "$SEED" pcaps ../shared/pcaps ;;
	esac
}

cleanup() {
	rm -rf "$OUT"
	[ -n "${BENCH_KEEP:-}" ] || rm -f "$DIR"/hosp*.pcap "$DIR"/mix*.pcap "$DIR/one.pcap"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

measure() { # CORPUS TOOL COMMAND...
	corpus=$1 tool=$2
	shift 2
	"$MEASURE" "$LOG" "$corpus" "$tool" "$@" || {
		echo "bench: $tool on $corpus ended with status $?" >&2
		echo "$corpus $tool" >> "$DIR/failed"
	}
}

suricata_on() { # CORPUS TOOL FILE
	rm -rf "$OUT/suricata"; mkdir -p "$OUT/suricata"
	measure "$1" "$2" suricata --runmode single -S "$RULES" -l "$OUT/suricata" -r "$3"
}

wardtap_on() { # CORPUS JOBS FILE
	rm -rf "$OUT/j$2"
	# shellcheck disable=SC2086
	measure "$1" "wardtap-j$2" $WARDTAP replay -j"$2" -o "$OUT/j$2" "$3"
}

# With N rules of the public set; compiled once, before.
rules_on() { # CORPUS N FILE
	rm -rf "$OUT/rules"
	# shellcheck disable=SC2086
	measure "$1" "rules-$2" $WARDTAP replay -j1 -o "$OUT/rules" --rules "$DIR/rules-$2.rules" \
		--set rules.cache_dir="$DIR/cache" "$3"
	rm -rf "$OUT/rules"
}

make_rules() {
	rm -rf "$DIR/cache"; mkdir -m 700 "$DIR/cache"
	for n in 500 5000; do
		cat ../shared/data/et-open/*.rules | grep '^alert' |
			awk -v n=$n 'BEGIN { srand(7) } { print rand() "\t" $0 }' | sort | cut -f2- |
			head -n $n > "$DIR/rules-$n.rules"
		# shellcheck disable=SC2086
		$WARDTAP replay -o "$OUT/rules" --rules "$DIR/rules-$n.rules" \
			--set rules.cache_dir="$DIR/cache" "$DIR/one.pcap" > /dev/null 2>&1 || true
		rm -rf "$OUT/rules"
	done
}

# One round: every tool once, in the same order, nothing else in between.
round() { # CORPUS FILE
	measure "$1" pcaploop "$DIR/pcaploop" "$2"
	wardtap_on "$1" 1 "$2"
	wardtap_on "$1" 2 "$2"
	diff -r "$OUT/j1" "$OUT/j2" > "$OUT/diff" 2>&1 || {
		echo "bench: outputs of -j1 and -j2 DIFFER on $1:" >&2
		head -5 "$OUT/diff" >&2
		echo "$1" >> "$DIR/differs"
	}
	rm -rf "$OUT/j1" "$OUT/j2"
	if [ -d ../shared/data/et-open ]; then
		rules_on "$1" 500 "$2"
		rules_on "$1" 5000 "$2"
	fi
	! have ndpiReader || measure "$1" ndpiReader ndpiReader -q -i "$2"
	if have suricata; then
		suricata_on "$1" suricata-start "$DIR/one.pcap"
		suricata_on "$1" suricata "$2"
		if [ -d ../shared/data/et-open ]; then
			RULES=$DIR/rules-5000.rules
			suricata_on "$1" suricata-rules-start "$DIR/one.pcap"
			suricata_on "$1" suricata-rules "$2"
			RULES=/dev/null
		fi
		rm -rf "$OUT/suricata"
	fi
}

# callgrind CORPUS TOOL COMMAND...: instructions of a run over a small corpus.
callgrind() {
	corpus=$1 tool=$2
	shift 2
	valgrind --tool=callgrind --callgrind-out-file=/dev/null "$@" > "$OUT/cg" 2>&1 || true
	count=$(sed -n 's/.*Collected : \([0-9]*\).*/\1/p' "$OUT/cg")
	if [ -n "$count" ]; then
		printf '{"corpus":"%s","tool":"%s","instructions":%s,"packets":%s}\n' "$corpus" "$tool" \
			"$count" "$packets" >> "$DIR/callgrind.jsonl"
	else
		skip "callgrind of $tool on $corpus" "$(tail -1 "$OUT/cg")"
	fi
}

instructions() { # CORPUS
	small=$DIR/$1-small.pcap
	make_corpus "$1" "$small" 8 > "$OUT/small" 2> /dev/null
	packets=$(sed -n 's/.*: \([0-9]*\) packets.*/\1/p' "$OUT/small")
	callgrind "$1" pcaploop "$DIR/pcaploop" "$small"
	# shellcheck disable=SC2086
	callgrind "$1" wardtap-j1 $WARDTAP replay -j1 -o "$OUT/cg1" "$small"
	rm -rf "$OUT/cg1" "$small"
}

rm -f "$DIR/failed"
have ndpiReader || skip ndpiReader "not installed (Debian: libndpi-bin)"
have suricata || skip suricata "not installed (Debian: bookworm-backports, see README.md)"
have tshark || skip tshark "not installed"
have valgrind || skip callgrind "valgrind is not installed"
[ -d ../shared/pcaps ] || skip "../shared/pcaps" "absent: the mix is made of pcaps/ alone and is NOT comparable"

make_corpus hosp "$DIR/one.pcap" 1 > /dev/null
tests/bench/table.py first "$DIR/one.pcap" # start-up is measured on one packet

if [ -d ../shared/data/et-open ]; then
	make_rules
else
	skip rules "../shared/data/et-open is absent"
fi

: > "$DIR/corpora"
for corpus in $CORPORA; do
	file=$DIR/$corpus.pcap
	make_corpus "$corpus" "$file" "$MIB" | tee -a "$DIR/corpora"
	cat "$file" > /dev/null
	"$DIR/pcaploop" "$file" > /dev/null
	i=0
	while [ $i -lt "$ROUNDS" ]; do
		i=$((i + 1))
		echo "bench: $corpus round $i of $ROUNDS, load $(cut -d' ' -f1 /proc/loadavg)"
		round "$corpus" "$file"
	done
	! have tshark || measure "$corpus" tshark tshark -n -q -z io,phs -r "$file"
	[ -n "${BENCH_KEEP:-}" ] || rm -f "$file"
	! have valgrind || instructions "$corpus"
done
"$DIR/keeper" || echo "hosp keeper" >> "$DIR/failed"
"$DIR/encode" || echo "hosp encode" >> "$DIR/failed"
"$DIR/journal" "$DIR" || echo "hosp journal" >> "$DIR/failed"
tests/outage.sh "$BUILD" > "$OUT/outage" 2>&1 || echo "hosp outage" >> "$DIR/failed"
sed 's/^/outage /' "$OUT/outage"
tests/bench/table.py report "$DIR"
