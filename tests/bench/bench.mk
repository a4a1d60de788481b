# Speed and memory against a bare libpcap loop and against peers; see
# tests/bench/README.md. Corpora are made below $(BUILD)/bench and removed after.
BENCH_MIB ?= 1024
BENCH_ROUNDS ?= 5
BENCH_SEED ?= 1

MKBENCH_OBJ := $(patsubst %.c,$(BUILD)/%.o,tests/bench/mkbench.c $(wildcard tests/bench/mk_*.c))

$(BUILD)/bench/mkbench: $(MKBENCH_OBJ)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $(if $(LTO),-fno-lto) -o $@ $^ $(LDLIBS)

$(BUILD)/bench/%: $(BUILD)/tests/bench/%.o
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $(if $(LTO),-fno-lto) -o $@ $^ $(LDLIBS)

# The keeper's share: needs the inventory, so the whole library.
$(BUILD)/bench/keeper: $(BUILD)/tests/bench/keeper.o $(LIB_OBJ)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $(if $(LTO),-fno-lto) -o $@ $^ $(LDLIBS)

# The courier's share: the encoders of records.
$(BUILD)/bench/encode: $(BUILD)/tests/bench/encode.o $(LIB_OBJ)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $(if $(LTO),-fno-lto) -o $@ $^ $(LDLIBS)

# The journal's disk: how soon an alert is durable.
$(BUILD)/bench/journal: $(BUILD)/tests/bench/journal.o $(LIB_OBJ)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(LDFLAGS) $(if $(LTO),-fno-lto) -o $@ $^ $(LDLIBS)

BENCH_TOOLS := $(addprefix $(BUILD)/bench/,mkbench pcaploop measure keeper encode journal)

.PHONY: bench-tools
bench-tools: $(BENCH_TOOLS)

.PHONY: bench
bench: $(BENCH_TOOLS) $(BUILD)/wardtap $(BUILD)/tests/live_journal ## speed and memory against libpcap, nDPI, Suricata, tshark
	$(Q)BUILD=$(BUILD) MIB=$(BENCH_MIB) ROUNDS=$(BENCH_ROUNDS) SEED=$(BENCH_SEED) \
		tests/bench/bench.sh
