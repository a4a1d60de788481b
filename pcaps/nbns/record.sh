#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the NetBIOS captures of this folder from real programs: nmbd on three hosts,
# nmblookup.
#
# Needs root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 samba samba-common-bin
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
LAB=${LAB:-wtnbn$$}
. "$HERE/../common/netlab.sh"

daemon() {              # HOST TAG NAME COMMENT [options...]
    local A=$WORK/nmb-$2; rm -rf "$A"; mkdir -p "$A"
    { echo "[global]"; echo "netbios name = $3"; echo "workgroup = WARD3"; echo "server string = $4"
      echo "interfaces = eth0"; echo "bind interfaces only = yes"; echo "disable netbios = no"
      for d in private lock state cache pid ncalrpc; do echo "$d $([ $d = private -o $d = ncalrpc ] && echo dir || echo directory) = $A"; done
      shift 4; for o in "$@"; do echo "$o"; done; } > "$A/smb.conf"
    bg $H $TAG nmbd -F --no-process-group --debug-stdout -s "$A/smb.conf"
}
up() { H=$1; TAG=$2; daemon "$@"; }
rec_announce() {        # three hosts register names, elect a browser, announce
    cap_start announce "udp port 137 or udp port 138"
    up srv srv PACS01 "%h server (Samba %v)" "preferred master = yes" "os level = 65"; sleep 6
    up cli cli US-ROOM4 "Ultrasound room 4" "local master = no"; sleep 4
    up thr thr Marias-MacBook "Maria" "local master = no"; sleep 30
    bg_stop; cap_stop
}
rec_lookup() {          # a name, one that is not there, node status, a workgroup's master
    cap_start lookup "udp port 137 or udp port 138"
    up srv srv PACS01 "archive" "preferred master = yes" "os level = 65"; sleep 25
    on cli cli nmblookup -B 10.77.0.255 PACS01
    on cli cli nmblookup -B 10.77.0.255 NOSUCHHOST
    on cli cli nmblookup -A 10.77.0.10
    on cli cli nmblookup -B 10.77.0.255 -M WARD3
    bg_stop; cap_stop
}
rec_wins() {            # registration with a name server, refused and accepted
    cap_start wins "udp port 137"
    up srv srv WINS1 "names" "wins support = yes"; sleep 5
    up cli cli US-ROOM4 "Ultrasound" "wins server = 10.77.0.10" "local master = no"; sleep 5
    on thr thr nmblookup -U 10.77.0.10 -R US-ROOM4
    bg_stop; cap_stop
}
ALL="announce lookup wins"
lab_up
for r in ${@:-$ALL}; do rec_${r//-/_}; done
