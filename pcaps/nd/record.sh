#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records pcaps/nd; see README.md. Needs root, radvd, ndisc6, iputils-ping, tcpdump, ethtool.
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
PY=${PY:-/usr/bin/python3}
LAB=${LAB:-wtnd$$}
. "$HERE/../common/netlab.sh"
ND="icmp6 and ip6[40] >= 133 and ip6[40] <= 137"

rec_neighbors() {
    cap_start neighbors "$ND"
    on cli cli ip -6 neigh flush all
    on cli cli ping -6 -c 1 fd77::10
    on cli cli ndisc6 -1 fd77::30 eth0
    on thr thr sysctl -qw net.ipv6.conf.eth0.accept_dad=1 net.ipv6.conf.eth0.dad_transmits=1
    on thr thr ip addr add fd77::31/64 dev eth0        # duplicate detection
    sleep 2
    on thr thr ip addr add fd77::10/64 dev eth0        # an address that is taken
    sleep 2
    on thr thr ip addr del fd77::10/64 dev eth0
    on srv srv sysctl -qw net.ipv6.conf.eth0.ndisc_notify=1
    on srv srv ip link set eth0 down; on srv srv ip link set eth0 up  # unsolicited advertisement
    sleep 2
    on srv srv ip addr add fd77::10/64 dev eth0 nodad
    cap_stop
}
rec_router() {
    cat > $WORK/radvd.conf <<'C'
interface eth0 {
    AdvSendAdvert on; MinRtrAdvInterval 3; MaxRtrAdvInterval 4; AdvManagedFlag on; AdvOtherConfigFlag on;
    AdvDefaultPreference high; AdvLinkMTU 1480; AdvReachableTime 30000; AdvRetransTimer 1000;
    prefix fd77::/64 { AdvOnLink on; AdvAutonomous on; AdvRouterAddr on; };
    prefix fd78::/64 { AdvOnLink off; AdvAutonomous off; AdvValidLifetime 600; AdvPreferredLifetime 300; };
    route fd79::/48 { AdvRoutePreference low; };
    RDNSS fd77::10 fd77::11 { AdvRDNSSLifetime 900; };
    DNSSL ward.example radiology.example { AdvDNSSLLifetime 900; };
};
C
    on srv srv sysctl -qw net.ipv6.conf.all.forwarding=1
    cap_start router "$ND"
    bg srv radvd radvd -n -d 1 -m stderr -p $WORK/radvd.pid -C $WORK/radvd.conf
    sleep 1
    on cli cli rdisc6 -1 eth0
    sleep 4
    bg_stop; cap_stop
}
rec_redirect() {    # the router sends what it gets back to the same link
    on srv srv sysctl -qw net.ipv6.conf.all.forwarding=1
    on thr thr ip addr add fd99::1/128 dev lo
    on srv srv ip -6 route add fd99::1 via fe80::57:54ff:fe00:30 dev eth0
    on cli cli ip -6 route add fd99::1 via fe80::57:54ff:fe00:10 dev eth0
    cap_start redirect "$ND"
    on cli cli ping -6 -c 2 -i 0.3 fd99::1
    cap_stop
}
rec_odd() { # hand-made: an advertisement with a zero-length option, PREF64, captive portal, a route of 0 octets
    cap_start odd "icmp6 and ether src 02:57:54:00:00:30 and (ip6[40] == 134 or ip6[40] == 136)"
    on thr thr $PY "$HERE/odd_nd.py" eth0
    cap_stop
}
ALL="neighbors router redirect odd"
lab_up
for r in ${@:-$ALL}; do rec_$r; done
lab_down
