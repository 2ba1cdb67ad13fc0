/* SPDX-License-Identifier: Apache-2.0 */
/* push_layer: one layer into a repository, sent only when it is in none there already.
 *
 * Runs in:  rootlet-image, any thread; struct http belongs to one of them.
 * Owns:     struct push_layer's media_type (push_layer_clear).
 * Needs:    a struct remote opened for pushing.
 * Fails:    as remote_push.h and spool.h.
 * Not here: the manifest (push.c).
 */
#pragma once

#include "image/digest.h"
#include "image/layer_source.h"
#include "image/zip.h"

struct http;
struct manifest_blob;
struct progress;
struct remote;
struct strv;

struct push_layer_how {
	struct remote *remote;			/* borrowed, as all of these */
	const struct strv *mount_from;		/* repositories of the same registry that may have it */
	struct progress *progress;
	enum zip_format zip;
	int level;
	bool is_forced;		/* another compression will not do */
	bool is_docker;		/* Docker's media types */
};

struct push_layer {
	struct layer_source source;
	const struct manifest_blob *original;	/* borrowed; as the image came; NULL */
	/* filled in: */
	char digest[7 + DIGEST_HEX + 1];
	uint64_t size;
	char *media_type;	/* owned */
	bool is_original;	/* digest and size are those of original */
};
void push_layer_clear(struct push_layer *l);

int push_layer(struct push_layer *l, const struct push_layer_how *how, struct http *h, size_t row,
	       struct err *e);
