/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_devices: --device: nodes of the host by path, and what CDI names stand for.
 *
 * Runs in:  the process that makes the spec, in the caller's view of the host.
 * Owns:     nothing; adds to the spec.
 * Needs:    nothing.
 * Fails:    ERR_USAGE a malformed value, a path that is missing, no device, or a directory without any.
 * Not here: the node in the container (runtime/devices.h), CDI specifications (cdi.h).
 * Source:   podman-run(1) --device.
 */
#pragma once

#include "container/config.h"
#include "container/engine.h"
#include "runtime/spec.h"

/* The paths alone; what CDI names stand for may come later. */
int ctr_devices_check(struct spec *s, const struct container_config *c, struct err *e);
/* Before the mounts of the spec are put in order. */
int ctr_devices_apply(struct spec *s, struct engine *g, const struct container_config *c, struct err *e);
