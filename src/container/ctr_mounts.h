/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_mounts: everything that is mounted in a container: the kernel's file systems, the engine's
 * /etc files, what the user asked for.
 *
 * Runs in:  the command line process before the monitor is forked.
 * Owns:     nothing; adds to the spec.
 * Needs:    volumes that exist (create.h made them); the container's runtime directory.
 * Fails:    ENOENT a bind source with its path; ERR_USAGE.
 * Not here: mounting (runtime/mounts.c).
 * Source:   runtime-spec config-linux.md "Default Filesystems"; podman-run(1).
 */
#pragma once

#include "base/err.h"
#include "container/engine.h"
#include "container/mount_args.h"
#include "container/record.h"
#include "runtime/spec.h"

/* --tz: the file (owned) of a zone of the host's database, or of the host's own time. NULL: error. */
char *ctr_mounts_zone(const char *tz, struct err *e);
int ctr_mounts_apply(struct spec *s, struct engine *g, struct record *r,
		     const struct mount_args *args, const char *runtime_path, struct err *e);
