# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libstorage.a
libstorage_a_SOURCES = \
	storage/driver.c \
	storage/driver.h \
	storage/fuse_overlayfs.c \
	storage/images.c \
	storage/images.h \
	storage/layer.c \
	storage/layer.h \
	storage/layer_lock.c \
	storage/layer_lock.h \
	storage/layer_map.c \
	storage/layer_map.h \
	storage/layer_use.c \
	storage/names.c \
	storage/names.h \
	storage/overlay.c \
	storage/rootfs.c \
	storage/rootfs.h \
	storage/rootfs_host.c \
	storage/rootfs_host.h \
	storage/rootfs_overlay.c \
	storage/rootfs_overlay.h \
	storage/rootfs_priv.h \
	storage/store.c \
	storage/store.h \
	storage/store_conf.c \
	storage/store_conf.h \
	storage/tree_copy.c \
	storage/tree_copy.h \
	storage/vfs.c
