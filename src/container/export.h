/* SPDX-License-Identifier: Apache-2.0 */
/* export: the root file system of a container as one tar archive, without what is mounted in it.
 *
 * Runs in:  the command line process.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    as ctr_view.h and storage/tar_out.h.
 * Not here: images of containers (commit.h).
 */
#pragma once

#include "base/err.h"
#include "container/record.h"

int export_container(struct engine *g, struct record *r, int out_fd, struct err *e);
