/* SPDX-License-Identifier: Apache-2.0 */
/* record: containers on disk: their directory, name and definition.
 *
 * Runs in:  the session's user namespace.
 * Owns:     struct record (record_free).
 * Needs:    nothing.
 * Fails:    ERR_NO_SUCH "... no such container", EEXIST a name in use or an ambiguous id (candidates
 *           listed), EBADMSG.
 * Not here: whether it runs (state.h), its root file system (storage/rootfs.h).
 *
 * store containers/<id>/: config.json (definition, versioned), state.json (last start, exit; see
 * state.h), upper/ work/ (storage), ctr.log. The directory is the lock (flock): taken by whoever
 * changes the container: start, rm, rename, update. Made in tmp/ and renamed: half a container is
 * never seen.
 */
#pragma once

#include "base/err.h"
#include "container/config.h"
#include "container/engine.h"

struct record {
	char *id;			/* owned */
	int dirfd;			/* owned; containers/<id>, or < 0 until record_complete */
	struct container_config config;	/* owned */
	bool is_fresh;			/* made by this very command: nobody has done anything to it */
};

/* Saves c as a new container: reserves its name, makes the writable root. c->id and c->created are
 * filled in. It survives power loss, unless it is --rm. */
int record_create(struct engine *g, struct container_config *c, struct err *e);
/* name_or_id: name, full id, or a unique prefix of an id. */
int record_open(struct record **out, struct engine *g, const char *name_or_id, struct err *e);
/* For listings: by whole id, nothing is looked up, no name repaired, no directory opened. Of the definition
 * record_glance reads name, created, image_id, run_pid and net.mode alone. */
int record_read(struct record **out, struct engine *g, const char *id, struct err *e);
int record_glance(struct record **out, struct engine *g, const char *id, struct err *e);
/* Opens and reads what these two have not; the definition is empty when that fails. */
int record_complete(struct record *r, struct engine *g, struct err *e);
/* The record of what record_create has just made, without reading it back; leaves *c at the defaults. */
int record_adopt(struct record **out, struct engine *g, struct container_config *c_taken, struct err *e);
int record_find(char **id, struct engine *g, const char *name_or_id, struct err *e);
int record_save(struct record *r, struct err *e);	/* config.json anew (rename, update) */
int record_rename(struct engine *g, struct record *r, const char *name, struct err *e);
int record_list(struct engine *g, struct strv *ids, struct err *e);	/* newest first is the caller's */
/* Name, directory and everything in it, at once invisible. Does not look whether it runs. */
int record_remove(struct engine *g, const char *id, const char *name, struct err *e);
/* The same, but the files stay below *tmp (relative to the store's root; owned) for the caller to
 * delete with file_remove_tree; whoever sweeps does it when the caller dies. */
int record_hide(struct engine *g, const char *id, const char *name, char **tmp, struct err *e);
/* The second name that a rename which was killed may have left; nothing is looked at without one. */
void record_drop_other(struct engine *g, const struct container_config *c);
int record_lock(struct record *r, int *lock_fd, struct err *e);	/* *lock_fd: owned; waits */
/* Waits until nobody is just starting or removing it: state.json names the pid of an init before that
 * has its own root; who means to enter it asks here first. */
int record_lock_shared(struct record *r, int *lock_fd, struct err *e);
int record_try_lock(struct record *r, int *lock_fd);		/* leaf; -EAGAIN */
/* Also where a child has a copy of the descriptor: closing alone would not do. -1 is fine. */
void record_unlock(int *lock_fd);
void record_free(struct record *r);
DEFINE_AUTO(struct record, record_free)
