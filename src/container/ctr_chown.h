/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_chown: volumes with :U belong to the user of the container.
 *
 * Runs in:  before the container's init leaves the host's paths, with the root file system in place;
 *           in the session's user namespace.
 * Owns:     nothing.
 * Needs:    sources that belong to ids of this user; what already has the right owner is left alone.
 * Fails:    EPERM, EINVAL with the path: an owner that is not mapped in the container.
 * Not here: who the user is (runtime/passwd.h).
 * Source:   podman-run(1) --volume, option U.
 */
#pragma once

#include "base/err.h"
#include "container/config.h"
#include "container/engine.h"
#include "runtime/spec.h"

/* Who the container runs as: the session's ids, and the container's own. EINVAL: they are not mapped. */
struct ctr_chown_user {
	uid_t uid, inside_uid;
	gid_t gid, inside_gid;
};
int ctr_chown_user(struct ctr_chown_user *out, struct engine *g, const struct container_config *c,
		   int root_dirfd, struct err *e);

bool ctr_chown_is_wanted(const struct container_config *c);
/* Changes owners of sources, and has the runtime change those of what s mounts anew. */
int ctr_chown_apply(struct engine *g, const struct container_config *c, int root_dirfd,
		    struct spec *s, struct err *e);
