# Manual pages: most are written by hand; wardtap-events.7 is made from a frame and the
# field dictionary, as is the JSON Schema, and wardtap-siem.7 from the encoders' tables.
.PHONY: man
man: man/wardtap-events.7 man/wardtap-siem.7

.PHONY: vocab
vocab: all ## regenerate wardtap-events(7) and the JSON Schema from the dictionary
	$(Q)man/events.sh $(BUILD)/wardtap >man/wardtap-events.7.new
	$(Q)mv man/wardtap-events.7.new man/wardtap-events.7
	$(Q)man/siem.sh $(BUILD)/wardtap >man/wardtap-siem.7.new
	$(Q)mv man/wardtap-siem.7.new man/wardtap-siem.7
	$(Q)$(BUILD)/wardtap fields --schema >contrib/wardtap-events.schema.json
