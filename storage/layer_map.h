/* SPDX-License-Identifier: Apache-2.0 */
/* layer_map: layers with their owners shifted for containers whose user namespace maps ids otherwise.
 *
 * Runs in:  as the store.
 * Owns:     struct layer_map (layer_map_clear).
 * Needs:    the ids on the right side of the map exist in the session's user namespace.
 * Fails:    with the layer named.
 * Not here: which containers want it (rootfs.h, keep-id).
 *
 * Below layers/<chain-id>/, made at most once for each map and gone with the layer:
 *   heads-<16 hex digits of the maps' text>/{diff/,data/}	where overlay follows a file into a
 *	data-only layer (lower_data.h): this layer and all below it as one. diff holds directories, links
 *	and files without content, data the content as hard links of the layers' own files. Nothing is
 *	copied. (One, because a user namespace may follow only files of the lowest layer.)
 *   map-<...>/diff		elsewhere: this layer copied, with shared extents where the file system can.
 *   <name>.lock		held by who makes it
 * The kernel's idmapped mounts would cost nothing, but need CAP_SYS_ADMIN over the file system
 * itself, which no unprivileged user has.
 */
#pragma once

#include "base/err.h"
#include "base/idmap.h"
#include "storage/store.h"

struct layer_map {
	const struct idmap *uid_map, *gid_map;	/* borrowed */
	char *name;			/* owned; of the directory in each layer */
	bool has_data;			/* heads only */
};

/* is_overlay: the kernel's overlay is to mount it, so that heads will do. */
void layer_map_init(struct layer_map *out, struct store *s, bool is_overlay, const struct idmap *uid_map,
		    const struct idmap *gid_map);
void layer_map_clear(struct layer_map *m);
DEFINE_AUTO_VALUE(struct layer_map, layer_map_clear)
/* For layers, bottom first. 0 at once when all is there; who comes while another makes it waits. */
int layer_map_make(struct store *s, const struct strv *chain_ids, const struct layer_map *m,
		   struct err *e);
/* True for the name of such a directory. */
bool layer_map_is_name(const char *name);
/* It has all that mounting needs. */
bool layer_map_is_whole(struct store *s, const char *chain_id, const char *name);
