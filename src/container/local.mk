# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libcontainer.a
libcontainer_a_SOURCES = \
	src/container/config.h
