#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the HL7 v2 captures of this folder from real programs.
#
#   ./record.sh             all of them
#   ./record.sh adt batch   some of them
#
# Needs root, Debian 12 and:
#   apt-get install tcpdump tshark ethtool iproute2 python3-venv nodejs npm
# It makes a Python environment and an npm folder under /tmp/wardtap-rec (or $REC).
# OUT=/tmp/x ./record.sh writes elsewhere.
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
. "$HERE/../common/netlab.sh"

VENV=$REC/venv
if ! [ -x $VENV/bin/python3 ]; then
    /usr/bin/python3 -m venv $VENV && $VENV/bin/pip install -q pydicom==3.0.2 pynetdicom==3.0.4 numpy hl7==0.4.5 || exit 1
fi
M=$WORK/msgs
$PY "$HERE/make_hl7.py" $M || exit 1
PEER="$PY $HERE/hl7_peer.py"
SEND="$VENV/bin/mllp_send"
truth() { $PY "$HERE/truth_hl7.py" --work "$WORK" --out "$OUT" --name "$NAME" "$@"; }

rec_adt_oru() {         # the ordinary case
    cap_start adt-oru
    bg srv srv $PEER server 2575; wait_port srv 2575
    on cli cli $SEND -p 2575 -f $M/adt-oru.mllp 10.77.0.10
    bg_stop; cap_stop
    truth --note "ADT A01, A08, ORU R01 (3 and 12 OBX), ADT A03 on one connection, all AA" --server "python-hl7 asyncio MLLP server" --client "mllp_send (python-hl7)" --port 2575 --log srv
}

rec_pcd01_pump() {      # IHE PCD-01 from an infusion pump gateway
    cap_start pcd01-pump
    bg srv srv $PEER server 3000; wait_port srv 3000
    on cli cli $PEER client 10.77.0.10 3000 $M/pcd01-pump.mllp --gap 0.3
    bg_stop; cap_stop
    truth --note "IHE PCD-01 from an infusion pump gateway: five ORU R01, OBX-18 in the four conventions, drug, rate, VTBI; MSH-15/16 AL/NE answered CA" --server "python-hl7 asyncio MLLP server" --client "python-hl7 asyncio MLLP client" --port 3000 --log srv --log cli
}

NPMDIR=$REC/npm
js() { [ -d $NPMDIR/node_modules/simple-hl7 ] || (mkdir -p $NPMDIR && cd $NPMDIR && npm init -y >/dev/null 2>&1 && npm i node-hl7-client@3.2.0 node-hl7-server@2.5.0 simple-hl7@3.3.0 >/dev/null 2>&1); }
NODE="node $HERE/node_peer.js"
S="python-hl7 asyncio MLLP server"
C="python-hl7 asyncio MLLP client"
RULES=(--rule 'ADT^A08=AE,101,Required field missing' --rule 'ADT^A03=AR,201,Unsupported event code' --rule 'ORM^O01=AE,204,Unknown key identifier'
       --rule 'SIU^S12=AR,200,Unsupported message type' --rule 'MDM^T02=AE,207,Application internal error' --rule 'ZZZ^Z99=AR,200,Unsupported message type' --rule 'ADT^A40=AE,205,Duplicate key identifier')

