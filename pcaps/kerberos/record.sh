#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the Kerberos captures of this folder from real programs.
#
#   ./record.sh             all of them
#   ./record.sh udp tcp     some of them
#
# Needs root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 krb5-kdc krb5-admin-server krb5-user python3-venv
# It makes a Python environment with impacket under /tmp/wardtap-rec (or $REC).
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
. "$HERE/../common/netlab.sh"

VENV=$REC/venv-impacket
if ! [ -x "$VENV/bin/python3" ]; then
    /usr/bin/python3 -m venv "$VENV" && "$VENV/bin/pip" install -q impacket==0.12.0 || exit 1
fi
D=$WORK/kdc
PASS=Ward7-lamp

serve() {               # etypes of the KDC
    rm -rf "$D"; mkdir -p "$D"
    cat >"$D/krb5.conf" <<CONF
[libdefaults]
default_realm = WARD.EXAMPLE
dns_lookup_kdc = false
dns_lookup_realm = false
dns_canonicalize_hostname = false
rdns = false
allow_weak_crypto = true
$2
[realms]
WARD.EXAMPLE = {
kdc = 10.77.0.10
}
CONF
    cat >"$D/kdc.conf" <<CONF
[kdcdefaults]
kdc_listen = 10.77.0.10:88
kdc_tcp_listen = 10.77.0.10:88
[realms]
WARD.EXAMPLE = {
database_name = $D/principal
key_stash_file = $D/stash
acl_file = $D/acl
supported_enctypes = $1
max_life = 10h
}
CONF
    export KRB5_CONFIG=$D/krb5.conf KRB5_KDC_PROFILE=$D/kdc.conf KRB5CCNAME=$D/cache
    kdb5_util create -s -r WARD.EXAMPLE -P master-key >/dev/null 2>&1
    kadmin.local -q "addprinc -pw $PASS +requires_preauth nurse1" >/dev/null 2>&1
    kadmin.local -q "addprinc -pw $PASS -requires_preauth robot3" >/dev/null 2>&1
    kadmin.local -q "addprinc -randkey cifs/pacsgate.ward.example" >/dev/null 2>&1
    bg srv kdc /usr/sbin/krb5kdc -n
    wait_port srv 88
}
sign_on() { echo $PASS | on cli kinit kinit "$@"; }

AES="aes256-cts:normal aes128-cts:normal"
rec_udp() {
    cap_start udp "port 88"; serve "$AES"
    sign_on nurse1
    on cli kvno kvno cifs/pacsgate.ward.example
    on cli kvno kvno host/nobody.ward.example
    echo wrong | on cli kinit kinit nurse1
    sign_on nobody
    bg_stop; cap_stop
}
rec_tcp() {
    cap_start tcp "port 88"; serve "$AES" "udp_preference_limit = 1"
    sign_on -f -a nurse1
    on cli kvno kvno cifs/pacsgate.ward.example
    bg_stop; cap_stop
}
rec_rc4() {             # what tools do that want tickets to crack
    cap_start rc4 "port 88"; serve "aes256-cts:normal arcfour-hmac:normal"
    on cli roast "$VENV/bin/python3" "$VENV/bin/GetNPUsers.py" -no-pass -dc-ip 10.77.0.10 WARD.EXAMPLE/robot3
    on cli tgt "$VENV/bin/python3" "$VENV/bin/getTGT.py" -dc-ip 10.77.0.10 -hashes :"$(printf %s $PASS | iconv -t utf-16le | openssl md4 -provider legacy | sed 's/.*= //')" WARD.EXAMPLE/nurse1
    bg_stop; cap_stop
}

lab_up
for r in ${@:-udp tcp rc4}; do "rec_$r"; done
