/* SPDX-License-Identifier: Apache-2.0 */
/* names: name -> id, one symbolic link each, so that every change is one atomic file operation.
 *
 * Runs in:  as the store.
 * Owns:     nothing; strings returned are the caller's.
 * Needs:    symbolic links.
 * Fails:    EEXIST a name taken, ENOENT no such name.
 * Not here: how a user's text becomes a name (image/reference.h).
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "base/strv.h"

/* names_dirfd is store->image_names_dirfd or store->container_names_dirfd; names are encoded with
 * ident_encode. All are leaf functions: 0 or -errno. */
int names_get(int names_dirfd, const char *name, char **id);
int names_add(int names_dirfd, const char *name, const char *id);		/* -EEXIST */
/* Replaces; old_id may be NULL. */
int names_set(int names_dirfd, const char *name, const char *id, char **old_id);
int names_remove(int names_dirfd, const char *name);
/* All (name, id) pairs, sorted by name; both lists have the same length. */
int names_list(int names_dirfd, struct strv *names, struct strv *ids);
/* The one id in dirfd that starts with the hex prefix: 0, -ENOENT, or -EEXIST when ambiguous (the
 * first few candidates are put into *candidates, may be NULL). A full id costs one lookup. */
int names_find_prefix(int dirfd, const char *prefix, char **id, struct strv *candidates);
