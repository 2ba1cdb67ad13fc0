/* SPDX-License-Identifier: Apache-2.0 */
/* push: an image of the store to a registry, or to whatever else a transport names.
 *
 * Runs in:  rootlet-image.
 * Owns:     nothing; the id is the caller's.
 * Needs:    an open store and the network.
 * Fails:    as push_image.h and save.h, with the name in front.
 * Not here: one image to one place (push_image.h), credentials (auth.h).
 */
#pragma once

#include "base/err.h"

struct store;
struct transfer_push;

/* Once in a process, which is confined from then on when the destination is a registry. destination:
 * a name, docker://NAME, dir:PATH, oci:PATH[:NAME], oci-archive:FILE[:NAME],
 * docker-archive:FILE[:NAME]; NULL: the image's own name. */
int push_image(struct store *s, const struct transfer_push *args, const char *image,
	       const char *destination, char **id, struct err *e);
