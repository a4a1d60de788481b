#!/bin/sh
# What the sensor writes into its journal about itself and its devices: heartbeats and
# device records of a replay (the same for any number of workers), of a live run on a
# silent wire and with traffic; devices of alerts. Usage: tests/report.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
command -v jq >/dev/null || { echo "SKIPPED: jq is not installed"; exit 77; }
dir=$(mktemp -d) || exit 1
chmod 755 "$dir"
ns=wtreport$$
sensor=
clean() {
	[ -z "$sensor" ] || kill -9 "$sensor" 2>/dev/null
	ip netns del $ns 2>/dev/null
	rm -rf "$dir"
}
trap clean EXIT INT TERM
n_passed=0 n_failed=0 n_skipped=0
judge() { # name, status
	if [ "$2" = 0 ]; then
		n_passed=$((n_passed + 1))
	else
		n_failed=$((n_failed + 1))
		echo "FAILED: $1"
	fi
}
records() { # journal: every record, oldest first; those that are no alerts in their form
	"$build"/wardtap alerts show --json -s "$1" "" 2>/dev/null | jq -c '
		if .event_type == "health" then .alert = .health
		elif .event_type == "device" then
			.alert = (.device + {src_device: (.device | {id, name, class, vendor, model})})
		else . end'
}
kind() { # journal, kind
	records "$1" | jq -c "select(.alert.kind == \"$2\")"
}

cat >"$dir/test.rules" <<'END'
alert tcp any any -> any any (msg:"an order for a pump"; flow:established; hl7.message_type; content:"RGV"; sid:1; rev:1;)
alert tcp any any -> any any (msg:"any HL7"; flow:established; app-layer-protocol:hl7; sid:2; rev:1;)
END
for j in 1 2; do
	"$build"/wardtap replay -j $j -o "$dir/out$j" --journal "$dir/j$j" --rules "$dir/test.rules" \
		pcaps/hl7 pcaps/dicom pcaps/snmp >/dev/null 2>&1
	judge "replay -j $j" $?
	records "$dir/j$j" >"$dir/records$j"
done
cmp -s "$dir/records1" "$dir/records2"
judge "one and two workers give the same records" $?
jq -e '[.identities[].holds] | all' "$dir/out1/stats.json" >/dev/null
judge "the books of the journal balance" $?

# Heartbeats: the first with the first packet, then at most one a minute, one at the end.
kind "$dir/j1" sensor_health >"$dir/health"
jq -s -e '[.[:-1][].alert.fields["health.uptime_s"]] as $t | $t[0] == 0 and ($t | length > 3) and
	([range(1; $t | length) | (($t[.] / 60 | floor) > ($t[. - 1] / 60 | floor))] | all)' \
	"$dir/health" >/dev/null
judge "heartbeats keep their rhythm" $?
jq -s -e --slurpfile stats "$dir/out1/stats.json" --slurpfile inv "$dir/out1/inventory.json" '
	last.alert as $a | $a.fields as $f | $stats[0] as $s |
	($a.sentence | startswith("The sensor has ended")) and $f["health.packets"] == $s.packets.read and
	$f["health.events"] == $s.events.observed and $f["health.gap_bytes"] == $s.streams.gap and
	$f["health.alerts"] == $s.alerts.raised and $f["health.rules"] == 2 and
	$f["health.devices"] == ($inv[0].devices | length)' \
	"$dir/health" >/dev/null
judge "the last heartbeat says what stats.json and inventory.json say" $?
jq -s -e '[.[].alert.fields | .["health.packets"], .["health.events"]] | length > 0 and
	([.[] | type == "number"] | all)' "$dir/health" >/dev/null
judge "every heartbeat has its numbers" $?

