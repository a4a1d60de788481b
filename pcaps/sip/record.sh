#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the SIP captures of this folder from real programs; root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 sip-tester baresip-core
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
. "$HERE/../common/netlab.sh"
cd $WORK

rec_sipp() {            # calls of sipp's own scenarios over UDP and TCP
    cap_start sipp 'port 5060 or port 5061'
    for t in u1 t1; do
        bg srv srv sipp -sn uas -i 10.77.0.10 -p 5060 -t $t -bg -timeout 20; sleep 1
        on cli cli sipp -sn uac 10.77.0.10:5060 -i 10.77.0.21 -p 5061 -t $t -m 2 -d 200 -s bed12 -timeout 10
        ip netns pids $LAB-srv | while read p; do grep -q sipp /proc/$p/comm && kill -9 $p; done
        bg_stop
    done
    cap_stop
}
rec_baresip() {         # a telephone registers with a password
    mkdir -p $WORK/phone
    cat > $WORK/phone/config <<E2
sip_listen 10.77.0.21:5062
module_path $(dirname "$(dpkg -L baresip-core | grep 'account.so')")
module account.so
module g711.so
module_app menu.so
E2
    echo '<sip:bed12@10.77.0.10>;auth_user=bed12;auth_pass=Infuse77;regint=60' > $WORK/phone/accounts
    cap_start baresip 'port 5060 or port 5062'
    bg srv srv sipp -sf "$HERE/registrar.xml" -i 10.77.0.10 -p 5060 -m 1 -timeout 15; sleep 1
    on cli cli timeout 5 baresip -f $WORK/phone -t 3
    bg_stop; cap_stop
}
lab_up
for r in ${@:-sipp baresip}; do rec_$r; done
lab_down
