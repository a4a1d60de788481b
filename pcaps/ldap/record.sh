#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the LDAP captures of this folder from real programs.
#
#   ./record.sh             all of them
#   ./record.sh simple sasl some of them
#
# Needs root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 slapd ldap-utils libsasl2-modules openssl python3-venv
# It makes a Python environment with impacket under /tmp/wardtap-rec (or $REC).
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
. "$HERE/../common/netlab.sh"

VENV=$REC/venv-impacket
if ! [ -x "$VENV/bin/python3" ]; then
    /usr/bin/python3 -m venv "$VENV" && "$VENV/bin/pip" install -q impacket==0.12.0 || exit 1
fi
D=$WORK/slapd
PASS=Ward7-lamp
ADMIN="cn=admin,dc=ward,dc=example"
U=ldap://10.77.0.10

serve() {
    rm -rf "$D"; mkdir -p "$D/db"
    openssl req -x509 -newkey rsa:2048 -nodes -keyout "$D/key.pem" -out "$D/cert.pem" -days 30 \
        -subj "/CN=dir.ward.example" 2>/dev/null
    cat >"$D/slapd.conf" <<CONF
include /etc/ldap/schema/core.schema
include /etc/ldap/schema/cosine.schema
include /etc/ldap/schema/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
pidfile $D/pid
TLSCertificateFile $D/cert.pem
TLSCertificateKeyFile $D/key.pem
database mdb
suffix "dc=ward,dc=example"
rootdn "$ADMIN"
rootpw $PASS
directory $D/db
access to attrs=userPassword by anonymous auth by * none
access to * by * read
CONF
    slapadd -f "$D/slapd.conf" >/dev/null 2>&1 <<LDIF
dn: dc=ward,dc=example
objectClass: dcObject
objectClass: organization
o: Ward
dc: ward

dn: ou=staff,dc=ward,dc=example
objectClass: organizationalUnit
ou: staff

dn: uid=nurse1,ou=staff,dc=ward,dc=example
objectClass: inetOrgPerson
uid: nurse1
cn: Invented Nurse
sn: Nurse
userPassword: lamp-9

dn: uid=tech2,ou=staff,dc=ward,dc=example
objectClass: inetOrgPerson
uid: tech2
cn: Invented Technician
sn: Technician
userPassword: cable-4
LDIF
    bg srv slapd /usr/sbin/slapd -d 0 -f "$D/slapd.conf" -h ldap://10.77.0.10/
    wait_port srv 389
}

rec_simple() {
    cap_start simple tcp; serve
    on cli cli ldapsearch -x -H $U -s base -b "" "+"
    on cli cli ldapsearch -x -H $U -D "uid=nurse1,ou=staff,dc=ward,dc=example" -w lamp-9 -b dc=ward,dc=example "(&(objectClass=inetOrgPerson)(|(uid=t*h*)(!(sn>=X))))" uid cn
    on cli cli ldapsearch -x -H $U -D "uid=nurse1,ou=staff,dc=ward,dc=example" -w wrong -b dc=ward,dc=example uid=tech2
    bg_stop; cap_stop
}
rec_change() {
    cap_start change tcp; serve
    printf 'dn: uid=robot3,ou=staff,dc=ward,dc=example\nobjectClass: inetOrgPerson\nuid: robot3\ncn: Robot\nsn: Robot\n' >"$WORK/add.ldif"
    printf 'dn: uid=robot3,ou=staff,dc=ward,dc=example\nchangetype: modify\nreplace: sn\nsn: Arm\n' >"$WORK/modify.ldif"
    on cli cli ldapadd -x -H $U -D "$ADMIN" -w $PASS -f "$WORK/add.ldif"
    on cli cli ldapmodify -x -H $U -D "$ADMIN" -w $PASS -f "$WORK/modify.ldif"
    on cli cli ldapcompare -x -H $U "uid=robot3,ou=staff,dc=ward,dc=example" sn:Arm
    on cli cli ldapmodrdn -x -H $U -D "$ADMIN" -w $PASS "uid=robot3,ou=staff,dc=ward,dc=example" uid=robot4
    on cli cli ldapdelete -x -H $U -D "$ADMIN" -w $PASS "uid=robot4,ou=staff,dc=ward,dc=example"
    on cli cli ldapwhoami -x -H $U
    bg_stop; cap_stop
}
rec_sasl() {
    cap_start sasl tcp; serve
    on cli cli ldapwhoami -Y DIGEST-MD5 -U nurse1 -w lamp-9 -H $U
    on cli cli ldapwhoami -Y PLAIN -U nurse1 -w lamp-9 -H $U -O none
    on cli cli "$VENV/bin/python3" "$HERE/ntlm_bind.py" 10.77.0.10 nurse1 lamp-9
    bg_stop; cap_stop
}
rec_starttls() {
    cap_start starttls tcp; serve
    on cli cli env LDAPTLS_REQCERT=never ldapsearch -x -ZZ -H $U -D "uid=nurse1,ou=staff,dc=ward,dc=example" -w lamp-9 -b dc=ward,dc=example uid=tech2
    bg_stop; cap_stop
}

lab_up
for r in ${@:-simple change sasl starttls}; do "rec_$r"; done
