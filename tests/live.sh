#!/bin/sh
# The live ring against a real kernel: two network namespaces joined by a veth pair,
# captures sent by tcpreplay, and then
#   - received = read + dropped, to the packet, also when the ring overflows;
#   - every frame's bytes equal the file's, VLAN tags (which the kernel strips) too;
#   - with two rings, both ways of an address pair come to one of them;
#   - an interface that goes down or away is told as such.
# Needs root and tcpreplay; ends with 77 (skipped) where they are missing.
# Run from the top of the source tree. CAPTURES: folder of further captures.
set -u
BUILD=${BUILD:-build}
CAPTURES=${CAPTURES:-../shared/pcaps}
PROGRAM=$BUILD/tests/live_ring
TX=wttx$$ RX=wtrx$$

skip() {
	echo "SKIPPED: live ring tests: $1" >&2
	exit 77
}
[ "$(id -u)" = 0 ] || skip "root is needed"
command -v tcpreplay >/dev/null || skip "tcpreplay is needed"
command -v ip >/dev/null || skip "iproute2 is needed"
[ -x "$PROGRAM" ] || make -s "$PROGRAM" || exit 1

DIR=$(mktemp -d) || exit 1
chmod 711 "$DIR"
clean() {
	exec 9>&-
	ip netns del "$TX" 2>/dev/null
	ip netns del "$RX" 2>/dev/null
	rm -rf "$DIR"
}
trap clean EXIT
trap 'exit 1' INT TERM

IFACE=rx0 AS='' n_good=0 n_bad=0
good() { n_good=$((n_good + 1)); echo "ok   $1"; }
bad() {
	n_bad=$((n_bad + 1))
	echo "FAIL $1"
	sed 's/^/     | /' "$DIR/log" "$DIR/errors" 2>/dev/null
}

# A quiet pair: no address, no ARP, no IPv6, so that only what is sent arrives.
wires() {
	ip netns add "$TX" && ip netns add "$RX" || skip "cannot make network namespaces"
	ip netns exec "$TX" sysctl -qw net.ipv6.conf.default.disable_ipv6=1 \
		net.ipv6.conf.all.disable_ipv6=1
	ip netns exec "$RX" sysctl -qw net.ipv6.conf.default.disable_ipv6=1 \
		net.ipv6.conf.all.disable_ipv6=1
	ip -n "$TX" link add tx0 type veth peer name rx0 netns "$RX" || skip "cannot make a veth pair"
	ip -n "$TX" link set tx0 mtu 65535 arp off up
	ip -n "$RX" link set rx0 mtu 65535 arp off up
}

# listen RINGS SPREAD BLOCKS PAUSE_US SNAP: in the background, until fd 9 is closed.
listen() {
	rm -f "$DIR"/got.* "$DIR/hold"
	: >"$DIR/log"
	mkfifo "$DIR/hold"
	ip netns exec "$RX" $AS "$PROGRAM" "$IFACE" "$DIR/got" "$1" "$2" "$3" "$4" "$5" nobody \
		<"$DIR/hold" >"$DIR/log" 2>"$DIR/errors" 9>&- &
	reader=$!
	exec 9>"$DIR/hold"
	i=0
	while ! grep -q '^ready' "$DIR/log" && [ $i -lt 100 ] && kill -0 $reader 2>/dev/null; do
		sleep 0.05
		i=$((i + 1))
	done
	before=$(rx_packets)
}
hang_up() {
	exec 9>&-
	wait $reader
}
rx_packets() { ip netns exec "$RX" cat /sys/class/net/rx0/statistics/rx_packets; }
send() {
	ip netns exec "$TX" tcpreplay -q -K -i tx0 "$@" >"$DIR/sent" 2>&1 9>&- ||
		bad "tcpreplay: $(cat "$DIR/sent")"
}
total() { sed -n "s/^total received \([0-9]*\) read \([0-9]*\) dropped \([0-9]*\) .*/\\$1/p" "$DIR/log"; }

# What the interface counted is what the kernel gave to the ring.
agrees() { [ "$(total 1)" -gt 0 ] && [ "$(total 1)" = $(($(rx_packets) - before)) ]; }

# frames NAME FILE SNAP --same|--begin: sent slowly enough to lose nothing, compared
# byte by byte.
frames() {
	listen 1 alone 64 0 "$3"
	send -p 20000 "$2"
	hang_up
	code=$?
	if [ $code = 0 ] && [ "$(total 3)" = 0 ] && agrees &&
	   "$PROGRAM" "$4" "$2" "$DIR/got.0.pcap" >>"$DIR/log" 2>&1; then
		good "$1: $(tail -n 1 "$DIR/log")"
	else
		bad "$1 (exit $code)"
	fi
}

overflow() {
	listen 1 alone 4 3000 0
	send -t -l 20 "$DIR/made.pcap"
	hang_up
	code=$?
	if [ $code = 0 ] && [ "$(total 3)" -gt 0 ] && agrees; then
		good "overflow: $(tail -n 1 "$DIR/log")"
	else
		bad "overflow (exit $code)"
	fi
}

