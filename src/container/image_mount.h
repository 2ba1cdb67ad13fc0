/* SPDX-License-Identifier: Apache-2.0 */
/* image_mount: --mount type=image: the files of an image at a place in a container.
 *
 * Runs in:  image_mount_plan: the monitor, before init is there. image_mount_make: init, with its root
 *           file system in place and the host's paths still there.
 * Owns:     struct image_mounts (image_mounts_clear).
 * Needs:    the overlay driver.
 * Fails:    ERR_NO_SUCH an image; ENOENT, ELOOP a subpath, which never leads out of the image.
 * Not here: the container's own image (ctr_root.h), `image mount` (mounted_root.h).
 * Source:   podman-run(1) --mount, "Options specific to image".
 *
 * What is written (rw=true) goes to containers/<id>/image-N and is gone with the next start.
 */
#pragma once

#include "base/err.h"
#include "container/config.h"
#include "container/engine.h"
#include "runtime/spec.h"

struct rootfs;

struct image_mount {
	struct rootfs *rootfs;		/* owned */
	char *target, *subpath;		/* owned; subpath may be NULL */
};
struct image_mounts {
	struct image_mount *v;		/* owned */
	size_t n;
	char *scratch;			/* owned; a directory that init may mount on */
};

/* Cheap when the definition has none. */
int image_mount_plan(struct image_mounts *out, struct engine *g, const struct container_config *c,
		     struct err *e);
/* Gives the spec's mounts their mount_fd. */
int image_mount_make(const struct image_mounts *m, struct spec *s, struct err *e);
void image_mounts_clear(struct image_mounts *m);
