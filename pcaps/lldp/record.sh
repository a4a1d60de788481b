#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records pcaps/lldp and pcaps/cdp; see README.md. Needs root, lldpd,, tcpdump, ethtool.
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
PY=${PY:-/usr/bin/python3}
LAB=${LAB:-wtlldp$$}
. "$HERE/../common/netlab.sh"
FILTER="ether proto 0x88cc"

# agent HOST TAG options...: lldpd on a host; its settings on stdin, read before it says
# anything. What it would tell of this machine by itself is set in all of them.
agent() {
    local host=$1 tag=$2; shift 2
    { cat; echo "configure lldp tx-interval 1"; } > $WORK/$NAME.conf
    bg $host $tag lldpd -d -u $WORK/$NAME.sock -O $WORK/$NAME.conf -I ${PORTS:-eth0} "$@"
}
rec_plain() {
    cap_start plain "$FILTER"
    agent srv srv <<'C'
configure system hostname sw-ward3
configure system description "Ward switch 3, firmware 2.1.7"
configure lldp portdescription "Port 7, room 12"
C
    sleep 3
    bg_stop; cap_stop
}
rec_med() {         # an endpoint with inventory, policy, places and power
    cap_start med "$FILTER"
    agent cli cli -M 3 <<'C'
configure system hostname pump-gw-17
configure system description "Infusion gateway"
configure inventory hardware-revision HW-C
configure inventory firmware-revision FW-4.2
configure inventory software-revision 7.1.0-b12
configure inventory serial-number SN-20417-X
configure inventory manufacturer Example_Medical
configure inventory model IG-200
configure inventory asset BIOMED-00417
configure med policy application voice tagged vlan 50 priority voice dscp 46
configure med policy application streaming-video unknown
configure med location address country DE city Berlin street-suffix Allee building 4 room 12
configure med location elin 3035551234
configure med location coordinate latitude 52.5N longitude 13.4E altitude 35 m datum WGS84
configure med power pd source local priority high value 6500
C
    sleep 3
    bg_stop; cap_stop
}
rec_dot1() {        # VLANs, 802.3 power
    cap_start dot1 "$FILTER"
    on srv srv ip link add link eth0 name eth0.50 type vlan id 50
    on srv srv ip link set eth0.50 up
    PORTS=eth0,eth0.50 agent srv srv <<'C'
configure system hostname sw-ward3
configure system description "Ward switch 3, firmware 2.1.7"
configure dot3 power pse supported enabled paircontrol powerpairs spare class class-3 type 1 source primary priority high requested 12000 allocated 15000
configure lldp custom-tlv oui 00,0e,cf subtype 2 oui-info 00,01,02,03
C
    sleep 3
    bg_stop
    on srv srv ip link del eth0.50
    cap_stop
}
rec_odd() {         # hand-made: out of order, no end, repeated, a value that is too short, lifetime 0
    cap_start odd "$FILTER"
    local D="0180c200000e SELF 88cc"
    on thr thr $PY "$COMMON/frames.py" eth0 \
        "$D 0207 04 025754000030 0404 07 706f72 0602 0078" \
        "$D 0207 04 025754000030 0404 07 706f72 0602 0000 0000" \
        "$D 0404 07 706f72 0207 04 025754000030 0602 0078 0000" \
        "$D 0207 04 025754000030 0404 07 706f72 0602 0078 0a02 6131 0a02 6132 0602 0079 0000" \
        "$D 0207 04 025754000030 0404 07 706f72 0602 0078 0e02 0014 1003 0a0b0c 0000" \
        "$D 0207 04 025754000030 0404 07 706f72 0602 0078 fe03 0012bb fe06 0012bb 0b 4131 0000" \
        "$D 0206 05 01 0a4d001e 0412 04 02 fd770000000000000000000000000030 0602 0078 1018 11 02 fd770000000000000000000000000030 02 00000007 00 0000" \
        "$D 0207 04 025754000030 0404 07 706f72 0602 0078 0bff 6131 0000"
    cap_stop
}
ALL="plain med dot1 odd"
lab_up
ip -n "$LAB-sw" link set br0 type bridge group_fwd_mask 0x4000  # pass 01-80-C2-00-00-0E on
for r in ${@:-$ALL}; do rec_$r; done
lab_down
