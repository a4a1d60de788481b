# SPDX-License-Identifier: Apache-2.0
# A tiny switched network of namespaces, with a mirror port, for recording
# captures from real programs.  Sourced by pcaps/*/record.sh; root only.
#
#   cli 10.77.0.21 fd77::21 --+
#   srv 10.77.0.10 fd77::10 --+-- br0 (promiscuous: sees every frame once)
#   thr 10.77.0.30 fd77::30 --+
#
# All offloads are off, so that each frame has its true size and checksum.

LAB=${LAB:-wtrec$$}
OUT=${OUT:?set OUT to the folder of the captures}
REC=${REC:-/tmp/wardtap-rec}
WORK=${WORK:-$REC/$(basename "$OUT")}
COMMON=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
PY=${PY:-$REC/venv/bin/python3}
export WARDTAP_NPM=$REC/npm/node_modules
mkdir -p "$WORK/logs" "$OUT"
BG_PIDS=()
CAP_PID=

lab_up() {
    local h n=0
    ip netns add "$LAB-sw"
    ip -n "$LAB-sw" link set lo up
    ip -n "$LAB-sw" link add br0 type bridge stp_state 0 mcast_snooping 0
    ip netns exec "$LAB-sw" sysctl -qw net.ipv6.conf.br0.disable_ipv6=1
    ip -n "$LAB-sw" link set br0 address 02:57:54:00:00:01 promisc on up
    for h in srv:10 cli:21 thr:30; do
        n=${h#*:}; h=${h%:*}
        ip netns add "$LAB-$h"
        ip -n "$LAB-$h" link set lo up
        ip -n "$LAB-sw" link add "p$h" type veth peer name eth0 netns "$LAB-$h"
        ip netns exec "$LAB-sw" sysctl -qw "net.ipv6.conf.p$h.disable_ipv6=1"
        ip -n "$LAB-sw" link set "p$h" master br0 up
        ip netns exec "$LAB-$h" sysctl -qw net.ipv6.conf.eth0.accept_dad=0
        ip -n "$LAB-$h" link set eth0 address "02:57:54:00:00:$n" up
        ip -n "$LAB-$h" addr add "10.77.0.$n/24" dev eth0
        ip -n "$LAB-$h" addr add "fd77::$n/64" dev eth0 nodad
        ip netns exec "$LAB-$h" ethtool -K eth0 tx off rx off gso off gro off tso off sg off >/dev/null 2>&1
        ip netns exec "$LAB-sw" ethtool -K "p$h" tx off rx off gso off gro off tso off sg off >/dev/null 2>&1
    done
    sleep 1
}

lab_down() {
    local p h
    for p in "${BG_PIDS[@]}" $CAP_PID; do kill "$p" 2>/dev/null; done
    sleep 0.2
    for p in "${BG_PIDS[@]}"; do kill -9 "$p" 2>/dev/null; done
    for h in srv cli thr sw; do ip netns del "$LAB-$h" 2>/dev/null; done
    BG_PIDS=(); CAP_PID=
}

# NAME: the capture now being recorded; logs go to $WORK/logs/$NAME.*
cap_start() {           # name [tcpdump filter]
    NAME=$1; shift
    rm -f "$WORK/$NAME.pcap" "$WORK/logs/$NAME".*
    : > "$WORK/logs/$NAME.cmds"
    ip netns exec "$LAB-sw" tcpdump -i br0 -U -n --immediate-mode -s 65535 -B 65536 -Z root \
        -w "$WORK/$NAME.pcap" "${@:-tcp or arp or icmp}" 2> "$WORK/logs/$NAME.tcpdump" &
    CAP_PID=$!
    local i; for i in $(seq 100); do
        grep -q 'listening on' "$WORK/logs/$NAME.tcpdump" 2>/dev/null && [ -s "$WORK/$NAME.pcap" ] && break; sleep 0.05
    done
}

cap_stop() {
    sleep 0.5
    kill -INT "$CAP_PID"; wait "$CAP_PID" 2>/dev/null; CAP_PID=
    grep -q '^0 packets dropped by kernel' "$WORK/logs/$NAME.tcpdump" || echo "$NAME: packets lost by tcpdump, record it again" >&2
    mv "$WORK/$NAME.pcap" "$OUT/$NAME.pcap"
    printf '%-28s %8d bytes\n' "$NAME" "$(stat -c %s "$OUT/$NAME.pcap")"
}

# Run a program on a host: on HOST TAG command...; output goes to
# logs/NAME.TAG.log.  The exit status is written to the command list.
_show() { local a o=; for a in "$@"; do a=${a/#$PY/python3}; a=${a/#$(dirname "$PY")\//}; a=${a//$WORK\//}; a=${a//$OUT\//}; a=${a//$HERE\//}; o="$o $a"; done; echo "${o# }"; }
on() {
    local h=$1 t=$2 rc; shift 2
    ip netns exec "$LAB-$h" "$@" >> "$WORK/logs/$NAME.$t.log" 2>&1; rc=$?
    echo "$h $(_show "$@") [exit $rc]" >> "$WORK/logs/$NAME.cmds"
    return 0
}
# The same in the background; the process id is left in $BG.
bg() {
    local h=$1 t=$2; shift 2
    ip netns exec "$LAB-$h" "$@" >> "$WORK/logs/$NAME.$t.log" 2>&1 &
    BG=$!; BG_PIDS+=("$BG")
    echo "$h $(_show "$@") &" >> "$WORK/logs/$NAME.cmds"
}
wait_port() {           # host port
    local i; for i in $(seq 200); do
        ip netns exec "$LAB-$1" ss -Hltn "sport = :$2" | grep -q . && return 0; sleep 0.05
    done
    echo "$NAME: no listener on $1:$2" >&2; return 1
}
rate() {                # host kbit|off: slow down what a host sends
    ip netns exec "$LAB-$1" tc qdisc del dev eth0 root 2>/dev/null
    [ "$2" = off ] || ip netns exec "$LAB-$1" tc qdisc add dev eth0 root tbf rate "$2"kbit burst 4kb latency 5s
}
bg_stop() {             # ends what bg started (all, or the given ids)
    sleep 0.4
    local p; for p in "${@:-${BG_PIDS[@]}}"; do for p in $p; do kill "$p" 2>/dev/null; done; done
    for p in ${@:-${BG_PIDS[@]}}; do
        local i; for i in $(seq 40); do kill -0 "$p" 2>/dev/null || break; sleep 0.05; done
        kill -9 "$p" 2>/dev/null; wait "$p" 2>/dev/null
    done
    [ $# -eq 0 ] && BG_PIDS=()
    return 0
}
# TRUTH_ONLY=1: record nothing, only rewrite TRUTH.jsonl from the kept logs.
if [ -n "$TRUTH_ONLY" ]; then
    lab_up() { :; }; cap_start() { NAME=$1; }; cap_stop() { :; }; on() { :; }; bg() { :; }; bg_stop() { :; }
    wait_port() { :; }; rate() { :; }; kill() { return 1; }; sleep() { :; }
fi
trap 'lab_down' EXIT
trap 'exit 1' INT TERM
