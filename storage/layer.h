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
 * layer.json: {"version":1, "chain-id", "parent" chain id or "", "diff-id", "size" bytes unpacked,
 * "compressed-digest", "compressed-size", "media-type", "created"}. Ids are written "sha256:<hex>"
 * in JSON, hex in names. Beside it: parent, a symbolic link whose target is the parent's hex id
 * (none for the lowest layer), so that walking a chain needs no JSON.
 *
 * The lock of a layer is OFD on layers/<chain-id>.lock: exclusive while the layer is made or
 * removed, shared while somebody counts on its staying. Who pulls an image holds every layer of it
 * (a writer after its commit, or layer_hold) until images_put has returned. A process that writes
 * several layers at once begins them bottom first: then no two can wait for each other.
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "storage/store.h"

struct layer_writer {
	struct store *store;	/* borrowed */
	char *chain_id;		/* owned; hex */
	char *tmp_name;		/* owned; NULL once committed */
	int dirfd;		/* owned; the layer directory being made, holds diff/ */
	int diff_dirfd;		/* owned */
	int lock_fd;		/* owned; exclusive, shared once committed */
};

bool layer_exists(struct store *s, const char *chain_id);
/* 1: it is there and stays as long as *lock_fd (owned) is open; 0: not there, *lock_fd
 * untouched. */
int layer_hold(struct store *s, const char *chain_id, int *lock_fd, struct err *e);
/* 1: it is there already (after waiting for another writer), *out untouched: layer_hold it next
 * (and begin again if that says 0); 0: *out is ours. */
int layer_begin(struct layer_writer **out, struct store *s, const char *chain_id, struct err *e);
/* The same without waiting: 2 when somebody else is writing it now. */
int layer_try_begin(struct layer_writer **out, struct store *s, const char *chain_id,
		    struct err *e);
/* Writes layer.json from info (taken over unchanged), makes all durable, publishes. The writer goes
 * on holding the layer until it is freed. */
int layer_commit(struct layer_writer *w, const struct json *info, struct err *e);
void layer_writer_free(struct layer_writer *w);
DEFINE_AUTO(struct layer_writer, layer_writer_free)

int layer_open_diff(struct store *s, const char *chain_id, struct err *e);	/* dirfd */
int layer_load(struct json **info, struct store *s, const char *chain_id, struct err *e);
/* The parent's id (owned), NULL for the lowest: 0 or -errno. */
int layer_parent(struct store *s, const char *chain_id, char **parent);
/* The caller knows it is unused. ERR_IN_USE when somebody holds it. */
int layer_remove(struct store *s, const char *chain_id, struct err *e);
int layer_list(struct store *s, struct strv *chain_ids, struct err *e);

/* Removes those of chain_ids (bottom first) that no image and no container uses and nobody holds;
 * what went is added to removed. */
int layer_remove_unused(struct store *s, const struct strv *chain_ids, struct strv *removed,
			struct err *e);

/* Needs libcrypto: lives in rootlet-image only (layer_digest.c). chain id of layer i, hex, owned.
 * parent_chain_id: hex or NULL; diff_id with or without "sha256:". */
char *layer_chain_id(const char *parent_chain_id, const char *diff_id);
