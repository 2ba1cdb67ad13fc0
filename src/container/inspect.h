/* SPDX-License-Identifier: Apache-2.0 */
/* inspect: the parts of the container inspect object that live in files of their own.
 *
 * Runs in:  any command.
 * Owns:     nothing; trees are the caller's.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: the object itself (query.h, query_inspect).
 */
#pragma once

#include "base/json.h"
#include "container/engine.h"
#include "container/record.h"

/* {"80/tcp":[{"HostIp","HostPort"}]}; exposed ports that are not published are null. */
struct json *inspect_ports(const struct container_config *c, bool with_exposed);
struct json *inspect_host_config(struct engine *g, const struct record *r);
