/* SPDX-License-Identifier: Apache-2.0 */
/* paste_tar: a tar stream unpacked into a directory of a container that may be running.
 *
 * Runs in:  the command line process.
 * Owns:     nothing.
 * Needs:    nothing; what is compressed goes through rootlet-image first (copy.c).
 * Fails:    EINVAL a name that leads out of the directory; EBADMSG a damaged archive.
 * Not here: layers and their whiteouts (storage/tar_extract.h). There nobody else writes; here the
 *           container does, so everything is made by paste.h.
 */
#pragma once

#include "base/err.h"
#include "container/paste.h"

struct paste_tar {
	const void *start;		/* borrowed; what was read from the stream already */
	size_t start_len;
	int in_fd;			/* borrowed; the rest */
	int dirfd;			/* borrowed; the directory, the root of all names in the archive */
	const struct paste_policy *policy;
};

int paste_tar(const struct paste_tar *t, struct err *e);
