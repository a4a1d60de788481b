# wardtap: GNU make. `make help` lists the targets; V=1 shows commands.
VERSION := 0.1.0
CC ?= gcc
BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=
Q := $(if $(V),,@)
say = @$(if $(V),:,printf '  %-7s %s\n' $(1) $(2))

PKGS := libcurl libpcap zlib libzstd libxxhash yaml-0.1 libssl libcrypto libhs libpcre2-8 sqlite3 libmaxminddb
NDPI := $(shell pkg-config --exists libndpi 2>/dev/null && echo yes)
WARN := -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
	-Wvla -Wpointer-arith -Wcast-qual -Wwrite-strings -Wundef -Wformat=2 -Werror
HARD := -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection \
	-D_FORTIFY_SOURCE=2 -fno-strict-aliasing -fno-delete-null-pointer-checks
OPT ?= -O3 -g
# Link-time optimisation of the program (not of the many test programs): 10 % of the
# time of a replay. Objects hold ordinary code too.
LTO := $(if $(findstring clang,$(CC)),,$(if $(EXTRA),,-flto=auto -ffat-lto-objects))
CPPFLAGS += -Iinclude -Isrc -DWT_VERSION='"$(VERSION)"' $(shell pkg-config --cflags $(PKGS)) \
	$(if $(NDPI),-DWT_HAVE_NDPI $(shell pkg-config --cflags libndpi))
CFLAGS += -std=c11 -MMD -MP $(OPT) $(LTO) $(WARN) $(HARD) $(EXTRA)
LDFLAGS += -pie -Wl,-z,relro,-z,now,-z,noexecstack $(EXTRA)
LDLIBS += $(shell pkg-config --libs $(PKGS)) $(if $(NDPI),-lndpi) -lpthread

STAGES := base capture decode flow dissect match redact observe detect journal export
LIB_SRC := $(sort $(foreach s,$(STAGES),$(wildcard src/$(s)/*.c)) $(wildcard dissectors/*.c))
APP_SRC := $(sort $(wildcard src/app/*.c))
LIB_OBJ := $(LIB_SRC:%.c=$(BUILD)/%.o) $(BUILD)/tables.o
APP_OBJ := $(APP_SRC:%.c=$(BUILD)/%.o) $(BUILD)/setup.o
APP_LIB_OBJ := $(filter-out $(BUILD)/src/app/main.o,$(APP_OBJ))
CHECKS := $(patsubst tests/check_%.c,$(BUILD)/tests/check_%,$(sort $(wildcard tests/check_*.c)))
HARNESS_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(sort $(wildcard tests/harness/*.c)))

.PHONY: all
all: $(BUILD)/wardtap ## build (hardened)

$(BUILD)/wardtap: $(APP_OBJ) $(LIB_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) $(if $(LTO),$(OPT) $(LTO) $(HARD)) -o $@ $^ $(LDLIBS)

$(BUILD)/%.o: %.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# The tables of rules/inventory/, compiled in (see src/base/table.h).
TABLES := $(sort $(wildcard rules/inventory/*.tsv))
$(BUILD)/tables.c: $(TABLES) rules/embed.sh
	$(call say,EMBED,$@)
	$(Q)mkdir -p $(@D)
	$(Q)rules/embed.sh $(TABLES) >$@.new && mv $@.new $@
$(BUILD)/tables.o: $(BUILD)/tables.c Makefile
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# What `wardtap export setup` sends, compiled in (see src/app/setup.h).
$(BUILD)/setup.c: $(wildcard contrib/elastic/* contrib/opensearch/*) contrib/embed.sh
	$(call say,EMBED,$@)
	$(Q)mkdir -p $(@D)
	$(Q)contrib/embed.sh elastic opensearch >$@.new && mv $@.new $@
$(BUILD)/setup.o: $(BUILD)/setup.c Makefile
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# nDPI's own headers do not survive our warnings.
$(BUILD)/src/dissect/ndpi.o: WARN := -Wall -Wextra -Werror

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

include tests/tests.mk
include tests/bench/bench.mk
include man/man.mk

.PHONY: format
format: ## rewrite sources with clang-format
	$(Q)clang-format-14 -i $$(git ls-files '*.c' '*.h')

.PHONY: install
install: all man ## install below $(DESTDIR)$(PREFIX)
	install -D -m 0755 $(BUILD)/wardtap $(DESTDIR)$(PREFIX)/sbin/wardtap
	for page in man/*.[1-8]; do \
		install -D -m 0644 $$page $(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/}; done
	for file in $$(find rules -name '*.rules' -o -name '*.tsv' -o -name '*.md'); do \
		install -D -m 0644 $$file $(DESTDIR)$(PREFIX)/share/wardtap/$$file; done

.PHONY: clean
clean: ## remove what was built
	rm -rf $(BUILD) build-*

.PHONY: help
help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST) | sort
