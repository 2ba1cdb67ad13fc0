/* SPDX-License-Identifier: Apache-2.0 */
/* changes: what a container changed in its image, or the top layer of an image in those below it.
 *
 * Runs in:  the command line process.
 * Owns:     struct changes (changes_clear).
 * Needs:    only the writable layer and the layers' directories: nothing is mounted, unchanged
 *           directories are not read (but for the vfs driver, which has no writable layer).
 * Fails:    ENOTSUP a container whose root is a host directory itself: nobody knows what was there.
 * Not here: output (cli/diff.c).
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"
#include "container/record.h"

enum change_kind { CHANGE_MODIFIED, CHANGE_ADDED, CHANGE_DELETED, N_CHANGES };

struct change {
	enum change_kind kind;
	char *path;		/* owned; absolute */
};

struct changes {
	struct change *v;	/* owned; by path */
	size_t n;
};

int changes_of_container(struct changes *out, struct engine *g, struct record *r, struct err *e);
int changes_of_image(struct changes *out, struct store *s, const char *image_id, struct err *e);
void changes_clear(struct changes *c);
DEFINE_AUTO_VALUE(struct changes, changes_clear)

/* All the files of one, as directories over one another, the uppermost first. */
struct changes_view {
	int *fds;		/* owned */
	size_t n;
};
int changes_view_container(struct changes_view *out, struct engine *g, struct record *r, struct err *e);
int changes_view_image(struct changes_view *out, struct store *s, const char *image_id, struct err *e);
void changes_view_clear(struct changes_view *v);
DEFINE_AUTO_VALUE(struct changes_view, changes_view_clear)
/* What makes before into now. */
int changes_between(struct changes *out, const struct changes_view *now, const struct changes_view *before,
		    struct err *e);

/* One directory over others (the uppermost first). is_copy: upper holds everything, not only what
 * differs. */
int changes_compare(struct changes *out, int upper_fd, const int *lower_fds, size_t lower_n,
		    bool is_copy, struct err *e);