fanout() {
	listen 2 "$1" 64 0 0
	send -p 20000 "$DIR/made.pcap"
	hang_up
	code=$?
	if [ $code = 0 ] && agrees && { [ "$1" = hash ] ||
	   "$PROGRAM" --pairs "$DIR/got.0.pcap" "$DIR/got.1.pcap" >>"$DIR/log" 2>&1; }; then
		good "fanout $1: $(sed -n 's/ received.*= / /p' "$DIR/log" | tr '\n' ';') $(tail -n 1 "$DIR/log")"
	else
		bad "fanout $1 (exit $code)"
	fi
}

# A datagram to a closed port and the ICMP answer: each seen once, and the checksum
# that nobody filled in is marked.
loopback() {
	ip -n "$RX" link set lo up
	IFACE=lo
	listen 1 alone 4 0 0
	ip netns exec "$RX" bash -c 'echo x >/dev/udp/127.0.0.1/9' 9>&-
	hang_up
	code=$?
	IFACE=rx0
	if [ $code = 0 ] && grep -q 'read 2 + dropped 0, 1 offloaded' "$DIR/log"; then
		good "loopback: $(sed -n 2p "$DIR/log")"
	else
		bad "loopback (exit $code)"
	fi
	ip -n "$RX" link set lo down
}

# With CAP_NET_RAW alone and no root: all that listening takes.
unprivileged() {
	command -v setpriv >/dev/null || { echo "SKIPPED: unprivileged: no setpriv" >&2; return; }
	chmod 777 "$DIR"
	AS="setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps +net_raw"
	AS="$AS --ambient-caps +net_raw --bounding-set -all,+net_raw"
	cp "$PROGRAM" "$DIR/program" # where everyone can reach it
	KEPT=$PROGRAM PROGRAM=$DIR/program
	frames "CAP_NET_RAW alone" "$DIR/made.pcap" 0 --same
	PROGRAM=$KEPT AS=
}

# Down and up again: what is sent then still comes, and the accounts are exact.
resumes() {
	listen 1 resume 64 0 0
	send -p 20000 "$DIR/made.pcap"
	ip -n "$RX" link set rx0 down
	sleep 0.3
	ip -n "$RX" link set rx0 up
	sleep 0.2
	send -p 20000 "$DIR/made.pcap"
	hang_up
	code=$?
	if [ $code = 0 ] && [ "$(total 2)" = 40000 ] && [ "$(wc -l <"$DIR/errors")" = 1 ] &&
	   agrees; then
		good "down and up: $(tail -n 1 "$DIR/log")"
	else
		bad "down and up (exit $code)"
	fi
}

# told NAME TEXT COMMAND...: the reader ends with the error TEXT.
told() {
	name=$1 text=$2
	shift 2
	listen 1 alone 64 0 0
	"$@"
	wait $reader
	code=$?
	exec 9>&-
	if [ $code = 3 ] && grep -q "$text" "$DIR/errors"; then
		good "$name: $(cat "$DIR/errors")"
	else
		bad "$name (exit $code)"
	fi
}

# refused NAME TEXT IFACE: cannot be opened, and says why.
refused() {
	ip netns exec "$RX" "$PROGRAM" "$3" "$DIR/no" 1 alone 64 0 0 nobody </dev/null \
		>"$DIR/log" 2>"$DIR/errors"
	code=$?
	if [ $code = 2 ] && grep -q "$2" "$DIR/errors"; then
		good "$1: $(cat "$DIR/errors")"
	else
		bad "$1 (exit $code)"
	fi
}

wires
"$PROGRAM" --make "$DIR/made.pcap" 20000 || exit 1
frames "made frames, 0 to 2 tags" "$DIR/made.pcap" 0 --same
frames "the same, cut at 200 bytes" "$DIR/made.pcap" 200 --begin
for file in tunnels-vlan/arkime__twovlan.pcap tunnels-vlan/ndpi__bot.pcap \
	    tunnels-vlan/ndpi__linecall_falsepositve.pcap tunnels-vlan/ndpi__netbios.pcap \
	    ot/iti__IEC61850_GOOSE_Sample_File_GOOSE.pcap; do
	if [ -r "$CAPTURES/$file" ]; then
		frames "$file" "$CAPTURES/$file" 0 --same
	else
		echo "SKIPPED: $CAPTURES/$file is not there" >&2
	fi
done
overflow
fanout pair
fanout hash
loopback
unprivileged
resumes
refused "no such interface" "found no such interface" nope0
refused "interface down" "is down; bring it up" lo
told "went down" "interface rx0 went down" ip -n "$RX" link set rx0 down
ip -n "$RX" link set rx0 up
told "removed" "interface rx0 was removed" ip -n "$RX" link del rx0
echo "$n_good passed, $n_bad failed"
[ $n_bad = 0 ]
