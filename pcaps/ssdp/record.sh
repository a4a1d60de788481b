#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the SSDP captures of this folder from real programs.
#
# Needs root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 miniupnpd miniupnpc gssdp-tools
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
LAB=${LAB:-wtssd$$}
. "$HERE/../common/netlab.sh"

rec_gateway() {         # miniupnpd announces itself; gssdp-discover and upnpc search
    ip -n "$LAB-srv" link add wan0 type veth peer name wan1; ip -n "$LAB-srv" addr add 192.0.2.1/24 dev wan0; ip -n "$LAB-srv" link set wan1 up; ip -n "$LAB-srv" link set wan0 up
    for h in srv cli thr; do ip -n "$LAB-$h" route replace 224.0.0.0/4 dev eth0; done
    cat > "$WORK/upnpd.conf" <<EOF
ext_ifname=wan0
ext_ip=11.0.0.7
listening_ip=eth0
http_port=5000
enable_upnp=yes
secure_mode=yes
notify_interval=60
uuid=11111111-2222-3333-4444-555555555555
serial=WG-0042
model_number=7
EOF
    cap_start gateway "ip and (udp port 1900 or (udp and host 10.77.0.21) or (udp and host 10.77.0.30))"
    bg srv srv miniupnpd -d -f "$WORK/upnpd.conf" -P "$WORK/upnpd.pid"; sleep 3
    on cli cli timeout 5 gssdp-discover -i eth0 -n 3 --timeout=3
    on thr thr timeout 6 upnpc -l
    bg_stop; cap_stop
}
lab_up
for r in ${@:-gateway}; do rec_$r; done
