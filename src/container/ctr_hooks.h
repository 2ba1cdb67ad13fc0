/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_hooks: which OCI hooks of hooks.d apply to a container.
 *
 * Runs in:  the command line process before the monitor is forked.
 * Owns:     nothing; adds to the spec.
 * Needs:    a spec whose process, annotations and mounts are set.
 * Fails:    EINVAL a hook file that is wrong, with its path; a missing directory is none.
 * Not here: running them (runtime/hooks.h).
 * Source:   oci-hooks(5), schema 1.0.0. Later directories win over earlier ones by file name.
 */
#pragma once

#include "base/err.h"
#include "container/config.h"
#include "container/engine.h"
#include "runtime/spec.h"

/* "createContainer", ...; -EINVAL. */
int ctr_hooks_stage(const char *name);
int ctr_hooks_apply(struct spec *s, struct engine *g, const struct container_config *c,
		    struct err *e);
