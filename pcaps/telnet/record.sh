#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the Telnet captures of this folder from real programs; root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 python3 inetutils-telnetd inetutils-telnet socat netcat-openbsd
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
. "$HERE/../common/netlab.sh"
PY=/usr/bin/python3
cp "$HERE/login.sh" $WORK/login.sh; chmod 755 $WORK/login.sh

# typed USER PASSWORD: what a person types, a terminal's telnet in front
typed() { printf '%s' "$PY $HERE/type.py $1 $2"; }

rec_inetutils() {       # a refused login, then a good one; terminal type and window size
    cap_start inetutils tcp
    printf '#!/bin/sh\nexec telnetd -h -E "%s pump-gw"\n' $WORK/login.sh > $WORK/start.sh; chmod 755 $WORK/start.sh
    bg srv srv socat TCP-LISTEN:23,reuseaddr,fork EXEC:$WORK/start.sh; wait_port srv 23
    on cli cli $(typed biomed Wrong-1) biomed Pump-4711 -- telnet 10.77.0.10
    bg_stop; cap_stop
}
rec_console() {         # a console server without negotiation
    cap_start console tcp
    bg srv srv socat TCP-LISTEN:4001,reuseaddr,fork EXEC:"$WORK/login.sh vent-7 bare"; wait_port srv 4001
    on thr cli $(typed service service) -- nc -C 10.77.0.10 4001
    bg_stop; cap_stop
}
lab_up
for r in ${@:-inetutils console}; do rec_$r; done
lab_down
