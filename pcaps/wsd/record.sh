#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the WS-Discovery captures of this folder from real programs.
#
# Needs root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 wsdd python3-venv
# It makes a Python environment with sdc11073 and WSDiscovery under /tmp/wardtap-rec (or $REC).
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
LAB=${LAB:-wtwsd$$}
. "$HERE/../common/netlab.sh"
[ -x "$REC/venv/bin/python3" ] || /usr/bin/python3 -m venv "$REC/venv"
"$PY" -c 'import sdc11073, wsdiscovery' 2>/dev/null || "$REC/venv/bin/pip" install -q sdc11073==3.0.0 WSDiscovery==2.1.2 || exit 1
route() { for h in srv cli thr; do ip -n "$LAB-$h" route replace 224.0.0.0/4 dev eth0; done; }

rec_sdc() {             # a medical device at its bed: Hello, Probe, Resolve, Bye
    cap_start sdc "udp port 3702 or (udp and net 10.77.0.0/24 and not port 5353)"
    bg srv srv $PY "$HERE/sdc_peer.py" provider 10.77.0.10 10; sleep 4
    on cli cli timeout 20 $PY "$HERE/sdc_peer.py" consumer 10.77.0.21
    sleep 4; bg_stop; cap_stop
}
rec_windows() {         # wsdd as a Windows host in a workgroup; another one looks for it
    cap_start windows "udp"
    bg srv srv wsdd -i eth0 -4 -n us-room4 -w WARD3 -U 3fa85f64-5717-4562-b3fc-2c963f66afa6; sleep 3
    bg cli cli wsdd -i eth0 -4 -D -o -l 10123; sleep 4
    on thr thr timeout 20 "$REC/venv/bin/wsdiscover"
    bg_stop; cap_stop
}
rec_ipv6() {
    cap_start ipv6 "udp port 3702 and ip6"
    bg srv srv wsdd -i eth0 -6 -n pacs01 -w WARD3; sleep 4
    bg_stop; cap_stop
}
lab_up; route
for r in ${@:-sdc windows ipv6}; do rec_$r; done
