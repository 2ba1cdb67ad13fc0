/* SPDX-License-Identifier: Apache-2.0 */
/* naming: names put on images and taken off them, and images removed.
 *
 * Runs in:  rootlet, in the session's user namespace.
 * Owns:     nothing; lists are the caller's.
 * Needs:    nothing.
 * Fails:    ERR_NO_SUCH; EBUSY an image given by its id that has several names; ERR_USAGE a name that is
 *           none; what the caller's check says.
 * Not here: which containers use an image: the caller says (container/).
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"

struct store;

/* Puts a full or short name (then on reference_own_host) on an image, away from another that may have it. */
int naming_tag(struct store *s, const char *id, const char *name, struct err *e);
/* Takes one name off. ERR_NO_SUCH when the image does not go by it. done: gets the full names. */
int naming_untag(struct store *s, const char *id, const char *name, struct strv *done, struct err *e);
int naming_untag_all(struct store *s, const char *id, struct strv *done, struct err *e);

struct naming_remove {
	bool force;			/* also with several names */
	/* Called when the image itself would go. Below 0: it must not (e is filled in). May be NULL. */
	int (*check)(void *arg, const char *id, struct err *e);
	void *check_arg;
};
struct naming_removed {
	struct strv untagged;		/* owned; names */
	char *image;			/* owned; its id */
	char *id;			/* owned; the same when it is gone; else NULL */
};
void naming_removed_clear(struct naming_removed *r);
DEFINE_AUTO_VALUE(struct naming_removed, naming_removed_clear)

/* text: a name: taken off, and the image with it when it was the last; or an id: the image. */
int naming_remove(struct naming_removed *out, struct store *s, const char *text,
		  const struct naming_remove *how, struct err *e);