# plain NAME PORT FILE note [peer options...]: python-hl7 on both sides
plain() {
    local name=$1 port=$2 file=$3 note=$4; shift 4
    cap_start $name
    bg srv srv $PEER server $port; wait_port srv $port
    on cli cli $PEER client 10.77.0.10 $port $M/$file.mllp "$@"
    bg_stop; cap_stop
    truth --note "$note" --server "$S" --client "$C" --port $port --log srv --log cli
}
# sent NAME PORT FILE note: mllp_send to the python-hl7 server
sent() {
    local name=$1 port=$2 file=$3 note=$4; shift 4
    cap_start $name
    bg srv srv $PEER server $port "$@"; wait_port srv $port
    on cli cli $SEND -p $port -f $M/$file.mllp 10.77.0.10
    bg_stop; cap_stop
    truth --note "$note" --server "$S" --client "mllp_send (python-hl7)" --port $port --log srv
}
rec_adt() { sent adt 2575 adt "ADT A01, A31, A40, A04, A02, A08"; }
rec_orders() { sent orders 2575 orders "ORM O01, OML O21, RDE O11, SIU S12, MDM T02"; }
rec_query() { sent query 2575 query "QBP Q22 answered RSP K22, twice"; }
rec_nak() { sent nak 2575 nak "Nine messages answered AA, AE, AR with ERR-3 101, 200, 201, 204, 205, 207" "${RULES[@]}"; }
rec_all_reject() { sent all-reject 2575 burst "Eight ADT A08, all answered AE 207" --ack AE; }
rec_enhanced() {
    cap_start enhanced
    bg srv srv $PEER server 2575 --enhanced "${RULES[@]}"; wait_port srv 2575
    on cli cli $PEER client 10.77.0.10 2575 $M/enhanced.mllp --two
    bg_stop; cap_stop
    truth --note "Enhanced mode: commit acknowledgements CA, CE, CR and application acknowledgements on the same connection; one message in original mode between them" --server "$S" --client "$C" --port 2575 --log srv --log cli
}
rec_processing() { sent processing 2575 processing "MSH-11 D, T, P and MSH-12 2.2, 2.3, 2.5.1, 2.8; MSH-9 without structure"; }
rec_sft() { sent sft 2575 sft "SFT segments: one in an ORU, two in an ADT"; }
rec_batch() { plain batch 2575 batch "FHS/BHS batch of three ORU, BHS batch of two, FHS/BHS batch whose BTS-1 is wrong (4 for 3); answered by a BHS batch of ACKs"; }
rec_delims() { plain delimiters 2575 delims "MSH-2 other than ^~\\&: '#*!%\$' with # as field separator, '^~\\&#' (2.7), '@~\\&', '^~\\\$'"; }
rec_escapes() { plain escapes 2575 escapes "Escape sequences; the second message has \\X0D\\, \\X1C0D\\, an open escape, .sp9999"; }
rec_charsets() {
    cap_start charsets
    bg srv srv $PEER server 2575; wait_port srv 2575
    for f in latin1 utf8 ir87; do on cli cli $PEER client 10.77.0.10 2575 $M/charset-$f.mllp; done
    bg_stop; cap_stop
    truth --note "MSH-18 8859/1, UNICODE UTF-8, ~ISO IR87 (with escape sequences of ISO 2022), a connection each" --server "$S" --client "$C" --port 2575 --log srv --log cli
}
rec_many() { plain many 2575 many "Sixty ORU R01 on one connection"; }
rec_burst() { plain several-in-segment 2575 burst "Eight ADT A08 written at once (several messages in one TCP segment), then eight answers" --pipeline; }
rec_tiny() { plain tiny-segments 2575 slow "One ORU in TCP segments of three bytes (TCP_NODELAY)" --segment 3; }
rec_large() {
    cap_start large
    bg srv srv $PEER server 2575; wait_port srv 2575
    on cli cli $SEND -p 2575 -f $M/large.mllp 10.77.0.10
    bg_stop; cap_stop
    truth --note "MDM T02 with 400 KB of base64 (ED) in OBX-5" --server "$S" --client "mllp_send (python-hl7)" --port 2575 --log srv
}
rec_executable() { sent executable 2575 executable "An ELF header as base64 in OBX-5 ED; a UNC path in RP and a jndi string in ST"; }
rec_replay() { plain replay 2575 replay "One MSH-10 three times: twice the same message, then another with the same id" --gap 0.5; }
rec_r2() {
    cap_start mllp-r2
    bg srv srv $PEER server 2575 --r2 ack; wait_port srv 2575
    bg srv srv2 $PEER server 2576 --r2 nak-first; wait_port srv 2576
    on cli cli $PEER client 10.77.0.10 2575 $M/r2.mllp
    on cli cli $PEER client 10.77.0.10 2576 $M/r2.mllp
    bg_stop; cap_stop
    truth --note "MLLP release 2: commit ACK 0B 06 1C 0D before each application answer; on port 2576 the second message gets a commit NAK 0B 15 1C 0D" --server "$S" --client "$C" --port 2575 --port 2576 --log srv --log srv2 --log cli
}
rec_lf() {
    cap_start lf-crlf
    bg srv srv $PEER server 2575; wait_port srv 2575
    on cli cli $PEER client 10.77.0.10 2575 $M/lf.mllp
    on cli cli $PEER client 10.77.0.10 2575 $M/crlf.mllp
    bg_stop; cap_stop
    truth --note "Segments ended by LF (first connection), by CR LF (second)" --server "$S" --client "$C" --port 2575 --log srv --log cli
}
rec_raw() {
    cap_start raw-tcp
    bg srv srv $PY $HERE/raw_peer.py server 5000; wait_port srv 5000
    on cli cli $PY $HERE/raw_peer.py client 10.77.0.10 5000 $M/raw.txt
    bg_stop; cap_stop
    truth --note "HL7 over TCP without MLLP blocks (scripted peers, no product)" --server "raw_peer.py" --client "raw_peer.py" --port 5000 --log srv --log cli
}
rec_two() {
    cap_start two-connections
    bg srv srv $PEER server 2575; wait_port srv 2575
    bg cli cli $PEER client 10.77.0.10 2575 $M/conn-a.mllp --gap 0.11; local A=$BG
    bg cli cli2 $PEER client 10.77.0.10 2575 $M/conn-b.mllp --gap 0.13; local B=$BG
    while kill -0 $A 2>/dev/null || kill -0 $B 2>/dev/null; do sleep 0.1; done
    bg_stop; cap_stop
    truth --note "Two interleaved connections: six ADT A01, six ORU R01" --server "$S" --client "$C (two)" --port 2575 --log srv --log cli --log cli2
}
rec_v6() {
    cap_start ipv6 "tcp or icmp6"
    bg srv srv $PEER server 2575 --bind ::; wait_port srv 2575
    on cli cli $PEER client fd77::10 2575 $M/v6.mllp
    bg_stop; cap_stop
    truth --note "IPv6: ADT A01, ORU R01" --server "$S" --client "$C" --port 2575 --ipv6 --log srv --log cli
}
rec_port6661() { sent port-6661 6661 adt-oru "Port 6661 (mllp_send's own default)"; }
rec_port33061() { sent port-33061 33061 adt-oru "Port 33061, far from any registered one"; }
rec_noack() {
    cap_start no-ack
    bg srv srv $PEER server 2575 --no-ack; wait_port srv 2575
    on cli cli $PEER client 10.77.0.10 2575 $M/burst.mllp --no-wait --gap 0.2
    bg_stop; cap_stop
    truth --note "Eight ADT A08, never answered" --server "$S" --client "$C" --port 2575 --log srv --log cli
}
rec_reset() { plain reset-in-message 2575 adt "Connection reset in the middle of the sixth message" --abort; }
rec_long() { plain long-pauses 2575 pcd01-monitor "Six PCD-01 monitor messages with pauses of 4 s on one connection" --gap 4; }
rec_node() {
    js
    cap_start node
    bg srv srv $NODE server 2575 --rules 'ADT^A08=AE;ADT^A03=AR'; wait_port srv 2575
    for i in 0 1 2 3 4; do on cli cli $NODE client 10.77.0.10 2575 $M/adt-oru.hl7 --only $i; done
    for i in 0 1 2 3 4; do on cli cli $NODE client 10.77.0.10 2575 $M/orders.hl7 --only $i; done
    bg_stop; cap_stop
    truth --note "node-hl7-client to node-hl7-server, ten connections of one message: ADT, ORU, orders; AE for A08, AR for A03" --server "node-hl7-server" --client "node-hl7-client" --port 2575 --log srv --log cli
}
rec_node_reack() {
    js
    cap_start node-repeated-acks
    bg srv srv $NODE server 2575; wait_port srv 2575
    on cli cli $NODE client 10.77.0.10 2575 $M/adt-oru.hl7
    bg_stop; cap_stop
    truth --note "Five messages on one connection to node-hl7-server 2.5.0, which keeps what it read and reads (and answers) it again with every new message: 5 messages, 15 acknowledgements" --server "node-hl7-server" --client "node-hl7-client" --port 2575 --log srv --log cli --messages-from cli
}
rec_node_batch() {
    js
    cap_start node-batch
    bg srv srv $NODE server 2575; wait_port srv 2575
    on cli cli $NODE client 10.77.0.10 2575 $M/conn-b.hl7 --batch
    on cli cli $NODE client 10.77.0.10 2575 $M/conn-b.hl7 --file
    bg_stop; cap_stop
    truth --note "node-hl7-client: a BHS batch, then an FHS file of six ORU R01" --server "node-hl7-server" --client "node-hl7-client" --port 2575 --log srv --log cli
}
rec_node_py() {
    js
    cap_start node-python
    bg srv srv $PEER server 2575; wait_port srv 2575
    bg srv srv2 $NODE server 2576; wait_port srv 2576
    on cli cli $NODE client 10.77.0.10 2575 $M/adt-oru.hl7
    for i in 0 1 2 3 4; do on cli cli2 $PEER client 10.77.0.10 2576 $M/adt-oru.mllp --skip $i --count 1; done
    bg_stop; cap_stop
    truth --note "node-hl7-client to the python-hl7 server (2575, one connection); the python-hl7 client to node-hl7-server (2576, five connections)" --server "$S, node-hl7-server" --client "node-hl7-client, $C" --port 2575 --port 2576 --log srv --log srv2 --log cli --log cli2
}
rec_simple() {
    js
    cap_start simple-hl7
    bg srv srv $NODE simple-server 7777; wait_port srv 7777
    for i in 0 1 2 3 4; do on cli cli $NODE simple-client 10.77.0.10 7777 $M/adt-oru.hl7 --only $i; done
    bg_stop; cap_stop
    truth --note "simple-hl7 on both sides, port 7777, a connection for each of five messages" --server "simple-hl7" --client "simple-hl7" --port 7777 --log srv --log cli
}
# --- IHE PCD ---
rec_pcd01_monitor() { plain pcd01-monitor 3000 pcd01-monitor "IHE PCD-01 from a patient monitor gateway: six ORU R01, vital signs, model, serial, versions" --gap 0.2; }
rec_pcd01_udi() { plain pcd01-udi 3000 pcd01-udi "IHE PCD-01 with UDI in PRT-10 and PRT-16..20: GS1, HIBCC, ICCBBA (\\T\\)"; }
rec_pcd03() {
    cap_start pcd03-programming
    bg srv srv $PEER server 3001 --enhanced --rule 'RGV^O15=AA'; wait_port srv 3001
    bg cli srv-bcma $PEER server 3002; wait_port cli 3002
    on cli cli $PEER client 10.77.0.10 3001 $M/pcd03-rgv.mllp --count 1 --two
    on srv cli-gw $PEER client 10.77.0.21 3002 $M/pcd03-rrg.mllp --count 1
    on cli cli $PEER client 10.77.0.10 3001 $M/pcd03-rgv.mllp --skip 1 --count 1 --two
    on srv cli-gw $PEER client 10.77.0.21 3002 $M/pcd03-rrg.mllp --skip 1
    bg_stop; cap_stop
    truth --note "IHE PCD-03: RGV O15 (new, then titrate) from the BCMA system to the pump gateway (3001), CA and AA; RRG O16 from the gateway to the BCMA system (3002) on a second connection in the other direction, CA" --server "$S" --client "$C" --port 3001 --port 3002 --log srv --log srv-bcma --log cli --log cli-gw
}
rec_pcd03_rogue() {
    cap_start pcd03-rogue
    bg srv srv $PEER server 3001 --enhanced --rule 'RGV^O15=AE,204,Unknown key identifier'; wait_port srv 3001
    on thr cli $PEER client 10.77.0.10 3001 $M/pcd03-rgv.mllp --skip 2 --two
    bg_stop; cap_stop
    truth --note "An RGV O15 with a rate of 9999 mL/h from another host (10.77.0.30), refused (CE, 204)" --server "$S" --client "$C" --port 3001 --log srv --log cli
}
rec_pcd04() { plain pcd04-alarm 3000 pcd04-alarm "IHE PCD-04: ORU R40 alarm start, audio paused, end; pump occlusion start with audio off, end with alarm off" --gap 0.2; }
rec_pcd05() {
    cap_start pcd05-status
    bg cli srv $PEER server 3003; wait_port cli 3003
    on srv cli $PEER client 10.77.0.21 3003 $M/pcd05-ora.mllp
    bg_stop; cap_stop
    truth --note "IHE PCD-05: status back from the alarm manager (10.77.0.10) to the reporter (10.77.0.21:3003): ORA R41 and the ORU R41 spelling" --server "$S" --client "$C" --port 3003 --log srv --log cli
}
rec_pcd10() { plain pcd10-event 3000 pcd10-ipec "IHE PCD-10: ORU R42 pump events: delivery start, communication status, patient id change, delivery stop"; }
rec_pcd_node() {    # a connection for each message
    js
    cap_start pcd-node
    bg srv srv $NODE server 3000; wait_port srv 3000
    for i in 0 1 2 3 4; do on cli cli $NODE client 10.77.0.10 3000 $M/pcd01-pump.hl7 --only $i; done
    bg_stop; cap_stop
    truth --note "The PCD-01 pump messages, node-hl7-client to node-hl7-server" --server "node-hl7-server" --client "node-hl7-client" --port 3000 --log srv --log cli
}

