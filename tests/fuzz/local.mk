# SPDX-License-Identifier: Apache-2.0
# libFuzzer targets, built with --enable-fuzzers (clang).
EXTRA_DIST += tests/fuzz/run
if ENABLE_FUZZERS
FUZZERS =
noinst_PROGRAMS += $(FUZZERS)
endif

# base
if ENABLE_FUZZERS
FUZZERS += tests/fuzz/fuzz_json
tests_fuzz_fuzz_json_SOURCES = tests/fuzz/fuzz_json.c
tests_fuzz_fuzz_json_LDADD = libbase.a $(YAJL_LIBS)
tests_fuzz_fuzz_json_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
FUZZERS += tests/fuzz/fuzz_opt
tests_fuzz_fuzz_opt_SOURCES = tests/fuzz/fuzz_opt.c
tests_fuzz_fuzz_opt_LDADD = libbase.a $(YAJL_LIBS)
tests_fuzz_fuzz_opt_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
FUZZERS += tests/fuzz/fuzz_template
tests_fuzz_fuzz_template_SOURCES = tests/fuzz/fuzz_template.c
tests_fuzz_fuzz_template_LDADD = libbase.a $(YAJL_LIBS)
tests_fuzz_fuzz_template_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
FUZZERS += tests/fuzz/fuzz_toml
tests_fuzz_fuzz_toml_SOURCES = tests/fuzz/fuzz_toml.c
tests_fuzz_fuzz_toml_LDADD = libbase.a $(YAJL_LIBS)
tests_fuzz_fuzz_toml_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif

# image
if ENABLE_FUZZERS
FUZZERS += tests/fuzz/fuzz_reference
tests_fuzz_fuzz_reference_SOURCES = tests/fuzz/fuzz_reference.c
tests_fuzz_fuzz_reference_LDADD = libimage.a libbase.a $(YAJL_LIBS)
tests_fuzz_fuzz_reference_LDFLAGS = $(AM_LDFLAGS) -fsanitize=fuzzer
endif
