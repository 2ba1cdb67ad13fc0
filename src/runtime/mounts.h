/* SPDX-License-Identifier: Apache-2.0 */
/* mounts: everything that is mounted inside the new root, in the order of the spec.
 *
 * Runs in:  init, before the pivot, with the root at in->root_fd.
 * Owns:     in->new_proc_fd, dev_fd and devpts_fd, filled in when such a mount was made.
 * Needs:    in->root_fd.
 * Fails:    with type and target named; EPERM a mount over /proc that could fake it.
 * Not here: device nodes (devices.h), masks (mask.h), the root itself (pivot.h).
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>

struct init;
struct spec_mount;

/* In the helper of a container with ids of its own: opens and mounts what is of the host, into
 * in->made_fds, for the mounts_apply of init. */
int mounts_prepare(struct init *in, struct err *e);
int mounts_apply(struct init *in, struct err *e);
int mounts_apply_one(struct init *in, const struct spec_mount *m, struct err *e);
/* What a mount goes on, by descriptor: found inside the root, made when missing. Links are
 * followed inside the root. -errno. */
int mounts_open_target(int root_fd, const char *path, bool is_dir, bool is_nocreate);
