# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libstorage.a
libstorage_a_SOURCES = \
	storage/driver.c \
	storage/driver.h \
	storage/event_log.c \
	storage/event_log.h \
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
	storage/lower_data.c \
	storage/lower_data.h \
	storage/mountpoints.c \
	storage/mountpoints.h \
	storage/names.c \
	storage/names.h \
	storage/overlay.c \
	storage/rootfs.c \
	storage/rootfs.h \
	storage/rootfs_dirs.c \
	storage/rootfs_host.c \
	storage/rootfs_host.h \
	storage/rootfs_overlay.c \
	storage/rootfs_overlay.h \
	storage/rootfs_priv.h \
	storage/store.c \
	storage/store.h \
	storage/store_check.c \
	storage/store_check.h \
	storage/store_conf.c \
	storage/store_conf.h \
	storage/store_tmp.c \
	storage/tar_dirs.c \
	storage/tar_dirs.h \
	storage/tar_extract.c \
	storage/tar_extract.h \
	storage/tar_header.c \
	storage/tar_header.h \
	storage/tar_meta.c \
	storage/tar_meta.h \
	storage/tar_out.c \
	storage/tar_out.h \
	storage/tar_reader.c \
	storage/tar_reader.h \
	storage/tar_writer.c \
	storage/tar_writer.h \
	storage/tree_copy.c \
	storage/tree_copy.h \
	storage/vfs.c \
	storage/whiteout.c \
	storage/whiteout.h

# The parts that link what only rootlet-image may link.
librootletimage_a_SOURCES += \
	storage/layer_digest.c \
	storage/tar_split.c \
	storage/tar_split.h
