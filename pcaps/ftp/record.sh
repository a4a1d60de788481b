#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the FTP captures of this folder from real programs; root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 python3-venv proftpd-core lftp curl openssl
# vsftpd cannot be installed beside proftpd: its package is unpacked under $REC.
# It makes a Python environment under /tmp/wardtap-rec (or $REC).
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
. "$HERE/../common/netlab.sh"

VENV=$REC/venv
[ -x $VENV/bin/python3 ] || /usr/bin/python3 -m venv $VENV || exit 1
$VENV/bin/pip install -q pyftpdlib==1.5.10 || exit 1
[ -x $REC/vsftpd/usr/sbin/vsftpd ] || (mkdir -p $REC/deb && chmod 777 $REC/deb && cd $REC/deb && apt-get download -q vsftpd && dpkg -x vsftpd_*.deb $REC/vsftpd) || exit 1

F=$WORK/files
rm -rf $F $WORK/root; mkdir -p $F $WORK/root/pub $WORK/root/in $WORK/get
$PY "$HERE/../file/make_files.py" $F || exit 1
cp $F/* $WORK/root/pub; chmod -R a+rX $WORK $REC; chmod 777 $WORK/root/in $WORK/get

rec_vsftpd() {          # anonymous, greeting of one line, EPSV and PORT
    mkdir -p /var/run/vsftpd/empty
    cat > $WORK/vsftpd.conf <<E2
listen=YES
anonymous_enable=YES
local_enable=NO
anon_root=$WORK/root
background=NO
seccomp_sandbox=NO
E2
    chown root $WORK/vsftpd.conf; chmod 755 $WORK/root
    cap_start vsftpd tcp
    bg srv srv $REC/vsftpd/usr/sbin/vsftpd $WORK/vsftpd.conf; wait_port srv 21
    on cli cli curl -sS --list-only ftp://10.77.0.10/pub/
    on cli cli curl -sS -o $WORK/get/small.dcm ftp://10.77.0.10/pub/small.dcm
    on cli cli curl -sS --disable-epsv -o $WORK/get/tool.exe ftp://10.77.0.10/pub/tool.exe
    on cli cli curl -sS -P - --disable-eprt -o $WORK/get/report.pdf ftp://10.77.0.10/pub/report.pdf
    bg_stop; cap_stop
}
rec_proftpd() {         # users, refused logins, up- and downloads, renaming
    printf 'biomed:%s:0:0::%s:/bin/sh\n' "$(openssl passwd -5 -salt wardtap Pump-4711)" $WORK/root > $WORK/users
    chmod 600 $WORK/users; mkdir -p $WORK/run
    cat > $WORK/proftpd.conf <<E2
ServerName "Pump server"
ServerType standalone
Port 21
UseIPv6 on
User root
Group root
PidFile $WORK/run/pid
ScoreboardFile $WORK/run/scores
DelayTable none
UseReverseDNS off
WtmpLog off
AuthOrder mod_auth_file.c
AuthUserFile $WORK/users
RequireValidShell off
RootLogin on
DefaultRoot $WORK/root
AllowOverwrite on
E2
    cap_start proftpd tcp
    bg srv srv proftpd -n -c $WORK/proftpd.conf; wait_port srv 21
    on cli cli lftp -e 'set ftp:ssl-allow no; set xfer:clobber yes; set net:max-retries 1; ls pub; get -O '$WORK'/get pub/small.dcm; put -O in '$F'/tool.exe; mv in/tool.exe in/update.exe; cd /in; rm update.exe; bye' -u biomed,Pump-4711 10.77.0.10
    on cli cli lftp -e 'set ftp:ssl-allow no; set ftp:passive-mode no; set net:max-retries 1; put -O in '$F'/archive.zip; bye' -u biomed,Pump-4711 10.77.0.10
    on cli cli curl -sS -o $WORK/get/notes.txt --user biomed:Pump-4711 'ftp://[fd77::10]/pub/notes.txt'
    on cli cli curl -sS -P - --user biomed:Pump-4711 -T $F/run.elf 'ftp://[fd77::10]/in/run.elf'
    for p in admin 1234 password; do on thr cli curl -sS --user service:$p ftp://10.77.0.10/; done
    bg_stop; cap_stop
}
rec_tls() {             # AUTH TLS granted
    openssl req -x509 -newkey rsa:2048 -nodes -keyout $WORK/key.pem -out $WORK/cert.pem -days 3650 -subj /CN=pump-gw.example.org 2>/dev/null
    printf '%s\n' ssl_enable=YES allow_anon_ssl=YES rsa_cert_file=$WORK/cert.pem rsa_private_key_file=$WORK/key.pem |
        cat $WORK/vsftpd.conf - > $WORK/vsftpd-tls.conf
    cap_start vsftpd-tls tcp
    bg srv srv $REC/vsftpd/usr/sbin/vsftpd $WORK/vsftpd-tls.conf; wait_port srv 21
    on cli cli curl -sS -k --ssl-reqd -o $WORK/get/x.pdf ftp://10.77.0.10/pub/report.pdf
    bg_stop; cap_stop
}
rec_pyftpdlib() {       # driven by Python's ftplib
    cap_start pyftpdlib tcp
    bg srv srv $VENV/bin/python3 -m pyftpdlib -p 2121 -w -d $WORK/root -u biomed -P Pump-4711; wait_port srv 2121
    on cli cli $VENV/bin/python3 "$HERE/ftp_peer.py" 10.77.0.10 2121
    bg_stop; cap_stop
}
rec_variants() {
    local v="$PY $COMMON/variants.py $OUT"
    echo '{"file":"proftpd.pcap","protocol":"ftp","server":"","client":"","ports":[],"ipv6":true,"versions":"","totals":{}}' > $OUT/TRUTH.jsonl # wanted by variants.py
    $v proftpd proftpd.server-only server-only
    $v proftpd proftpd.client-only client-only
    rm $OUT/TRUTH.jsonl
}
lab_up
for r in ${@:-vsftpd tls proftpd pyftpdlib variants}; do rec_$r; done
lab_down
