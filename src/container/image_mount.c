/* SPDX-License-Identifier: Apache-2.0 */
#include "container/image_mount.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"
#include "container/ctr_userns.h"
#include "container/mount_args.h"
#include "image/resolve.h"
#include "runtime/mount_fs.h"
#include "storage/driver.h"
#include "storage/images.h"
#include "storage/rootfs.h"
#include "storage/store.h"

#include <string.h>

void image_mounts_clear(struct image_mounts *m)
{
	for (size_t i = 0; i < m->n; i++) {
		rootfs_free(m->v[i].rootfs);
		free(m->v[i].target);
		free(m->v[i].subpath);
	}
	free(m->v);
	free(m->scratch);
	*m = (struct image_mounts){ 0 };
}

static int add(struct image_mounts *out, struct engine *g, const struct container_config *c,
	       const struct mount_arg *a, const struct ctr_userns *u, struct err *e)
{
	autofree char *id = NULL, *full = NULL, *side = xasprintf("image-%zu", out->n);
	auto_of(strv_clear) struct strv layers = { 0 };
	auto_of(rootfs_free) struct rootfs *rootfs = NULL;
	struct rootfs_args args = {
		.container_id = c->id, .chain_ids = &layers, .flags = ROOTFS_IMAGE | ROOTFS_READONLY,
		.uid_map = &u->uid_shift, .gid_map = &u->gid_shift,
	};

	if (!a->is_readonly) {
		args.side = side;
		args.flags = ROOTFS_IMAGE | ROOTFS_VOLATILE;
	}
	if (resolve_local_image(g->store, a->source, &id, &full, e) < 0 ||
	    images_load_layers(&layers, g->store, id, e) < 0 ||
	    rootfs_create_side(g->store, &args, e) < 0 || rootfs_open(&rootfs, g->store, &args, e) < 0)
		return err_wrap(e, "--mount type=image at %s", a->target);
	out->v = xreallocarray(out->v, out->n + 1, sizeof(*out->v));
	out->v[out->n++] = (struct image_mount){
		.rootfs = steal_ptr(&rootfs), .target = xstrdup(a->target),
		.subpath = xstrdup_or_null(a->subpath),
	};
	return 0;
}

static bool has_any(const struct container_config *c)
{
	for (size_t i = 0; i < c->mounts.n; i++)
		if (strstr(c->mounts.v[i], "type=image"))
			return true;
	return false;
}

int image_mount_plan(struct image_mounts *out, struct engine *g, const struct container_config *c,
		     struct err *e)
{
	auto_of(mount_args_clear) struct mount_args args = { 0 };
	auto_of(ctr_userns_clear) struct ctr_userns u = { 0 };
	int r;

	if (!has_any(c))
		return 0;
	if (g->store->driver->serve)
		return err_set(e, ERR_UNSUPPORTED, "--mount type=image needs the storage driver overlay; here it "
			       "is %s: see rootlet doctor", g->store->driver->name);
	if (ctr_userns_plan(&u, g->session, c, e) < 0 || mount_args_all(&args, c, e) < 0)
		return -e->code;
	out->scratch = xasprintf("%s/tmp", g->store->root);
	r = 0;
	for (size_t i = 0; r >= 0 && i < args.n; i++)
		if (args.v[i].type == MOUNT_ARG_IMAGE)
			r = add(out, g, c, &args.v[i], &u, e);
	return r;
}

/* A part of a mount can only be cloned where the mount is attached (before Linux 6.15): for a moment it
 * lies over whatever scratch has. */
static int clone_part(int mount_fd, const char *scratch, const char *subpath, struct err *e)
{
	autoclose int at_fd = fd_opendir(scratch), part_fd = -1;
	int r = at_fd < 0 ? at_fd : mount_fd < 0 ? 0 : mount_fs_attach(mount_fd, at_fd), fd;

	if (r < 0)
		return err_sys(e, -r, "mount on %s", scratch);
	fd_close(&at_fd);
	at_fd = fd_opendir(scratch);
	part_fd = fd = at_fd < 0 ? at_fd : root_open(at_fd, subpath ? subpath : ".", O_PATH);
	if (fd >= 0)
		fd = mount_fs_clone(part_fd, false);
	(void)sys_umount(scratch, MNT_DETACH | UMOUNT_NOFOLLOW);
	return fd < 0 ? err_sys(e, -fd, "subpath %s of the image", subpath ? subpath : "/") : fd;
}

static int make_one(const struct image_mount *m, const char *scratch, struct err *e)
{
	autoclose int mount_fd = -1;

	if (rootfs_mount(m->rootfs, scratch, &mount_fd, e) < 0)
		return -e->code;
	/* Older kernels have mounted it there. */
	if (mount_fd < 0 || m->subpath)
		return clone_part(mount_fd, scratch, m->subpath, e);
	return steal_fd(&mount_fd);
}

int image_mount_make(const struct image_mounts *m, struct spec *s, struct err *e)
{
	for (size_t i = 0; i < m->n; i++) {
		int fd = make_one(&m->v[i], m->scratch, e);

		if (fd < 0)
			return err_wrap(e, "--mount type=image at %s", m->v[i].target);
		for (size_t k = 0; k < s->mounts_n; k++) {
			if (str_eq(s->mounts[k].target, m->v[i].target) && s->mounts[k].mount_fd < 0) {
				s->mounts[k].mount_fd = fd;
				break;
			}
		}
	}
	return 0;
}
