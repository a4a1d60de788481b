#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records pcaps/cdp; see README.md. Needs root, lldpd,, tcpdump, ethtool.
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
PY=${PY:-/usr/bin/python3}
LAB=${LAB:-wtcdp$$}
. "$HERE/../common/netlab.sh"
FILTER="ether dst 01:00:0c:cc:cc:cc"

# agent HOST TAG options...: lldpd on a host; its settings on stdin, read before it says
# anything. What it would tell of this machine by itself is set in all of them.
agent() {
    local host=$1 tag=$2; shift 2
    { cat; echo "configure lldp tx-interval 1"; } > $WORK/$NAME.conf
    bg $host $tag lldpd -d -u $WORK/$NAME.sock -O $WORK/$NAME.conf -I ${PORTS:-eth0} "$@"
}
rec_lldpd() {
    cap_start lldpd "$FILTER"
    agent srv srv -c -ll -P "Example Switch 48" <<'C'
configure system hostname sw-ward3
configure system description "Ward switch 3, firmware 2.1.7"
C
    sleep 3
    bg_stop; cap_stop
}
rec_phone() {       # version 1 and what an endpoint adds
    cap_start phone "$FILTER"
    agent cli cli -ccc -M 3 -P "Bedside phone" <<'C'
configure system hostname phone-12
configure system description "Bedside phone, firmware 11.4"
configure inventory software-revision 11.4
configure med policy application voice tagged vlan 50 priority voice dscp 46
configure med power pd source pse priority high value 6500
C
    sleep 3
    bg_stop; cap_stop
}
rec_odd() {         # hand-made: voice VLAN, power, ODR networks, parts that are too short or too long
    cap_start odd "$FILTER"
    local H="aaaa0300000c2000"
    on thr thr $PY "$COMMON/frames.py" eth0 \
        "01000ccccccc SELF 0067 $H 02b40000 0001 0008 52544552 000a 0006 0032 000b 0005 00 000e 0007 01 0064 000f 0007 20 0064 0010 0006 1964 0011 0008 000005dc 0019 000c 0001 0000 00001964 001a 0010 0001 0001 00003c8c 00003c8c 0007 000e 0a4d0000 18 0a4d0100 18" \
        "01000ccccccc SELF 0018 $H 01b40000 0001 0008 52544552 0004 0004" \
        "01000ccccccc SELF 0018 $H 02b40000 0001 0008 52544552 0005 0003" \
        "01000ccccccc SELF 0018 $H 02b40000 0001 0008 52544552 0005 00ff" \
        "01000ccccccc SELF 0019 $H 02b40000 0002 000d 00000001 01 01 cc 00 04" \
        "01000ccccccc SELF 000c $H 02b40000"
    cap_stop
}
ALL="lldpd phone odd"
lab_up
for r in ${@:-$ALL}; do rec_$r; done
lab_down
