# opencode-cloud: one static binary. `make help` names the targets.
#
#   make            build/opencode-cloud, static PIE against musl
#   make SAN=1      build/san/opencode-cloud, glibc with ASan and UBSan
#   O=DIR           results elsewhere      V=1   show the commands
#   DEPS_DIR=DIR    library tarballs from a directory, no network
#   CC=clang        another compiler

VERSION := 0.1.0

MAKEFLAGS += --no-builtin-rules --no-builtin-variables --no-print-directory
ifeq ($(filter -j%,$(MAKEFLAGS)),)
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
SHELL := /bin/bash
export LC_ALL := C
export SOURCE_DATE_EPOCH ?= 1

CC     := $(or $(filter-out default undefined,$(CC)),gcc)
CLANG  ?= clang
AR     := ar
STRIP  ?= strip
O      ?= build
Q      := $(if $(filter 1,$(V)),,@)
say     = $(if $(filter 1,$(V)),,@printf '  %-5s %s\n' '$(1)' '$(2)';)

VARIANT := $(if $(FUZZ),fuzz,$(if $(SAN),san,release))
B       := $(O)/$(VARIANT)
override CC := $(if $(FUZZ),$(CLANG),$(CC))

# --- sources ------------------------------------------------------------------

LIB_C   := $(sort $(wildcard lib/*/*.c))
APP_C   := $(sort $(wildcard applets/*.c applets/*/*.c applets/*/*/*.c))
EMBED   := $(sort $(shell find docker -type f 2>/dev/null))
UNIT_C  := $(sort $(wildcard tests/unit/*_test.c))
FUZZ_C  := $(sort $(wildcard tests/fuzz/*_fuzz.c))
BENCH_C := $(sort $(wildcard tests/bench/*.c))
HAS_EMBED := $(and $(EMBED),$(wildcard lib/deploy/embed.h))

LIB_O  := $(LIB_C:%.c=$(B)/%.o) $(if $(HAS_EMBED),$(B)/gen/embed.o)
APP_O  := $(filter-out $(B)/applets/main.o,$(APP_C:%.c=$(B)/%.o))
MAIN_O := $(if $(wildcard applets/main.c),$(B)/applets/main.o)
UNITS  := $(UNIT_C:%.c=$(B)/%)
BENCHES := $(BENCH_C:%.c=$(B)/%)
REPLAYS := $(FUZZ_C:tests/fuzz/%_fuzz.c=$(B)/tests/replay/%)
FUZZERS := $(FUZZ_C:tests/fuzz/%_fuzz.c=$(B)/tests/fuzz/%)
GEN    := $(B)/gen/version.h $(B)/gen/cmdtab.h

# --- third-party libraries ----------------------------------------------------

export DEPS_DIR DEPS_OLDER
DEPS_OUT ?= $(CURDIR)/build/deps
DEPS_OF   = $(DEPS_OUT)/$(1)/.id
DEPS     := $(DEPS_OUT)/$(if $(filter release,$(VARIANT)),musl,san)
DEPS_ID  := $(DEPS)/.id
LIBS     := $(DEPS)/lib/libcurl.a $(DEPS)/lib/libmbedtls.a

# --- flags --------------------------------------------------------------------

# Not every compiler knows every flag: each is tried once, the answers kept.
WARN_WANTED := -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef -Wvla \
	-Wimplicit-fallthrough -Wnull-dereference -Wlogical-op -Wduplicated-cond \
	-Wformat-truncation=1 -Wdate-time
CC_WANTED := -fstack-protector-strong -fstack-clash-protection \
	-ftrivial-auto-var-init=zero -fno-math-errno
LD_WANTED := -Wl,-z,pack-relative-relocs -Wl,--build-id=none
PROBE := $(O)/probe/$(subst /,_,$(CC)).mk
ifneq ($(filter-out clean distclean help,$(or $(MAKECMDGOALS),all)),)
include $(PROBE)
endif

CPPFLAGS := -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DCURL_STATICLIB -I. -I$(B)/gen
BASE_CFLAGS = -std=gnu11 -g -ffunction-sections -fdata-sections \
	-ffile-prefix-map=$(CURDIR)/=./ -ffile-prefix-map=$(abspath $(B))/=build/ \
	$(WARN_FLAGS) $(if $(WERROR_OFF),,-Werror)
CC_INC = $(shell $(CC) -print-file-name=include)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -O1

CFLAGS_release = -Os -fPIE $(CC_FLAGS) -fno-unwind-tables \
	-fno-asynchronous-unwind-tables -fmerge-all-constants \
	-nostdinc -isystem $(DEPS)/include -isystem $(CC_INC)
CFLAGS_san  = $(SANITIZE) -isystem $(DEPS)/include
CFLAGS_fuzz = $(SANITIZE) -fsanitize=fuzzer-no-link -isystem $(DEPS)/include
CFLAGS = $(BASE_CFLAGS) $(CFLAGS_$(VARIANT)) $(EXTRA_CFLAGS)

# gcc's own -static-pie with a foreign libc names an interpreter, so the start
# files and the order of everything are spelled out.
crt = $(shell $(CC) -print-file-name=$(1))
HEAD_release = -nostdlib -nostartfiles -static -Wl,-pie -Wl,--no-dynamic-linker \
	-Wl,-z,text,-z,relro,-z,now,-z,noexecstack,-z,separate-code \
	-Wl,--gc-sections -Wl,-O1 -Wl,--sort-common $(LD_FLAGS) \
	$(DEPS)/lib/rcrt1.o $(DEPS)/lib/crti.o $(call crt,crtbeginS.o)
TAIL_release = -Wl,--start-group $(LIBS) $(DEPS)/lib/libc.a \
	$(call crt,libgcc.a) $(call crt,libgcc_eh.a) -Wl,--end-group \
	$(call crt,crtendS.o) $(DEPS)/lib/crtn.o
HEAD_san  = $(SANITIZE) -pie
TAIL_san  = $(LIBS) -lpthread
HEAD_fuzz = $(SANITIZE)
TAIL_fuzz = $(LIBS) -lpthread
# a program may name link flags of its own in a line /* ldflags: ... */
own_ldflags = $$(sed -n 's@^/\* ldflags: \(.*\) \*/$$@\1@p' $(1))
link = $(CC) -o $@ $(HEAD_$(VARIANT)) $(1) $(TAIL_$(VARIANT))

ARCHIVES := $(B)/libapplets.a $(B)/libocc.a

# --- what people call -----------------------------------------------------------

.PHONY: all deps unit-bins replay-bins fuzz-bins bench-bins clean distclean help FORCE
ifeq ($(MAIN_O),)
all: $(B)/libocc.a
else ifeq ($(VARIANT),release)
all: $(O)/opencode-cloud
else
all: $(B)/opencode-cloud
endif

deps: $(DEPS_ID)
unit-bins: $(UNITS)
replay-bins: $(REPLAYS)
fuzz-bins: $(FUZZERS)
bench-bins: $(BENCHES)

# --- rules ----------------------------------------------------------------------

$(DEPS_OUT)/%/.id: FORCE
	+$(Q)CC=$(if $(FUZZ),gcc,$(CC)) AR=$(AR) DEPS_OUT=$(DEPS_OUT) V=$(V) scripts/deps build $*

$(PROBE): Makefile scripts/cc-probe
	@mkdir -p $(@D)
	$(Q)scripts/cc-probe $(CC) WARN_FLAGS $(WARN_WANTED) -- CC_FLAGS $(CC_WANTED) \
		-- LD_FLAGS $(LD_WANTED) >$@.tmp && mv $@.tmp $@

# rebuilt when the flags change, touched only then
$(B)/.flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(CC) $(CPPFLAGS) $(CFLAGS)' | cmp -s - $@ || \
		printf '%s\n' '$(CC) $(CPPFLAGS) $(CFLAGS)' >$@

$(B)/%.o: %.c $(B)/.flags $(DEPS_ID) | $(GEN)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/%.o: $(B)/gen/%.c $(B)/.flags $(DEPS_ID)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/version.h: Makefile
	@mkdir -p $(@D)
	$(Q)printf '#define OCC_VERSION "%s"\n' '$(VERSION)' | scripts/put-changed $@

$(B)/gen/cmdtab.h: FORCE
	@mkdir -p $(@D)
	$(Q)scripts/cmdtab applets >$@.new && scripts/put-changed $@ <$@.new && rm -f $@.new

$(B)/gen/embed.c: FORCE
	@mkdir -p $(@D)
	$(Q)scripts/embed docker >$@.new && scripts/put-changed $@ <$@.new && rm -f $@.new

# the list of members is a reason to rebuild, too: a file may have gone
$(B)/%.members: FORCE
	@mkdir -p $(@D)
	$(Q)printf '%s\n' $(MEMBERS) | scripts/put-changed $@
$(B)/libocc.members: MEMBERS = $(LIB_O)
$(B)/libapplets.members: MEMBERS = $(APP_O)

$(B)/libocc.a: $(LIB_O) $(B)/libocc.members
$(B)/libapplets.a: $(APP_O) $(B)/libapplets.members
$(B)/lib%.a:
	@rm -f $@
	$(call say,AR,$@)$(AR) rcD $@ $(filter %.o,$^)

$(B)/opencode-cloud: $(MAIN_O) $(ARCHIVES) $(DEPS_ID)
	$(call say,LD,$@)$(call link,$(MAIN_O) $(ARCHIVES))

$(O)/opencode-cloud: $(O)/release/opencode-cloud
	$(call say,STRIP,$@)$(STRIP) -s -R .comment -R .note.gnu.property -o $@.tmp $< && mv $@.tmp $@

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(ARCHIVES) $(DEPS_ID)
	$(call say,LD,$@)$(call link,$(call own_ldflags,tests/unit/$*.c) $< $(ARCHIVES))

$(B)/tests/bench/%: $(B)/tests/bench/%.o $(ARCHIVES) $(DEPS_ID)
	$(call say,LD,$@)$(call link,$< $(ARCHIVES))

$(B)/tests/replay/%: $(B)/tests/fuzz/%_fuzz.o $(B)/tests/replay.o $(ARCHIVES) $(DEPS_ID)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(call link,$(filter %.o,$^) $(ARCHIVES))

$(B)/tests/fuzz/%: $(B)/tests/fuzz/%_fuzz.o $(ARCHIVES) $(DEPS_ID)
	$(call say,LD,$@)$(call link,-fsanitize=fuzzer $< $(ARCHIVES))

-include $(shell find $(B) -name '*.d' 2>/dev/null)

clean:
	rm -rf $(O)/release $(O)/san $(O)/fuzz $(O)/probe $(O)/tests $(O)/opencode-cloud

distclean: clean
	rm -rf build