VAR="$PY $COMMON/variants.py $OUT"
rec_variants() {        # from the recorded files, no network
    $VAR adt-oru adt-oru.client-only client-only
    $VAR adt-oru adt-oru.server-only server-only
    $VAR pcd01-pump pcd01-pump.client-only client-only
    $VAR pcd01-pump pcd01-pump.no-handshake no-handshake
    $VAR pcd01-pump pcd01-pump.midstream midstream --first 2
    $VAR adt-oru adt-oru.midstream midstream --first 3
    $VAR pcd01-pump pcd01-pump.gap gap --at 0.5 --drop 1
    $VAR large large.gap gap --at 0.5 --drop 4
    $VAR pcd01-pump pcd01-pump.reordered reordered --every 2
    $VAR tiny-segments tiny-segments.reordered reordered --every 5
    $VAR adt-oru adt-oru.duplicated duplicated --every 2
    $VAR adt-oru adt-oru.vlan vlan
    $VAR adt-oru adt-oru.snaplen snaplen --snap 128
}

ALL="adt_oru pcd01_pump adt orders query nak all_reject enhanced processing sft batch delims escapes charsets many burst
tiny large executable replay r2 lf raw two v6 port6661 port33061 noack reset long node node_reack node_batch node_py simple
pcd01_monitor pcd01_udi pcd03 pcd03_rogue pcd04 pcd05 pcd10 pcd_node variants"
lab_up
for r in ${@:-$ALL}; do rec_${r//-/_}; done
lab_down
$PY "$COMMON/mkreadme.py" "$OUT"
