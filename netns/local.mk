# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libnetns.a
libnetns_a_SOURCES = \
	netns/netns.h \
	netns/resolv.h
