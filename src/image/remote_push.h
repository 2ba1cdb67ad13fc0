/* SPDX-License-Identifier: Apache-2.0 */
/* remote_push: blobs and manifests into a repository.
 *
 * Runs in:  as remote.h; struct remote opened with the actions "pull,push".
 * Owns:     nothing.
 * Needs:    the network.
 * Fails:    as remote.h; EPROTO a registry that sends its uploads to another host.
 * Not here: what an image consists of (push.c).
 * Source:   OCI distribution-spec "Push".
 */
#pragma once

#include "image/remote.h"

#include <stdatomic.h>

/* 1: the repository has it, 0: not. */
int remote_push_has(struct remote *r, struct http *h, const char *digest, struct err *e);
/* Takes the blob over from another repository of the registry. 1: done, 0: it was not to be had. */
int remote_push_mount(struct remote *r, struct http *h, const char *digest, const char *from,
		      struct err *e);

struct remote_push_blob {
	const char *digest;		/* "sha256:..." */
	uint64_t size;
	const char *bytes;		/* borrowed; NULL: in fd, from its beginning */
	int fd;				/* borrowed */
	atomic_ullong *counter;		/* bytes sent; NULL */
};
int remote_push_blob(struct remote *r, struct http *h, const struct remote_push_blob *b,
		     struct err *e);
/* what: a tag or a digest. */
int remote_push_manifest(struct remote *r, struct http *h, const char *what, const char *media_type,
			 const char *bytes, size_t len, struct err *e);
