/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/rootfs.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"
#include "storage/layer.h"
#include "storage/layer_map.h"
#include "storage/rootfs_host.h"
#include "storage/rootfs_priv.h"
#include "storage/tree_copy.h"

#include <unistd.h>

static bool is_host(const struct rootfs_args *args)
{
	return args->flags & (ROOTFS_HOST | ROOTFS_OVERLAY);
}

static int open_container(struct store *s, const char *id, struct err *e)
{
	int fd = ident_is_id(id) ? fd_openat(s->containers_dirfd, id,
					     O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
				 : -EINVAL;

	return fd < 0 ? err_sys(e, -fd, "open the directory of container %.12s", id) : fd;
}

/* Says that this container uses its layers (see layer_use.c), while the lock keeps them from
 * going. */
static int link_lower(struct store *s, const struct rootfs_args *args, int container_dirfd,
		      int *lock, struct err *e)
{
	const struct strv *ids = args->chain_ids;
	const char *top;
	int r;

	if (!ids || !ids->n)
		return 0;
	top = ids->v[ids->n - 1];
	r = layer_hold(s, top, lock, e);
	if (r < 0)
		return r;
	if (r == 0)
		return err_set(e, ERR_NO_SUCH,
			       "layer %.12s of the image is missing: pull the image again", top);
	if (symlinkat(top, container_dirfd, "lower") < 0 && errno != EEXIST)
		return err_sys(e, errno, "link the layers of container %.12s", args->container_id);
	return 0;
}

/* The layers with the owners that the container needs; *map stays empty when they have them, or when
 * all is copied anyway. */
static int map_layers(struct layer_map *map, struct store *s, const struct store_driver *driver,
		      const struct rootfs_args *args, struct err *e)
{
	if (!rootfs_is_shifted(args) || driver == &driver_vfs)
		return 0;
	layer_map_init(map, s, driver == &driver_overlay, args->uid_map, args->gid_map);
	return layer_map_make(s, args->chain_ids, map, e);
}

static int create(struct store *s, const struct rootfs_args *args, int container_dirfd, struct err *e)
{
	auto_of(layer_map_clear) struct layer_map map = { 0 };

	if (is_host(args))
		return rootfs_host_create(s, args, container_dirfd, e);
	if (map_layers(&map, s, s->driver, args, e) < 0)
		return -e->code;
	return s->driver->create(s, args, container_dirfd, e);
}

int rootfs_create(struct store *s, const struct rootfs_args *args, int container_dirfd, int *hold_fd,
		  struct err *e)
{
	autoclose int lock = -1;
	int r = link_lower(s, args, container_dirfd, &lock, e);

	if (r >= 0)
		r = create(s, args, container_dirfd, e);
	if (r < 0)
		return r;
	*hold_fd = steal_fd(&lock);
	return 0;
}

int rootfs_create_side(struct store *s, const struct rootfs_args *args, struct err *e)
{
	autoclose int dirfd = -1, side_fd = -1;
	auto_of(layer_map_clear) struct layer_map map = { 0 };
	int r = map_layers(&map, s, s->driver, args, e);

	if (r < 0 || args->flags & ROOTFS_READONLY)
		return r;
	dirfd = open_container(s, args->container_id, e);
	if (dirfd < 0)
		return -e->code;
	r = file_remove_tree(dirfd, args->side);
	if (r >= 0 && mkdirat(dirfd, args->side, 0700) < 0)
		r = -errno;
	side_fd = r < 0 ? r : fd_openat(dirfd, args->side, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (side_fd < 0)
		return err_sys(e, -side_fd, "container %.12s: make %s", args->container_id, args->side);
	return rootfs_make_upper(s, args, side_fd, e);
}

static int add_lowers(struct rootfs *r, const struct rootfs_args *args, struct err *e)
{
	auto_of(layer_map_clear) struct layer_map map = { 0 };

	/* Made again where the container last ran under another kernel or driver. */
	if (map_layers(&map, r->store, r->driver, args, e) < 0)
		return -e->code;
	for (size_t i = args->chain_ids->n; i-- > 0;) {
		const char *id = args->chain_ids->v[i];

		if (!ident_is_id(id))
			return err_set(e, EINVAL, "'%s' is not a layer id", id);
		if (map.name)
			strv_addf(&r->lowers, "layers/%s/%s/diff", id, map.name);
		else
			strv_addf(&r->lowers, "layers/%s/diff", id);
		if (map.has_data) {	/* all layers are in the uppermost one */
			strv_addf(&r->datas, "layers/%s/%s/data", id, map.name);
			break;
		}
	}
	return 0;
}

/* The store's driver may have changed since the container was made: a full copy stays one, and what
 * has a writable layer needs one of the drivers that know it. */
static const struct store_driver *pick_driver(struct store *s, const char *container)
{
	autofree char *copy = xasprintf("%s/rootfs", container);

	if (file_exists_at(s->root_dirfd, copy))
		return &driver_vfs;
	return s->driver == &driver_vfs ? &driver_overlay : s->driver;
}

int rootfs_open(struct rootfs **out, struct store *s, const struct rootfs_args *args, struct err *e)
{
	auto_of(rootfs_free) struct rootfs *r = xcalloc(1, sizeof(*r));
	int ret;

	r->fuse_fd = -1;
	r->store = s;
	r->flags = args->flags;
	r->container = xasprintf("containers/%s%s%s", args->container_id, args->side ? "/" : "",
				 args->side ? args->side : "");
	if (!ident_is_id(args->container_id))
		return err_set(e, EINVAL, "'%s' is not a container id", args->container_id);
	if (is_host(args)) {
		ret = rootfs_host_open(r, args, e);
		if (ret < 0)
			return ret;
		*out = steal_ptr(&r);
		return 0;
	}
	r->driver = pick_driver(s, r->container);
	ret = add_lowers(r, args, e);
	if (ret >= 0)
		ret = r->driver->prepare(r, args, e);
	if (ret < 0)
		return ret;
	*out = steal_ptr(&r);
	return 0;
}

int rootfs_mount(struct rootfs *r, const char *target, int *mount_fd, struct err *e)
{
	int ret;

	if (r->host_path)
		return rootfs_host_mount(r, target, mount_fd, e);
	ret = r->driver->mount(r, target, mount_fd, e);
	return ret < 0 ? err_wrap(e, "%s", r->driver->name) : 0;
}

void rootfs_leave_server(struct rootfs *r)
{
	fd_close(&r->fuse_fd);
}

int rootfs_serve(struct rootfs *r, struct proc *server, struct err *e)
{
	*server = (struct proc){ .pid = 0, .pidfd = -1 };
	if (!r->driver || !r->driver->serve)
		return 0;
	return r->driver->serve(r, server, e);
}

void rootfs_free(struct rootfs *r)
{
	if (!r)
		return;
	fd_close(&r->fuse_fd);
	free(r->container);
	free(r->host_path);
	strv_clear(&r->lowers);
	strv_clear(&r->datas);
	free(r);
}

int rootfs_upper(struct store *s, const char *container_id, int *upper_dirfd, struct err *e)
{
	autoclose int dirfd = open_container(s, container_id, e);
	int fd;

	if (dirfd < 0)
		return -e->code;
	fd = fd_openat(dirfd, "upper", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (fd == -ENOENT)
		return err_set(e, ENOTSUP,
			       "container %.12s has no writable layer of its own (storage driver "
			       "vfs)", container_id);
	if (fd < 0)
		return err_sys(e, -fd, "open the writable layer of container %.12s", container_id);
	*upper_dirfd = fd;
	return 0;
}
