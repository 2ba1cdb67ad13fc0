/* SPDX-License-Identifier: Apache-2.0 */
/* devices: /dev of a container: the standard nodes and what --device adds, bound from the host.
 *
 * Runs in:  init, before the pivot. An unprivileged user cannot mknod.
 * Owns:     in->null_fd.
 * Needs:    the host's /dev; each standard node is checked to be the device it is called.
 * Fails:    with the device named.
 * Not here: pts, shm and mqueue, which are mounts of the spec.
 */
#pragma once

#include "base/err.h"

struct init;

/* The standard nodes and links when /dev is a tmpfs we made, then the spec's devices. */
int devices_apply(struct init *in, struct err *e);
/* Opens an O_PATH of the host's /dev/null, checked to be 1:3, unless *null_fd has it already. */
int devices_open_null(int *null_fd, struct err *e);
