/* SPDX-License-Identifier: Apache-2.0 */
/* install: an image whose manifest and configuration are known gets its layers and its record.
 *
 * Runs in:  rootlet-image; layers are unpacked by up to INSTALL_WORKERS threads at once.
 * Owns:     nothing that outlives the call; the id returned is the caller's.
 * Needs:    an open store.
 * Fails:    as unpack.h and storage/layer.h; after a failure no image and no half layer is left,
 *           whole layers stay for the next try until something prunes them.
 * Not here: where manifest and blobs come from (pull.c, load.c).
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "base/strv.h"
#include "image/manifest.h"

enum { INSTALL_WORKERS = 4 };

struct progress;
struct store;
struct unpack_feed;

struct install_args {
	struct store *store;
	const struct manifest *manifest;	/* of an image */
	const char *manifest_bytes, *config_bytes;
	size_t manifest_len, config_len;
	const char *manifest_digest;		/* "sha256:..." */
	const struct strv *repo_digests;	/* "docker.io/library/busybox@sha256:..."; may be NULL */
	const struct strv *names;		/* full names the image gets; may be NULL */
	bool is_blob_unnamed;	/* the manifest's layer digests do not hold for what source gives */
	struct progress *progress;
	/* Gives the bytes of layer i to feed. Called by worker 0..INSTALL_WORKERS-1, one call at a
	 * time for each. */
	int (*source)(void *arg, size_t i, unsigned int worker, struct unpack_feed *feed,
		      struct err *e);
	void *source_arg;
};

int install_image(const struct install_args *a, char **id, struct err *e);
/* The same with a manifest that we have written ourselves: fills in all that a says of it. */
int install_made(struct install_args *a, const struct str *manifest, char **id, struct err *e);
