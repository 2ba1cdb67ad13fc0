/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer_map.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/str.h"
#include "storage/layer.h"
#include "storage/lower_data.h"
#include "storage/tree_copy.h"

#include <stdio.h>
#include <unistd.h>

#define HEADS "heads-"
#define COPY "map-"
/* Names of content are one name space for all layers of a mount. Short, for the attribute that holds
 * one: together they have to fit into an inode of 256 bytes, or each file costs another block. */
#define DATA_PREFIX_LEN 10

static uint64_t add_hash(uint64_t h, const struct idmap *m)
{
	autofree char *text = idmap_format(m);

	/* FNV-1a: names a cache entry; a user's own maps are no attack on it. */
	for (const char *s = text; *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return (h ^ '/') * UINT64_C(0x100000001b3);
}

void layer_map_init(struct layer_map *out, struct store *s, bool is_overlay, const struct idmap *uid_map,
		    const struct idmap *gid_map)
{
	uint64_t h = add_hash(add_hash(UINT64_C(0xcbf29ce484222325), uid_map), gid_map);

	*out = (struct layer_map){ .uid_map = uid_map, .gid_map = gid_map };
	out->has_data = is_overlay && lower_data_works(s);
	out->name = xasprintf("%s%016llx", out->has_data ? HEADS : COPY, (unsigned long long)h);
}

void layer_map_clear(struct layer_map *m)
{
	free(m->name);
	*m = (struct layer_map){ 0 };
}

bool layer_map_is_name(const char *name)
{
	return str_has_prefix(name, HEADS) || str_has_prefix(name, COPY);
}

bool layer_map_is_whole(struct store *s, const char *chain_id, const char *name)
{
	autofree char *diff = xasprintf("%s/%s/diff", chain_id, name);
	autofree char *data = xasprintf("%s/%s/data", chain_id, name);

	return file_exists_at(s->layers_dirfd, diff) &&
	       (!str_has_prefix(name, HEADS) || file_exists_at(s->layers_dirfd, data));
}

static int make_dir(int dirfd, const char *name, struct err *e)
{
	int fd = mkdirat(dirfd, name, 0700) < 0 ? -errno
						: fd_openat(dirfd, name, O_RDONLY | O_DIRECTORY);

	return fd < 0 ? err_sys(e, -fd, "make a directory") : fd;
}

static int copy_layer(struct store *s, const char *chain_id, struct tree_copy_args *args, struct err *e)
{
	autoclose int src = layer_open_diff(s, chain_id, e);
	char prefix[DATA_PREFIX_LEN + 2];

	if (src < 0)
		return -e->code;
	snprintf(prefix, sizeof(prefix), "%.*s.", DATA_PREFIX_LEN, chain_id);
	if (args->is_layer_over)
		args->data_prefix = prefix;
	args->src_dirfd = src;
	return tree_copy(args, e);
}

/* ids: what goes into it, bottom first. */
static int fill(struct store *s, char *const *ids, size_t n, int tmp_dirfd, const struct layer_map *m,
		struct err *e)
{
	autoclose int dst = make_dir(tmp_dirfd, "diff", e), data = -1;
	struct tree_copy_args args = { .uid_map = m->uid_map, .gid_map = m->gid_map,
				       .dst_dirfd = dst, .is_layer_over = m->has_data };
	int r = 0;

	if (dst < 0)
		return -e->code;
	if (m->has_data) {
		data = make_dir(tmp_dirfd, "data", e);
		if (data < 0)
			return -e->code;
		args.data_dirfd = data;
	}
	for (size_t i = 0; r == 0 && i < n; i++) {
		r = copy_layer(s, ids[i], &args, e);
		if (r < 0)
			r = err_wrap(e, "layer %.12s", ids[i]);
	}
	/* Content that was copied has to be there before the name is. Heads are all metadata, which
	 * file systems write in the order it was made. */
	if (r == 0 && !m->has_data && syncfs(tmp_dirfd) < 0)
		r = err_sys(e, errno, "write to disk");
	return r;
}

static int make_locked(struct store *s, char *const *ids, size_t n, const struct layer_map *m,
		       const char *path, struct err *e)
{
	autofree char *tmp = NULL;
	autoclose int dirfd = -1;
	int r = store_sweep(s, e);

	if (r == 0)
		r = store_tmp_dir(s, &tmp, &dirfd, e);
	if (r < 0)
		return r;
	r = fill(s, ids, n, dirfd, m, e);
	if (r == 0)
		r = store_publish(s, tmp, s->layers_dirfd, path, e);
	if (r < 0)
		(void)file_remove_tree(s->root_dirfd, tmp);
	return r;
}

/* In the directory of the uppermost of the n layers. */
static int make(struct store *s, char *const *ids, size_t n, const struct layer_map *m, struct err *e)
{
	const char *top = ids[n - 1];
	autofree char *path = xasprintf("%s/%s", top, m->name);
	autofree char *lock_path = xasprintf("%s.lock", path);
	autoclose int layer_fd = -1, lock = -1;
	int r;

	if (file_exists_at(s->layers_dirfd, path))
		return 0;
	r = layer_hold(s, top, &layer_fd, e);
	if (r == 0)
		return err_set(e, ERR_NO_SUCH, "layer %.12s is missing: pull the image again", top);
	if (r < 0)
		return r;
	lock = lock_take(s->layers_dirfd, lock_path, true);
	if (lock < 0)
		return err_sys(e, -lock, "lock the mapped layer %.12s", top);
	r = file_exists_at(s->layers_dirfd, path) ? 0 : make_locked(s, ids, n, m, path, e);
	unlinkat(s->layers_dirfd, lock_path, 0);
	return r < 0 ? err_wrap(e, "map the owners of files") : 0;
}

int layer_map_make(struct store *s, const struct strv *chain_ids, const struct layer_map *m,
		   struct err *e)
{
	int r = 0;

	if (m->has_data && chain_ids->n)
		return make(s, chain_ids->v, chain_ids->n, m, e);
	for (size_t i = 0; r == 0 && i < chain_ids->n; i++)
		r = make(s, chain_ids->v + i, 1, m, e);
	return r;
}
