/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_rmi: the image goes with its last container (--rmi).
 *
 * Runs in:  the monitor, when the container is gone; commands that clean up.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    never; ctr_rmi says whether the image is gone.
 * Not here: `rootlet rmi` (cli/image.c).
 */
#pragma once

#include "container/config.h"
#include "container/engine.h"

/* Takes the name that the container was made by off its image, and the image when it was the last and
 * no container uses it. */
bool ctr_rmi(struct engine *g, const struct container_config *c);
