# Tests.
#   tests/check_*.c   unit and contract tests, programs of the Check library
#   tests/*.sh        scripts; each ends with "N passed, N failed[, N skipped]" and
#                     with 77 where it cannot run at all
#   tests/fuzz/       libFuzzer targets with seed corpora
# tests/run.sh runs everything in one build and adds up.
.SECONDARY:

CHECK_LIBS := $(shell pkg-config --libs check 2>/dev/null)
SANITIZE := -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=all
ASAN_MAKE := CC=clang-14 OPT="-O1 -g" HARD="-fPIE -DWT_STRICT" EXTRA="$(SANITIZE)"

$(BUILD)/tests/check_%: $(BUILD)/tests/check_%.o $(HARNESS_OBJ) $(APP_LIB_OBJ) $(LIB_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $(if $(LTO),-fno-lto) -o $@ $^ $(LDLIBS) $(CHECK_LIBS)

$(BUILD)/tests/%.o $(BUILD)/tests/harness/%.o: CPPFLAGS += -Itests
$(BUILD)/tests/%.o: WARN += -Wno-missing-prototypes

# Programs that scripts use: tests/live_*.c, tests/tool_*.c, tests/diff/*.c
$(BUILD)/tests/live_%: $(BUILD)/tests/live_%.o $(APP_LIB_OBJ) $(LIB_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $(if $(LTO),-fno-lto) -o $@ $^ $(LDLIBS)
$(BUILD)/tests/diff/%: $(BUILD)/tests/diff/%.o $(APP_LIB_OBJ) $(LIB_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $(if $(LTO),-fno-lto) -o $@ $^ $(LDLIBS)

TEST_TOOLS := $(patsubst tests/%.c,$(BUILD)/tests/%,$(sort $(wildcard tests/live_*.c) $(wildcard tests/diff/*.c)))

.PHONY: checks
checks: $(CHECKS) $(TEST_TOOLS)

.PHONY: check
check: all checks ## all tests on the plain build
	$(Q)tests/run.sh $(BUILD)

.PHONY: check-asan
check-asan: ## the same under AddressSanitizer and UBSan (clang)
	$(Q)+$(MAKE) --no-print-directory BUILD=build-asan $(ASAN_MAKE) all checks
	$(Q)tests/run.sh build-asan

.PHONY: check-siem
check-siem: all checks ## real receivers: an OpenSearch node, Splunk's protocol (Java, Go)
	$(Q)tests/siem.sh $(BUILD)

.PHONY: check-kill
check-kill: all checks ## 100,000 alerts to all sinks, stubs and real ones, under kills and full disks
	$(Q)tests/kill.sh $(BUILD) alerts=100000 rounds=6 real=1
	$(Q)tests/outage.sh $(BUILD) alerts=40000 seconds=130

# make fuzz [FUZZ=name] [T=seconds]: each target for T seconds, from its seeds.
T ?= 30
FUZZ ?= *
FUZZERS := $(patsubst tests/fuzz/fuzz_%.c,%,$(sort $(wildcard tests/fuzz/fuzz_$(FUZZ).c)))
FUZZ_MAKE := CC=clang-14 OPT="-O1 -g" HARD="-fPIE -DWT_STRICT" EXTRA="-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all"

FUZZ_OBJ := $(patsubst %.c,build-fuzz/%.o,$(filter-out src/app/main.c,$(LIB_SRC) $(APP_SRC)) \
	$(sort $(wildcard tests/harness/*.c))) build-fuzz/tables.o build-fuzz/setup.o
build-fuzz/fuzz_%: build-fuzz/tests/fuzz/fuzz_%.o $(FUZZ_OBJ)
	$(call say,LINK,$@)
	$(Q)clang-14 -pie -fsanitize=fuzzer,address,undefined -o $@ $^ $(LDLIBS) $(CHECK_LIBS)
ifneq ($(BUILD),build-fuzz)
# made by fuzz-objects, with the flags of a fuzzer
$(FUZZ_OBJ): ;
endif

.PHONY: fuzzers
fuzzers:
	$(Q)+$(MAKE) --no-print-directory BUILD=build-fuzz $(FUZZ_MAKE) fuzz-objects
	$(Q)+$(MAKE) --no-print-directory $(FUZZERS:%=build-fuzz/fuzz_%)

.PHONY: fuzz-objects
fuzz-objects: $(LIB_OBJ) $(APP_LIB_OBJ) $(HARNESS_OBJ) \
	$(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/fuzz/fuzz_*.c)))

.PHONY: fuzz
fuzz: fuzzers ## fuzz every target: make fuzz [FUZZ=name] [T=seconds]
	$(Q)tests/fuzz/run.sh $(T) $(FUZZERS)

.PHONY: golden
golden: all ## rewrite the golden outputs, to be read before they are committed
	$(Q)GOLDEN=write tests/cases.sh $(BUILD)

.PHONY: lint
lint: all ## static checks of code, structure, scripts and manual pages
	$(Q)tests/lint.sh $(BUILD)

.PHONY: lint-deep
lint-deep: all ## lint with clang's path analyser, some ten minutes
	$(Q)tests/lint.sh $(BUILD) deep
