#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records pcaps/syslog; see README.md. Needs root, rsyslog, util-linux (logger), tcpdump, ethtool.
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
PY=${PY:-/usr/bin/python3}
LAB=${LAB:-wtslog$$}
. "$HERE/../common/netlab.sh"
FILTER="port 514 or port 601 or (udp and ip[6:2] & 0x1fff != 0)"

receiver() {
    printf '%s\n' 'module(load="imudp")' 'module(load="imtcp")' 'input(type="imudp" port="514")' 'input(type="imtcp" port="601")' \
        "*.* $WORK/received.log" > $WORK/server.conf
    bg srv rsyslogd rsyslogd -n -f $WORK/server.conf -i $WORK/s.pid
    wait_port srv 601
}
log() { on cli cli unshare -u sh -c "hostname MON-204; exec logger $*"; }
rec_logger() {
    cap_start logger "$FILTER"
    receiver
    log "-n 10.77.0.10 -P 514 -d -p local0.warning -t alarmd -i 'SpO2 low, bed 12'"
    log "-n 10.77.0.10 -P 514 -d --rfc3164 -p auth.notice -t sshd 'Failed password for nurse1'"
    log "-n 10.77.0.10 -P 514 -d --rfc5424 -p cron.info --msgid ID47 --sd-id exampleSDID@32473 --sd-param 'iut=\"3\"' --sd-param 'eventSource=\"App\\]x\"' 'with data'"
    log "-n 10.77.0.10 -P 514 -d --rfc5424=notime,nohost -p user.debug 'neither time nor host'"
    log "-n 10.77.0.10 -P 601 -T --octet-count -p local7.err -t pump 'octets are counted'"
    log "-n 10.77.0.10 -P 601 -T -p local7.err -t pump 'lines'"
    bg_stop; cap_stop
}
forward() { # NAME target lines of an action: rsyslogd on cli sends what it is given
    printf '%s\n' 'module(load="imudp")' 'input(type="imudp" port="5140")' 'global(localHostname="pacs-1")' \
        "if \$programname != 'rsyslogd' then action(type=\"omfwd\" target=\"10.77.0.10\" $1)" > $WORK/client.conf
    bg cli forwarder rsyslogd -n -f $WORK/client.conf -i $WORK/c.pid
    sleep 1
    for i in 1 2 3; do on cli cli unshare -u sh -c 'hostname pacs-1; exec "$@"' - logger -n 127.0.0.1 -P 5140 -d --rfc3164 -p daemon.info -t "dcmqr[$i]" "association $i released"; done
    on cli cli unshare -u sh -c 'hostname pacs-1; exec "$@"' - logger -n 127.0.0.1 -P 5140 -d -S 7000 -p daemon.info -t dcmqr "long $(printf 'x%.0s' $(seq 6000))"
    bg_stop $BG
}
rec_rsyslog() {
    cap_start rsyslog "$FILTER"
    receiver
    forward 'port="514" protocol="udp" template="RSYSLOG_TraditionalForwardFormat"'
    forward 'port="601" protocol="tcp" template="RSYSLOG_SyslogProtocol23Format"'
    forward 'port="601" protocol="tcp" TCP_Framing="octet-counted" template="RSYSLOG_ForwardFormat"'
    bg_stop; cap_stop
}
rec_odd() { # hand-made, as cameras, switches and careless programs write
    cap_start odd "udp port 514"
    bg srv sink $PY -c 'import socket,time
s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(("10.77.0.10",514)); time.sleep(30)'
    sleep 0.5
    hex() { printf '%b' "$1" | od -An -v -tx1 | tr -d ' \n'; }
    on thr thr $PY "$COMMON/frames.py" --udp 10.77.0.10 514 \
        "$(hex '<189>45: *Mar  1 00:01:02.345: %SYS-5-CONFIG_I: Configured from console by vty0')" \
        "$(hex '<13>Device rebooted')" "$(hex '<0>kernel: panic')" "$(hex '<191>Nov  6 04:16:10 tag[12]: no host')" \
        "$(hex '<34>1 2026-11-26T04:16:10.003Z host.example su - ID47 - \xef\xbb\xbfsu root failed')" \
        "$(hex '<34>1 - - - - - [a x="1"][b y="]"] two elements')" "$(hex '<34>1 - - - - - [a x="never ends')" \
        "$(hex '<192>too much')" "$(hex '<007>leading zeros')" "$(hex '<13>')" "$(hex '<13>Nov 26 04:16:10 Marias-iPhone app: hello\n')"
    bg_stop; cap_stop
}
ALL="logger rsyslog odd"
lab_up
for r in ${@:-$ALL}; do rec_$r; done
lab_down
