/* SPDX-License-Identifier: Apache-2.0 */
/* tar_meta: owner, mode, attributes and times of one thing that was unpacked.
 *
 * Runs in:  as tar_extract.
 * Owns:     struct tar_meta's attributes when it was made by tar_meta_copy (tar_meta_clear).
 * Needs:    nothing.
 * Fails:    EOVERFLOW an owner that the user namespace has no id for; else the kernel's reason.
 * Not here: contents.
 *
 * In the order that the kernel asks for: a change of owner clears setuid and capabilities, so the
 * owner comes first, then the mode, attributes, times.
 */
#pragma once

#include "base/err.h"
#include "storage/tar_reader.h"

#define TAR_OWNER_XATTR "user.rootlet.owner"

struct tar_meta_policy {
	mode_t umask;			/* of this process */
	bool is_single_id, ignore_chown_errors;
	/* The tree was not made by us alone: setgid or default ACLs may rub off on new files, so
	 * owner and mode are always set. */
	bool is_always_set;
};
#define TAR_MODE_UNKNOWN 01000000	/* as made_mode: set it in any case */

struct tar_meta {
	uint32_t mode, uid, gid;
	struct tar_time mtime, atime;
	const struct tar_xattr *xattrs;	/* borrowed, or owned by tar_meta_copy */
	size_t xattr_n;
};
struct tar_meta tar_meta_of(const struct tar_entry *entry);
struct tar_meta tar_meta_copy(const struct tar_meta *m);
void tar_meta_clear(struct tar_meta *m);

/* fd: a file or directory opened for use. made_mode: the mode it was created with. */
int tar_meta_apply(const struct tar_meta *m, int fd, mode_t made_mode,
		   const struct tar_meta_policy *p, struct err *e);
/* For what cannot be opened: symbolic links and FIFOs. */
int tar_meta_apply_at(const struct tar_meta *m, int dirfd, const char *name, bool is_link,
		      const struct tar_meta_policy *p, struct err *e);
