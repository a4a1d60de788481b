#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the RDP captures of this folder from real programs.
#
#   ./record.sh             all of them
#   ./record.sh classic tls some of them
#
# Needs root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 xrdp rdesktop freerdp2-x11 xvfb openssl
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
. "$HERE/../common/netlab.sh"

D=$WORK/xrdp
serve() {               # security layer, crypt level
    rm -rf "$D"; mkdir -p "$D"
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$D/key.pem" -out "$D/cert.pem" -days 30 -subj "/CN=ts1.ward.example" 2>/dev/null
    xrdp-keygen xrdp "$D/rsakeys.ini" >/dev/null 2>&1
    sed -e "s/^port=.*/port=tcp:\/\/10.77.0.10:3389/" -e "s/^security_layer=.*/security_layer=$1/" \
        -e "s/^crypt_level=.*/crypt_level=$2/" -e "s|^certificate=.*|certificate=$D/cert.pem|" \
        -e "s|^key_file=.*|key_file=$D/key.pem|" -e "s|^rsakeys_ini=.*|rsakeys_ini=$D/rsakeys.ini|" \
        -e "s|^LogFile=.*|LogFile=$D/log|" /etc/xrdp/xrdp.ini >"$D/xrdp.ini"
    bg srv xrdp /usr/sbin/xrdp -n -c "$D/xrdp.ini"
    wait_port srv 3389
}
# A client on a screen of its own; it is stopped after a few seconds.
look() {
    Xvfb :77 -screen 0 640x480x16 -nolisten tcp >/dev/null 2>&1 & local x=$!
    sleep 1.5
    DISPLAY=:77 on cli cli timeout 4 "$@" </dev/null
    kill $x; wait $x 2>/dev/null
}

rec_classic() {
    cap_start classic tcp; serve rdp high
    look rdesktop -u nurse1 -n RADWS07 -g 320x240 -a 8 -k de -r clipboard:off 10.77.0.10
    bg_stop; cap_stop
}
rec_clear() {           # no encryption at all: account and password in clear
    cap_start clear tcp; serve rdp none
    look xfreerdp /v:10.77.0.10 /u:nurse1 /p:lamp-9 /d:WARD /sec:rdp /size:320x240 /bpp:8 /client-hostname:THERAPY3 /cert:ignore
    bg_stop; cap_stop
}
rec_tls() {
    cap_start tls tcp; serve negotiate high
    look xfreerdp /v:10.77.0.10 /u:nurse1 /p:lamp-9 /sec:tls /size:320x240 /bpp:8 /cert:ignore
    bg_stop; cap_stop
}
rec_refused() {
    cap_start refused tcp; serve tls high
    look xfreerdp /v:10.77.0.10 /u:nurse1 /p:lamp-9 /sec:rdp /cert:ignore
    bg_stop; cap_stop
}

lab_up
for r in ${@:-classic clear tls refused}; do "rec_$r"; done
