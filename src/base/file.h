/* SPDX-License-Identifier: Apache-2.0 */
/* file: whole files and whole trees, by directory descriptor.
 *
 * Runs in:  any process. Trees that belong to subordinate ids need the session's user namespace.
 * Owns:     nothing; buffers returned are the caller's.
 * Needs:    nothing.
 * Fails:    leaf functions: -errno.
 * Not here: records and their locks (each record's own file).
 */
#pragma once

#include "base/mem.h"
#include "base/strv.h"

#include <sys/types.h>

#define FILE_MAX_CONFIG (4u << 20)	/* our limit for any configuration or record file */

int file_read_at(int dirfd, const char *path, char **out, size_t *len, size_t max);
/* With one read, of at most size - 1 bytes and a NUL: for what /proc makes whole when it is read, and regular
 * files that never change. Returns the number of bytes. */
ssize_t file_read_once(int dirfd, const char *path, char *buf, size_t size);

/* Half-made files begin with this; no listing shows them. */
#define FILE_TMP_PREFIX ".rootlet-tmp-"

enum file_flags {
	FILE_SYNC = 1,		/* fsync file and directory: must survive power loss */
	FILE_EXCL = 2,		/* -EEXIST when the name is taken */
};
/* Temp name beside it (O_EXCL), write, rename: the name never shows half a file. */
int file_write_at(int dirfd, const char *name, const void *data, size_t len, mode_t mode,
		  unsigned int flags);

int file_mkdirs(const char *path, mode_t mode);		/* host path, mkdir -p */
/* rm -rf of dirfd/name; never follows links or crosses into a mount; read-only directories are
 * made writable first; ENOENT is success. */
int file_remove_tree(int dirfd, const char *name);
/* Entries without "." and "..", sorted when sort is set. */
int file_list_dir(int dirfd, const char *path, struct strv *out, bool sort);
bool file_exists_at(int dirfd, const char *path);
int file_readlink_at(int dirfd, const char *path, char **out);
/* fchmodat(2) follows a link that somebody may have put there meanwhile; this does not. */
int file_chmod_at(int dirfd, const char *name, mode_t mode);
/* Bytes and inodes of a tree, hard links counted once. */
int file_tree_size(int dirfd, const char *path, uint64_t *bytes, uint64_t *inodes);
/* Can two machines be at work there? Then flock and pids do not tell. Also when it cannot be known. */
bool file_is_on_network(int fd);
/* Content of in_fd to out_fd: reflink, else copy_file_range, else read and write. */
int file_copy_data(int in_fd, int out_fd);
