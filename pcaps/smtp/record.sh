#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the SMTP captures of this folder from real programs; root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 python3-venv swaks curl openssl libnet-ssleay-perl
# It makes a Python environment under /tmp/wardtap-rec (or $REC).
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
. "$HERE/../common/netlab.sh"

VENV=$REC/venv
[ -x $VENV/bin/python3 ] || /usr/bin/python3 -m venv $VENV || exit 1
$VENV/bin/pip install -q aiosmtpd==1.4.6 || exit 1
F=$WORK/files; rm -rf $F; /usr/bin/python3 "$HERE/../file/make_files.py" $F || exit 1
openssl req -x509 -newkey rsa:2048 -nodes -keyout $WORK/key.pem -out $WORK/cert.pem -days 3650 -subj /CN=mail.ward.example.org 2>/dev/null
PEER="$VENV/bin/python3 $HERE/smtp_peer.py"
S="swaks --server 10.77.0.10:2525 --helo ct1.ward.example.org --from ct1@ward.example.org --hide-all"

rec_swaks() {           # plain mail, recipients, attachments, refusals
    cap_start swaks tcp
    bg srv srv $PEER 2525; wait_port srv 2525
    on cli cli $S --to 'service@vendor.example.com,biomed@ward.example.org' --header 'Subject: Tube replaced' --header 'X-Mailer: CT console 4.2' --body 'All is well.'
    on cli cli $S --to biomed@ward.example.org --attach-name small.dcm --attach @$F/small.dcm --attach-type application/pdf --attach-name report.pdf --attach @$F/report.pdf
    on cli cli $S --to nobody@refused.example.org
    on thr cli swaks --server 10.77.0.10:2525 --helo '[10.77.0.30]' --from a@b.example --to biomed@ward.example.org --attach-name 'Invoice Muster Erika.pdf.exe' --attach @$F/tool.exe --hide-all
    bg_stop; cap_stop
}
rec_auth() {            # logins in three ways, one refused
    cap_start auth tcp
    bg srv srv $PEER 2525 auth; wait_port srv 2525
    for m in PLAIN LOGIN; do on cli cli $S --to biomed@ward.example.org --auth $m --auth-user biomed --auth-password Infuse77; done
    on cli cli $S --to biomed@ward.example.org --auth PLAIN --auth-user biomed --auth-password wrong
    printf 'From: a@ward.example.org\nSubject: hello\n\n.hidden dot\nend\n' > $WORK/mail
    on cli cli curl -sS smtp://10.77.0.10:2525/ward --mail-from a@ward.example.org --mail-rcpt biomed@ward.example.org --user biomed:Infuse77 -T $WORK/mail
    bg_stop; cap_stop
}
rec_starttls() {
    printf 'From: a@ward.example.org\nSubject: hello\n\nend\n' > $WORK/mail
    cap_start starttls tcp
    bg srv srv $PEER 2525 tls $WORK/cert.pem $WORK/key.pem; wait_port srv 2525
    on cli cli curl -sSk --ssl-reqd smtp://10.77.0.10:2525/ward --mail-from a@ward.example.org --mail-rcpt biomed@ward.example.org -T $WORK/mail
    bg_stop; cap_stop
}
lab_up
for r in ${@:-swaks auth starttls}; do rec_$r; done
lab_down
