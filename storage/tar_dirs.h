/* SPDX-License-Identifier: Apache-2.0 */
/* tar_dirs: the directories of a tree being unpacked, kept open, because thousands of files share
 * few.
 *
 * Runs in:  as tar_extract.
 * Owns:     struct tar_dirs (tar_dirs_clear): descriptors.
 * Needs:    openat2.
 * Fails:    leaf: -errno; ELOOP, EXDEV when a path tries to leave the tree.
 * Not here: what is made in them.
 */
#pragma once

#include "base/mem.h"

#define TAR_DIRS_MAX 32

struct tar_dirs {
	int root;			/* borrowed */
	struct {
		char *path;		/* owned; NULL: free */
		int fd;			/* owned; O_PATH */
		uint64_t used;
	} v[TAR_DIRS_MAX];
	uint64_t clock;
	size_t last;
};

void tar_dirs_init(struct tar_dirs *d, int root);
void tar_dirs_clear(struct tar_dirs *d);
/* The directory path[0..len) ("" is the root): borrowed until the next call. Missing ones are made
 * (0755) when make is set. */
int tar_dirs_open(struct tar_dirs *d, const char *path, size_t len, bool make);
/* To be called when a directory or symbolic link was removed: paths may lead elsewhere now. */
void tar_dirs_forget(struct tar_dirs *d);
