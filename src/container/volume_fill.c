/* SPDX-License-Identifier: Apache-2.0 */
#include "container/volume_fill.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "container/ctr_chown.h"
#include "container/ctr_view.h"
#include "container/mount_args.h"
#include "container/volume_mount.h"
#include "container/volume_options.h"
#include "container/volumes.h"
#include "runtime/chown_tree.h"
#include "storage/tree_copy.h"

#include <unistd.h>

void volume_fill_clear(struct volume_fill *c)
{
	for (size_t i = 0; i < c->n; i++) {
		free(c->v[i].volume);
		free(c->v[i].target);
		fd_close(&c->v[i].data_dirfd);
	}
	free(c->v);
	*c = (struct volume_fill){ 0 };
}

static int open_data(struct engine *g, const struct volume *v, struct err *e)
{
	auto_of(volume_options_clear) struct volume_options o = { 0 };

	if (volume_options_parse(&o, &v->options, e) < 0)
		return -e->code;
	if (o.kind == VOLUME_TMPFS)
		return volume_mount_clone(g, v, e);
	return volume_open_data(g, v->name, e);
}

static int add(struct volume_fill *out, struct engine *g, const struct mount_arg *a, struct err *e)
{
	auto_of(volume_free) struct volume *v = NULL;
	autoclose int fd = -1;
	bool copies;

	if (volume_load(&v, g, a->source, e) < 0)
		return -e->code;
	copies = v->needs_copy_up && !a->is_nocopy;
	if ((!copies && !v->needs_chown) || a->subpath)
		return 0;
	fd = open_data(g, v, e);
	if (fd < 0)
		return fd;
	out->v = xreallocarray(out->v, out->n + 1, sizeof(*out->v));
	out->v[out->n++] = (struct volume_fill_item){
		.volume = xstrdup(a->source), .target = xstrdup(a->target), .data_dirfd = steal_fd(&fd),
		.is_copied = copies, .is_chowned = v->needs_chown,
	};
	return 0;
}

int volume_fill_plan(struct volume_fill *out, struct engine *g, const struct container_config *c,
		struct err *e)
{
	auto_of(mount_args_clear) struct mount_args args = { 0 };
	int r = 0;

	if (!c->named_volumes.n && !c->anonymous_volumes.n)
		return 0;
	out->engine = g;
	out->config = c;
	out->is_kept = c->userns && str_has_prefix(c->userns, "keep-id");
	r = mount_args_all(&args, c, e);
	for (size_t i = 0; r >= 0 && i < args.n; i++)
		if (args.v[i].type == MOUNT_ARG_VOLUME && args.v[i].source)
			r = add(out, g, &args.v[i], e);
	return r;
}

/* An owner that is not among the ids here cannot be given: the volume stays root's. */
static int give(int fd, uid_t uid, gid_t gid)
{
	return fchown(fd, uid, gid) < 0 && errno != EINVAL && errno != EPERM ? -errno : 0;
}

/* -EINVAL: his ids are not ours to give. */
static int give_to_user(const struct volume_fill *c, int fd, int root_dirfd, struct err *e)
{
	struct ctr_chown_user user;
	int r = ctr_chown_user(&user, c->engine, c->config, root_dirfd, e);

	if (r < 0)
		return r == -EINVAL ? 0 : r;
	r = give(fd, user.uid, user.gid);
	return r < 0 ? err_sys(e, -r, "give it to %u:%u", user.uid, user.gid) : 0;
}

/* keep-id runs as the caller and not as whom the image is made for: what the image says of owners would
 * shut him out. */
static int give_to_caller(const struct volume_fill *c, int fd, int root_dirfd, struct err *e)
{
	struct ctr_chown_user user;
	int r = c->is_kept ? ctr_chown_user(&user, c->engine, c->config, root_dirfd, e) : -EINVAL;

	if (r < 0 || user.uid != 0)
		return r < 0 && r != -EINVAL ? r : 0;
	r = chown_tree(fd, ".", user.uid, user.gid);
	return r < 0 ? err_sys(e, -r, "give it to %u:%u", user.uid, user.gid) : 0;
}

/* The directory alone, without what is in it. */
static int give_as(int fd, int from, struct err *e)
{
	struct stat st;
	int r = fstat(from, &st) < 0 ? -errno : give(fd, st.st_uid, st.st_gid);

	if (r >= 0 && fchmod(fd, st.st_mode & 07777) < 0)
		r = -errno;
	return r < 0 ? err_sys(e, -r, "its owner and mode") : 0;
}

static int run_item(const struct volume_fill *c, const struct volume_fill_item *item, int root_dirfd,
		    struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	autoclose int from = root_open(root_dirfd, item->target, O_RDONLY | O_DIRECTORY);
	autoclose int to = fd_reopen(item->data_dirfd, O_RDONLY | O_DIRECTORY);
	struct tree_copy_args copy = { .src_dirfd = from, .dst_dirfd = to };
	int r = to < 0 ? to : file_list_dir(to, ".", &names, false);

	if (r < 0)
		return err_sys(e, -r, "its directory");
	/* No directory there: the volume stays empty. */
	if (from == -ENOENT || from == -ENOTDIR)
		return item->is_chowned ? give_to_user(c, to, root_dirfd, e) : 0;
	if (from < 0)
		return err_sys(e, -from, "%s", item->target);
	if (item->is_copied && !names.n)
		r = tree_copy(&copy, e);
	else if (item->is_chowned)
		r = give_as(to, from, e);
	return r >= 0 && item->is_chowned && !names.n ? give_to_caller(c, to, root_dirfd, e) : r;
}

int volume_fill_run(const struct volume_fill *c, int root_dirfd, struct err *e)
{
	for (size_t i = 0; i < c->n; i++) {
		if (run_item(c, &c->v[i], root_dirfd, e) < 0)
			return err_wrap(e, "fill volume %s from %s", c->v[i].volume, c->v[i].target);
	}
	return 0;
}

int volume_fill_done(const struct volume_fill *c, struct engine *g, struct err *e)
{
	for (size_t i = 0; i < c->n; i++) {
		auto_of(volume_free) struct volume *v = NULL;

		if (volume_load(&v, g, c->v[i].volume, e) < 0)
			return -e->code;
		/* A tmpfs is empty again when it is mounted next. */
		v->needs_copy_up &= !c->v[i].is_copied || volume_is_tmpfs(v);
		v->needs_chown = false;
		if (volume_save(g, v, e) < 0)
			return -e->code;
	}
	return 0;
}

int volume_fill_early(struct engine *g, const struct container_config *c, struct err *e)
{
	auto_of(volume_fill_clear) struct volume_fill fill = { 0 };
	auto_of(ctr_view_clear) struct ctr_view view = CTR_VIEW_NONE;
	auto_of(record_free) struct record *r = NULL;

	if ((!c->named_volumes.n && !c->anonymous_volumes.n) || c->uid_map || !str_empty(c->userns) ||
	    !json_bool(engine_conf(g, "containers.prepare_volume_on_create"), false))
		return 0;
	if (volume_fill_plan(&fill, g, c, e) < 0)
		return -e->code;
	if (!fill.n)
		return 0;
	if (record_open(&r, g, c->id, e) < 0 || ctr_view_open(&view, g, r, CTR_VIEW_BARE, e) < 0 ||
	    volume_fill_run(&fill, view.root_fd, e) < 0)
		return -e->code;
	return volume_fill_done(&fill, g, e);
}
