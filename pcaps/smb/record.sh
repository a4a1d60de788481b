#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the SMB captures of this folder from real programs.
#
#   ./record.sh             all of them
#   ./record.sh v311 nt1    some of them
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
IPY=$VENV/bin/python3
S=$WORK/samba
PASS=Ward7-lamp

# A server of its own: folders, accounts, options ($1: further lines of [global]).
serve() {
    rm -rf "$S"; mkdir -p "$S"/{priv,state,cache,lock,run,files,admin,ncalrpc}
    chmod 755 "$S" "$WORK"; chmod 777 "$S/files" "$S/admin"
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
disable spoolss = yes
load printers = no
map to guest = bad user
log file = $S/log.%m
server string = image gateway
rpc_server:svcctl = embedded
$1
[images]
path = $S/files
read only = no
guest ok = yes
[ADMIN\$]
path = $S/admin
read only = no
CONF
    echo "games = nurse1" >"$S/users.map"
    printf '%s\n%s\n' "$PASS" "$PASS" | smbpasswd -c "$S/smb.conf" -s -a games >/dev/null
    bg srv smbd /usr/sbin/smbd -F -s "$S/smb.conf"
    wait_port srv 445
}
# smbd leaves the helper of its pipes behind.
done_serving() { bg_stop; [ ! -f "$S/run/samba-dcerpcd.pid" ] || kill "$(cat "$S/run/samba-dcerpcd.pid")" 2>/dev/null; }
# Files: a DICOM object, the same with a program's head in its preamble, a program.
files() {
    F=$WORK/send; rm -rf "$F"; mkdir -p "$F"
    /usr/bin/python3 - "$F" <<'PY'
import sys
d = sys.argv[1]
meta = b"\x02\x00\x10\x00UI\x14\x001.2.840.10008.1.2.1\x00"
body = b"DICM" + b"\x02\x00\x00\x00UL\x04\x00" + len(meta).to_bytes(4, "little") + meta
body += b"\x08\x00\x60\x00CS\x02\x00CT" + b"\x10\x00\x20\x00LO\x06\x00INV001"
open(d + "/study1.dcm", "wb").write(bytes(128) + body + bytes(3000))
pe = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00".ljust(60, b"\0") + b"\x80\0\0\0"
open(d + "/study2.dcm", "wb").write(pe.ljust(128, b"\0") + body + bytes(3000))
open(d + "/updater.exe", "wb").write(pe.ljust(128, b"\0") + b"PE\0\0" + bytes(9000))
open(d + "/report.pdf", "wb").write(b"%PDF-1.4\n" + b"invented\n" * 40)
PY
}
client() { on cli cli /usr/bin/smbclient -s "$S/smb.conf" -U "nurse1%$PASS" "$@"; }

rec_v311() {
    files; cap_start v311 tcp; serve
    client -m SMB3_11 //10.77.0.10/images -D . -c "lcd $F; put study1.dcm; put study2.dcm; put updater.exe; ls; get study1.dcm /dev/null; mkdir old; rename study1.dcm old/moved.dcm; del updater.exe"
    done_serving; cap_stop
}
rec_v202() {
    files; cap_start v202 tcp; serve "server max protocol = SMB2_02"
    client -m SMB2_02 //10.77.0.10/images -c "lcd $F; put report.pdf; ls; get report.pdf /dev/null"
    done_serving; cap_stop
}
rec_nt1() {
    files; cap_start nt1 tcp; serve "server min protocol = NT1
smb ports = 139 445
client min protocol = NT1"
    client -m NT1 -p 139 -n RADWS07 //10.77.0.10/images -c "lcd $F; put study2.dcm; ls; get study2.dcm /dev/null; rename study2.dcm seen.dcm; del seen.dcm"
    done_serving; cap_stop
}
rec_encrypted() {
    files; cap_start encrypted tcp; serve "smb encrypt = desired"
    client --client-protection=encrypt //10.77.0.10/images -c "lcd $F; put report.pdf; ls"
    done_serving; cap_stop
}
rec_refused() {
    files; cap_start refused tcp; serve "restrict anonymous = 2"
    on cli cli /usr/bin/smbclient -s "$S/smb.conf" -U "nurse1%wrong" //10.77.0.10/images -c ls
    on cli cli /usr/bin/smbclient -s "$S/smb.conf" -N //10.77.0.10/nosuch -c ls
    done_serving; cap_stop
}
rec_rpc() {
    cap_start rpc tcp; serve
    on cli cli /usr/bin/rpcclient -s "$S/smb.conf" -U "nurse1%$PASS" 10.77.0.10 -c "srvinfo; enumdomusers; netshareenum; lsaquery"
    done_serving; cap_stop
}
rec_psexec() {
    files; cap_start psexec tcp; serve "server max protocol = SMB2_10" # impacket encrypts 3.0
    on cli cli "$IPY" "$HERE/remote_exec.py" 10.77.0.10 nurse1 "$PASS" "$F/updater.exe"
    done_serving; cap_stop
}
rec_impacket_nt1() {
    files; cap_start impacket-nt1 tcp; serve "server min protocol = NT1
ntlm auth = ntlmv1-permitted"
    on cli cli "$IPY" "$HERE/remote_exec.py" --nt1 10.77.0.10 nurse1 "$PASS" "$F/updater.exe"
    done_serving; cap_stop
}

# What ransomware leaves on a share: sixty files renamed, a note among them.
rec_ransom() {
    files; cap_start ransom tcp; serve
    printf 'All your files are invented.\n' >"$F/HOW_TO_RESTORE_FILES.txt"
    for n in $(seq 60); do : >"$S/files/study$n.dcm"; chmod 666 "$S/files/study$n.dcm"; done
    client -m SMB3_11 //10.77.0.10/images -D . -c "lcd $F; $(for n in $(seq 60); do printf 'rename study%d.dcm study%d.dcm.locked; ' "$n" "$n"; done)put HOW_TO_RESTORE_FILES.txt"
    done_serving; cap_stop
}
rec_ntlmv1() {
    files; cap_start ntlmv1 tcp; serve "ntlm auth = ntlmv1-permitted
server min protocol = NT1
client min protocol = NT1"
    client -m SMB2_02 --option="client ntlmv2 auth = no" --option="client use spnego = yes" //10.77.0.10/images -c "lcd $F; put report.pdf"
    done_serving; cap_stop
}

lab_up
for r in ${@:-v311 v202 nt1 encrypted refused rpc psexec impacket_nt1 ransom ntlmv1}; do "rec_$r"; done
