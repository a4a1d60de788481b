#!/bin/sh
# What a person meets at the command line: exit status and one clear message for wrong
# input of every kind, nothing lost of what was readable. Usage: tests/usage.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
wardtap=$(pwd)/$1/wardtap
dir=$(mktemp -d) || exit 1
trap 'rm -rf "$dir"' EXIT
n_passed=0 n_failed=0

expect() { # status, pattern in the output, arguments...
	status=$1 pattern=$2
	shift 2
	"$wardtap" "$@" >"$dir/out" 2>&1 </dev/null
	got=$?
	if [ "$got" = "$status" ] && grep -Eq -- "$pattern" "$dir/out"; then
		n_passed=$((n_passed + 1))
	else
		n_failed=$((n_failed + 1))
		echo "FAILED: wardtap $*: status $got, expected $status and /$pattern/:"
		head -5 "$dir/out"
	fi
}

capture=pcaps/dicom/echo.pcap
head -c 1000 $capture >"$dir/cut.pcap"
printf 'this is no capture' >"$dir/text.pcap"
: >"$dir/empty.pcap"
printf 'engine:\n  wrokers: 2\nmemory:\n  profile: huge\n' >"$dir/bad.conf"
printf 'engine:\n  workers: 2\n' >"$dir/good.conf"
head -c 32 /dev/urandom >"$dir/key"
chmod 644 "$dir/key"
mkdir "$dir/mixed" && cp $capture "$dir/mixed/" && echo notes >"$dir/mixed/README"

expect 0 'usage: wardtap COMMAND' --help
expect 0 '^wardtap [0-9]' --version
expect 2 'usage:'
expect 2 "no command 'relpay'" relpay $capture
expect 2 'no capture named' replay
expect 2 'usage: wardtap replay' replay --no-such-option $capture
expect 0 'usage: wardtap replay' replay --help
expect 0 'C-ECHO-RQ' replay $capture
expect 1 'no-such.pcap.*[Nn]o such file' replay "$dir/no-such.pcap" $capture
expect 1 'cut.pcap: byte [0-9]+: ' replay "$dir/cut.pcap"
expect 1 'text.pcap: ' replay "$dir/text.pcap"
expect 1 'empty.pcap: ' replay "$dir/empty.pcap"
expect 0 'C-ECHO-RQ' replay "$dir/mixed"
expect 2 "bad.conf:2:[0-9]+: .*wrokers.*workers" replay -c "$dir/bad.conf" $capture
expect 2 'bad.conf:4:[0-9]+: .*small' check -c "$dir/bad.conf"
expect 0 'OK' check -c "$dir/good.conf"
expect 2 'engine.workers.*1 to 64' replay -j 0 $capture
expect 2 'engine.workers' replay -j 65 $capture
expect 2 'capture.filter.*libpcap' replay -F 'port port' $capture
printf 'alert hl7 any any -> any any (msg:"an order"; hl7.message_type; content:"ORM"; sid:1;)\n' \
	>"$dir/good.rules"
