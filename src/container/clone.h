/* SPDX-License-Identifier: Apache-2.0 */
/* clone: the definition of a container once more, as if its options were typed again.
 *
 * Runs in:  the command line process.
 * Owns:     nothing; the definition is the caller's.
 * Needs:    nothing of what was written to the container's files: those are not cloned.
 * Fails:    ERR_NO_SUCH the image is gone.
 * Not here: what the caller changes in it, and making it (create.h).
 */
#pragma once

#include "base/err.h"
#include "container/engine.h"
#include "container/record.h"

/* out: config_clear'ed by the caller, also on failure. image: another one; NULL: the same. */
int clone_config(struct container_config *out, struct engine *g, const struct record *from,
		 const char *image, struct err *e);
/* "NAME-clone", or with the first number that is free; owned. */
char *clone_name(struct engine *g, const struct record *from);
