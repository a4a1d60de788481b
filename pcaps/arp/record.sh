#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records pcaps/arp; see README.md. Needs root, arping, iputils-ping, tcpdump, ethtool.
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
PY=${PY:-/usr/bin/python3}
LAB=${LAB:-wtarp$$}
. "$HERE/../common/netlab.sh"
BC=ffffffffffff

rec_ordinary() {
    cap_start ordinary "arp or rarp"
    on cli cli ip neigh flush all
    on cli cli ping -c 2 -i 0.2 10.77.0.10
    on cli cli arping -c 2 -i eth0 10.77.0.30
    on thr thr arping -c 1 -i eth0 -0 10.77.0.21                     # RFC 5227: sender 0.0.0.0
    on thr thr arping -c 1 -i eth0 -0 10.77.0.99
    on srv srv arping -c 1 -i eth0 -U -S 10.77.0.10 10.77.0.10       # gratuitous
    on thr thr arping -c 1 -i eth0 -P -U -S 10.77.0.10 10.77.0.21 # a reply nobody asked for
    cap_stop
}
rec_odd() { # hand-made: nothing packaged sends these
    cap_start odd "ether src 02:57:54:00:00:30"
    on thr thr $PY "$COMMON/frames.py" eth0 \
        "$BC SELF 8035 0001 0800 06 04 0003 SELF 00000000 SELF 00000000" \
        "SELF SELF 8035 0001 0800 06 04 0004 SELF 0a4d001e SELF 0a4d0063" \
        "$BC SELF 0024 aaaa03000000 0806 0001 0800 06 04 0001 SELF 0a4d001e 000000000000 0a4d000a" \
        "$BC SELF 0806 0006 0800 06 04 0001 SELF 0a4d001e 000000000000 0a4d000a" \
        "$BC SELF 0806 0001 0800 06 04 0008 SELF 0a4d001e 000000000000 00000000" \
        "$BC SELF 0806 0001 0800 06 04 0001 010000000001 e0000001 000000000000 0a4d000a" \
        "$BC SELF 0806 0001 0800 08 04 0001 SELF 0000 0a4d001e 0000000000000000 0a4d000a" \
        "$BC SELF 0806 0001 0800 ff ff 0001 SELF 0a4d001e 000000000000 0a4d000a" \
        "$BC SELF 0806 0001 86dd 06 10 0001 SELF fd770000000000000000000000000030 000000000000 fd770000000000000000000000000010" \
        "$BC SELF 8100 0007 0806 0001 0800 06 04 0002 SELF 0a4d001e 02575400000a 0a4d000a"
    cap_stop
}
ALL="ordinary odd"
lab_up
for r in ${@:-$ALL}; do rec_$r; done
lab_down
