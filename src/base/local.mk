# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libbase.a
libbase_a_SOURCES = \
	src/base/err.c \
	src/base/err.h \
	src/base/fd.c \
	src/base/fd.h \
	src/base/file.c \
	src/base/file.h \
	src/base/file_tree.c \
	src/base/ident.c \
	src/base/ident.h \
	src/base/json.c \
	src/base/json.h \
	src/base/json_parse.c \
	src/base/json_priv.h \
	src/base/json_write.c \
	src/base/lock.c \
	src/base/lock.h \
	src/base/log.c \
	src/base/log.h \
	src/base/mem.c \
	src/base/mem.h \
	src/base/opt.c \
	src/base/opt.h \
	src/base/path.c \
	src/base/path.h \
	src/base/proc.c \
	src/base/proc.h \
	src/base/proc_id.c \
	src/base/str.c \
	src/base/str.h \
	src/base/strv.c \
	src/base/strv.h \
	src/base/sys.c \
	src/base/sys.h \
	src/base/table.c \
	src/base/table.h \
	src/base/template.h \
	src/base/timefmt.c \
	src/base/timefmt.h \
	src/base/toml.h \
	src/base/units.c \
	src/base/units.h
