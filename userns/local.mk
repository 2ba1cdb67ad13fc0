# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libuserns.a
libuserns_a_SOURCES = \
	userns/session.h
