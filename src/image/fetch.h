/* SPDX-License-Identifier: Apache-2.0 */
/* fetch: an image that is not here, or might be newer elsewhere, brought by rootlet-image.
 *
 * Runs in:  rootlet, inside the session's user namespace, single-threaded.
 * Owns:     nothing; the id returned is the caller's.
 * Needs:    rootlet-image beside rootlet.
 * Fails:    ERR_REPORTED: rootlet-image has said on the shared stderr what went wrong; ENOENT it is
 *           not installed.
 * Not here: looking for an image that is here already (see resolve.h).
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stdint.h>

struct store;

struct fetch_args {
	struct store *store;			/* borrowed, as all of these */
	const char *name;			/* as the user wrote it */
	const char *platform, *os, *arch, *variant;	/* NULL: this machine's */
	const char *authfile, *cert_dir, *creds;	/* NULL: as auth.json says */
	const char *signature_policy;		/* NULL: the usual policy.json */
	int64_t retry;				/* tries after the first; -1: the default */
	const char *retry_delay;		/* as given to --retry-delay; NULL */
	int tls_verify;				/* 0, 1; -1: as registries.conf says */
	bool is_quiet;
	bool is_if_newer;	/* the local image will do if the registry has the same or no answer */
};

/* Progress goes to stderr. *image_id: 64 hex digits, owned. */
int fetch_image(const struct fetch_args *a, char **image_id, struct err *e);
