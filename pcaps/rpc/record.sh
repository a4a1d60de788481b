#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the ONC RPC and NFS captures of this folder from real programs.
#
#   ./record.sh             all of them
#   ./record.sh v3 v4       some of them
#
# Needs root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 rpcbind nfs-ganesha nfs-ganesha-vfs libnfs-utils nfs-common
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
. "$HERE/../common/netlab.sh"

D=$WORK/nfs
serve() {
    rm -rf "$D"; mkdir -p "$D/export" /run/ganesha
    mountpoint -q "$D/export" || mount -t tmpfs -o size=4m tmpfs "$D/export"
    chmod 777 "$D/export"
    printf 'MZ' | dd of="$D/export/study.dcm" conv=notrunc status=none
    printf 'DICM' | dd of="$D/export/study.dcm" bs=1 seek=128 conv=notrunc status=none
    truncate -s 5000 "$D/export/study.dcm"
    cat >"$D/ganesha.conf" <<CONF
NFS_CORE_PARAM { Protocols = 3, 4; Bind_addr = 10.77.0.10; NFS_Port = 2049; MNT_Port = 20048; Enable_NLM = false; Enable_RQUOTA = false; Enable_UDP = true; }
NFSV4 { Grace_Period = 5; RecoveryRoot = $D/recovery; Graceless = true; }
EXPORT { Export_Id = 1; Path = $D/export; Pseudo = /images; Access_Type = RW; Squash = No_Root_Squash; Protocols = 3, 4; SecType = sys; FSAL { Name = VFS; } }
CONF
    mkdir -p "$D/recovery"
    bg srv rpcbind /sbin/rpcbind -f -w -h 10.77.0.10
    wait_port srv 111
    bg srv ganesha /usr/bin/ganesha.nfsd -F -f "$D/ganesha.conf" -L "$D/log" -p "$D/pid"
    wait_port srv 2049; sleep 2
}
done_serving() { bg_stop; sleep 0.5; umount "$D/export"; }

rec_mapper() {
    cap_start mapper tcp or udp; serve
    on cli cli rpcinfo -p 10.77.0.10
    on cli cli rpcinfo -s 10.77.0.10
    on cli cli rpcinfo -T udp 10.77.0.10 100005 3
    on cli cli rpcinfo -T tcp 10.77.0.10 100099
    on cli cli showmount -e 10.77.0.10
    done_serving; cap_stop
}
rec_v3() {
    cap_start v3 tcp or udp; serve
    on cli cli nfs-ls "nfs://10.77.0.10$D/export?version=3&uid=1001"
    head -c 9000 /dev/zero | tr '\0' 'x' >"$WORK/report.txt"
    on cli cli nfs-cp "$WORK/report.txt" "nfs://10.77.0.10$D/export/report.txt?version=3&uid=1001"
    on cli cli nfs-cat "nfs://10.77.0.10$D/export/study.dcm?version=3&uid=1001"
    on cli cli nfs-cat "nfs://10.77.0.10$D/export/nothing.dcm?version=3"
    done_serving; cap_stop
}
rec_v4() {
    cap_start v4 tcp or udp; serve
    on cli cli nfs-ls "nfs://10.77.0.10/images?version=4&uid=1001"
    printf '#!/bin/sh\necho invented\n' >"$WORK/start.sh"
    on cli cli nfs-cp "$WORK/start.sh" "nfs://10.77.0.10/images/start.sh?version=4"
    on cli cli nfs-cat "nfs://10.77.0.10/images/study.dcm?version=4"
    done_serving; cap_stop
}

lab_up
for r in ${@:-mapper v3 v4}; do "rec_$r"; done
