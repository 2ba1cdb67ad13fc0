# SPDX-License-Identifier: Apache-2.0
# Unit tests: one program per module, no privileges, no network. One block per folder.
#   check_PROGRAMS += tests/unit/test_foo
#   tests_unit_test_foo_SOURCES = tests/unit/test_foo.c
#   tests_unit_test_foo_LDADD = libx.a libbase.a -lyajl -lcmocka
UNIT_LIBS = libbase.a $(YAJL_LIBS) -lcmocka

# netns
check_PROGRAMS += tests/unit/test_netns_config tests/unit/test_netns_ports tests/unit/test_resolv
tests_unit_test_netns_config_SOURCES = tests/unit/test_netns_config.c
tests_unit_test_netns_config_LDADD = libnetns.a $(UNIT_LIBS)
tests_unit_test_netns_ports_SOURCES = tests/unit/test_netns_ports.c
tests_unit_test_netns_ports_LDADD = libnetns.a $(UNIT_LIBS)
tests_unit_test_resolv_SOURCES = tests/unit/test_resolv.c
tests_unit_test_resolv_LDADD = libnetns.a $(UNIT_LIBS)
