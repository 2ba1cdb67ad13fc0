# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libuserns.a
libuserns_a_SOURCES = \
	userns/account.c \
	userns/account.h \
	userns/holders.c \
	userns/holders.h \
	userns/nsid.c \
	userns/nsid.h \
	userns/pause.c \
	userns/pause.h \
	userns/runtime_dir.c \
	userns/runtime_dir.h \
	userns/session.c \
	userns/session.h \
	userns/session_find.c \
	userns/session_make.c \
	userns/session_map.c \
	userns/session_map.h \
	userns/session_plan.c \
	userns/session_plan.h \
	userns/session_priv.h \
	userns/session_record.c \
	userns/session_record.h \
	userns/subid.c \
	userns/subid.h \
	userns/switches.c \
	userns/switches.h
