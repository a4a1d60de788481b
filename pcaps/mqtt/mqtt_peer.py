#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A client of Eclipse Paho: MQTT 5 with a topic alias, user properties, forty filters in
one packet, an unsubscription, a message of 20,000 bytes, a disconnect with a reason."""
import sys
import time

import paho.mqtt.client as mqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, "central-station", protocol=mqtt.MQTTv5)
connect = Properties(PacketTypes.CONNECT)
connect.SessionExpiryInterval = 60
connect.TopicAliasMaximum = 10
connect.UserProperty = ("firmware", "2.1.0")
will = Properties(PacketTypes.WILLMESSAGE)
will.WillDelayInterval = 5
client.will_set("central/state", "gone", qos=1, retain=True, properties=will)
client.connect(sys.argv[1], int(sys.argv[2]), keepalive=30, properties=connect)
client.loop_start()
time.sleep(0.3)
client.subscribe([(f"ward{i}/+/pump/#", i % 3) for i in range(40)])
client.subscribe([("$share/group/ward1/bed1/alarm", 1)])
time.sleep(0.3)
for i in range(3):
    publish = Properties(PacketTypes.PUBLISH)
    publish.TopicAlias = 1
    publish.UserProperty = ("n", str(i))
    client.publish("central/heartbeat" if i == 0 else "", str(i), properties=publish)
client.publish("central/log", b"x" * 20000, qos=1)
client.unsubscribe(["ward0/+/pump/#", "ward1/+/pump/#"])
time.sleep(0.5)
client.disconnect(ReasonCode(PacketTypes.DISCONNECT, "Disconnect with will message"))
client.loop_stop()
