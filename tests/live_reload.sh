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

# Files of 400 packets, each a flow of its own; as many are sent as the reloads take.
n_files=120 n_each=400
python3 -B - "$dir" $n_files $n_each <<'END'
import sys
sys.path.insert(0, "tests")
import rules_traffic as traffic
rule = traffic.Rule('alert udp any any -> any any (content:"ward round"; sid:1;)')
n_each = int(sys.argv[3])
for file in range(int(sys.argv[2])):
    packets = []
    for number in range(file * n_each, (file + 1) * n_each):
        packets += traffic.Talk(rule, number, 0).packets({"payload": b"ward round"})
    assert len(packets) == n_each
    traffic.write_pcap(f"{sys.argv[1]}/{file}.pcap", packets)
END
rule='alert udp any any -> any any (msg:"ward"; content:"ward round"; sid:'
echo "${rule}1; rev:1;)" >"$dir/now.rules"
ip netns exec $ns "$build/wardtap" run -i wt1 -j 2 -o "$dir/live" --rules "$dir/now.rules" \
	--set memory.profile=ward 2>"$dir/log" &
sensor=$!
soon() { # command...: waits until it succeeds, at most a minute
	for _ in $(seq 600); do
		"$@" && return 0
		sleep 0.1
	done
	return 1
}
told() { # text: waits until the sensor says so
	soon grep -q "$1" "$dir/log"
}
has_sent() { # files
	[ "$(wc -l <"$dir/sent")" -ge "$1" ]
}
told listening
judge "listening" $?
: >"$dir/sent"
(
	file=0
	while [ $file -lt $n_files ] && [ ! -e "$dir/stop" ]; do
		in_ns tcpreplay -q -i wt0 -p 1500 "$dir/$file.pcap" >/dev/null 2>&1 || break
		echo $file >>"$dir/sent"
		file=$((file + 1))
	done
) &
sender=$!
soon has_sent 3
echo "${rule}2; rev:1;)" >"$dir/now.rules"
kill -HUP $sensor
told "1 rules reloaded"
judge "reloaded" $?
soon has_sent $(($(wc -l <"$dir/sent") + 2))
rm "$dir/now.rules"
kill -HUP $sensor
told "not reloaded, the old ones stay"
judge "a broken reload is told" $?
soon has_sent $(($(wc -l <"$dir/sent") + 2))
: >"$dir/stop"
wait $sender
n_packets=$(($(wc -l <"$dir/sent") * n_each))
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
