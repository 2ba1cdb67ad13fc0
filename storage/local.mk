# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libstorage.a
libstorage_a_SOURCES = \
	storage/images.h \
	storage/layer.h \
	storage/names.h \
	storage/rootfs.h \
	storage/store.h
