/* SPDX-License-Identifier: Apache-2.0 */
/* manifest_fetch: the manifest or the index that a name leads to, as the registry has it.
 *
 * Runs in:  rootlet-image; no store is needed.
 * Owns:     nothing; the tree is the caller's.
 * Needs:    the network.
 * Fails:    as remote.h, manifest.h.
 * Not here: printing (cli/manifest.c).
 */
#pragma once

#include "base/err.h"
#include "base/json.h"

struct transfer_registry;

/* {"Ref", "Digest", "MediaType", "Size", "Manifest"}. name: full or short; docker:// may stand in front. */
int manifest_fetch(const struct transfer_registry *args, const char *name, struct json **out,
		   struct err *e);
