/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY. A name in the upper directory is new when no lower directory has it. For each directory that
 * the upper one has, the lower ones of the same path are kept open, the uppermost first, until a
 * whiteout, a file or an opaque directory hides those further down. Where fuse-overlayfs can make no
 * device nodes (NFS) a whiteout is a file .wh.NAME. */
#include "container/changes.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "container/ctr_root.h"
#include "storage/images.h"
#include "storage/layer.h"
#include "storage/store.h"
#include "storage/whiteout.h"

#include <string.h>

#define MAX_DEPTH 300

struct walk {
	struct changes *out;
	struct str path;
	bool is_copy;
	int depth;
};

void changes_clear(struct changes *c)
{
	for (size_t i = 0; i < c->n; i++)
		free(c->v[i].path);
	free(c->v);
	*c = (struct changes){ 0 };
}

void changes_view_clear(struct changes_view *l)
{
	for (size_t i = 0; i < l->n; i++)
		fd_close(&l->fds[i]);
	free(l->fds);
	*l = (struct changes_view){ 0 };
}

static void add(struct walk *w, enum change_kind kind)
{
	w->out->v = xreallocarray(w->out->v, w->out->n + 1, sizeof(*w->out->v));
	w->out->v[w->out->n++] = (struct change){ .kind = kind, .path = xstrdup(str_peek(&w->path)) };
}

static int fail(struct walk *w, int code, struct err *e)
{
	return err_sys(e, code, "compare '%.200s'", str_peek(&w->path));
}

/* The uppermost of the lower ones that has the name. */
static bool find_lower(const struct changes_view *l, const char *name, struct stat *st)
{
	autofree char *hidden = xasprintf(WHITEOUT_PREFIX "%s", name);

	for (size_t i = 0; i < l->n; i++) {
		if (fstatat(l->fds[i], name, st, AT_SYMLINK_NOFOLLOW) == 0)
			return !whiteout_is_node(st);
		if (file_exists_at(l->fds[i], hidden))
			return false;
	}
	return false;
}

