/* SPDX-License-Identifier: Apache-2.0 */
/* resolve: from what the user typed to an image that is in the store.
 *
 * Runs in:  rootlet, in the session's user namespace.
 * Owns:     nothing; strings returned are the caller's.
 * Needs:    the store; registries.conf only for short names that are not found at once.
 * Fails:    ERR_NO_SUCH "X: image not known"; EEXIST an ambiguous id; ERR_USAGE no reference at all.
 * Not here: pulling (fetch.h), what a reference is (reference.h).
 * Source:   podman-run(1) "IMAGE"; containers-registries.conf(5) short names.
 */
#pragma once

#include "base/err.h"

struct store;

/* text: a name (full or short), name@digest, an id or a unique prefix of one. *id: 64 hex digits;
 * *full_name: the name it was found under ("docker.io/library/busybox:latest"), or the id. */
int resolve_local_image(struct store *s, const char *text, char **id, char **full_name,
			struct err *e);
