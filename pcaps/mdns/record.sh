#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the mDNS captures of this folder from real programs.
#
# Needs root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 avahi-daemon bind9-dnsutils python3-venv
# It makes a Python environment with zeroconf under /tmp/wardtap-rec (or $REC).
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
LAB=${LAB:-wtmdn$$}
. "$HERE/../common/netlab.sh"
[ -x "$REC/venv/bin/python3" ] || /usr/bin/python3 -m venv "$REC/venv"
"$PY" -c 'import zeroconf' 2>/dev/null || "$REC/venv/bin/pip" install -q zeroconf==0.131.0 || exit 1

# avahi HOST TAG NAME SERVICES: a daemon of its own name with service files of its own
avahi() {
    local A=$WORK/avahi-$2; rm -rf "$A"; mkdir -p "$A/services" "$A/run"
    cat > "$A/avahi.conf" <<EOF
[server]
host-name=$3
use-ipv4=yes
use-ipv6=yes
enable-dbus=no
[publish]
publish-hinfo=yes
publish-workstation=yes
[wide-area]
enable-wide-area=no
EOF
    $4 "$A/services"
    bg $1 $2 unshare -m sh -c "mount --bind '$A/services' /etc/avahi/services; mkdir -p /run/avahi-daemon; mount --bind '$A/run' /run/avahi-daemon; exec avahi-daemon -f '$A/avahi.conf' --no-drop-root --no-chroot --no-rlimits"
}
service() { # FILE NAME TYPE PORT TXT...
    local f=$1 n=$2 t=$3 p=$4; shift 4
    { echo '<?xml version="1.0" standalone="no"?><!DOCTYPE service-group SYSTEM "avahi-service.dtd"><service-group>'
      echo "<name replace-wildcards=\"yes\">$n</name><service><type>$t</type><port>$p</port>"
      for x in "$@"; do echo "<txt-record>$x</txt-record>"; done
      echo '</service></service-group>'; } > "$f"
}
printer() {
    service "$1/ipp.service" "Brother HL-L2350DW series" _ipp._tcp 631 txtvers=1 "ty=Brother HL-L2350DW series" \
        "product=(Brother HL-L2350DW series)" usb_MFG=Brother "usb_MDL=HL-L2350DW series" note=Ward3 pdl=application/pdf
    service "$1/http.service" "Brother HL-L2350DW series" _http._tcp 80
}
pacs() {
    service "$1/dicom.service" "PACS archive" _dicom._tcp 104 AETitle=WARDPACS
    service "$1/info.service" "wardpacs" _device-info._tcp 9 model=RackMac1,2
}
phone() { service "$1/air.service" "Maria's MacBook Air" _airplay._tcp 7000 deviceid=02:57:54:00:00:30 model=MacBookAir10,1 srcvers=670.6.2; }
empty() { :; }

rec_announce() {        # three hosts appear, one leaves
    cap_start announce "udp port 5353"
    avahi srv srv wardpacs pacs; sleep 2
    avahi cli cli BRW3C2AF4 printer; sleep 3
    avahi thr thr Marias-MacBook-Air phone; sleep 4
    bg_stop; cap_stop
}
rec_browse() {          # zeroconf asks, avahi answers; a legacy question by dig
    cap_start browse "udp port 5353"
    avahi srv srv BRW3C2AF4 printer; sleep 4
    on cli cli $PY "$HERE/browse.py" _ipp._tcp.local. _http._tcp.local.
    on thr dig dig @224.0.0.251 -p 5353 +tries=1 +time=2 A BRW3C2AF4.local
    bg_stop; cap_stop
}
ALL="announce browse"
lab_up
for r in ${@:-$ALL}; do rec_${r//-/_}; done