/* The lower directories of that name. */
static int open_lowers(struct changes_view *out, const struct changes_view *l, const char *name)
{
	autofree char *hidden = xasprintf(WHITEOUT_PREFIX "%s", name);

	out->fds = xcalloc(l->n + 1, sizeof(*out->fds));
	for (size_t i = 0; i < l->n; i++) {
		int fd = fd_openat(l->fds[i], name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

		if (fd == -ENOENT && file_exists_at(l->fds[i], hidden))
			return 0;
		if (fd == -ENOENT)
			continue;
		if (fd == -ENOTDIR || fd == -ELOOP)
			return 0;
		if (fd < 0)
			return fd;
		out->fds[out->n++] = fd;
		if (whiteout_is_opaque(fd))
			return 0;
	}
	return 0;
}

/* Names that only the lower ones have: an opaque directory and a full copy have no whiteouts. */
static int add_missing(struct walk *w, const struct strv *have, const struct changes_view *l, struct err *e)
{
	auto_of(strv_clear) struct strv gone = { 0 };
	size_t len = w->path.len;
	struct stat st;

	for (size_t i = 0; i < l->n; i++) {
		auto_of(strv_clear) struct strv names = { 0 };
		int r = file_list_dir(l->fds[i], ".", &names, true);

		if (r < 0)
			return fail(w, -r, e);
		for (size_t k = 0; k < names.n; k++)
			if (!strv_has(have, names.v[k]) && !strv_has(&gone, names.v[k]) &&
			    !whiteout_hides(names.v[k]) && find_lower(l, names.v[k], &st))
				strv_add(&gone, names.v[k]);
	}
	for (size_t i = 0; i < gone.n; i++) {
		str_addf(&w->path, "/%s", gone.v[i]);
		add(w, CHANGE_DELETED);
		str_cut(&w->path, len);
	}
	return 0;
}

static bool is_same(const struct stat *a, const struct stat *b)
{
	return a->st_mode == b->st_mode && a->st_uid == b->st_uid && a->st_gid == b->st_gid &&
	       (S_ISDIR(a->st_mode) ||
		(a->st_size == b->st_size && a->st_rdev == b->st_rdev &&
		 a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec));
}

static int compare_dir(struct walk *w, int upper, const struct changes_view *l, struct err *e);

static int compare_entry(struct walk *w, int upper, const char *name, const struct changes_view *l,
			 struct err *e)
{
	auto_of(changes_view_clear) struct changes_view below = { 0 };
	autoclose int dir = -1;
	struct stat st, old;
	bool is_there = find_lower(l, name, &old);
	size_t before;
	int r;

	if (fstatat(upper, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : fail(w, errno, e);
	if (whiteout_is_node(&st)) {
		if (is_there)
			add(w, CHANGE_DELETED);
		return 0;
	}
	before = w->out->n;
	if (!is_there)
		add(w, CHANGE_ADDED);
	else if (!w->is_copy || !is_same(&st, &old))
		add(w, CHANGE_MODIFIED);
	if (!S_ISDIR(st.st_mode))
		return 0;
	dir = fd_openat(upper, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (dir < 0)
		return fail(w, -dir, e);
	r = is_there && S_ISDIR(old.st_mode) ? open_lowers(&below, l, name) : 0;
	if (r < 0)
		return fail(w, -r, e);
	r = compare_dir(w, dir, &below, e);
	/* In a full copy a directory has changed when something in it has. */
	if (r >= 0 && w->is_copy && is_there && w->out->n > before &&
	    !str_eq(w->out->v[before].path, str_peek(&w->path)))
		add(w, CHANGE_MODIFIED);
	return r;
}

static int compare_dir(struct walk *w, int upper, const struct changes_view *l, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	size_t len = w->path.len;
	struct stat st;
	int r = file_list_dir(upper, ".", &names, true);

	if (r < 0)
		return fail(w, -r, e);
	if (++w->depth > MAX_DEPTH)
		return fail(w, ELOOP, e);
	for (size_t i = 0; r >= 0 && i < names.n; i++) {
		const char *hidden = w->is_copy ? NULL : whiteout_hides(names.v[i]);

		if (hidden && !*hidden)
			continue;
		str_addf(&w->path, "/%s", hidden ? hidden : names.v[i]);
		if (!hidden)
			r = compare_entry(w, upper, names.v[i], l, e);
		else if (!strv_has(&names, hidden) && find_lower(l, hidden, &st))
			add(w, CHANGE_DELETED);
		str_cut(&w->path, len);
	}
	w->depth--;
	if (r >= 0 && (w->is_copy || whiteout_is_opaque(upper)))
		r = add_missing(w, &names, l, e);
	return r;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(((const struct change *)a)->path, ((const struct change *)b)->path);
}

int changes_compare(struct changes *out, int upper_fd, const int *lower_fds, size_t lower_n,
		    bool is_copy, struct err *e)
{
	struct changes_view l = { .fds = (int *)lower_fds, .n = lower_n };
	struct walk w = { .out = out, .is_copy = is_copy };
	int r = compare_dir(&w, upper_fd, &l, e);

	str_clear(&w.path);
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), compare_paths);
	return r < 0 ? r : 0;
}

/* --- two trees, of layers each ---------------------------------------------------------------- */

/* The same directories, so the same files: most of what two containers of one image have. */
static bool is_same_view(const struct changes_view *a, const struct changes_view *b)
{
	struct stat x, y;

	if (a->n != b->n)
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (fstat(a->fds[i], &x) < 0 || fstat(b->fds[i], &y) < 0 || x.st_ino != y.st_ino ||
		    x.st_dev != y.st_dev)
			return false;
	return true;
}

static int add_names(struct walk *w, struct strv *names, const struct changes_view *v, struct err *e)
{
	struct stat st;

	for (size_t i = 0; i < v->n; i++) {
		auto_of(strv_clear) struct strv list = { 0 };
		int r = file_list_dir(v->fds[i], ".", &list, true);

		if (r < 0)
			return fail(w, -r, e);
		for (size_t k = 0; k < list.n; k++)
			if (!whiteout_hides(list.v[k]) && find_lower(v, list.v[k], &st))
				strv_add(names, list.v[k]);
	}
	return 0;
}

static int compare_views(struct walk *w, const struct changes_view *now, const struct changes_view *before,
			 struct err *e);

static int compare_name(struct walk *w, const char *name, const struct changes_view *now,
			const struct changes_view *before, struct err *e)
{
	auto_of(changes_view_clear) struct changes_view dirs = { 0 }, old_dirs = { 0 };
	struct stat st, old;
	bool is_there = find_lower(now, name, &st), was_there = find_lower(before, name, &old);
	size_t n = w->out->n;
	int r = 0;

	if (!is_there || !was_there)
		add(w, is_there ? CHANGE_ADDED : CHANGE_DELETED);
	else if (!is_same(&st, &old))
		add(w, CHANGE_MODIFIED);
	if (!is_there || !S_ISDIR(st.st_mode))
		return 0;
	r = open_lowers(&dirs, now, name);
	if (r >= 0 && was_there && S_ISDIR(old.st_mode))
		r = open_lowers(&old_dirs, before, name);
	if (r < 0)
		return fail(w, -r, e);
	r = compare_views(w, &dirs, &old_dirs, e);
	/* A directory has changed when something in it has. */
	if (r >= 0 && was_there && w->out->n > n && !str_eq(w->out->v[n].path, str_peek(&w->path)))
		add(w, CHANGE_MODIFIED);
	return r;
}

static int compare_views(struct walk *w, const struct changes_view *now, const struct changes_view *before,
			 struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	size_t len = w->path.len;
	int r = 0;

	if (is_same_view(now, before))
		return 0;
	if (add_names(w, &names, now, e) < 0 || add_names(w, &names, before, e) < 0)
		return -e->code;
	if (++w->depth > MAX_DEPTH)
		return fail(w, ELOOP, e);
	strv_sort(&names);
	for (size_t i = 0; r >= 0 && i < names.n; i++) {
		if (i && str_eq(names.v[i], names.v[i - 1]))
			continue;
		str_addf(&w->path, "/%s", names.v[i]);
		r = compare_name(w, names.v[i], now, before, e);
		str_cut(&w->path, len);
	}
	w->depth--;
	return r;
}

/* --- containers and images -------------------------------------------------------------------- */

/* What the engine itself puts into every container. */
static bool is_ours(const char *path)
{
	static const char *const paths[] = {
		"/dev", "/etc/apt/apt.conf.d/00rootlet-one-id", "/etc/hostname", "/etc/hosts", "/etc/mtab",
		"/etc/resolv.conf", "/proc", "/run", "/run/.containerenv", "/run/secrets", "/sys",
	};

	for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
		if (str_eq(path, paths[i]))
			return true;
	return false;
}

static void drop_ours(struct changes *c)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n; i++) {
		if (is_ours(c->v[i].path))
			free(c->v[i].path);
		else
			c->v[n++] = c->v[i];
	}
	c->n = n;
}

