/* SPDX-License-Identifier: Apache-2.0 */
/* layer: one unpacked file-system change set, shared by every image that contains it.
 *
 * Runs in:  as the store; unpacking runs in rootlet-image.
 * Owns:     struct layer_writer (layer_writer_free: what was not committed disappears).
 * Needs:    one writer per chain id: others wait on its lock and then find the layer there.
 * Fails:    EBADMSG a digest that does not match, ENOSPC, EINVAL a hostile archive.
 * Not here: archives (tar_extract.h), mounting (rootfs.h).
 * Source:   image-spec layer.md (ChainID, DiffID).
 *
 * The lock of a layer is OFD on tmp-independent file layers/<chain-id>.lock. layer.json: {"version":1,
 * "chain-id", "parent" chain id or "", "diff-id", "size" bytes unpacked, "compressed-digest",
 * "compressed-size", "media-type", "created"}. Ids are written "sha256:<hex>" in JSON, hex in names.
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "storage/store.h"

struct layer_writer {
	struct store *store;	/* borrowed */
	char *chain_id;		/* owned; hex */
	char *tmp_name;		/* owned */
	int dirfd;		/* owned; the layer directory being made, holds diff/ */
	int diff_dirfd;		/* owned */
	int lock_fd;		/* owned */
};

bool layer_exists(struct store *s, const char *chain_id);
/* 1: it is there already (after waiting for another writer), *out untouched; 0: *out is ours. */
int layer_begin(struct layer_writer **out, struct store *s, const char *chain_id, struct err *e);
/* Writes layer.json from info (taken over unchanged), fsyncs, publishes. */
int layer_commit(struct layer_writer *w, const struct json *info, struct err *e);
void layer_writer_free(struct layer_writer *w);
DEFINE_AUTO(struct layer_writer, layer_writer_free)

int layer_open_diff(struct store *s, const char *chain_id, struct err *e);	/* dirfd */
int layer_load(struct json **info, struct store *s, const char *chain_id, struct err *e);
int layer_remove(struct store *s, const char *chain_id, struct err *e);	/* caller knows it is unused */
int layer_list(struct store *s, struct strv *chain_ids, struct err *e);
/* Needs libcrypto: lives in rootlet-image only (layer_digest.c). chain id of layer i, hex, owned. */
char *layer_chain_id(const char *parent_chain_id, const char *diff_id);
