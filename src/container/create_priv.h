/* SPDX-License-Identifier: Apache-2.0 */
/* create_priv: the steps of making a container.
 *
 * Runs in:  as create.h.
 * Owns:     nothing; what is found out is put into the caller's definition.
 * Needs:    a definition as the command line has it.
 * Fails:    see create.h.
 * Not here: their order (create.c).
 */
#pragma once

#include "container/create.h"

/* create_check.c: what can be told of the options alone; and once the image has had its say. */
int create_check(const struct container_config *c, struct err *e);
int create_check_image(const struct container_config *c, struct err *e);

/* create_image.c: image_id and image_full of image_name, which is fetched as --pull says. */
int create_find_image(struct engine *g, struct container_config *c, struct err *e);
/* "PATH", "PATH:O", "host:/" in image_name: to rootfs. */
int create_use_rootfs(struct container_config *c, struct err *e);

/* create_mounts.c: the volumes of other containers (--volumes-from), before our own. */
int create_take_volumes(struct engine *g, struct container_config *c, struct err *e);
/* Makes volumes and settles texts; image: its configuration, NULL. */
int create_settle_mounts(struct engine *g, struct container_config *c, const struct json *image,
			 struct err *e);
