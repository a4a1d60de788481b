#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the DCE/RPC captures of this folder from real programs.
#
#   ./record.sh             all of them
#   ./record.sh mapper      some of them
#
# Needs root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 samba smbclient python3-venv
# It makes a Python environment with impacket under /tmp/wardtap-rec (or $REC).
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
. "$HERE/../common/netlab.sh"

VENV=$REC/venv-impacket
if ! [ -x "$VENV/bin/python3" ]; then
    /usr/bin/python3 -m venv "$VENV" && "$VENV/bin/pip" install -q impacket==0.12.0 || exit 1
fi
S=$WORK/samba
PASS=Ward7-lamp

serve() {
    rm -rf "$S"; mkdir -p "$S"/{priv,state,cache,lock,run,files,ncalrpc}
    cat >"$S/smb.conf" <<CONF
[global]
workgroup = WARD
netbios name = PACSGATE
server role = standalone server
private dir = $S/priv
state directory = $S/state
cache directory = $S/cache
lock directory = $S/lock
pid directory = $S/run
ncalrpc dir = $S/ncalrpc
passdb backend = tdbsam:$S/priv/passdb.tdb
username map = $S/users.map
interfaces = 10.77.0.10/24
bind interfaces only = yes
rpc start on demand helpers = no
disable spoolss = yes
load printers = no
log file = $S/log.%m
[images]
path = $S/files
CONF
    echo "games = nurse1" >"$S/users.map"
    printf '%s\n%s\n' "$PASS" "$PASS" | smbpasswd -c "$S/smb.conf" -s -a games >/dev/null
    bg srv smbd /usr/sbin/smbd -F -s "$S/smb.conf"
    wait_port srv 445
    bg srv dcerpcd /usr/libexec/samba/samba-dcerpcd --libexec-rpcds -F -s "$S/smb.conf"
    wait_port srv 135; sleep 2
}
# Calls over TCP alone: the same server also speaks SMB.
ONLY="tcp and not port 445"

rec_mapper() {
    cap_start mapper $ONLY; serve
    on cli cli "$VENV/bin/python3" "$HERE/calls.py" 10.77.0.10 nurse1 "$PASS"
    bg_stop; cap_stop
}
rec_calls() {
    cap_start calls $ONLY; serve
    on cli cli /usr/bin/rpcclient -s "$S/smb.conf" -U "nurse1%$PASS" "ncacn_ip_tcp:10.77.0.10[sign]" -c "lsaquery"
    on cli cli /usr/bin/rpcclient -s "$S/smb.conf" -U "nurse1%$PASS" "ncacn_ip_tcp:10.77.0.10[seal]" -c "enumdomusers"
    bg_stop; cap_stop
}

lab_up
for r in ${@:-mapper calls}; do "rec_$r"; done
