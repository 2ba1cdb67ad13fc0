/* SPDX-License-Identifier: Apache-2.0 */
/* idmap_mount: files of a mount shown with other owners, where the kernel lets a user do that.
 *
 * Runs in:  init, on a detached mount.
 * Owns:     nothing; the user namespace of the map lives as long as the mount.
 * Needs:    Linux 5.12, and a file system whose super block belongs to a user namespace of ours: an
 *           unprivileged user cannot map the ids of the host's file systems.
 * Fails:    EPERM saying so; EINVAL a map that is not understood.
 * Not here: user namespaces of containers (helper.c).
 */
#pragma once

#include "base/err.h"

struct idmap;
struct mount_options;

int idmap_mount_apply(int mount_fd, const struct mount_options *o, struct err *e);
/* "0-1000-10#20-2000-5": inside-outside-count. */
int idmap_mount_parse(struct idmap *out, const char *text, struct err *e);
