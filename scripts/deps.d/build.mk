# Builds musl, mbedTLS, libsodium's AES-GCM, libcurl, zlib and jsmn from unpacked sources into one prefix.
# Called by scripts/deps, never by hand:
#   make -f build.mk SRC=DIR OBJ=DIR PREFIX=DIR TARGET=musl|san|macos CC=... AR=...
# No configure of mbedTLS, curl or zlib runs: the two headers beside this file say
# what is in the first two, which is quicker and the same on every machine.

MAKEFLAGS += --no-builtin-rules --no-builtin-variables
.SUFFIXES:
.DELETE_ON_ERROR:

HERE    := $(dir $(lastword $(MAKEFILE_LIST)))
MUSL    := $(SRC)/musl
MBEDTLS := $(SRC)/mbedtls
CURL    := $(SRC)/curl
JSMN    := $(SRC)/jsmn
ZLIB    := $(SRC)/zlib
SODIUM  := $(SRC)/libsodium/src/libsodium
INC     := $(PREFIX)/include
LIB     := $(PREFIX)/lib
Q       := $(if $(filter 1,$(V)),,@)
say      = $(if $(filter 1,$(V)),,@printf '  %-5s %s\n' '$(1)' '$(2)';)

MAP    := -ffile-prefix-map=$(SRC)/=deps/ -ffile-prefix-map=$(PREFIX)/=deps/
COMMON := -std=gnu11 -ffunction-sections -fdata-sections -D_GNU_SOURCE -w $(MAP)

CFLAGS_musl := -Os -fPIE -fno-unwind-tables -fno-asynchronous-unwind-tables \
	-fno-math-errno -fstack-protector-strong -fstack-clash-protection \
	-nostdinc -isystem $(INC) -isystem $(shell $(CC) -print-file-name=include)
CFLAGS_macos := -Os -fno-unwind-tables -fno-asynchronous-unwind-tables -fno-math-errno -fstack-protector-strong
CFLAGS_san  := -O1 -g -fPIE -fno-omit-frame-pointer -fsanitize=address

CFLAGS := $(COMMON) $(CFLAGS_$(TARGET))

# Smaller than -Os, from gcc 12 on: for whatever no byte of a connection passes through.
OZ := $(if $(filter musl macos,$(TARGET)),$(shell $(CC) -Oz -E -x c /dev/null >/dev/null 2>&1 && echo -Oz))

# Where bulk encryption and handshakes spend their time: -O2 more than doubles
# ChaCha20-Poly1305 and gives AES-GCM and the curves a tenth.
FAST := aes aesni bignum_core block_cipher chacha20 ecp_curves gcm poly1305 sha256

# curl's own files for other TLS libraries, QUIC, SSH and Windows compile to
# nothing; leaving them out saves the time.
CURL_OUT := %/amigaos.c %/dllmain.c %/macos.c %/system_win32.c %/openldap.c \
	%/schannel.c %/schannel_verify.c %/openssl.c %/gtls.c %/wolfssl.c \
	%/rustls.c %/apple.c %_sspi.c %_gssapi.c %/memdebug.c %/version_win32.c \
	%/winapi.c $(CURL)/lib/vssh/%
EVEREST := $(MBEDTLS)/3rdparty/everest
TLS_C  := $(sort $(wildcard $(MBEDTLS)/library/*.c)) \
	$(EVEREST)/library/everest.c $(EVEREST)/library/x25519.c $(EVEREST)/library/Hacl_Curve25519_joined.c
CURL_C := $(filter-out $(CURL_OUT),$(sort $(wildcard $(CURL)/lib/*.c $(CURL)/lib/*/*.c)))
TLS_O  := $(TLS_C:$(SRC)/%.c=$(OBJ)/%.o)
# Of libsodium one cipher, for mbedTLS (mbedtls_gcm.c), as there is of it for this processor, with a look at the processor; and a short MAC.
SODIUM_C := $(addprefix $(SODIUM)/,crypto_aead/aes256gcm/aesni/aead_aes256gcm_aesni.c crypto_aead/aes256gcm/armcrypto/aead_aes256gcm_armcrypto.c \
	crypto_shorthash/siphash24/ref/shorthash_siphashx24_ref.c crypto_verify/verify.c sodium/runtime.c)
