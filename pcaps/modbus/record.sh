#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the Modbus captures of this folder from a pymodbus server and client.
#
# Needs root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 python3-venv
# It makes a Python environment with pymodbus under /tmp/wardtap-rec (or $REC).
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
LAB=${LAB:-wtmod$$}
. "$HERE/../common/netlab.sh"
[ -x "$REC/venv/bin/python3" ] || /usr/bin/python3 -m venv "$REC/venv"
"$PY" -c 'import pymodbus' 2>/dev/null || "$REC/venv/bin/pip" install -q pymodbus==3.16.1 || exit 1

rec() {
    cap_start $1 "tcp port 502"
    bg srv srv $PY "$HERE/modbus_peer.py" server 10.77.0.10; wait_port srv 502
    on ${2:-cli} cli $PY "$HERE/modbus_peer.py" client 10.77.0.10 $1
    bg_stop; cap_stop
}
lab_up
for r in ${@:-poll write identify faults}; do case $r in write) rec write thr ;; *) rec $r ;; esac; done
