#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the SNMP captures of this folder from real programs: snmpd and the net-snmp
# tools. For inventory, snmpd is told the tables of a switch, a printer and a UPS.
#
# Needs root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 snmpd snmp snmptrapd
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
LAB=${LAB:-wtsnm$$}
. "$HERE/../common/netlab.sh"
export MIBS= SNMP_PERSISTENT_DIR=$WORK/persist
F="port 161 or port 162"

agent() {
    rm -rf "$WORK/persist"; mkdir -p "$WORK/persist"
    cat > "$WORK/snmpd.conf" <<EOF
agentAddress udp:10.77.0.10:161
sysName ward3-monitor-gw
sysLocation Building 2, Ward 3
sysContact Jane Roe <jane.roe@ward.example>
sysDescr WardWorks Gateway GW-200, firmware 4.1.7
rocommunity public
rwcommunity s3cretword
createUser nurse SHA authpassword AES privpassword
createUser tech
rwuser nurse priv
rouser tech noauth
EOF
    bg srv srv snmpd -f -Lo -C -c "$WORK/snmpd.conf" -p "$WORK/snmpd.pid"; sleep 2
}
S=10.77.0.10
rec_v1_v2c() {
    cap_start v1-v2c "$F"; agent
    on cli cli snmpget -v1 -c public $S 1.3.6.1.2.1.1.1.0 1.3.6.1.2.1.1.2.0 1.3.6.1.2.1.1.5.0 1.3.6.1.2.1.1.6.0 1.3.6.1.2.1.1.4.0
    on cli cli snmpwalk -v2c -c public $S 1.3.6.1.2.1.1
    on cli cli snmpbulkget -v2c -c public -Cr5 $S 1.3.6.1.2.1.2.2.1.6
    on cli cli snmpget -v1 -c public $S 1.3.6.1.2.1.99.1.0
    on thr thr snmpget -v2c -c wrongword -r0 -t1 $S 1.3.6.1.2.1.1.1.0
    bg_stop; cap_stop
}
rec_set() {
    cap_start set "$F"; agent
    on thr cli snmpset -v2c -c public -r0 -t1 $S 1.3.6.1.2.1.1.6.0 s "elsewhere"
    on cli cli snmpset -v2c -c s3cretword $S 1.3.6.1.2.1.1.9.1.3.1 s "x"
    bg_stop; cap_stop
}
rec_v3() {
    cap_start v3 "$F"; agent
    on cli cli snmpget -v3 -l noAuthNoPriv -u tech $S 1.3.6.1.2.1.1.1.0 1.3.6.1.2.1.1.5.0
    on cli cli snmpget -v3 -l authPriv -u nurse -a SHA -A authpassword -x AES -X privpassword $S 1.3.6.1.2.1.1.1.0
    on thr cli snmpget -v3 -l authNoPriv -u nurse -a SHA -A wrongpassword $S 1.3.6.1.2.1.1.1.0
    on thr cli snmpget -v3 -l noAuthNoPriv -u mallory $S 1.3.6.1.2.1.1.1.0
    bg_stop; cap_stop
}
rec_traps() {
    cap_start traps "$F"
    printf 'authCommunity log alerts\n' > "$WORK/trapd.conf"
    bg srv srv snmptrapd -f -Lo -C -c "$WORK/trapd.conf" udp:10.77.0.10:162; sleep 1
    on cli cli snmptrap -v1 -c alerts $S 1.3.6.1.4.1.32473.7 10.77.0.21 6 17 '' 1.3.6.1.4.1.32473.7.1.0 s "door open"
    on cli cli snmptrap -v2c -c alerts $S '' 1.3.6.1.6.3.1.1.5.3 1.3.6.1.2.1.2.2.1.1.2 i 2
    on cli cli snmpinform -v2c -c alerts $S '' 1.3.6.1.6.3.1.1.5.1 1.3.6.1.2.1.1.5.0 s ct1
    bg_stop; cap_stop
}
rec_inventory() {       # ENTITY-MIB of a switch, Printer and UPS MIB, all told by snmpd
    cap_start inventory "$F"; agent; bg_stop
    while IFS='|' read -r oid text; do echo "override $oid octet_str \"$text\""; done < "$HERE/inventory.txt" >> "$WORK/snmpd.conf"
    bg srv srv snmpd -f -Lo -C -c "$WORK/snmpd.conf" -p "$WORK/snmpd.pid"; sleep 2
    on cli cli snmpwalk -v2c -c public $S 1.3.6.1.2.1.47.1.1.1.1
    on cli cli snmpget -v2c -c public $S 1.3.6.1.2.1.1.1.0 1.3.6.1.2.1.25.3.2.1.3.1 1.3.6.1.2.1.43.5.1.1.17.1
    on cli cli snmpget -v1 -c public $S 1.3.6.1.2.1.33.1.1.1.0 1.3.6.1.2.1.33.1.1.2.0 1.3.6.1.2.1.33.1.1.3.0
    bg_stop; cap_stop
}
rec_tcp() {             # RFC 3430: several requests over one connection, and a bulk in segments
    cap_start tcp "$F"; agent; bg_stop
    sed -i 's/^agentAddress .*/agentAddress tcp:10.77.0.10:161/' "$WORK/snmpd.conf"
    bg srv srv snmpd -f -Lo -C -c "$WORK/snmpd.conf" -p "$WORK/snmpd.pid"; sleep 2
    on cli cli snmpwalk -v2c -c public tcp:$S:161 1.3.6.1.2.1.1
    on cli cli snmpbulkget -v2c -c public -Cr60 tcp:$S:161 1.3.6.1.2.1.1 1.3.6.1.2.1.2
    on cli cli snmpget -v3 -l authPriv -u nurse -a SHA -A authpassword -x AES -X privpassword tcp:$S:161 1.3.6.1.2.1.1.1.0
    bg_stop; cap_stop
}
ALL="v1-v2c set v3 traps inventory tcp"
lab_up
for r in ${@:-$ALL}; do rec_${r//-/_}; done
