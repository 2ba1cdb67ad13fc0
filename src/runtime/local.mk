# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libruntime.a
libruntime_a_SOURCES = \
	src/runtime/runtime.h \
	src/runtime/spec.h