/* chain_ids come bottom first. */
static int open_layers(struct changes_view *out, struct store *s, const struct strv *chain_ids, size_t n,
		       struct err *e)
{
	out->fds = xcalloc(n + 1, sizeof(*out->fds));
	while (n-- > 0) {
		int fd = layer_open_diff(s, chain_ids->v[n], e);

		if (fd < 0)
			return fd;
		out->fds[out->n++] = fd;
		if (whiteout_is_opaque(fd))
			break;
	}
	return 0;
}

int changes_view_image(struct changes_view *out, struct store *s, const char *image_id, struct err *e)
{
	auto_of(images_record_free) struct images_record *image = NULL;
	int r = images_load(&image, s, image_id, e);

	return r < 0 ? r : open_layers(out, s, &image->chain_ids, image->chain_ids.n, e);
}

int changes_of_image(struct changes *out, struct store *s, const char *image_id, struct err *e)
{
	auto_of(images_record_free) struct images_record *image = NULL;
	auto_of(changes_view_clear) struct changes_view l = { 0 };
	autoclose int top = -1;
	int r = images_load(&image, s, image_id, e);

	if (r < 0)
		return r;
	if (!image->chain_ids.n)
		return 0;
	top = layer_open_diff(s, image->chain_ids.v[image->chain_ids.n - 1], e);
	if (top < 0)
		return top;
	r = open_layers(&l, s, &image->chain_ids, image->chain_ids.n - 1, e);
	if (r >= 0)
		r = changes_compare(out, top, l.fds, l.n, false, e);
	if (r >= 0)
		drop_ours(out);
	return r;
}

