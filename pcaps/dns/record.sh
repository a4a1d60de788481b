#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the DNS captures of this folder from real programs.
#
#   ./record.sh             all of them
#   ./record.sh lookups     some of them
#
# Needs root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 dnsmasq bind9 bind9-dnsutils
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
LAB=${LAB:-wtdns$$}
. "$HERE/../common/netlab.sh"

settle() { sleep 1; }

masq() {
    bg srv srv dnsmasq -k -C /dev/null --no-resolv --no-hosts --user=root --pid-file= --log-facility=- \
        --local=/ward.example/ --domain=ward.example \
        --address=/blocked.example/0.0.0.0 --host-record=ct1.ward.example,10.77.0.51,fd77::51 \
        --host-record=pacs.ward.example,10.77.0.60 --cname=archive.ward.example,pacs.ward.example \
        --host-record=Marias-iPhone.ward.example,10.77.0.99 \
        --mx-host=ward.example,mail.ward.example,10 --txt-record=ward.example,"v=spf1 -all" \
        --srv-host=_dicom._tcp.ward.example,pacs.ward.example,104 --auth-ttl=300
}
rec_lookups() {         # the ordinary case, UDP
    cap_start lookups "port 53"; masq; settle
    for q in "A ct1.ward.example" "AAAA ct1.ward.example" "A archive.ward.example" "MX ward.example" \
             "TXT ward.example" "SRV _dicom._tcp.ward.example" "A nosuch.ward.example" "A Marias-iPhone.ward.example"; do
        on cli cli dig @10.77.0.10 +tries=1 +time=2 -t $q
    done
    on cli cli dig @10.77.0.10 +tries=1 -x 10.77.0.51
    on cli cli dig @10.77.0.10 +tries=1 -x 10.77.0.99
    on cli cli dig @10.77.0.10 +tries=1 +noedns A pacs.ward.example
    on cli cli dig @10.77.0.10 +tries=1 CH TXT version.bind
    on cli cli dig @fd77::10 +tries=1 A pacs.ward.example
    bg_stop; cap_stop
}
rec_tcp() {             # two questions on one connection, one on another
    cap_start tcp "port 53"; masq; settle
    on cli cli dig @10.77.0.10 +tcp +keepopen +tries=1 A ct1.ward.example A pacs.ward.example
    on cli cli dig @10.77.0.10 +tcp +tries=1 TXT ward.example
    bg_stop; cap_stop
}

bind_up() {
    local Z=$WORK/bind; rm -rf "$Z"; mkdir -p "$Z"
    cat > "$Z/named.conf" <<EOF
options { directory "$Z"; listen-on { 10.77.0.10; }; listen-on-v6 { none; }; pid-file none; recursion no;
    dnssec-validation no; session-keyfile "$Z/session.key"; allow-transfer { any; }; notify no; };
controls { };
key "lab" { algorithm hmac-sha256; secret "bGFiIGtleSBvZiB3YXJkdGFwLCBubyBzZWNyZXQ="; };
zone "ward.example" { type primary; file "$Z/zone"; allow-update { key lab; 10.77.0.21; }; };
EOF
    { echo '$TTL 300'; echo '@ SOA ns.ward.example. admin.ward.example. 1 3600 600 86400 300'; echo ' NS ns'
      echo 'ns A 10.77.0.10'; echo '@ HTTPS 1 . alpn="h2,h3" port=8443'; echo 'ldap SVCB 1 dc.ward.example. alpn="h2"'
      echo 'dc A 10.77.0.5'; echo '@ CAA 0 issue "ca.example"'; echo 'sub NS ns.sub'; echo 'ns.sub A 10.77.0.6'
      for i in $(seq 40); do echo "pump$i A 10.77.1.$i"; done; } > "$Z/zone"
    bg srv srv named -g -n 1 -c "$Z/named.conf"; wait_port srv 53; settle
}
rec_transfer() {        # AXFR over TCP, refused and odd records over UDP
    cap_start transfer "port 53"; bind_up
    on thr cli dig @10.77.0.10 +tries=1 AXFR ward.example
    on cli cli dig @10.77.0.10 +tries=1 HTTPS ward.example
    on cli cli dig @10.77.0.10 +tries=1 SVCB ldap.ward.example
    on cli cli dig @10.77.0.10 +tries=1 CAA ward.example
    on cli cli dig @10.77.0.10 +tries=1 A host.sub.ward.example
    on cli cli dig @10.77.0.10 +tries=1 +dnssec SOA ward.example
    on cli cli dig @10.77.0.10 +tries=1 A www.example.org
    on cli cli dig @10.77.0.10 +tries=1 A $(printf 'a%.0s' $(seq 60)).$(printf 'b%.0s' $(seq 60)).$(printf 'c%.0s' $(seq 60)).ward.example
    bg_stop; cap_stop
}
rec_update() {          # dynamic updates: plain, signed, deletion, over TCP
    cap_start update "port 53"; bind_up
    printf 'server 10.77.0.10\nzone ward.example\nupdate add rogue.ward.example 60 A 10.77.0.30\nsend\n' > "$WORK/u1"
    printf 'server 10.77.0.10\nzone ward.example\nkey hmac-sha256:lab bGFiIGtleSBvZiB3YXJkdGFwLCBubyBzZWNyZXQ=\nupdate delete pump1.ward.example A\nupdate add pump1.ward.example 60 A 10.77.0.30\nsend\n' > "$WORK/u2"
    on cli cli nsupdate "$WORK/u1"
    on cli cli nsupdate "$WORK/u2"
    on thr cli nsupdate -v "$WORK/u1"
    bg_stop; cap_stop
}
ALL="lookups tcp transfer update"
lab_up
for r in ${@:-$ALL}; do rec_${r//-/_}; done
