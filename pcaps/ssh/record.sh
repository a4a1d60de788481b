#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records the SSH captures of this folder from real programs: ./record.sh [name...]
# Needs root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 openssh-server openssh-client dropbear-bin
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
LAB=${LAB:-wtweb$$}
. "$HERE/../common/netlab.sh"
SRV=10.77.0.10
mkdir -p /run/sshd "$WORK"
rm -f "$WORK"/host "$WORK"/host.pub "$WORK"/user "$WORK"/user.pub "$WORK"/drop
ssh-keygen -q -t ed25519 -N '' -f "$WORK/host"; ssh-keygen -q -t ed25519 -N '' -f "$WORK/user"
dropbearkey -t ecdsa -f "$WORK/drop" >/dev/null 2>&1
cat "$WORK/user.pub" >"$WORK/authorized"; chmod 600 "$WORK/authorized"
printf 'Port 2222\nHostKey %s\nAuthorizedKeysFile %s\nStrictModes no\nPidFile none\nUsePAM no\n' "$WORK/host" "$WORK/authorized" >"$WORK/sshd.conf"
O="-o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o BatchMode=yes"

rec_openssh() { # OpenSSH on both sides, then Dropbear's client
    cap_start openssh "tcp port 2222"
    bg srv sshd /usr/sbin/sshd -D -f "$WORK/sshd.conf"; wait_port srv 2222
    on cli ssh ssh $O -i "$WORK/user" -p 2222 "root@$SRV" true
    on cli dbclient sh -c "timeout 3 dbclient -y -y -p 2222 root@$SRV true </dev/null"
    bg_stop; cap_stop
}
rec_dropbear() { # Dropbear, as on small devices; old algorithms asked for
    cap_start dropbear "tcp port 2223"
    bg srv dropbear dropbear -F -E -s -p 2223 -r "$WORK/drop"; wait_port srv 2223
    on cli ssh ssh $O -p 2223 -c aes128-ctr -m hmac-sha1 "root@$SRV" true
    bg_stop; cap_stop
}
rec_scan() { # who only reads the banner, and who speaks another protocol
    cap_start scan "tcp port 2222"
    bg srv sshd /usr/sbin/sshd -D -f "$WORK/sshd.conf"; wait_port srv 2222
    on cli keyscan ssh-keyscan -T 3 -p 2222 "$SRV"
    on cli banner timeout 2 bash -c "exec 3<>/dev/tcp/$SRV/2222; head -n 1 <&3"
    bg_stop; cap_stop
}
[ $# -gt 0 ] || set -- openssh dropbear scan
lab_up
for n in "$@"; do "rec_$n"; done