/* Below the layers stands the host's directory, when the root is one with a writable layer. */
static int open_host_lower(struct changes_view *l, const struct container_config *c, struct err *e)
{
	int fd;

	if (!c->rootfs)
		return 0;
	if (!c->is_rootfs_overlay || str_eq(c->rootfs, "/"))
		return err_set(e, ENOTSUP, "container %.12s works in %s of the host, and what was there "
			       "before is not recorded", c->id, c->rootfs);
	fd = fd_open(c->rootfs, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return err_sys(e, -fd, "open %s", c->rootfs);
	l->fds[l->n++] = fd;
	return 0;
}

/* What is below a container's own files. */
static int open_below(struct changes_view *out, struct engine *g, const struct record *r, struct err *e)
{
	auto_of(ctr_root_clear) struct ctr_root plan = { 0 };

	if (ctr_root_plan(&plan, g, &r->config, e) < 0 ||
	    open_layers(out, g->store, &plan.chain_ids, plan.chain_ids.n, e) < 0 ||
	    open_host_lower(out, &r->config, e) < 0)
		return -e->code;
	return 0;
}

/* Its own files; 1: with the vfs driver those are all of them. */
static int open_top(int *top, struct engine *g, const struct record *r, struct err *e)
{
	*top = fd_openat(r->dirfd, "rootfs", O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	return *top >= 0 ? 1 : rootfs_upper(g->store, r->id, top, e);
}

int changes_view_container(struct changes_view *out, struct engine *g, struct record *r, struct err *e)
{
	auto_of(changes_view_clear) struct changes_view below = { 0 };
	autoclose int top = -1;
	int is_copy = open_top(&top, g, r, e);

	if (is_copy < 0 || (!is_copy && open_below(&below, g, r, e) < 0))
		return -e->code;
	out->fds = xcalloc(below.n + 1, sizeof(*out->fds));
	out->fds[out->n++] = steal_fd(&top);
	if (is_copy || whiteout_is_opaque(out->fds[0]))
		return 0;
	for (size_t i = 0; i < below.n; i++)
		out->fds[out->n++] = steal_fd(&below.fds[i]);
	return 0;
}

int changes_of_container(struct changes *out, struct engine *g, struct record *r, struct err *e)
{
	auto_of(changes_view_clear) struct changes_view below = { 0 };
	autoclose int top = -1;
	int is_copy = open_top(&top, g, r, e);

	if (is_copy < 0 || open_below(&below, g, r, e) < 0 ||
	    changes_compare(out, top, below.fds, below.n, is_copy > 0, e) < 0)
		return -e->code;
	drop_ours(out);
	return 0;
}

int changes_between(struct changes *out, const struct changes_view *now, const struct changes_view *before,
		    struct err *e)
{
	struct walk w = { .out = out };
	int r = compare_views(&w, now, before, e);

	str_clear(&w.path);
	if (r < 0)
		return r;
	if (out->n)
		qsort(out->v, out->n, sizeof(*out->v), compare_paths);
	drop_ours(out);
	return 0;
}
