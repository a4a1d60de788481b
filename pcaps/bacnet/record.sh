#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the BACnet captures of this folder from bacpypes3 devices and clients.
#
# Needs root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 python3-venv
# It makes a Python environment with bacpypes3 under /tmp/wardtap-rec (or $REC).
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
LAB=${LAB:-wtbac$$}
. "$HERE/../common/netlab.sh"
[ -x "$REC/venv/bin/python3" ] || /usr/bin/python3 -m venv "$REC/venv"
"$PY" -c 'import bacpypes3' 2>/dev/null || "$REC/venv/bin/pip" install -q bacpypes3==0.0.110 ifaddr || exit 1
PEER="$PY $HERE/bacnet_peer.py"
F="udp port 47808"

with_device() {         # NAME HOST ADDRESS
    cap_start $1 "$F"
    bg srv srv $PEER device 10.77.0.10/24; sleep 3
    on $2 cli $PEER client $3/24 10.77.0.10 $1
    bg_stop; cap_stop
}
rec_discover() { with_device discover cli 10.77.0.21; }
rec_read() { with_device read cli 10.77.0.21; }
rec_control() { with_device control thr 10.77.0.30; }
rec_foreign() {         # a laptop registers with the broadcast manager
    cap_start foreign "$F"
    bg srv srv $PEER bbmd 10.77.0.10/24; sleep 3
    bg cli cli2 $PEER device 10.77.0.21/24; sleep 3
    on thr cli $PEER foreign 10.77.0.30 10.77.0.10
    bg_stop; cap_stop
}
lab_up
for r in ${@:-discover read control foreign}; do rec_$r; done
