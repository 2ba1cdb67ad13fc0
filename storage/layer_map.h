/* SPDX-License-Identifier: Apache-2.0 */
/* layer_map: a layer with its owners shifted for containers whose user namespace maps ids
 * otherwise.
 *
 * Runs in:  as the store.
 * Owns:     nothing; strings returned are the caller's.
 * Needs:    the ids on the right side of the map exist in the session's user namespace.
 * Fails:    with the layer named.
 * Not here: which containers want it (rootfs.h, keep-id).
 *
 * layers/<chain-id>/map-<16 hex digits of the maps' text>/diff; made at most once for each map and
 * gone with the layer. The kernel's idmapped mounts would cost nothing, but need CAP_SYS_ADMIN over
 * the file system itself, which no unprivileged user has.
 */
#pragma once

#include "base/err.h"
#include "storage/store.h"

char *layer_map_name(const char *uid_map, const char *gid_map);
int layer_map_make(struct store *s, const char *chain_id, const char *uid_map, const char *gid_map,
		   struct err *e);
