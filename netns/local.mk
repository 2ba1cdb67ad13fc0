# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libnetns.a
libnetns_a_SOURCES = \
	netns/netns.c \
	netns/netns.h \
	netns/netns_addresses.c \
	netns/netns_config.c \
	netns/netns_helper.c \
	netns/netns_ports.c \
	netns/netns_priv.h \
	netns/pasta.c \
	netns/resolv.c \
	netns/resolv.h \
	netns/resolv_hosts.c \
	netns/slirp.c \
	netns/udp_relay.c \
	netns/udp_relay.h