# Devices: each is told, the last word is what the inventory holds, none too often.
kind "$dir/j1" device >"$dir/devices"
jq -s -e --slurpfile inv "$dir/out1/inventory.json" '
	(map({key: .alert.src_device.id, value: .alert}) | from_entries) as $last |
	$inv[0].devices | length > 10 and ([.[] | . as $d | $last[.id | tostring] as $a |
		$a != null and
		(($a.fields["device.ip"] // []) | [.] | flatten | sort) ==
			([$d.attributes.ip[]?.value] | sort) and
		(($a.fields["device.mac"] // []) | [.] | flatten | sort) ==
			([$d.attributes.mac[]?.value] | sort) and
		($a.fields["device.class"] // "") == ($d.class.value // "")] | all)' \
	"$dir/devices" >/dev/null
judge "the last record of each device is what the inventory holds" $?
jq -s -e 'def s: .alert.made | sub("\\.[0-9]*\\+0000"; "Z") | fromdate;
	(last | s) as $fin | [group_by(.alert.src_device.id)[] | [.[] | s] | . as $t |
		range(1; length) | $t[.] - $t[. - 1] >= 599 or $t[.] >= $fin - 1] | all' \
	"$dir/devices" >/dev/null
judge "no device is told twice in 10 minutes, but at the end" $?
jq -s -e '[.[] | select(.alert.sentence | startswith("New device")) | .alert.src_device.id] |
	length > 0 and length == (unique | length)' "$dir/devices" >/dev/null
judge "a device is new once" $?
jq -s -e '[.[] | .alert.fields | keys[] | select(startswith("device.") | not)] == []' \
	"$dir/devices" >/dev/null
judge "fields of a device are named so" $?

# Alerts of rules name both devices as they were known then.
kind "$dir/j1" rule >"$dir/alerts"
jq -s -e 'length > 0 and ([.[].alert | .src_device.id, .dest_device.id] | all) and
	([.[].alert.src_device.class] | any) and ([.[].alert.dest_device.name] | any)' \
	"$dir/alerts" >/dev/null
judge "alerts of rules name their devices" $?
"$build"/wardtap alerts list --json -n 0 -s "$dir/j1" | jq -s -e \
	'length > 0 and ([.[] | .alert.kind == "rule"] | all)' >/dev/null
judge "alerts list leaves records of the sensor out" $?

"$build"/wardtap replay --journal "$dir/quiet" --set journal.heartbeat=0s --set journal.devices=false \
	pcaps/hl7/adt.pcap >/dev/null 2>&1
[ "$(records "$dir/quiet" | wc -l)" = 0 ]
judge "both can be turned off" $?

# ---- live ----
finish() {
	echo "$n_passed passed, $n_failed failed, $n_skipped skipped"
	[ "$n_failed" = 0 ]
	exit
}
skip() {
	echo "SKIPPED: heartbeats of a live sensor: $1"
	n_skipped=1
	finish
}
[ "$(id -u)" = 0 ] || skip "root is needed"
for tool in ip tcpreplay; do
	command -v $tool >/dev/null || skip "$tool is needed"
done
ip netns add $ns 2>/dev/null || skip "network namespaces are not allowed here"
in_ns() { ip netns exec $ns "$@"; }
in_ns ip link add wt0 type veth peer name wt1 || skip "no veth devices"
for i in wt0 wt1; do
	in_ns sh -c "echo 1 >/proc/sys/net/ipv6/conf/$i/disable_ipv6" 2>/dev/null
	in_ns ip link set $i mtu 9000 arp off up
done
ip netns exec $ns "$build"/wardtap run -i wt1 -j 2 -o "$dir/live" --journal "$dir/jl" \
	--rules "$dir/test.rules" --set journal.heartbeat=1s --set sensor.name=ward-7 \
	2>"$dir/log" &
sensor=$!
wait_for() { # seconds, journal, jq filter over all records
	for _ in $(seq $(($1 * 5))); do
		records "$2" | jq -s -e "$3" >/dev/null 2>&1 && return 0
		sleep 0.2
	done
	return 1
}
wait_for 60 "$dir/jl" '[.[] | select(.alert.kind == "sensor_health")] | length >= 4'
judge "a silent wire does not silence the heartbeat" $?
kind "$dir/jl" sensor_health | jq -s -e '[.[].alert | .sensor == "ward-7" and
	.fields["health.packets"] == 0 and .fields["health.devices"] == 0 and
	.fields["health.silent_workers"] == 0 and .fields["health.journal_percent"] == 0] | all' >/dev/null
judge "and says that nothing came" $?
in_ns tcpreplay -q --pps 4000 -i wt0 pcaps/hl7/adt.pcap pcaps/dicom/find-move.pcap >/dev/null 2>&1
judge "traffic is sent" $?
wait_for 60 "$dir/jl" '[.[] | select(.alert.kind == "sensor_health" and
	.alert.fields["health.packets"] > 100 and .alert.fields["health.events"] > 0 and
	.alert.fields["health.alerts"] > 0)] | length > 0'
judge "then it tells what came, while it runs" $?
wait_for 60 "$dir/jl" '[.[] | select(.alert.kind == "device" and .alert.fields["device.ae_title"])] | length > 0'
judge "devices are told while the wire is silent again" $?
kill -INT $sensor
wait $sensor
judge "clean stop" $?
sensor=
kind "$dir/jl" sensor_health | jq -s -e --slurpfile stats "$dir/live/stats.json" '
	last.alert.fields["health.packets"] == $stats[0].packets.read and
	last.alert.fields["health.kernel_dropped"] == $stats[0].capture.kernel_dropped' >/dev/null
judge "the last one says what stats.json says" $?
finish
