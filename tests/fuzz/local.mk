# SPDX-License-Identifier: Apache-2.0
# libFuzzer targets, built with --enable-fuzzers (clang).
EXTRA_DIST += tests/fuzz/run
if ENABLE_FUZZERS
FUZZERS =
noinst_PROGRAMS += $(FUZZERS)
endif

# image
if ENABLE_FUZZERS
FUZZERS += tests/fuzz/fuzz_reference
tests_fuzz_fuzz_reference_SOURCES = tests/fuzz/fuzz_reference.c
tests_fuzz_fuzz_reference_LDADD = libimage.a libbase.a $(YAJL_LIBS)
tests_fuzz_fuzz_reference_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
