/* SPDX-License-Identifier: Apache-2.0 */
/* caps: capability names, and the sets a payload starts with.
 *
 * Runs in:  caps_drop_bounding, caps_apply: init and exec, just before the payload.
 * Owns:     nothing.
 * Needs:    CAP_SETPCAP in the container's user namespace.
 * Fails:    EINVAL a name that is no capability; EPERM from the kernel.
 * Not here: which capabilities a container gets (the engine).
 * Source:   capabilities(7).
 */
#pragma once

#include "base/err.h"

#include <stdint.h>
#include <sys/types.h>

struct spec_caps;

#define CAPS_ALL (~UINT64_C(0))

/* "CAP_NET_RAW", "net_raw" -> number, or -EINVAL. */
int caps_parse(const char *name);
/* "CAP_NET_RAW"; NULL for a number without a name. */
const char *caps_name(int cap);
/* The capabilities this kernel knows, as a mask; at most what our bounding set has. */
uint64_t caps_kernel(void);

/* The sets for a payload of that uid: another than root has only what was asked for by ambient. */
struct spec_caps caps_for_uid(const struct spec_caps *caps, uid_t uid);
/* Makes everything permitted effective, as before a change of uid. */
int caps_raise(struct err *e);
/* First, while CAP_SETPCAP is there. */
int caps_drop_bounding(uint64_t bounding, struct err *e);
/* Last: everything else, with empty inheritable and ambient sets unless asked for. */
int caps_apply(const struct spec_caps *caps, struct err *e);
