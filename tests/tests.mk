# Tests. Unit tests are tests/check_*.c with the Check library; each is a program
# that ends in Check's own summary line. tests/run.sh runs all kinds and adds up.
.SECONDARY:

CHECK_LIBS := $(shell pkg-config --libs check 2>/dev/null)

$(BUILD)/tests/check_%: $(BUILD)/tests/check_%.o $(HARNESS_OBJ) $(APP_LIB_OBJ) $(LIB_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(CHECK_LIBS)

$(BUILD)/tests/%.o $(BUILD)/tests/harness/%.o: CPPFLAGS += -Itests
$(BUILD)/tests/%.o: WARN += -Wno-missing-prototypes

.PHONY: checks
checks: $(CHECKS)

# Programs of live tests (tests/live*.sh), which need root and are not Check's.
$(BUILD)/tests/live_%: $(BUILD)/tests/live_%.o $(APP_LIB_OBJ) $(LIB_OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)