SODIUM_O := $(SODIUM_C:$(SRC)/%.c=$(OBJ)/%.o)
CURL_O := $(CURL_C:$(SRC)/%.c=$(OBJ)/%.o)
# Compressing, for the program; the other way, for the tests. No files, no one-call functions.
ZLIB_C := $(addprefix $(ZLIB)/,adler32.c crc32.c deflate.c inffast.c inflate.c inftrees.c trees.c zutil.c)
ZLIB_O := $(ZLIB_C:$(SRC)/%.c=$(OBJ)/%.o)

.PHONY: all musl
all: $(LIB)/libmbedtls.a $(LIB)/libsodium.a $(LIB)/libcurl.a $(LIB)/libz.a $(INC)/jsmn.h

# --- libc -------------------------------------------------------------------
musl:
ifeq ($(TARGET),musl)
	$(call say,LIB,musl)
	@mkdir -p $(OBJ)/musl $(INC)
	$(Q)cd $(OBJ)/musl && CC="$(CC)" AR="$(AR)" RANLIB="$(RANLIB)" \
		CFLAGS="$(OZ) -fPIE -ffunction-sections -fdata-sections -w $(MAP)" \
		$(MUSL)/configure --prefix=$(PREFIX) --syslibdir=$(LIB) \
		--disable-shared --disable-wrapper --enable-optimize=malloc,string >configure.log
	+$(Q)$(MAKE) -s -C $(OBJ)/musl install >$(OBJ)/musl/make.log
	@for d in linux asm asm-generic; do \
		for from in $(KERNEL_INC); do \
			if [ -d $$from/$$d ]; then ln -sfn $$from/$$d $(INC)/$$d; break; fi; \
		done; done
endif

# --- headers ----------------------------------------------------------------
$(OBJ)/headers.stamp: musl
	@mkdir -p $(INC) $(LIB) $(@D)
	@cp -R $(MBEDTLS)/include/mbedtls $(MBEDTLS)/include/psa $(EVEREST)/include/everest $(CURL)/include/curl $(INC)/
	@cp $(ZLIB)/zlib.h $(ZLIB)/zconf.h $(INC)/
	@cp -R $(SODIUM)/include/sodium $(INC)/
	@cp $(HERE)/mbedtls_config.h $(INC)/mbedtls/mbedtls_config.h
	@mkdir -p $(OBJ)/conf && cp $(HERE)/curl_config.h $(OBJ)/conf/curl_config.h
	@touch $@

$(INC)/jsmn.h: $(OBJ)/headers.stamp
	@cp $(JSMN)/jsmn.h $@

# --- mbedTLS, libcurl, zlib -------------------------------------------------------
# Under these names mbedtls_gcm.c calls them.
$(OBJ)/mbedtls/library/gcm.o: CFLAGS += -Dmbedtls_gcm_crypt_and_tag=occ_gcm_crypt_by_block -Dmbedtls_gcm_auth_decrypt=occ_gcm_decrypt_by_block
ifneq ($(TARGET),san)
$(FAST:%=$(OBJ)/mbedtls/library/%.o): CFLAGS += -O2
# AES-GCM by the processor's instructions through intrinsics rather than assembly: the files that share its tables have to agree. They are
# used after a look at the processor; SSSE3, in one file only, is in every processor that has AES.
ifneq ($(filter x86_64-%,$(shell $(CC) -dumpmachine)),)
$(OBJ)/mbedtls/library/aes.o $(OBJ)/mbedtls/library/gcm.o: CFLAGS += -maes -mpclmul
$(OBJ)/mbedtls/library/gcm.o: CFLAGS += -O3
$(OBJ)/mbedtls/library/aesni.o: CFLAGS += -O3 -maes -mpclmul -mssse3
endif
endif
# Entropy comes from getrandom(2), which musl has as well. The library uses it with glibc only, and else opens /dev/urandom: when its generator is due
# for a new seed, long after the edge's sandbox has closed all files.
$(OBJ)/mbedtls/library/entropy_poll.o: CFLAGS += $(if $(filter macos,$(TARGET)),,-D__GLIBC__=2)
$(TLS_O): $(OBJ)/%.o: $(SRC)/%.c $(OBJ)/headers.stamp
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -I$(INC) -I$(MBEDTLS)/library -I$(EVEREST)/include/everest \
		-I$(EVEREST)/include/everest/kremlib -c -o $@ $<

