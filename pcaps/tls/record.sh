#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Records the TLS captures of this folder from real programs: ./record.sh [name...]
# Needs root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 openssl curl nginx-light python3 gnutls-bin
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
LAB=${LAB:-wtweb$$}
. "$HERE/../common/netlab.sh"
SRV=10.77.0.10
K=$WORK/keys
if ! [ -f "$K/client.pem" ]; then
    mkdir -p "$K"
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$K/pump.key" -out "$K/pump.pem" -days 3650 \
        -subj "/C=DE/O=Contoso Medical/OU=Infusion/CN=pump-gw-7.ward.example/serialNumber=SN0007" \
        -addext "subjectAltName=DNS:pump-gw-7.ward.example,DNS:pump-gw-7,IP:10.77.0.10" 2>/dev/null
    openssl ecparam -name prime256v1 -genkey -noout -out "$K/ca.key"
    openssl req -x509 -new -key "$K/ca.key" -out "$K/ca.pem" -days 3650 -subj "/O=Ward CA/CN=Ward Root" 2>/dev/null
    openssl ecparam -name secp384r1 -genkey -noout -out "$K/ec.key"
    openssl req -new -key "$K/ec.key" -out "$K/ec.csr" -subj "/O=Contoso/CN=pacs.ward.example" 2>/dev/null
    # a year that is over
    : >"$K/index"; echo 4D2A >"$K/serial"
    printf '[ca]\ndefault_ca=d\n[d]\ndatabase=%s/index\nserial=%s/serial\nnew_certs_dir=%s\ndefault_md=sha256\npolicy=p\n[p]\norganizationName=optional\ncommonName=supplied\n' "$K" "$K" "$K" >"$K/ca.cnf"
    openssl ca -batch -config "$K/ca.cnf" -in "$K/ec.csr" -out "$K/ec.pem" -cert "$K/ca.pem" -keyfile "$K/ca.key" \
        -startdate 200101000000Z -enddate 210101000000Z -notext 2>/dev/null
    openssl req -x509 -newkey ed25519 -nodes -keyout "$K/client.key" -out "$K/client.pem" -days 3650 \
        -subj "/O=Contoso Medical/CN=Nurse Example/emailAddress=nurse@ward.example" 2>/dev/null
fi
C="openssl s_client -connect $SRV:8443 -servername pump-gw-7.ward.example"
ask() { on cli s_client sh -c "printf 'GET / HTTP/1.0\r\n\r\n' | timeout 5 $*"; }
serve() { bg srv s_server openssl s_server -www -port 8443 "$@"; wait_port srv 8443; }

rec_tls12() { # self-signed RSA certificate, ALPN; a session that is resumed
    cap_start tls12 "tcp port 8443"
    serve -key "$K/pump.key" -cert "$K/pump.pem" -tls1_2 -alpn http/1.1
    ask $C -tls1_2 -alpn h2,http/1.1 -sess_out "$WORK/session"
    ask $C -tls1_2 -sess_in "$WORK/session"
    bg_stop; cap_stop
}
rec_tls13() { # a retry for another group, then the ordinary case by curl
    cap_start tls13 "tcp port 8443"
    serve -key "$K/pump.key" -cert "$K/pump.pem" -groups P-521
    ask $C -tls1_3 -groups X25519:P-521
    on cli curl curl -skS -m 5 --resolve "pump-gw-7.ward.example:8443:$SRV" -o /dev/null https://pump-gw-7.ward.example:8443/
    bg_stop; cap_stop
}
rec_expired() { # chain of two, the first of them expired
    cap_start expired "tcp port 8443"
    serve -key "$K/ec.key" -cert "$K/ec.pem" -cert_chain "$K/ca.pem" -tls1_2
    ask $C -tls1_2
    bg_stop; cap_stop
}
rec_client_cert() { # both sides show a certificate
    cap_start client-cert "tcp port 8443"
    serve -key "$K/pump.key" -cert "$K/pump.pem" -tls1_2 -Verify 1
    ask $C -tls1_2 -key "$K/client.key" -cert "$K/client.pem"
    bg_stop; cap_stop
}
rec_old() { # versions and suites of yesterday
    cap_start old "tcp port 8443"
    serve -key "$K/pump.key" -cert "$K/pump.pem" -tls1 -cipher "ALL:@SECLEVEL=0"
    ask $C -tls1 -cipher "AES128-SHA:@SECLEVEL=0"
    bg_stop
    serve -key "$K/pump.key" -cert "$K/pump.pem" -tls1_2 -cipher "NULL-SHA256:@SECLEVEL=0"
    ask $C -tls1_2 -cipher "NULL-SHA256:AECDH-NULL-SHA:@SECLEVEL=0"
    bg_stop; cap_stop
}
rec_refused() { # no version in common; an unknown name; a client without certificate
    cap_start refused "tcp port 8443"
    serve -key "$K/pump.key" -cert "$K/pump.pem" -tls1_3
    ask $C -tls1_2
    bg_stop
    serve -key "$K/pump.key" -cert "$K/pump.pem" -tls1_2 -Verify 1 -verify_return_error
    ask $C -tls1_2
    bg_stop; cap_stop
}
rec_small_records() { # messages cut into records of 512 bytes
    cap_start small-records "tcp port 8443"
    serve -key "$K/pump.key" -cert "$K/pump.pem" -tls1_2 -max_send_frag 512
    ask $C -tls1_2 -max_send_frag 512
    bg_stop; cap_stop
}
rec_gnutls() { # another library on both sides
    cap_start gnutls "tcp port 8443"
    bg srv gnutls gnutls-serv --http -p 8443 --x509keyfile "$K/pump.key" --x509certfile "$K/pump.pem"; wait_port srv 8443
    on cli gnutls sh -c "printf 'GET / HTTP/1.0\r\n\r\n' | timeout 5 gnutls-cli --insecure --sni-hostname=display.ward.example -p 8443 $SRV"
    on cli gnutls sh -c "printf 'GET / HTTP/1.0\r\n\r\n' | timeout 5 gnutls-cli --insecure --priority NORMAL:-VERS-ALL:+VERS-TLS1.2 -p 8443 $SRV"
    bg_stop; cap_stop
}
[ $# -gt 0 ] || set -- tls12 tls13 expired client_cert old refused small_records gnutls
lab_up
for n in "$@"; do "rec_$n"; done
