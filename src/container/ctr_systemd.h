/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_systemd: what a container needs whose command is systemd.
 *
 * Runs in:  any command; mounts are added where the spec is built.
 * Owns:     nothing.
 * Needs:    the merged definition: the command may be the image's.
 * Fails:    ERR_USAGE a value.
 * Not here: the cgroup (ctr_cgroup.h).
 * Source:   podman-run(1) --systemd, --shm-size-systemd; systemd's CONTAINER_INTERFACE.
 */
#pragma once

#include "base/err.h"
#include "container/config.h"
#include "container/mount_args.h"
#include "runtime/spec.h"

/* --systemd: asked for, or the default and the command is an init system. */
bool ctr_systemd_is_wanted(const struct container_config *c);
/* Values, and the default of the stop signal. */
int ctr_systemd_settle(struct container_config *c, struct err *e);
/* The tmpfs mounts that nobody else asked for, and variables. */
int ctr_systemd_apply(struct spec *s, const struct mount_args *user, const struct container_config *c,
		      struct err *e);
