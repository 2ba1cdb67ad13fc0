/* SPDX-License-Identifier: Apache-2.0 */
/* commit_opts: what rootlet says to rootlet-image when a container becomes an image.
 *
 * Runs in:  rootlet, which writes them with transfer_argv, and rootlet-image, which reads them.
 * Owns:     nothing; filled and cleared by opt.h.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: the options that people type (cli/commit.c).
 *
 * On standard input rootlet-image finds the image's configuration to be: an object with "config" (as in
 * image-spec config.md), "created-by", "uid-map" and "gid-map" (of the container, lines "inside outside
 * count"; absent: the session's ids).
 */
#pragma once

#include "base/opt.h"

struct commit_opts {
	int64_t tree_fd;	/* inherited; what the new layer holds */
	char *base;		/* image id, hex; the new layer comes on top of its layers. NULL: alone */
	char *inherit;		/* image id, hex: whose platform and history count, without its layers */
	char *format;		/* oci, docker */
	char *author, *message;
	struct strv changes;	/* Containerfile instructions */
	bool is_frozen;		/* nobody writes to the tree meanwhile */
};

extern const struct opt commit_opts_table[];
