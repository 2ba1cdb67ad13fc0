/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_ipc: what --ipc means for /dev/shm and /dev/mqueue, beside the namespace itself.
 *
 * Runs in:  the process that makes the spec, in the session's user namespace.
 * Owns:     nothing; adds to the spec.
 * Needs:    for container:NAME, that container running.
 * Fails:    EINVAL a container that does not run or does not share.
 * Not here: the namespace (ctr_spec.c).
 * Source:   podman-run(1) --ipc, --shm-size.
 */
#pragma once

#include "container/config.h"
#include "container/engine.h"
#include "container/mount_args.h"
#include "runtime/spec.h"

#define CTR_IPC_SHM (INT64_C(65536) * 1024)	/* bytes of a /dev/shm of which nothing is said */

/* user: mounts at the same place go first. */
int ctr_ipc_apply(struct spec *s, struct engine *g, const struct container_config *c,
		  const struct mount_args *user, struct err *e);
