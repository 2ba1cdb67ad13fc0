/* SPDX-License-Identifier: Apache-2.0 */
#include "container/volume_fill.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "container/ctr_mounts.h"
#include "container/volumes.h"
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

static int add(struct volume_fill *out, struct engine *g, const struct mount_arg *a, struct err *e)
{
	auto_of(volume_free) struct volume *v = NULL;
	autoclose int fd = -1;

	if (volume_load(&v, g, a->source, e) < 0)
		return -e->code;
	if (!v->needs_copy_up || a->is_nocopy || a->subpath)
		return 0;
	fd = volume_open_data(g, a->source, e);
	if (fd < 0)
		return fd;
	out->v = xreallocarray(out->v, out->n + 1, sizeof(*out->v));
	out->v[out->n++] = (struct volume_fill_item){
		.volume = xstrdup(a->source), .target = xstrdup(a->target), .data_dirfd = steal_fd(&fd),
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
	r = ctr_mounts_parse(&args, c, e);
	for (size_t i = 0; r >= 0 && i < args.n; i++)
		if (args.v[i].type == MOUNT_ARG_VOLUME && args.v[i].source)
			r = add(out, g, &args.v[i], e);
	return r;
}

static int run_item(const struct volume_fill_item *item, int root_dirfd, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	autoclose int from = root_open(root_dirfd, item->target, O_RDONLY | O_DIRECTORY);
	autoclose int to = -1;
	struct tree_copy_args copy;
	int r;

	/* No directory there: the volume stays empty. */
	if (from == -ENOENT || from == -ENOTDIR)
		return 0;
	if (from < 0)
		return err_sys(e, -from, "%s", item->target);
	to = fd_reopen(item->data_dirfd, O_RDONLY | O_DIRECTORY);
	r = to < 0 ? to : file_list_dir(to, ".", &names, false);
	if (r < 0)
		return err_sys(e, -r, "its directory");
	if (names.n)
		return 0;
	copy = (struct tree_copy_args){ .src_dirfd = from, .dst_dirfd = to };
	return tree_copy(&copy, e);
}

int volume_fill_run(const struct volume_fill *c, int root_dirfd, struct err *e)
{
	for (size_t i = 0; i < c->n; i++) {
		if (run_item(&c->v[i], root_dirfd, e) < 0)
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
		v->needs_copy_up = false;
		if (volume_save(g, v, e) < 0)
			return -e->code;
	}
	return 0;
}
