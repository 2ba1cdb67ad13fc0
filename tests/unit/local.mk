# SPDX-License-Identifier: Apache-2.0
# Unit tests: one program per module, no privileges, no network. One block per folder.
#   check_PROGRAMS += tests/unit/test_foo
#   tests_unit_test_foo_SOURCES = tests/unit/test_foo.c
#   tests_unit_test_foo_LDADD = libx.a libbase.a -lyajl -lcmocka
UNIT_LIBS = libbase.a $(YAJL_LIBS) -lcmocka