# What its configure would find of the processor and the system.
SODIUM_HAS_x86_64  := HAVE_EMMINTRIN_H HAVE_TMMINTRIN_H HAVE_WMMINTRIN_H HAVE_AVXINTRIN_H HAVE_CPUID HAVE_AVX_ASM
SODIUM_HAS_aarch64 := HAVE_ARMCRYPTO $(if $(filter macos,$(TARGET)),,HAVE_SYS_AUXV_H HAVE_GETAUXVAL)
$(SODIUM_O) $(OBJ)/mbedtls_gcm.o: CFLAGS += $(if $(filter san,$(TARGET)),,-O2 -fpeel-loops) -I$(SODIUM)/include/sodium \
	$(addprefix -D,NATIVE_LITTLE_ENDIAN $(SODIUM_HAS_$(firstword $(subst -, ,$(subst arm64,aarch64,$(shell $(CC) -dumpmachine)))))) \
	-Dsodium_misuse=abort -Dsodium_memzero=mbedtls_platform_zeroize
$(SODIUM_O): $(OBJ)/%.o: $(SRC)/%.c $(OBJ)/headers.stamp
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -I$(INC) -c -o $@ $<
$(OBJ)/mbedtls_gcm.o: $(HERE)/mbedtls_gcm.c $(OBJ)/headers.stamp
	$(Q)$(CC) $(CFLAGS) -I$(INC) -c -o $@ $<

$(CURL_O) $(filter-out $(FAST:%=$(OBJ)/mbedtls/library/%.o),$(TLS_O)): CFLAGS += $(OZ)
$(OBJ)/curl/lib/strerror.o $(OBJ)/curl/lib/curlx/strerr.o: CFLAGS += -DOCC_CURL_ERROR_TEXTS
# Nobody asks for a certificate's text (CURLOPT_CERTINFO) nor chooses ciphers by name (CURLOPT_SSL_CIPHER_LIST): curl's own reader of X.509 and its
# table of names are left out.
$(OBJ)/curl/lib/vtls/mbedtls.o: CFLAGS += -DHEADER_CURL_X509ASN1_H '-DCurl_extract_certinfo(...)=CURLE_NOT_BUILT_IN' \
	-DHEADER_CURL_CIPHER_SUITE_H '-DCurl_cipher_suite_walk_str(...)=0' '-DCurl_cipher_suite_get_str(...)=0'
# What it does for IPv6 behind NAT64 on macOS wants a framework of Apple's: literal IPv4 addresses are not made up there.
$(OBJ)/curl/lib/easy.o: CFLAGS += -DHEADER_CURL_MACOS_H '-DCurl_macos_init()=CURLE_OK'
$(CURL_O): $(OBJ)/%.o: $(SRC)/%.c $(OBJ)/headers.stamp
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -DHAVE_CONFIG_H -DBUILDING_LIBCURL \
		-DCURL_STATICLIB -I$(OBJ)/conf -I$(CURL)/lib -I$(INC) -c -o $@ $<

# The tables of two files are made at the first use instead: they are a third of the library. -O2 compresses no faster.
$(OBJ)/zlib/crc32.o: CFLAGS += -DDYNAMIC_CRC_TABLE
$(OBJ)/zlib/inflate.o: CFLAGS += -DBUILDFIXED
$(ZLIB_O): CFLAGS += $(OZ)
$(ZLIB_O): $(OBJ)/%.o: $(SRC)/%.c $(OBJ)/headers.stamp
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -I$(INC) -c -o $@ $<

$(LIB)/libmbedtls.a: $(TLS_O) $(OBJ)/mbedtls_gcm.o
$(LIB)/libsodium.a: $(SODIUM_O)
$(LIB)/libcurl.a: $(CURL_O)
$(LIB)/libz.a: $(ZLIB_O)
$(LIB)/lib%.a:
	@rm -f $@
	$(call say,LIB,$(@F) ($(TARGET)))$(AR) rcD $@ $^
