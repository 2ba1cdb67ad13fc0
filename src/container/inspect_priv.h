/* SPDX-License-Identifier: Apache-2.0 */
/* inspect_priv: the parts of the inspect object that live in inspect_host.c.
 *
 * Runs in:  as inspect.h.
 * Owns:     nothing; trees are the caller's.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: the object itself (inspect.c).
 */
#pragma once

#include "container/inspect.h"

/* {"80/tcp":[{"HostIp":"","HostPort":"8080"}]}; exposed ports that are not published are null. */
struct json *inspect_ports(const struct container_config *c, bool with_exposed);
struct json *inspect_host_config(struct engine *g, const struct record *r);
