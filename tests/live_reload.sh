#!/bin/sh
# SIGHUP while packets come: the new rules take over, no packet is lost, and rules that
# cannot be loaded leave the old ones in place. Usage: tests/live_reload.sh BUILD
set -u
cd "$(dirname "$0")/.." || exit 1
build=$1
skip() {
	echo "SKIPPED: reload of rules: $1"
	exit 77
}
[ "$(id -u)" = 0 ] || skip "root is needed"
for tool in ip tcpreplay python3; do
	command -v $tool >/dev/null || skip "$tool is needed"
done
ns=wtreload$$
dir=$(mktemp -d) || exit 1
chmod 755 "$dir"
sensor=
clean() {
	[ -z "$sensor" ] || kill -9 "$sensor" 2>/dev/null
	ip netns del $ns 2>/dev/null
	rm -rf "$dir"
}
trap clean EXIT INT TERM
ip netns add $ns 2>/dev/null || skip "network namespaces are not allowed here"
in_ns() { ip netns exec $ns "$@"; }
in_ns ip link add wt0 type veth peer name wt1 || skip "no veth devices"
for i in wt0 wt1; do
	in_ns sh -c "echo 1 >/proc/sys/net/ipv6/conf/$i/disable_ipv6" 2>/dev/null
	in_ns ip link set $i up
done
n_passed=0 n_failed=0
judge() { # name, status
	if [ "$2" = 0 ]; then
		n_passed=$((n_passed + 1))
	else
		n_failed=$((n_failed + 1))
		echo "FAILED: $1"
	fi
}

n_packets=8000
python3 -B - "$dir/sent.pcap" $n_packets <<'END'
import sys
sys.path.insert(0, "tests")
import rules_traffic as traffic
rule = traffic.Rule('alert udp any any -> any any (content:"ward round"; sid:1;)')
packets = []
for number in range(int(sys.argv[2])):
    packets += traffic.Talk(rule, number % 60000, 0).packets({"payload": b"ward round"})
traffic.write_pcap(sys.argv[1], packets)
END
rule='alert udp any any -> any any (msg:"ward"; content:"ward round"; sid:'
echo "${rule}1; rev:1;)" >"$dir/now.rules"
ip netns exec $ns "$build/wardtap" run -i wt1 -j 2 -o "$dir/live" --rules "$dir/now.rules" \
	--set memory.profile=ward 2>"$dir/log" &
sensor=$!
told() { # text: waits until the sensor says so
	for _ in $(seq 100); do
		grep -q "$1" "$dir/log" && return 0
		sleep 0.1
	done
	return 1
}
told listening
judge "listening" $?
in_ns tcpreplay -q -i wt0 -p 1500 "$dir/sent.pcap" >/dev/null 2>&1 &
sender=$!
sleep 1.5
echo "${rule}2; rev:1;)" >"$dir/now.rules"
kill -HUP $sensor
told "1 rules reloaded"
judge "reloaded" $?
sleep 0.7
rm "$dir/now.rules"
kill -HUP $sensor
told "not reloaded, the old ones stay"
judge "a broken reload is told" $?
wait $sender
sleep 0.3
kill -INT $sensor
wait $sensor
judge "a clean end" $?
sensor=
count() { grep -c "\"signature_id\":$1," "$dir/live/alerts.jsonl"; }
first=$(count 1) second=$(count 2)
[ "$first" -gt 0 ] && [ "$second" -gt 0 ]
judge "both sets of rules alerted ($first and $second)" $?
[ $((first + second)) = $n_packets ]
judge "each packet was seen by one set of rules ($first + $second of $n_packets)" $?
grep -q "received $n_packets = read $n_packets + dropped by the kernel 0" "$dir/log"
judge "no packet was lost" $?
[ $n_failed = 0 ] || cat "$dir/log"
echo "$n_passed passed, $n_failed failed"
[ $n_failed = 0 ]
