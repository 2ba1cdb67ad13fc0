/* SPDX-License-Identifier: Apache-2.0 */
/* mount_options: the option words of a mount as attributes, propagation and file-system data.
 *
 * Runs in:  any process; plain data.
 * Owns:     struct mount_options (mount_options_clear).
 * Needs:    nothing.
 * Fails:    EINVAL naming the option.
 * Not here: carrying them out (mounts.h).
 * Source:   runtime-spec config.md "Linux mount options"; mount_setattr(2).
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"

#include <stdint.h>

struct mount_options {
	uint64_t attr_set, attr_clr;	/* MOUNT_ATTR_x of the mount itself */
	uint64_t tree_set, tree_clr;	/* of it and all below it (rro, rnosuid, ...) */
	unsigned long propagation;	/* MS_PRIVATE, MS_SLAVE, MS_SHARED, MS_UNBINDABLE; 0: none said */
	bool is_propagation_recursive;
	bool is_bind, is_recursive;
	bool is_ro_top;			/* "ro-top": what is mounted below stays as it is */
	bool has_copy_up;
	bool has_idmap, is_idmap_recursive;
	char *idmap;			/* owned; "uids=0-1000-10;gids=..." or NULL: the container's own */
	struct strv data;		/* what the file system itself understands: "size=64m" */
};

/* is_bind: a bind mount takes no data. */
int mount_options_parse(struct mount_options *out, const struct strv *words, bool is_bind,
			struct err *e);
void mount_options_clear(struct mount_options *o);
DEFINE_AUTO_VALUE(struct mount_options, mount_options_clear)
/* "private", "rslave", ... as MS_x; *is_recursive is set for the r-forms. -EINVAL. */
int mount_options_propagation(const char *word, unsigned long *out, bool *is_recursive);
