/* SPDX-License-Identifier: Apache-2.0 */
/* paste_tree: a file or a directory with all in it, copied from one place to another without an
 * archive in between.
 *
 * Runs in:  the command line process.
 * Owns:     nothing.
 * Needs:    nothing; contents are shared (reflink) or copied in the kernel where the file systems can.
 * Fails:    naming what below the source.
 * Not here: where to and under which name (copy.h).
 */
#pragma once

#include "base/err.h"
#include "container/paste.h"

struct paste_tree {
	int src_fd;			/* borrowed; what is copied: a file, link or directory; O_PATH */
	int dirfd;			/* borrowed; the directory it comes into */
	const char *name;		/* under this name; NULL: what is in src_fd comes into dirfd itself */
	const char *shown;		/* for messages */
	const struct paste_policy *policy;
	bool is_live;			/* what vanishes while we look is no error */
};

int paste_tree(const struct paste_tree *args, struct err *e);
