#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records pcaps/dhcp; see README.md. Needs root, dnsmasq-base, isc-dhcp-server, isc-dhcp-client,
# isc-dhcp-relay, udhcpc, tcpdump, ethtool.
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
PY=${PY:-/usr/bin/python3}
LAB=${LAB:-wtdhcp$$}
. "$HERE/../common/netlab.sh"
FILTER="udp and (port 67 or port 68)"

server() { # dnsmasq on srv
    : > $WORK/leases
    bg srv dnsmasq dnsmasq -k -p 0 -u root -C /dev/null --no-ping -i eth0 -l $WORK/leases --dhcp-authoritative \
        --dhcp-range=10.77.0.100,10.77.0.120,255.255.255.0,10m -s ward.example \
        -O 3,10.77.0.1 -O 6,10.77.0.10,10.77.0.11 -O 42,10.77.0.10 -O 44,10.77.0.10 -O 7,10.77.0.10 -O 66,tftp.ward.example \
        -O 67,pump-fw-2.1.bin -O 119,ward.example,radiology.ward.example -O 121,10.78.0.0/16,10.77.0.1 \
        -O 252,http://wpad.ward.example/wpad.dat -O 150,10.77.0.10 -O 28,10.77.0.255 "$@"
    sleep 0.5
}
rec_udhcpc() {
    cap_start udhcpc "$FILTER"
    server
    on cli cli udhcpc -f -n -q -i eth0 -s /bin/true -x hostname:pump-17 -V "Example Medical pump 2.1" -O 42 -O 66 -O 121 -F pump-17.ward.example
    on cli cli udhcpc -f -n -q -i eth0 -s /bin/true -x 0x3d:00626564736964652d3137 -C -r 10.77.0.222 # an identifier of type 0
    bg_stop; cap_stop
}
rec_dhclient() {
    cat > $WORK/dhclient.conf <<'C'
send host-name "Marias-iPhone";
send fqdn.fqdn "Marias-iPhone.ward.example.";
send fqdn.encoded on;
send fqdn.server-update on;
send dhcp-client-identifier 1:02:57:54:00:00:21;
send user-class "\x05clinx\x04ward";
send vendor-class-identifier "MSFT 5.0";
option mud code 161 = text;
send mud "https://mud.example.com/pump-200.json";
option arch code 93 = unsigned integer 16;
send arch 7;
option vivco code 124 = string;
send vivco 00:00:01:37:09:08:4d:53:46:54:20:35:2e:30;
send dhcp-lease-time 86400;
request subnet-mask, broadcast-address, routers, domain-name-servers, domain-name, ntp-servers, netbios-name-servers;
C
    cap_start dhclient "$FILTER"
    server
    : > $WORK/dhclient.leases
    on cli cli dhclient -4 -d -1 -q -cf $WORK/dhclient.conf -sf /bin/true -lf $WORK/dhclient.leases -pf $WORK/dhclient.pid eth0 &
    sleep 5
    kill "$(cat $WORK/dhclient.pid)"; wait $!
    on cli cli dhclient -4 -r -q -cf $WORK/dhclient.conf -sf /bin/true -lf $WORK/dhclient.leases -pf $WORK/dhclient.pid eth0
    bg_stop; cap_stop
}
rec_relay() { # thr is a relay; the client is behind it, on a link of its own
    ip netns add $LAB-far
    ip -n $LAB-far link add eth0 type veth peer name eth1 netns $LAB-thr
    ip -n $LAB-far link set eth0 address 02:57:54:00:01:51 up
    ip -n $LAB-thr link set eth1 address 02:57:54:00:01:30 up
    ip -n $LAB-thr addr add 10.77.1.1/24 dev eth1
    ip -n $LAB-srv route add 10.77.1.0/24 via 10.77.0.30
    cat > $WORK/dhcpd.conf <<'C'
authoritative;
subnet 10.77.0.0 netmask 255.255.255.0 { }
subnet 10.77.1.0 netmask 255.255.255.0 { range 10.77.1.100 10.77.1.120; option routers 10.77.1.1; filename "boot.bin"; next-server 10.77.0.10; server-name "srv"; }
C
    cap_start relay "$FILTER"
    : > $WORK/dhcpd.leases
    bg srv dhcpd dhcpd -4 -d -f -cf $WORK/dhcpd.conf -lf $WORK/dhcpd.leases -pf $WORK/dhcpd.pid eth0
    bg thr relay dhcrelay -4 -d -a -pf $WORK/dhcrelay.pid -i eth0 -i eth1 10.77.0.10
    sleep 1
    on far cli udhcpc -f -n -q -i eth0 -s /bin/true -x hostname:MON-204
    bg_stop; cap_stop
    ip netns del $LAB-far
}
rec_nak() { # an address of another network is asked for
    cat > $WORK/nak.leases <<'C'
lease { interface "eth0"; fixed-address 10.88.0.5; option subnet-mask 255.255.255.0; option dhcp-server-identifier 10.77.0.10;
  renew 2 2046/01/02 00:00:00; rebind 2 2046/01/02 00:00:00; expire 2 2046/01/02 00:00:00; }
C
    cap_start nak "$FILTER"
    server
    on cli cli dhclient -4 -d -1 -q -cf /dev/null -sf /bin/true -lf $WORK/nak.leases -pf $WORK/nak.pid eth0 &
    sleep 3
    kill "$(cat $WORK/nak.pid)"; wait $!
    bg_stop; cap_stop
}
rec_odd() { # hand-made: options in parts, overload, a BOOTP request, lengths that lie, odd routes and names
    cap_start odd "$FILTER"
    on thr thr $PY "$HERE/odd_dhcp.py" 10.77.0.10
    cap_stop
}
ALL="udhcpc dhclient relay nak odd"
lab_up
for r in ${@:-$ALL}; do rec_$r; done
lab_down
