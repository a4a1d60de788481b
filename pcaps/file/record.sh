#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the captures of bare files of this folder from real programs; root, Debian 12
# and:
#   apt-get install tcpdump ethtool iproute2 python3 netcat-openbsd
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
. "$HERE/../common/netlab.sh"
PY=/usr/bin/python3
F=$WORK/files; rm -rf $F; $PY "$HERE/make_files.py" $F || exit 1

rec_netcat() {          # each file pushed by the client, two pulled from the server
    cap_start netcat tcp
    for f in small.dcm polyglot.dcm tool.exe run.elf report.pdf photo.jpg archive.zip logs.gz setup.sh notes.txt; do
        bg srv srv nc -l -N 4444; wait_port srv 4444
        on cli cli sh -c "nc -N 10.77.0.10 4444 < $F/$f"
        bg_stop
    done
    for f in small.dcm tool.exe; do
        bg srv srv sh -c "nc -l -N 4444 < $F/$f"; wait_port srv 4444
        on cli cli sh -c "nc -d 10.77.0.10 4444 > /dev/null"
        bg_stop
    done
    cap_stop
}
lab_up
for r in ${@:-netcat}; do rec_$r; done
lab_down
