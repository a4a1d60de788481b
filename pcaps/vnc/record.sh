#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the VNC captures of this folder from real programs; root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 python3-venv tigervnc-standalone-server x11vnc
# It makes a Python environment under /tmp/wardtap-rec (or $REC).
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
. "$HERE/../common/netlab.sh"

VENV=$REC/venv
[ -x $VENV/bin/python3 ] || /usr/bin/python3 -m venv $VENV || exit 1
$VENV/bin/pip install -q vncdotool==1.4.2 service_identity || exit 1
x11vnc -storepasswd Infuse77 $WORK/passwd >/dev/null 2>&1
DO="$VENV/bin/vncdotool --nocursor"

# tigervnc SECURITY port options...
tigervnc() {
    local types=$1 port=$2; shift 2
    bg srv srv Xtigervnc :71 -geometry 64x48 -depth 16 -rfbport $port -SecurityTypes $types -PasswordFile $WORK/passwd -desktop 'pump-gw:1 (biomed)' "$@"
    wait_port srv $port
}
rec_tigervnc() {        # 3.8: none, then a password, right and wrong
    cap_start tigervnc tcp
    tigervnc None 5901
    on cli cli timeout 10 $DO -s 10.77.0.10::5901 pause 0.2 key a
    bg_stop
    tigervnc VncAuth 5901
    on cli cli timeout 10 $DO -s 10.77.0.10::5901 -p Infuse77 pause 0.2 key a
    on cli cli timeout 5 $DO -s 10.77.0.10::5901 -p Wrong pause 0.2 key a
    bg_stop
    cap_stop
}
rec_x11vnc() {          # another server, forced to 3.3 and 3.7
    cap_start x11vnc tcp
    tigervnc None 5971 -localhost
    for v in 3.3 3.7; do
        bg srv x11 x11vnc -display :71 -rfbport 5900 -rfbversion $v -rfbauth $WORK/passwd -forever -desktop 'Central station 4' -noxdamage; wait_port srv 5900
        on thr cli timeout 10 $DO -s 10.77.0.10::5900 -p Infuse77 pause 0.2 key a
        bg_stop $BG
    done
    bg_stop
    cap_stop
}
rec_vencrypt() {        # types of TLS: the session goes on encrypted
    cap_start vencrypt tcp
    tigervnc TLSNone 5901
    on cli cli $VENV/bin/python3 "$HERE/vencrypt_peer.py" 10.77.0.10 5901
    bg_stop
    cap_stop
}
lab_up
for r in ${@:-tigervnc x11vnc vencrypt}; do rec_$r; done
lab_down
