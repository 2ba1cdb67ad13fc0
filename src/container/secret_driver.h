/* SPDX-License-Identifier: Apache-2.0 */
/* secret_driver: where the data of a secret lies: in our own file, in a file that gpg has encrypted
 * (pass), or wherever the commands of the user put it (shell).
 *
 * Runs in:  the session's user namespace; pass and shell run programs.
 * Owns:     nothing.
 * Needs:    pass: gpg in PATH and a key. shell: the options list, lookup, store, delete.
 * Fails:    ERR_USAGE options; EIO a program that failed (what it says is on stderr).
 * Not here: names, labels and times of secrets (secret.h).
 * Source:   podman-secret-create(1). pass: ROOT/ID.gpg for the key of option key or of ROOT/.gpg-id;
 *           shell: sh -c COMMAND with SECRET_ID, data by stdin and stdout; list has to be named as with
 *           Podman, which secrets there are we know ourselves.
 */
#pragma once

#include "base/err.h"
#include "base/strv.h"

struct secret_driver;
/* NULL: there is none of that name. */
const struct secret_driver *secret_driver_find(const char *name);
/* "K=V": all that is needed, nothing else. */
int secret_driver_check(const struct secret_driver *d, const struct strv *opts, struct err *e);
struct secret_driver_args {
	const char *id;			/* borrowed */
	const struct strv *opts;	/* borrowed */
	int dirfd;			/* of the secret: file keeps its data there */
	size_t max;			/* bytes a secret may have */
};
int secret_driver_store(const struct secret_driver *d, const struct secret_driver_args *a,
			const char *data, size_t n, struct err *e);
/* *data is owned, with a NUL behind. */
int secret_driver_lookup(const struct secret_driver *d, const struct secret_driver_args *a, char **data,
			 size_t *n, struct err *e);
int secret_driver_delete(const struct secret_driver *d, const struct secret_driver_args *a,
			 struct err *e);
