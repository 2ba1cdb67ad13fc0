# SPDX-License-Identifier: Apache-2.0
# libFuzzer targets, built with --enable-fuzzers (clang).
EXTRA_DIST += tests/fuzz/run
if ENABLE_FUZZERS
FUZZERS =
noinst_PROGRAMS += $(FUZZERS)
endif
