/* SPDX-License-Identifier: Apache-2.0 */
/* hardlinks: finds the second name of a file while a tree is walked.
 *
 * Runs in:  any process.
 * Owns:     struct hardlinks: the paths it has seen (hardlinks_clear).
 * Needs:    nothing.
 * Fails:    never.
 * Not here: making the link.
 */
#pragma once

#include "base/mem.h"

#include <sys/stat.h>

struct hardlinks {
	void *tree;	/* owned; tsearch(3) */
};
/* The path under which this inode was met before (borrowed), or NULL: it is the first time, or it
 * has one name only; then path is remembered. */
const char *hardlinks_find(struct hardlinks *h, const struct stat *st, const char *path);
void hardlinks_clear(struct hardlinks *h);
DEFINE_AUTO_VALUE(struct hardlinks, hardlinks_clear)
