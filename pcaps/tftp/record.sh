#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the TFTP captures of this folder from real programs; root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 python3 tftpd-hpa tftp-hpa curl
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
. "$HERE/../common/netlab.sh"
PY=/usr/bin/python3
F=$WORK/files; rm -rf $F; $PY "$HERE/../file/make_files.py" $F || exit 1
chmod -R a+rwX $WORK
cd $F

rec_tftp_hpa() {        # read, write, an error; options from curl
    cap_start tftp-hpa udp
    bg srv srv in.tftpd -L -c -u root -s $F --address 10.77.0.10:69; sleep 1
    on cli cli tftp -m binary 10.77.0.10 -c get run.elf $WORK/got.elf
    on cli cli tftp -m ascii 10.77.0.10 -c get notes.txt $WORK/got.txt
    on cli cli tftp -m binary 10.77.0.10 -c put photo.jpg config-backup.jpg
    on cli cli tftp -m binary 10.77.0.10 -c get missing.cfg $WORK/none
    on cli cli curl -sS --tftp-blksize 1024 -o $WORK/got.dcm tftp://10.77.0.10/small.dcm
    on thr cli curl -sS -o $WORK/none tftp://10.77.0.10/../../etc/passwd --path-as-is
    bg_stop; cap_stop
}
lab_up
for r in ${@:-tftp_hpa}; do rec_$r; done
lab_down
