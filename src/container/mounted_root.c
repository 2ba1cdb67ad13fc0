/* SPDX-License-Identifier: Apache-2.0 */
#include "container/mounted_root.h"

#include "base/fd.h"
#include "base/file.h"
#include "container/ctr_root.h"
#include "container/ctr_view.h"
#include "container/in_session.h"
#include "container/state.h"
#include "runtime/mount_fs.h"
#include "storage/images.h"
#include "storage/rootfs.h"
#include "storage/store.h"
#include "userns/session.h"

#include <sys/stat.h>
#include <unistd.h>

static char *place_of(struct engine *g, const char *id, bool is_image)
{
	return xasprintf("%s/%s/%s/merged", g->store->root, is_image ? "images" : "containers", id);
}

static int check_here(struct engine *g, struct err *e)
{
	if (session_is_in_mounts(g->session))
		return 0;
	return err_set(e, EPERM, "a mount is seen in the mount namespace of the session only: run: rootlet "
		       "unshare, and mount in there");
}

static int is_mounted(const char *path)
{
	autoclose int fd = fd_opendir(path);

	return fd >= 0 && in_session_is_mount(fd);
}

static int attach(int mount_fd, const char *path, struct err *e)
{
	autoclose int fd = fd_opendir(path);
	int r = fd < 0 ? fd : mount_fs_attach(mount_fd, fd);

	return r < 0 ? err_sys(e, -r, "mount on %s", path) : 0;
}

static int mount_root(struct engine *g, const struct rootfs_args *args, const char *path, struct err *e)
{
	auto_of(rootfs_free) struct rootfs *rootfs = NULL;
	auto_of(proc_clear) struct proc server = { .pidfd = -1 };
	autoclose int mount_fd = -1;
	int r = rootfs_open(&rootfs, g->store, args, e);

	if (r >= 0)
		r = rootfs_mount(rootfs, path, &mount_fd, e);
	/* A program that serves it lives as long as the mount. */
	if (r >= 0)
		r = rootfs_serve(rootfs, &server, e);
	return r >= 0 && mount_fd >= 0 ? attach(mount_fd, path, e) : r;
}

static int mount_live(struct engine *g, struct record *r, const char *path, struct err *e)
{
	auto_of(ctr_view_clear) struct ctr_view v = CTR_VIEW_NONE;

	if (ctr_view_open(&v, g, r, CTR_VIEW_BARE, e) < 0)
		return -e->code;
	return attach(v.root_fd, path, e);
}

static int mount_stopped(struct engine *g, struct record *r, const char *path, struct err *e)
{
	auto_of(ctr_root_clear) struct ctr_root plan = { 0 };

	if (ctr_root_plan(&plan, g, &r->config, e) < 0)
		return -e->code;
	return mount_root(g, &plan.args, path, e);
}

static int mount_container(struct engine *g, struct record *r, const char *path, struct err *e)
{
	auto_of(state_clear) struct state st = { 0 };
	autoclose int lock = -1;

	if (record_lock(r, &lock, e) < 0 || state_load(&st, r, e) < 0)
		return -e->code;
	if (mkdirat(r->dirfd, "merged", 0700) < 0 && errno != EEXIST)
		return err_sys(e, errno, "make %s", path);
	if (is_mounted(path))
		return 0;
	if (!state_is_alive(&st))
		return mount_stopped(g, r, path, e);
	fd_close(&lock);
	return mount_live(g, r, path, e);
}

int mounted_root_container(struct engine *g, struct record *r, char **path, struct err *e)
{
	autofree char *at = place_of(g, r->id, false);

	if (check_here(g, e) < 0)
		return -e->code;
	if (mount_container(g, r, at, e) < 0)
		return err_wrap(e, "container %s", r->config.name);
	*path = steal_ptr(&at);
	return 0;
}

static int mount_image(struct engine *g, const char *id, const char *path, struct err *e)
{
	auto_of(strv_clear) struct strv layers = { 0 };
	struct rootfs_args args = { .container_id = id, .chain_ids = &layers,
				    .flags = ROOTFS_IMAGE | ROOTFS_READONLY };
	int r = images_load_layers(&layers, g->store, id, e);

	if (r < 0)
		return r;
	if (mkdir(path, 0700) < 0 && errno != EEXIST)
		return err_sys(e, errno, "make %s", path);
	return is_mounted(path) ? 0 : mount_root(g, &args, path, e);
}

int mounted_root_image(struct engine *g, const char *id, char **path, struct err *e)
{
	autofree char *at = place_of(g, id, true);

	if (check_here(g, e) < 0)
		return -e->code;
	if (mount_image(g, id, at, e) < 0)
		return err_wrap(e, "image %.12s", id);
	*path = steal_ptr(&at);
	return 0;
}

int mounted_root_find(struct engine *g, const char *id, bool is_image, char **path, struct err *e)
{
	autofree char *at = place_of(g, id, is_image);

	if (check_here(g, e) < 0)
		return -e->code;
	if (!is_mounted(at))
		return 0;
	if (path)
		*path = steal_ptr(&at);
	return 1;
}

int mounted_root_end(struct engine *g, const char *id, bool is_image, bool force, struct err *e)
{
	autofree char *at = place_of(g, id, is_image);
	autoclose int mount_fd = -1;

	/* Its directory goes when it is unmounted: without it there is nothing to ask for. */
	if (file_exists_at(AT_FDCWD, at) && in_session(g, in_session_clone, at, &mount_fd, e) < 0)
		return -e->code;
	if (mount_fd < 0 && !force)
		return err_set(e, EINVAL, "%s %.12s is not mounted", is_image ? "image" : "container", id);
	if (mount_fd >= 0 && in_session(g, in_session_unmount, at, NULL, e) < 0)
		return -e->code;
	rmdir(at);
	return 0;
}

int mounted_root_clone(struct engine *g, const struct record *r, int *mount_fd, struct err *e)
{
	autofree char *at = NULL;

	*mount_fd = -1;
	if (!file_exists_at(r->dirfd, "merged"))
		return 0;
	at = place_of(g, r->id, false);
	return in_session(g, in_session_clone, at, mount_fd, e);
}
