/* SPDX-License-Identifier: Apache-2.0 */
/* create: from what the user asked for to a container on disk.
 *
 * Runs in:  the command line process; caller's mount namespace and directory (paths are resolved
 *           and made absolute here).
 * Owns:     nothing.
 * Needs:    the image, which is pulled when c->pull says so.
 * Fails:    every option that contradicts another, names the option; ERR_NO_SUCH image.
 * Not here: options' spelling (cli/), the kernel's view (ctr_spec.h).
 */
#pragma once

#include "base/err.h"
#include "container/config.h"
#include "container/engine.h"

/* Resolves the image (pulling it), merges the image's configuration into c (entrypoint, command,
 * env, user, workdir, volumes, labels, stop signal, exposed ports), checks and completes all
 * options, creates volumes, chooses ports, then record_create. c->id is set. */
int create_container(struct engine *g, struct container_config *c, struct err *e);
