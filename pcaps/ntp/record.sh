#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records pcaps/ntp; see README.md. Needs root, tcpdump, ethtool and, since their packages exclude
# each other, the files of chrony, ntpsec, ntpsec-ntpdig and python3-ntp unpacked below $NTP, those
# of below $NTP/open (apt-get download; dpkg -x).
# No program may set the clock of the recording machine: chronyd -x, and no CAP_SYS_TIME.
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
PY=${PY:-/usr/bin/python3}
LAB=${LAB:-wtntp$$}
NTP=${NTP:?where the packages are unpacked}
. "$HERE/../common/netlab.sh"
NOCLOCK="setpriv --bounding-set=-sys_time --inh-caps=-sys_time"
FILTER="udp port 123"
export LD_LIBRARY_PATH=$NTP/usr/lib/x86_64-linux-gnu/ntp PYTHONPATH=$NTP/usr/lib/python3/dist-packages

rec_chrony() {
    mkdir -p $WORK/run; chmod 750 $WORK/run
    printf '%s\n' "local stratum 8" "allow all" "bindcmdaddress /" "cmdport 0" "pidfile $WORK/run/s.pid" "keyfile $WORK/keys" > $WORK/server.conf
    printf '%s\n' "server 10.77.0.10 iburst minpoll 1 maxpoll 1 key 7" "server fd77::10 iburst minpoll 1 maxpoll 1 version 3" "bindcmdaddress /" \
        "cmdport 0" "pidfile $WORK/run/c.pid" "keyfile $WORK/keys" > $WORK/client.conf
    echo "7 SHA1 HEX:1234567890abcdef1234567890abcdef12345678" > $WORK/keys; chmod 600 $WORK/keys
    cap_start chrony "$FILTER"
    bg srv chronyd $NOCLOCK $NTP/usr/sbin/chronyd -x -d -u root -f $WORK/server.conf
    sleep 1
    bg cli client $NOCLOCK $NTP/usr/sbin/chronyd -x -d -u root -f $WORK/client.conf
    sleep 5
    on thr thr $PY $NTP/usr/bin/ntpdig 10.77.0.10
    bg_stop; cap_stop
}
ntpd() { # ntpsec's, its own clock as reference
    printf '%s\n' "refclock local stratum 3" "disable ntp" "driftfile $WORK/drift" "restrict default" "restrict 10.77.0.0/24" "$@" > $WORK/ntp.conf
    bg srv ntpd $NOCLOCK $NTP/usr/sbin/ntpd -n -g -c $WORK/ntp.conf
    sleep 2
}
rec_ntpsec() { # queries of mode 6
    cap_start ntpsec "$FILTER"
    ntpd
    on cli cli $PY $NTP/usr/bin/ntpq -c "rv 0 version,processor,stratum" 10.77.0.10
    on cli cli $PY $NTP/usr/bin/ntpq -c peers 10.77.0.10
    on cli cli $PY $NTP/usr/bin/ntpq -c mrulist 10.77.0.10
    on cli cli $PY $NTP/usr/bin/ntpdig 10.77.0.10
    bg_stop; cap_stop
}
rec_unsynchronized() { # a server that has no time yet, and a broadcast
    cap_start unsynchronized "$FILTER"
    printf '%s\n' "driftfile $WORK/drift" "disable ntp" > $WORK/ntp.conf
    bg srv ntpd $NOCLOCK $NTP/usr/sbin/ntpd -n -g -c $WORK/ntp.conf
    sleep 1
    on cli cli $PY $NTP/usr/bin/ntpdig -t 1 10.77.0.10
    bg_stop; cap_stop
}
rec_odd() { # hand-made: monlist asked for and given, configuration by mode 6, refusals, versions 1 and 2
    cap_start odd "$FILTER"
    bg srv sink $PY -c 'import socket,time
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(("10.77.0.10",123)); time.sleep(30)'
    sleep 0.5
    local T="e6000000 00000000"
    on thr thr $PY "$COMMON/frames.py" --udp 10.77.0.10 123 \
        "1700032a 00000000" \
        "17000314 00000000 $(printf '00%.0s' $(seq 184))" \
        "d700032a 00060048 $(printf '00%.0s' $(seq 432))" \
        "9700032a 40000000" \
        "16080001 00000000 00000011 73657276657220 31302e37372e302e3330 000000" \
        "16020001 00000000 00000008 73747261 74756d" \
        "e4000afa 00000000 00000000 52415445 $T $T $T $T" \
        "09000000 00000000 00000000 00000000 0000000000000000 0000000000000000 0000000000000000 $T" \
        "1c010afa 00000000 00000000 47505300 $T $T $T $T" \
        "25030afa 00000100 00000200 0a4d000a $T 0000000000000000 0000000000000000 $T 0203001c $(printf 'ab%.0s' $(seq 24)) 00000007 $(printf 'cd%.0s' $(seq 16))"
    bg_stop; cap_stop
}
ALL="chrony ntpsec unsynchronized odd"
lab_up
for r in ${@:-$ALL}; do rec_$r; done
lab_down
