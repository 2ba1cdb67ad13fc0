/* SPDX-License-Identifier: Apache-2.0 */
/* inspect: everything about one container, as JSON with Podman's member names and types; where Docker has
 * the same member it has the same meaning.
 *
 * Runs in:  any command in the session's user namespace; the monitor, for the tag of a log.
 * Owns:     nothing; the tree is the caller's.
 * Needs:    nothing.
 * Fails:    as lifecycle_state; a definition that can no longer be read.
 * Not here: ps (query.h), templates (cli/).
 */
#pragma once

#include "base/json.h"
#include "container/engine.h"
#include "container/record.h"

int inspect_container(struct json **out, struct engine *g, struct record *r, bool size, struct err *e);
