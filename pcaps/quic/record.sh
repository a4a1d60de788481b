#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records the QUIC captures of this folder from a real library: ./record.sh [name...]
# Needs root, Debian 12 and: apt-get install tcpdump ethtool iproute2 openssl python3-venv
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
LAB=${LAB:-wtweb$$}
. "$HERE/../common/netlab.sh"
VENV=$REC/venv-web
[ -x "$VENV/bin/python3" ] || {
    /usr/bin/python3 -m venv "$VENV" && "$VENV/bin/pip" install -q aioquic==1.7.2 || exit 1
}
PY=$VENV/bin/python3
PEER="$PY $HERE/quic_peer.py"
[ -f "$WORK/cert.pem" ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
    -keyout "$WORK/key.pem" -out "$WORK/cert.pem" -days 3650 -subj /CN=telemetry.ward.example 2>/dev/null
serve() { bg srv quic $PEER serve "$WORK" "$@"; sleep 1; }

rec_h3() { # version 1: two requests by HTTP/3
    cap_start h3 "udp port 4433"
    serve
    on cli quic $PEER ask 1
    bg_stop; cap_stop
}
rec_retry() { # the server wants the address proven first
    cap_start retry "udp port 4433"
    serve retry
    on cli quic $PEER ask 1
    bg_stop; cap_stop
}
rec_v2() { # version 2 from the first packet on
    cap_start v2 "udp port 4433"
    serve
    on cli quic $PEER ask 2
    bg_stop; cap_stop
}
rec_negotiation() { # a version that the server does not know
    cap_start negotiation "udp port 4433"
    serve
    on cli quic $PEER ask draft
    bg_stop; cap_stop
}
rec_large_hello() { # a hello that needs two packets
    cap_start large-hello "udp port 4433"
    serve
    on cli quic $PEER ask large
    bg_stop; cap_stop
}
[ $# -gt 0 ] || set -- h3 retry v2 negotiation large_hello
lab_up
for n in "$@"; do "rec_$n"; done
