# opencode-cloud: one static binary. `make help` names the targets.
#
#   make            build/opencode-cloud, static PIE against musl
#   make SAN=1      build/san/opencode-cloud, glibc with ASan and UBSan
#   O=DIR           results elsewhere      V=1   show the commands
#   DEPS_DIR=DIR    library tarballs from a directory, no network
#   CC=clang        another compiler for our sources (DEPS_CC for the libraries)

VERSION := 0.1.0

MAKEFLAGS += --no-builtin-rules --no-builtin-variables --no-print-directory
ifeq ($(MAKELEVEL),0)
# a -j on the command line wins over this one
MAKEFLAGS += -j$(shell nproc 2>/dev/null || echo 2)
endif
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
SHELL := /bin/bash
export LC_ALL := C
export SOURCE_DATE_EPOCH ?= 1

# make's own default, cc, is no choice of anybody's
CC     := $(if $(filter default undefined,$(origin CC)),gcc,$(CC))
CLANG  ?= clang
DEPS_CC ?= gcc
AR     := ar
STRIP  ?= strip
O      ?= build
Q      := $(if $(filter 1,$(V)),,@)
say     = $(if $(filter 1,$(V)),,@printf '  %-5s %s\n' '$(1)' '$(2)';)

comma  := ,

VARIANT := $(if $(FUZZ),fuzz,$(if $(SAN),san,release))
B       := $(O)/$(VARIANT)
override CC := $(if $(FUZZ),$(CLANG),$(CC))

# --- sources ------------------------------------------------------------------

