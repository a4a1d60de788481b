#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records pcaps/radius; see README.md. Needs root, freeradius, freeradius-utils, tcpdump, ethtool.
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
PY=${PY:-/usr/bin/python3}
LAB=${LAB:-wtrad$$}
. "$HERE/../common/netlab.sh"
DB=$WORK/raddb

server() {
    rm -rf $DB; cp -a /etc/freeradius/3.0 $DB
    printf 'client lab { ipaddr = 10.77.0.0/24\n secret = labsecret\n require_message_authenticator = no\n}\n' > $DB/clients.conf
    printf 'eap { default_eap_type = md5\n md5 { }\n}\n' > $DB/mods-enabled/eap
    rm -f $DB/sites-enabled/inner-tunnel
    cat > $DB/mods-config/files/authorize <<'C'
nurse1  Cleartext-Password := "hello"
        Reply-Message = "Hello, %{User-Name}", Service-Type = Framed-User, Framed-IP-Address = 10.77.0.99, Session-Timeout = 3600,
        Tunnel-Type = VLAN, Tunnel-Medium-Type = IEEE-802, Tunnel-Private-Group-ID = "50", Filter-Id = "devices", Class = 0x6e75727365
025754000021 Cleartext-Password := "025754000021"
        Tunnel-Private-Group-ID:1 = "60"
C
    bg srv freeradius freeradius -f -X -d $DB
    local i; for i in $(seq 100); do grep -q "Ready to process" $WORK/logs/$NAME.freeradius.log 2>/dev/null && break; sleep 0.1; done
}
ask() { # port kind: attributes on stdin
    cat > $WORK/ask.txt
    on cli cli radclient -r 1 -t 2 -f $WORK/ask.txt 10.77.0.10:$1 $2 labsecret
}
rec_auth() {
    cap_start auth "udp port 1812"
    server
    on cli cli radtest nurse1 hello 10.77.0.10 7 labsecret
    on cli cli radtest -t chap nurse1 hello 10.77.0.10 7 labsecret
    on cli cli radtest -t mschap nurse1 wrong 10.77.0.10 7 labsecret
    ask 1812 auth <<'C'
User-Name = "025754000021", User-Password = "025754000021", NAS-IP-Address = 10.77.0.30, NAS-Identifier = "sw-ward3", NAS-Port = 7,
NAS-Port-Type = Ethernet, NAS-Port-Id = "Gi1/0/7", Service-Type = Call-Check, Calling-Station-Id = "02-57-54-00-00-21",
Called-Station-Id = "02-57-54-00-00-30:WARD", Framed-MTU = 1500, Cisco-AVPair = "audit-session-id=0A4D001E", Message-Authenticator = 0x00
C
    ask 1812 auth <<'C'
User-Name = "nurse1", User-Password = "hello", Calling-Station-Id = "+493012345678", NAS-IPv6-Address = fd77::30, NAS-Port-Type = Wireless-802.11
C
    echo 'User-Name = "nurse1", User-Password = "hello", EAP-Code = Response, EAP-Id = 210, EAP-Type-Identity = "nurse1", Message-Authenticator = 0x00' > $WORK/eap.txt
    on cli cli radeapclient -x -r 1 -t 2 -f $WORK/eap.txt 10.77.0.10 auth labsecret
    echo 'Message-Authenticator = 0x00' | ask 1812 status
    bg_stop; cap_stop
}
rec_acct() {
    cap_start acct "udp port 1813"
    server
    local kind; for kind in Start Interim-Update Stop; do
        ask 1813 acct <<C
Acct-Status-Type = $kind, Acct-Session-Id = "5A-17", User-Name = "nurse1", NAS-IP-Address = 10.77.0.30, NAS-Port = 7, Framed-IP-Address = 10.77.0.99,
Framed-IPv6-Prefix = fd77:0:0:50::/64, Calling-Station-Id = "02:57:54:00:00:21", Acct-Session-Time = 120, Acct-Input-Octets = 1000, Acct-Output-Octets = 2000,
Acct-Terminate-Cause = User-Request, Event-Timestamp = "Nov 26 2026 04:16:10 UTC", Class = 0x6e75727365
C
    done
    bg_stop; cap_stop
}
rec_coa() { # change of authorization, answered by freeradius in that role
    cap_start coa "udp port 3799"
    server
    bg_stop
    cp $DB/sites-available/coa $DB/sites-enabled/coa
    bg srv freeradius2 freeradius -f -X -d $DB
    sleep 3
    ask 3799 coa <<'C'
User-Name = "nurse1", NAS-IP-Address = 10.77.0.10, Acct-Session-Id = "5A-17", Filter-Id = "quarantine", Tunnel-Private-Group-ID = "999", Message-Authenticator = 0x00
C
    ask 3799 disconnect <<'C'
User-Name = "nurse1", NAS-IP-Address = 10.77.0.10, Calling-Station-Id = "02-57-54-00-00-21"
C
    bg_stop; cap_stop
}
rec_odd() { # hand-made: old port, lengths that lie, attributes that are too short, bytes behind
    cap_start odd "udp port 1645"
    bg srv sink $PY -c 'import socket,time
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(("10.77.0.10",1645)); time.sleep(30)'
    sleep 0.5
    local A=000102030405060708090a0b0c0d0e0f
    on thr thr $PY "$COMMON/frames.py" --udp 10.77.0.10 1645 \
        "0101 0022 $A 0106 62696c6c 0404 0a4d 0504 0007" \
        "0102 0026 $A 0106 62696c6c 1a0c 00000009 0006 7a7a 7a7a" \
        "0103 001a $A 0106 62696c6c ffff" \
        "0104 0020 $A 0106 62696c6c 0401 aabbcc ddee" \
        "0105 0040 $A 0106 62696c6c 0406 0a4d001e 0506 00000007" \
        "0206 0014 $A" \
        "0107 0024 $A 5104 0135 5105 363030 4f07 02010005 01"
    bg_stop; cap_stop
}
ALL="auth acct coa odd"
lab_up
for r in ${@:-$ALL}; do rec_$r; done
lab_down
