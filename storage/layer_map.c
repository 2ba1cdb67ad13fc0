/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer_map.h"

#include "base/fd.h"
#include "base/file.h"
#include "storage/layer.h"
#include "storage/tree_copy.h"

#include <stdio.h>
#include <unistd.h>

static uint64_t add_hash(uint64_t h, const char *s)
{
	/* FNV-1a: names a cache entry; a user's own maps are no attack on it. */
	for (; s && *s; s++)
		h = (h ^ (unsigned char)*s) * UINT64_C(0x100000001b3);
	return (h ^ '/') * UINT64_C(0x100000001b3);
}

char *layer_map_name(const char *uid_map, const char *gid_map)
{
	uint64_t h = add_hash(add_hash(UINT64_C(0xcbf29ce484222325), uid_map), gid_map);

	return xasprintf("map-%016llx", (unsigned long long)h);
}

static int copy_into(struct store *s, const char *chain_id, int tmp_dirfd, const char *uid_map,
		     const char *gid_map, struct err *e)
{
	autoclose int src = layer_open_diff(s, chain_id, e), dst = -1;
	struct tree_copy_args args = { .uid_map = uid_map, .gid_map = gid_map };

	if (src < 0)
		return -e->code;
	if (mkdirat(tmp_dirfd, "diff", 0700) < 0)
		return err_sys(e, errno, "make a directory");
	dst = fd_openat(tmp_dirfd, "diff", O_RDONLY | O_DIRECTORY);
	if (dst < 0)
		return err_sys(e, -dst, "open a directory");
	args.src_dirfd = src;
	args.dst_dirfd = dst;
	return tree_copy(&args, e);
}

int layer_map_make(struct store *s, const char *chain_id, const char *uid_map, const char *gid_map,
		   struct err *e)
{
	autofree char *name = layer_map_name(uid_map, gid_map);
	autofree char *path = xasprintf("%s/%s", chain_id, name), *tmp = NULL;
	autoclose int lock = -1, dirfd = -1;
	int r;

	if (file_exists_at(s->layers_dirfd, path))
		return 0;
	r = layer_hold(s, chain_id, &lock, e);
	if (r == 0)
		return err_set(e, ERR_NO_SUCH, "layer %.12s is missing: pull the image again",
			       chain_id);
	if (r < 0)
		return r;
	r = store_sweep(s, e);
	if (r == 0)
		r = store_tmp_dir(s, &tmp, &dirfd, e);
	if (r < 0)
		return r;
	r = copy_into(s, chain_id, dirfd, uid_map, gid_map, e);
	if (r == 0)
		r = store_publish(s, tmp, s->layers_dirfd, path, e);
	if (r < 0)
		(void)file_remove_tree(s->root_dirfd, tmp);
	/* Two containers at once may both have made it: the second copy is dropped. */
	if (r == -EEXIST)
		return 0;
	return r < 0 ? err_wrap(e, "map the owners of layer %.12s", chain_id) : 0;
}