printf 'alert hl7 any any -> any any (msg "x"; sid:2;)\n' >"$dir/bad.rules"
expect 0 'rules: 1 of 1 loaded' check --rules "$dir/good.rules"
expect 1 'bad.rules:1:[0-9]+: .*without a colon' check --rules "$dir/good.rules" --rules "$dir/bad.rules"
expect 2 'none.rules: cannot be read' check --rules "$dir/none.rules"
expect 2 'found -c twice' check -c "$dir/good.conf" -c "$dir/good.conf"
expect 2 'capture.filter' check --set 'capture.filter=tcp and and'
expect 0 '"filtered":|packets in 1' replay -F 'udp' $capture
expect 2 'output.events.*does not exist' replay --set output.events=hl8 $capture
expect 2 'group or others|others' replay --set privacy.key_file="$dir/key" $capture
expect 2 'output folder|exists and is no folder' replay -o "$dir/key" $capture
expect 2 'no sinks in the configuration' courier --set journal.dir="$dir/j"
expect 2 'journal.dir: found nothing' courier
expect 2 'usage: wardtap courier' courier extra
expect 0 'usage: wardtap courier' courier --help
expect 2 'sinks.a.type: found nothing' courier --set journal.dir="$dir/j" --set sinks.a.path=/x
expect 2 'usage: wardtap export' export
expect 2 'usage: wardtap export' export setup --print splunk
expect 0 'usage: wardtap export' export --help
expect 0 '^PUT /_index_template/wardtap' export setup --print elastic
expect 0 '^PUT /_plugins/_ism/policies/wardtap' export setup --print opensearch
expect 2 'no sink of type elastic' export setup
expect 1 'no courier is running' courier --status --set journal.dir="$dir/nowhere"
expect 0 'It Sy externalId' fields --siem
expect 2 'usage: wardtap alerts' alerts
expect 2 'usage: wardtap alerts' alerts show
expect 2 'journal .*No such file' alerts list -s "$dir/no-such-journal"
expect 0 'no alerts' alerts list -s "$dir/mixed"
expect 1 'alerts list shows ids' alerts show -s "$dir/mixed" abc
expect 2 'journal .*: (exists|File exists|Not a directory)' replay --journal "$dir/key" $capture
expect 2 'no such interface|[Ii]nterface' run -i no-such-if0
expect 2 'capture.interface|name 1 to' run
expect 2 'is no option' run -i lo extra
expect 0 'hl7.message_type' fields
expect 2 'usage: wardtap inventory list' inventory
expect 0 'usage: wardtap inventory list' inventory --help
expect 2 'usage: wardtap inventory list' inventory show
expect 1 'state.dir' inventory list
expect 1 'inventory.db: ' inventory list -s "$dir"
expect 2 'found no directory|No such file|cannot' replay --set state.dir=/nonexistent $capture
mkdir "$dir/tables" && printf 'wardtap-table\tvendors\t9\t2026-01-01\n' >"$dir/tables/vendors.tsv"
expect 2 "vendors.tsv:1: found format '9'" check --set inventory.tables="$dir/tables"
expect 0 'DICOM' protocols
expect 0 '"event_type"' fields --schema

# What was readable of a damaged file is kept.
"$wardtap" replay -o "$dir/o" "$dir/cut.pcap" 2>/dev/null
if [ -s "$dir/o/events.jsonl" ] && grep -q '"damages":\[{"offset"' "$dir/o/receipt.json"; then
	n_passed=$((n_passed + 1))
else
	n_failed=$((n_failed + 1))
	echo "FAILED: a damaged capture's readable part is kept and its damage receipted"
fi
# A full disk is an error, not silence.
if [ -w /dev/full ] && mkdir "$dir/full" && ln -s /dev/full "$dir/full/events.jsonl"; then
	expect 1 'events.jsonl: No space left' replay -o "$dir/full" $capture
fi
# A signal that comes while rules are compiled ends it in order, before anything is opened.
seq 4000 | sed 's|.*|alert tcp any any -> any any (content:"word & of some length"; pcre:"/a&[a-z]{3,40}x/"; sid:&;)|' >"$dir/many.rules"
"$wardtap" run -i lo --rules "$dir/many.rules" >"$dir/log" 2>&1 &
pid=$!
i=0
until [ $((0x$(sed -n 's/^SigCgt:[[:space:]]*//p' "/proc/$pid/status" 2>/dev/null || echo 0) & 0x4000)) != 0 ] || [ $i = 200 ]; do
	i=$((i + 1))
	sleep 0.01
done
kill -TERM $pid
wait $pid
code=$?
if [ $code = 0 ] && ! grep -q 'listening' "$dir/log"; then
	n_passed=$((n_passed + 1))
else
	n_failed=$((n_failed + 1))
	echo "FAILED: SIGTERM during the start: exit $code, $(head -3 "$dir/log")"
fi
echo "$n_passed passed, $n_failed failed"
[ "$n_failed" = 0 ]
