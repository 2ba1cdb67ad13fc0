/* SPDX-License-Identifier: Apache-2.0 */
/* usage: what images, containers and volumes take on the disk, and what of it could go.
 *
 * Runs in:  any command in the session's user namespace; walks volumes and writable layers.
 * Owns:     nothing; the tree is the caller's.
 * Needs:    the store.
 * Fails:    as catalog_list, query_ps and volume_list.
 * Not here: tables (cli/system_df.c), removing (each object's own file).
 *
 * {"Images": [{Id, Names, Created, Size, SharedSize, UniqueSize, Containers}],
 *  "Containers": [{Id, Names, Image, Command, LocalVolumes, Size, Created, Status}],
 *  "Volumes": [{Name, Links, Size}],
 *  "Totals": [{Type, Total, Active, RawSize, RawReclaimable}]} with sizes in bytes. A layer that
 * several images have counts once in the totals, and as shared for each of them.
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "container/engine.h"

int usage_load(struct json **out, struct engine *g, struct err *e);
/* RawSize of all totals. */
int64_t usage_total(const struct json *usage);
