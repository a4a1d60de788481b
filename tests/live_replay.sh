#!/bin/sh
# The same traffic live and replayed gives the same events: captures are sent into a
# network namespace by tcpreplay, read by `wardtap run`, recorded beside it by tcpdump,
# and the recording is replayed. Compared as multisets without order, flow_id, pcap_cnt
# and in_iface, the flow times included. Also: received = read + dropped, and the
# process holds no privilege while it listens. Usage: tests/live_replay.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
skip() {
	echo "SKIPPED: live against replay: $1"
	exit 77
}
[ "$(id -u)" = 0 ] || skip "root is needed"
for tool in ip tcpreplay tcpdump jq ethtool; do
	command -v $tool >/dev/null || skip "$tool is needed"
done
ns=wtlive$$
dir=$(mktemp -d) || exit 1
chmod 755 "$dir"
clean() {
	ip netns pids $ns 2>/dev/null | xargs -r kill -9 2>/dev/null
	ip netns del $ns 2>/dev/null
	rm -rf "$dir"
}
trap clean EXIT INT TERM
ip netns add $ns 2>/dev/null || skip "network namespaces are not allowed here"
in_ns() { ip netns exec $ns "$@"; }
in_ns ip link add wt0 type veth peer name wt1 || skip "no veth devices"
for i in wt0 wt1; do
	in_ns sh -c "echo 1 >/proc/sys/net/ipv6/conf/$i/disable_ipv6" 2>/dev/null
	in_ns ip link set $i mtu 9000 up
	in_ns ethtool -K $i gro off gso off tso off tx off rx off >/dev/null 2>&1
done
head -c 32 /dev/urandom >"$dir/key"
chmod 600 "$dir/key"
n_passed=0 n_failed=0
judge() { # name, status
	if [ "$2" = 0 ]; then
		n_passed=$((n_passed + 1))
	else
		n_failed=$((n_failed + 1))
		echo "FAILED: $1"
	fi
}

until_true() { # command...: at most half a minute
	left=300
	until "$@"; do
		left=$((left - 1))
		[ $left -gt 0 ] || return 1
		sleep 0.1
	done
}
told() { # file, text
	grep -q "$2" "$1" 2>/dev/null
}
# Has the recording each frame that came since `before`?
is_recorded() { # file
	[ "$(tcpdump -r "$1" 2>/dev/null | wc -l)" = $(($(n_received) - before)) ]
}
n_received() { in_ns cat /sys/class/net/wt1/statistics/rx_packets; }

compare() { # name, workers, captures...
	name=$1 workers=$2
	shift 2
	mkdir -m 755 "$dir/$name"
	before=$(n_received)
	ip netns exec $ns tcpdump -q -U -B 65536 --time-stamp-precision=nano -i wt1 -w "$dir/$name/sent.pcap" 2>"$dir/$name/tcpdump" &
	dump=$!
	ip netns exec $ns "$build/wardtap" run -i wt1 -j "$workers" -o "$dir/$name/live" \
		--set privacy.key_file="$dir/key" --set memory.profile=ward 2>"$dir/$name/log" &
	sensor=$!
	until_true told "$dir/$name/tcpdump" "listening on"
	until_true told "$dir/$name/log" "listening on"
	pid=$(pgrep -f "wardtap run -i wt1 -j $workers -o $dir/$name/live" | tail -n 1)
	[ -n "$pid" ] && grep -q '^CapEff:	0*$' "/proc/$pid/status" &&
		! grep -q '^Uid:	0	' "/proc/$pid/status"
	judge "$name: no privilege while listening" $?
	in_ns tcpreplay -q --pps 4000 -i wt0 "$@" >/dev/null 2>"$dir/$name/tcpreplay"
	kill -INT "$pid" # what the ring holds is read before the end
	wait $sensor
	judge "$name: clean stop on SIGINT" $?
	until_true is_recorded "$dir/$name/sent.pcap"
	kill -TERM $dump # background jobs of a script ignore SIGINT
	wait $dump
	"$build/wardtap" replay -o "$dir/$name/replay" --set privacy.key_file="$dir/key" \
		"$dir/$name/sent.pcap" 2>>"$dir/$name/log"
	judge "$name: recording replayed" $?
	for side in live replay; do
		jq -cS 'del(.flow_id, .pcap_cnt, .in_iface) |
			if .event_type == "flow" then del(.timestamp, .flow.reason) else . end |
			if .hl7.ack_time_ms then .hl7.ack_time_ms = 0 else . end' \
			"$dir/$name/$side/events.jsonl" | sort >"$dir/$name/$side.sorted"
	done
	cmp -s "$dir/$name/live.sorted" "$dir/$name/replay.sorted"
	code=$?
	judge "$name: live and replay give the same $(wc -l <"$dir/$name/live.sorted") events" $code
	[ $code = 0 ] || diff "$dir/$name/live.sorted" "$dir/$name/replay.sorted" | head -10 | cut -c1-600
	jq -e '[.identities[].holds] | all' "$dir/$name/live/stats.json" >/dev/null
	judge "$name: books balance" $?
	jq -e '.capture.kernel_received == .packets.read + .capture.kernel_dropped and
		.capture.kernel_received > 0' "$dir/$name/live/stats.json" >/dev/null
	judge "$name: received = read + dropped" $?
	[ -s "$dir/$name/live.sorted" ]
	judge "$name: there were events" $?
}

compare dicom 1 pcaps/dicom/find-move.pcap pcaps/dicom/store-modalities.pcap
compare vlan 1 pcaps/dicom/find-move.vlan.pcap pcaps/hl7/adt-oru.vlan.pcap
compare hl7 2 pcaps/hl7/adt.pcap pcaps/hl7/pcd01-pump.pcap pcaps/hl7/many.pcap
compare mixed 2 pcaps/dicom/pdu-4096.pcap pcaps/hl7/orders.pcap pcaps/hl7/ipv6.pcap
echo "$n_passed passed, $n_failed failed"
[ "$n_failed" = 0 ]
