/* SPDX-License-Identifier: Apache-2.0 */
/* push_image: one image into one repository.
 *
 * Runs in:  as push.h; layers go up by several threads.
 * Owns:     nothing.
 * Needs:    a struct remote opened with the actions "pull,push".
 * Fails:    as remote_push.h, push_layer.h.
 * Not here: which repository is meant (push.c).
 *
 * An image whose layers are all in the registry as they came goes there with the manifest it came
 * with, so that its digest stays. Else the manifest is made anew.
 */
#pragma once

#include "image/digest.h"
#include "image/zip.h"

struct remote;
struct store;
struct strv;

enum push_image_format { PUSH_IMAGE_AS_IT_IS, PUSH_IMAGE_OCI, PUSH_IMAGE_DOCKER };

struct push_image {
	struct store *store;			/* borrowed, as all of these */
	struct remote *remote;
	const char *id, *tag;
	const struct strv *mount_from;		/* repositories of the same registry that may have layers */
	enum push_image_format format;
	enum zip_format zip;
	int level;
	size_t *manifest_size;			/* set; NULL: not wanted */
	bool is_forced, is_quiet;
};

/* Adds the repositories on host, other than repo, where the image has been or has a name. */
int push_image_mounts(struct strv *repos, struct store *s, const char *id, const char *host,
		      const char *repo, struct err *e);
/* digest: of the manifest that is there now. */
int push_image_to(const struct push_image *p, char digest[7 + DIGEST_HEX + 1], struct err *e);
