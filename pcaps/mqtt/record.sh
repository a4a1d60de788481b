#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Record the MQTT captures of this folder from real programs; root, Debian 12 and:
#   apt-get install tcpdump ethtool iproute2 python3-venv mosquitto mosquitto-clients
# It makes a Python environment under /tmp/wardtap-rec (or $REC).
HERE=$(cd "$(dirname "$0")" && pwd)
OUT=${OUT:-$HERE}
. "$HERE/../common/netlab.sh"

VENV=$REC/venv
[ -x $VENV/bin/python3 ] || /usr/bin/python3 -m venv $VENV || exit 1
$VENV/bin/pip install -q paho-mqtt==2.2.0 || exit 1
F=$WORK/files; rm -rf $F; /usr/bin/python3 "$HERE/../file/make_files.py" $F || exit 1
touch $WORK/passwords; chmod 600 $WORK/passwords
mosquitto_passwd -b $WORK/passwords gateway Infuse77
printf 'user root\nlistener 1883\nallow_anonymous true\n' > $WORK/open.conf
printf 'user root\nlistener 1883\nallow_anonymous false\npassword_file %s\n' $WORK/passwords > $WORK/closed.conf
P="mosquitto_pub -h 10.77.0.10"

rec_mosquitto() {       # no password wanted; all versions and qualities
    cap_start mosquitto tcp
    bg srv srv mosquitto -c $WORK/open.conf; wait_port srv 1883
    bg thr sub mosquitto_sub -h 10.77.0.10 -i archive -t '#' -t '$SYS/broker/version' -q 1; sleep 0.5
    on cli cli $P -V mqttv31 -i pump-4711 -t ward3/bed12/pump/rate -m '{"rate":12.5}' -q 0
    on cli cli $P -V mqttv311 -i pump-4711 -t ward3/bed12/pump/alarm -m occlusion -q 1 -r --will-topic ward3/bed12/pump/state --will-payload gone
    on cli cli $P -V mqttv5 -t ward3/bed12/pump/rate -m '{"rate":0}' -q 2 -D PUBLISH content-type application/json -D PUBLISH user-property unit mL/h
    on cli cli $P -i pump-4711 -t ward3/bed12/image -f $F/small.dcm
    bg_stop; cap_stop
}
rec_passwords() {       # right, wrong and none
    cap_start passwords tcp
    bg srv srv mosquitto -c $WORK/closed.conf; wait_port srv 1883
    on cli cli $P -i gw-1 -u gateway -P Infuse77 -t plant/temp -m 21.5
    on cli cli $P -i gw-2 -u gateway -P wrong -t plant/temp -m 99
    on cli cli $P -V mqttv5 -t plant/temp -m 99
    bg_stop; cap_stop
}
rec_paho() {            # aliases, many filters, a refused one, long messages
    cap_start paho tcp
    bg srv srv mosquitto -c $WORK/open.conf; wait_port srv 1883
    on cli cli $VENV/bin/python3 "$HERE/mqtt_peer.py" 10.77.0.10 1883
    bg_stop; cap_stop
}
lab_up
for r in ${@:-mosquitto passwords paho}; do rec_$r; done
lab_down
