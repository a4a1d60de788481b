#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the LLMNR captures of this folder from real programs: systemd-resolved on three
# hosts, asked through its stub for names of one label.
#
# Needs root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 bind9-dnsutils
# systemd-resolved is unpacked into $REC (installing it would replace resolv.conf).
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
LAB=${LAB:-wtllm$$}
. "$HERE/../common/netlab.sh"
ROOT=$REC/root
BIN=$ROOT/lib/systemd/systemd-resolved
[ -x "$BIN" ] || (cd "$REC" && apt-get download systemd-resolved && dpkg -x systemd-resolved_*.deb "$ROOT") || exit 1

resolved() {            # HOST TAG NAME
    local A=$WORK/resolved-$2; rm -rf "$A"; mkdir -p "$A/run" "$A/etc"
    printf '[Resolve]\nLLMNR=yes\nMulticastDNS=no\nDNS=\nFallbackDNS=\nDNSSEC=no\n' > "$A/etc/resolved.conf"
    { cat /etc/passwd; echo 'systemd-resolve:x:995:995::/:/usr/sbin/nologin'; } > "$A/passwd"
    { cat /etc/group; echo 'systemd-resolve:x:995:'; } > "$A/group"
    chmod 755 "$A/run"; chown 995:995 "$A/run"
    bg $1 $2 unshare -m -u sh -c "hostname $3; mount --bind '$A/passwd' /etc/passwd; mount --bind '$A/group' /etc/group; mkdir -p /run/systemd/resolve; mount --bind '$A/run' /run/systemd/resolve; mkdir -p /etc/systemd; mount --bind '$A/etc' /etc/systemd; exec '$BIN'"
}
rec_names() {           # a name that is there, one that is not, an address, a personal one
    cap_start names "udp port 5355"
    resolved srv srv WS-RAD-3; resolved thr thr Marias-iPhone; resolved cli cli nurse-pc; sleep 4
    for q in "A WS-RAD-3" "AAAA WS-RAD-3" "A nosuchhost" "A Marias-iPhone"; do
        on cli dig dig @127.0.0.53 +tries=1 +time=4 $q
    done
    on cli dig dig @127.0.0.53 +tries=1 +time=4 -x 10.77.0.10
    bg_stop; cap_stop
}
ALL="names"
lab_up
for r in ${@:-$ALL}; do rec_${r//-/_}; done
