/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_passwd: lines in /etc/passwd and /etc/group for a user whom the image does not know, so that
 * shells, ssh and git find a name and a home; and for the host's users of --hostuser.
 *
 * Runs in:  ctr_passwd_mount: the command line process. ctr_passwd_write: in the
 *           session's user namespace, with the root file system in place and nothing mounted on it.
 * Owns:     nothing.
 * Needs:    the container's runtime directory.
 * Fails:    ENOSPC, EACCES on the runtime directory; an image without /etc/passwd is none.
 * Not here: resolving the user (runtime/passwd.h).
 * Source:   podman-run(1) --passwd, --passwd-entry, --group-entry, --hostuser; passwd(5).
 */
#pragma once

#include "base/err.h"
#include "container/config.h"
#include "container/mount_args.h"
#include "runtime/spec.h"

struct session;

/* True when the container runs as a number that is not root, or with users of the host. */
bool ctr_passwd_is_wanted(const struct container_config *c);
/* Binds that take effect only if ctr_passwd_write made their sources. */
void ctr_passwd_mount(struct spec *s, const struct mount_args *user, const char *runtime_path);
int ctr_passwd_write(const struct session *session, const struct container_config *c,
		     int root_dirfd, int runtime_dirfd, struct err *e);