LIB_C   := $(sort $(wildcard lib/*/*.c))
APP_C   := $(sort $(wildcard applets/*.c applets/*/*.c applets/*/*/*.c))
EMBED   := $(sort $(shell find docker -type f ! -name '*.md' 2>/dev/null))
UNIT_C  := $(sort $(wildcard tests/unit/*_test.c tests/fault/*_test.c))
FUZZ_C  := $(sort $(wildcard tests/fuzz/*_fuzz.c))
BENCH_C := $(sort $(wildcard tests/bench/*.c))
HAS_EMBED := $(and $(EMBED),$(wildcard lib/deploy/embed.h))

LIB_O  := $(LIB_C:%.c=$(B)/%.o) $(if $(HAS_EMBED),$(B)/gen/embed.o) $(B)/gen/published.o
APP_O  := $(filter-out $(B)/applets/main.o,$(APP_C:%.c=$(B)/%.o))
MAIN_O := $(if $(wildcard applets/main.c),$(B)/applets/main.o)
UNITS  := $(UNIT_C:%.c=$(B)/%)
BENCHES := $(BENCH_C:%.c=$(B)/%)
DRIVERS := $(patsubst %.c,$(B)/%,$(sort $(wildcard tests/e2e/driver/*.c)))
REPLAYS := $(FUZZ_C:tests/fuzz/%_fuzz.c=$(B)/tests/replay/%)
FUZZERS := $(FUZZ_C:tests/fuzz/%_fuzz.c=$(B)/tests/fuzz/%)
GEN    := $(B)/gen/version.h $(B)/gen/released.h $(B)/gen/cmdtab.h

# --- third-party libraries ----------------------------------------------------

export DEPS_DIR DEPS_OLDER
DEPS_OUT ?= $(CURDIR)/build/deps
DEPS_OF   = $(DEPS_OUT)/$(1)/.id
# linux, or macos: by a compiler that builds for it (scripts/toolchain)
SYSTEM   ?= linux
DEPS     := $(DEPS_OUT)/$(if $(filter release,$(VARIANT)),$(if $(filter macos,$(SYSTEM)),macos,musl),san)
DEPS_ID  := $(DEPS)/.id
LIBS     := $(DEPS)/lib/libcurl.a $(DEPS)/lib/libmbedtls.a $(DEPS)/lib/libsodium.a $(DEPS)/lib/libz.a

# --- flags --------------------------------------------------------------------

# Not every compiler knows every flag: each is tried once, the answers kept.
WARN_WANTED := -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow \
	-Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
	-Wpointer-arith -Wcast-qual -Wwrite-strings -Wformat=2 -Wundef -Wvla \
	-Wimplicit-fallthrough -Wnull-dereference -Wlogical-op -Wduplicated-cond \
	-Wformat-truncation=1 -Wdate-time
CC_WANTED := -fstack-protector-strong -fstack-clash-protection \
	-ftrivial-auto-var-init=zero -fno-math-errno -malign-data=abi
LD_WANTED := -Wl,-z,pack-relative-relocs -Wl,--pack-dyn-relocs=relr -Wl,--build-id=none
PROBE := $(O)/probe/$(subst /,_,$(CC)).mk
ifneq ($(filter-out clean distclean help,$(or $(MAKECMDGOALS),all)),)
include $(PROBE)
endif

CPPFLAGS := -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -DCURL_STATICLIB -I. -I$(B)/gen
BASE_CFLAGS = -std=gnu11 -g -ffunction-sections -fdata-sections \
	-ffile-prefix-map=$(CURDIR)/=./ -ffile-prefix-map=$(abspath $(B))/=build/ \
	$(WARN_FLAGS) $(if $(WERROR_OFF),,-Werror)
CC_INC := $(shell $(CC) -print-file-name=include)
SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all \
	-fno-omit-frame-pointer -O1

CFLAGS_release = $(or $(SMALLEST),-Os) -fPIE $(CC_FLAGS) -fno-unwind-tables \
	-fno-asynchronous-unwind-tables -fmerge-all-constants \
	-nostdinc -isystem $(DEPS)/include -isystem $(CC_INC)
ifeq ($(SYSTEM),macos)
CFLAGS_release = $(or $(SMALLEST),-Os) $(CC_FLAGS) -fno-unwind-tables -fno-asynchronous-unwind-tables -isystem $(DEPS)/include
endif
# instrumented code is not the code as written: gcc then sees conversions and
# null pointers that are not there; the release build is the judge of those
SAN_WARN := -Wno-conversion -Wno-sign-conversion -Wno-null-dereference
CFLAGS_san  = $(SANITIZE) $(SAN_WARN) -Wno-format-overflow -isystem $(DEPS)/include
CFLAGS_fuzz = $(SANITIZE) $(SAN_WARN) -fsanitize=fuzzer-no-link -isystem $(DEPS)/include
CFLAGS = $(BASE_CFLAGS) $(CFLAGS_$(VARIANT)) $(EXTRA_CFLAGS)

# gcc's own -static-pie with a foreign libc names an interpreter, so the start
# files and the order of everything are spelled out.
CRT_BEGIN := $(shell $(CC) -print-file-name=crtbeginS.o)
CRT_END   := $(shell $(CC) -print-file-name=crtendS.o)
LIBGCC    := $(shell $(CC) -print-file-name=libgcc.a) $(shell $(CC) -print-file-name=libgcc_eh.a)
HEAD_release = -nostdlib -nostartfiles -static -Wl,-pie -Wl,--no-dynamic-linker \
	-Wl,-z,text,-z,relro,-z,now,-z,noexecstack,-z,separate-code \
	-Wl,--gc-sections -Wl,-O1 -Wl,--sort-common $(LD_FLAGS) \
	$(DEPS)/lib/rcrt1.o $(DEPS)/lib/crti.o $(CRT_BEGIN)
TAIL_release = -Wl,--start-group $(LIBS) $(DEPS)/lib/libc.a \
	$(LIBGCC) -Wl,--end-group \
	$(CRT_END) $(DEPS)/lib/crtn.o
HEAD_san  = $(SANITIZE) -pie
TAIL_san  = $(LIBS) -lpthread
HEAD_fuzz = $(SANITIZE)
TAIL_fuzz = $(LIBS) -lpthread
# a program may name link flags of its own in a line /* ldflags: ... */
own_ldflags = $$(sed -n 's@^/\* ldflags: \(.*\) \*/$$@\1@p' $(1))
link = $(CC) -o $@ $(HEAD_$(VARIANT)) $(1) $(TAIL_$(VARIANT))
ifeq ($(SYSTEM),macos)
link = $(LD) -o $@ $(1) $(LIBS)
endif

ARCHIVES := $(B)/libapplets.a $(B)/libocc.a

# --- what people call -----------------------------------------------------------

.PHONY: all deps unit-bins replay-bins fuzz-bins bench-bins driver-bins clean distclean help FORCE
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
driver-bins: $(DRIVERS)

# --- rules ----------------------------------------------------------------------

$(DEPS_OUT)/%/.id: FORCE
	+$(Q)CC=$(DEPS_CC) AR=$(AR) DEPS_OUT=$(DEPS_OUT) V=$(V) scripts/deps build $*

$(PROBE): Makefile scripts/cc-probe
	@mkdir -p $(@D)
	$(Q)scripts/cc-probe $(CC) WARN_FLAGS $(WARN_WANTED) -- CC_FLAGS $(CC_WANTED) -- SMALLEST -Oz \
		-- LD_FLAGS $(LD_WANTED) >$@.tmp && mv $@.tmp $@

# rebuilt when the flags change, touched only then
$(B)/.flags: FORCE
	@mkdir -p $(@D)
	@printf '%s\n' '$(CC) $(CPPFLAGS) $(CFLAGS) $(HOT)' | cmp -s - $@ || \
		printf '%s\n' '$(CC) $(CPPFLAGS) $(CFLAGS) $(HOT)' >$@

# What stands in the way of every byte of a request is built for speed, the rest for the smallest size (-Oz: gcc 12, clang).
HOT := lib/base/buf lib/base/str $(addprefix lib/http/,chunked forward head request sse ws)
ifeq ($(VARIANT),release)
$(HOT:%=$(B)/%.o): EXTRA_CFLAGS += -O2
endif
$(B)/%.o: %.c $(B)/.flags $(DEPS_ID) | $(GEN)
	@mkdir -p $(@D)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/%.o: $(B)/gen/%.c $(B)/.flags $(DEPS_ID)
	$(call say,CC,$<)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(B)/gen/version.h: FORCE
	@mkdir -p $(@D)
	$(Q)printf '#define OCC_VERSION "%s"\n' '$(VERSION)' | scripts/put-changed $@

# Where releases of this program are, and the public keys (PEM) that they are signed with: what `occ update --self` believes.
RELEASE_URL  ?=
RELEASE_KEYS ?= $(sort $(wildcard scripts/release.d/*.pem))
$(B)/gen/released.h: FORCE
	@mkdir -p $(@D)
	$(Q){ printf '#define OCC_RELEASE_URL "%s"\n#define OCC_RELEASE_KEYS ""' '$(RELEASE_URL)'; \
		[ -z '$(RELEASE_KEYS)' ] || sed 's/.*/ "&\\n"/' $(RELEASE_KEYS) | tr -d '\n'; echo; } | scripts/put-changed $@

# the image that is published with a release, by digest, and the label io.opencode-cloud.inputs that it has
RELEASE_IMAGE ?=
RELEASE_IMAGE_INPUTS ?=
$(B)/gen/published.c: FORCE
	@mkdir -p $(@D)
	$(Q)printf '#include "lib/deploy/image_published.h"\n\nconst char image_published_name[] = "%s";\nconst char image_published_inputs[] = "%s";\n' \
		'$(RELEASE_IMAGE)' '$(RELEASE_IMAGE_INPUTS)' | scripts/put-changed $@

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
	$(call say,LD,$@)$(call link,$(if $(filter macos,$(SYSTEM)),-map $@.map,-Wl$(comma)-Map=$@.map) $(MAIN_O) $(ARCHIVES))

$(O)/opencode-cloud: $(O)/release/opencode-cloud
	$(call say,STRIP,$@)$(if $(filter linux,$(SYSTEM)),$(STRIP) -s -R .comment -R .note.gnu.property -o $@.tmp $<,cp $< $@.tmp) && mv $@.tmp $@

# a test needs the applets' archive only when it includes one of their headers
WITH_APPLETS := $(shell grep -ls '"applets/\|"cmdtab.h"' $(UNIT_C) /dev/null)
$(WITH_APPLETS:%.c=$(B)/%): $(B)/libapplets.a
$(UNITS): $(B)/%: $(B)/%.o $(B)/libocc.a $(DEPS_ID)
	$(call say,LD,$@)$(call link,$(call own_ldflags,$*.c) $< $(sort $(filter %.a,$^)))

$(B)/tests/bench/%: $(B)/tests/bench/%.o $(B)/libocc.a $(DEPS_ID)
	$(call say,LD,$@)$(call link,$< $(B)/libocc.a)

$(B)/tests/e2e/driver/%: $(B)/tests/e2e/driver/%.o $(ARCHIVES) $(DEPS_ID)
	$(call say,LD,$@)$(call link,$< $(ARCHIVES))

FUZZ_APPLETS := $(shell grep -ls '"applets/' $(FUZZ_C) /dev/null)
$(FUZZ_APPLETS:tests/fuzz/%_fuzz.c=$(B)/tests/replay/%): $(B)/libapplets.a
$(FUZZ_APPLETS:tests/fuzz/%_fuzz.c=$(B)/tests/fuzz/%): $(B)/libapplets.a
$(B)/tests/replay/%: $(B)/tests/fuzz/%_fuzz.o $(B)/tests/replay.o $(B)/libocc.a $(DEPS_ID)
	@mkdir -p $(@D)
	$(call say,LD,$@)$(call link,$(filter %.o,$^) $(sort $(filter %.a,$^)))

$(B)/tests/fuzz/%: $(B)/tests/fuzz/%_fuzz.o $(B)/libocc.a $(DEPS_ID)
	$(call say,LD,$@)$(call link,-fsanitize=fuzzer $< $(sort $(filter %.a,$^)))

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# --- tests and gates --------------------------------------------------------------

# What test programs are told: the program under test, the checkout, a place for results.
export OCC    := $(abspath $(if $(filter release,$(VARIANT)),$(O)/opencode-cloud,$(B)/opencode-cloud))
export T_ROOT := $(CURDIR)
export T_OUT  := $(abspath $(O)/tests)
export ASAN_OPTIONS  ?= detect_stack_use_after_return=1:strict_string_checks=1
export UBSAN_OPTIONS ?= print_stacktrace=1

JOBS   := $(shell nproc 2>/dev/null || echo 2)
FUZZ_S ?= 60
# 1.6 MiB: everything in. What the first three issues need was below 1.3 MiB (1,359,856 bytes on x86_64); age and `update --self` came after that.
SIZE_MAX := 1677721
RUN     = tests/run -l $(O)/tests/log
# what others source has no first line of its own
programs = $(sort $(if $(1),$(shell awk 'FNR == 1 && /^.!\// { print FILENAME }' $(1))))
CLI_SH := $(call programs,$(wildcard tests/cli/*.sh))
E2E_SH := $(call programs,$(wildcard tests/e2e/*.sh))
# what the others share, made first; then three lanes at a time, for much of an end-to-end test is waiting. A lane is what its scripts have to themselves;
# who names none is in the one of the machine's engine. The longest stand first: none is to be alone at the end.
E2E_FIRST := tests/e2e/10-image.sh
E2E_LANES := nested update systemd cloud beside backup setup schedule own scripted
e2e_lane = $(if $(E2E_SH),$(shell grep -l '^# lane: $(1)$$' $(E2E_SH)))
E2E_MACHINE := $(filter-out $(E2E_FIRST) $(foreach l,$(E2E_LANES),$(call e2e_lane,$(l))),$(E2E_SH))
LONG_SH := $(call programs,$(wildcard tests/long/*.sh))

S = $(O)/san
GATES = -t 300 scripts/layers scripts/limits "scripts/elf-check $(O)/opencode-cloud" "scripts/size $(O) $(SIZE_MAX)" \
	"scripts/docs check $(O)/opencode-cloud" "scripts/lint shell" "scripts/lint clang"
UNIT   = -t 120 $(UNITS)
SANE   = -t 300 $(UNIT_C:%.c=$(S)/%)
REPLAY = -t 300 $(foreach f,$(FUZZ_C:tests/fuzz/%_fuzz.c=%),"$(S)/tests/replay/$(f) tests/fuzz/corpus/$(f)")
CLI    = -t 900 $(CLI_SH)
SHARED = -t 1500 $(E2E_FIRST) -t 900 scripts/repro
LANES  = -t $(1) -w machine $(E2E_MACHINE) $(foreach l,$(E2E_LANES),-w $(l) $(call e2e_lane,$(l)))
MAKE_SAN = $(MAKE) SAN=1
RUN_E2E  = -g "end to end" -j 3 $(call LANES,$(1)) -j 1

.PHONY: check check-long unit cli e2e replay fuzz bench lint docs docs-check size repro run gates dist npm cargo deb
check:
	@scripts/bootstrap check
	+@$(MAKE) all unit-bins driver-bins
	+@$(MAKE_SAN) all unit-bins replay-bins
	@$(RUN) -g "gates" -j $(JOBS) $(GATES) -g "what needs no engine, and beside it the image that the end-to-end tests share" \
		-j 3 $(SHARED) $(UNIT) $(SANE) $(REPLAY) $(CLI) $(call RUN_E2E,1500)

# everything of check, with the large counts, and the fuzzers
check-long:
	@scripts/bootstrap check
	+@$(MAKE) all unit-bins driver-bins
	+@$(MAKE_SAN) all unit-bins replay-bins
	+@$(MAKE) FUZZ=1 fuzz-bins
	@OCC_LONG=1 $(RUN) -g "gates" -j $(JOBS) $(GATES) -g "lint" -j 1 -t 1800 "scripts/lint all" \
		-g "unit" -j 1 -t 3600 $(UNITS) -g "sanitizers, command line" -j $(JOBS) $(SANE) $(REPLAY) $(CLI) \
		-g "fuzz" -j $(JOBS) -t 3600 $(FUZZERS) -g "shared" $(SHARED) $(call RUN_E2E,5400) $(LONG_SH)

unit: unit-bins
	@$(RUN) -j $(JOBS) $(UNIT)
cli: all driver-bins
	@$(RUN) -j $(JOBS) $(CLI)
e2e: all driver-bins
	@$(RUN) -j 2 $(SHARED) $(call RUN_E2E,1500)
gates: all
	@$(RUN) -j $(JOBS) $(GATES)
replay:
	+@$(MAKE_SAN) replay-bins
	@$(RUN) -j $(JOBS) $(REPLAY)

FUZZERS = $(foreach f,$(FUZZ_C:tests/fuzz/%_fuzz.c=%),"scripts/fuzz $(O)/fuzz/tests/fuzz/$(f) $(FUZZ_S)")
fuzz:
	+@$(MAKE) FUZZ=1 fuzz-bins
	@$(RUN) -j $(JOBS) -t 86400 $(FUZZERS)

bench: all bench-bins
	@rc=0; for s in $(sort $(wildcard tests/bench/*.sh)); do $$s || rc=1; done; exit $$rc

# a release for every target; RELEASE_KEY=FILE signs it
DIST ?= $(O)/dist/$(VERSION)
dist:
	@VERSION='$(VERSION)' RELEASE_URL='$(RELEASE_URL)' RELEASE_KEYS='$(RELEASE_KEYS)' RELEASE_IMAGE='$(RELEASE_IMAGE)' RELEASE_IMAGE_INPUTS='$(RELEASE_IMAGE_INPUTS)' RELEASE_KEY='$(RELEASE_KEY)' scripts/dist $(DIST)

# that release as packages for npm
NPM_OUT ?= $(O)/npm/$(VERSION)
npm:
	@scripts/npm $(DIST) $(NPM_OUT)

# and as a crate for cargo
CARGO_OUT ?= $(O)/cargo/$(VERSION)
cargo:
	@scripts/cargo $(DIST) $(CARGO_OUT)

# and for Debian and Ubuntu
DEB_OUT ?= $(O)/deb/$(VERSION)
deb:
	@scripts/deb $(DIST) $(DEB_OUT)
# asked for together with the release they are of, they wait for it
npm cargo deb: $(filter dist,$(MAKECMDGOALS))

lint:
	@scripts/bootstrap check
	+@$(MAKE) all unit-bins
	@$(RUN) -j 1 -t 1800 "scripts/lint all"

docs: all
	@scripts/docs write $(O)/opencode-cloud
docs-check: all
	@$(RUN) "scripts/docs check $(O)/opencode-cloud"

size: all
	@scripts/size $(O) $(SIZE_MAX)

repro: all
	@$(RUN) -t 900 scripts/repro

run:
	@scripts/bootstrap run
	+@$(MAKE) all
	@scripts/run

clean:
	rm -rf $(O)/release $(O)/san $(O)/fuzz $(O)/probe $(O)/tests $(O)/opencode-cloud
distclean: clean
	rm -rf build

help:
	@printf '%s\n' \
	'make             $(O)/opencode-cloud (SAN=1: $(O)/san/opencode-cloud)' \
	'make run         build, get an engine if there is none, start the service' \
	'make deps        fetch, verify and build the libraries (DEPS_DIR=DIR: no network)' \
	'make check       gates, unit tests (release and sanitized), corpora, command line, end to end' \
	'make check-long  the same with the large counts, all linters and the fuzzers' \
	'make unit        unit tests           make cli    command line tests' \
	'make e2e         end-to-end tests     make replay fuzz corpora, sanitized' \
	'make gates       layers, limits, ELF, size, docs, quick linters' \
	'make lint        all linters          make fuzz   fuzzers, FUZZ_S seconds each' \
	'make bench       the numbers of the issue, beside the peers' \
	'make dist        a release for Linux and macOS, in build/dist/VERSION' \
	'make npm         that release as packages for npm, in build/npm/VERSION' \
	'make docs        the tables of README.md, from the program' \
	'make docs-check  fails when they differ' \
	'make size        bytes of the binary, by object' \
	'make repro       two directories, two umasks: the same SHA-256' \
	'make clean       our results          make distclean  the libraries as well' \
	'variables        O=DIR V=1 SAN=1 CC=clang DEPS_DIR DEPS_OUT OCC_SOURCES'
