/* SPDX-License-Identifier: Apache-2.0 */
/* mask: paths of /proc and /sys that a container may not read, or not write.
 *
 * Runs in:  init, before the pivot, when everything else is mounted.
 * Owns:     in->empty_fd, in->null_fd.
 * Needs:    in->root_fd.
 * Fails:    with the path named; a path that does not exist is fine.
 * Not here: which paths (the spec's).
 */
#pragma once

#include "base/err.h"

struct init;

int mask_apply(struct init *in, struct err *e);
