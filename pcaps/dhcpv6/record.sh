#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records pcaps/dhcpv6; see README.md. Needs root, dnsmasq-base, isc-dhcp-server, isc-dhcp-client,
# isc-dhcp-relay, tcpdump, ethtool.
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
PY=${PY:-/usr/bin/python3}
LAB=${LAB:-wtdhc6$$}
. "$HERE/../common/netlab.sh"
FILTER="udp and (port 546 or port 547)"

client() { # host seconds options...: dhclient -6, which keeps trying: ended after a while
    local host=$1 time=$2; shift 2
    : > $WORK/$host.leases
    on $host cli timeout $time dhclient -6 -d -1 -q -cf $WORK/dhclient.conf -sf /bin/true -lf $WORK/$host.leases -pf $WORK/$host.pid "$@" eth0
}
rec_dnsmasq() {
    cat > $WORK/dhclient.conf <<'C'
send fqdn.fqdn "pump-17.ward.example.";
send dhcp6.vendor-class 00:00:7d:97:00:0a:50:75:6d:70:20:32:2e:31:2e:30;
send dhcp6.user-class 00:04:77:61:72:64;
option dhcp6.mud code 112 = text;
send dhcp6.mud "https://mud.example.com/pump-200.json";
request dhcp6.name-servers, dhcp6.domain-search, dhcp6.fqdn, dhcp6.sntp-servers;
C
    cap_start dnsmasq "$FILTER"
    : > $WORK/leases
    bg srv dnsmasq dnsmasq -k -p 0 -u root -C /dev/null -i eth0 -l $WORK/leases --dhcp-range=fd77::100,fd77::1ff,64,10m \
        -s ward.example -O option6:dns-server,[fd77::10],[fd77::11] -O option6:ntp-server,[fd77::10] -O option6:domain-search,ward.example,icu.ward.example
    sleep 1
    client cli 6
    client thr 6 -D LL -S              # information request
    bg_stop; cap_stop
}
rec_prefix() {      # prefixes, a DUID of hardware address alone, release
    cat > $WORK/dhcpd.conf <<'C'
option dhcp6.name-servers fd77::10;
option dhcp6.preference 255;
subnet6 fd77::/64 { range6 fd77::200 fd77::2ff; prefix6 fd77:0:0:100:: fd77:0:0:f00:: /56; }
C
    : > $WORK/dhclient.conf
    cap_start prefix "$FILTER"
    : > $WORK/dhcpd6.leases
    bg srv dhcpd dhcpd -6 -d -f -cf $WORK/dhcpd.conf -lf $WORK/dhcpd6.leases -pf $WORK/dhcpd6.pid eth0
    sleep 1
    client cli 6 -D LL -P -N
    on cli cli timeout 5 dhclient -6 -r -q -D LL -P -N -cf /dev/null -sf /bin/true -lf $WORK/cli.leases -pf $WORK/cli.pid eth0
    bg_stop; cap_stop
}
rec_relay() {
    ip netns add $LAB-far
    ip -n $LAB-far link add eth0 type veth peer name eth1 netns $LAB-thr
    ip netns exec $LAB-far sysctl -qw net.ipv6.conf.eth0.accept_dad=0
    ip netns exec $LAB-thr sysctl -qw net.ipv6.conf.eth1.accept_dad=0
    ip -n $LAB-far link set eth0 address 02:57:54:00:01:51 up
    ip -n $LAB-thr link set eth1 address 02:57:54:00:01:30 up
    ip -n $LAB-thr addr add fd77:1::1/64 dev eth1 nodad
    cat > $WORK/dhcpd.conf <<'C'
subnet6 fd77::/64 { }
subnet6 fd77:1::/64 { range6 fd77:1::200 fd77:1::2ff; option dhcp6.name-servers fd77::10; }
C
    : > $WORK/dhclient.conf
    cap_start relay "$FILTER"
    : > $WORK/dhcpd6.leases
    bg srv dhcpd dhcpd -6 -d -f -cf $WORK/dhcpd.conf -lf $WORK/dhcpd6.leases -pf $WORK/dhcpd6.pid eth0
    bg thr relay dhcrelay -6 -d -I -pf $WORK/dhcrelay6.pid -l eth1 -u fd77::10%eth0
    sleep 2
    client far 6
    bg_stop; cap_stop
    ip netns del $LAB-far
}
rec_odd() { # hand-made: relays in relays, enterprise DUID, refusals, lengths that lie
    cap_start odd "$FILTER"
    on thr thr $PY "$HERE/odd_dhcpv6.py" fd77::10
    cap_stop
}
ALL="dnsmasq prefix relay odd"
lab_up
for r in ${@:-$ALL}; do rec_$r; done
lab_down
