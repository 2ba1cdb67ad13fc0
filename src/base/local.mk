# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/err.c \
	src/base/err.h \
	src/base/fd.c \
	src/base/fd.h \
	src/base/file.h \
	src/base/ident.h \
	src/base/json.h \
	src/base/lock.h \
	src/base/log.h \
	src/base/mem.c \
	src/base/mem.h \
	src/base/opt.h \
	src/base/path.c \
	src/base/path.h \
	src/base/proc.h \
	src/base/str.c \
	src/base/str.h \
	src/base/strv.c \
	src/base/strv.h \
	src/base/sys.c \
	src/base/sys.h \
	src/base/table.h \
	src/base/template.h \
	src/base/timefmt.h \
	src/base/toml.h \
	src/base/units.h
