/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY. Both sides are walked by descriptor, one name at a time, never through a link. A directory is
 * given its owner, mode and times when all in it is there. The second name of a file is linked to the
 * first, which is found again below the destination by a path in which no link counts. */
#include "container/paste_tree.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/hardlinks.h"
#include "base/str.h"
#include "base/sys.h"

#include <dirent.h>

#define MAX_DEPTH 400	/* two descriptors a level */

struct walk {
	const struct paste_tree *args;
	struct str path;	/* in the destination */
	struct hardlinks links;	/* paths below args->dirfd */
	dev_t dst_dev;
	ino_t dst_ino;		/* of the directory made for the top one: it may lie in the source */
	int depth;
};

static int copy_entry(struct walk *w, int src, int dst, const char *name, const char *as,
		      struct err *e);

static int fail(struct walk *w, int r, struct err *e)
{
	if (r == -EISDIR || r == -ENOTDIR)
		return err_set(e, -r, "%s: '%.200s' %s: --overwrite allows that", w->args->shown,
			       str_peek(&w->path),
			       r == -EISDIR ? "would replace a directory" : "is a directory and would "
					      "replace something else");
	return err_sys(e, -r, "copy %s: '%.200s'", w->args->shown, str_peek(&w->path));
}

/* 1: it was there under another name and is linked. */
static int try_link(struct walk *w, const struct stat *st, int dst, const char *as)
{
	const char *first = hardlinks_find(&w->links, st, str_peek(&w->path));
	autoclose int fd = -1;
	int r;

	if (!first)
		return 0;
	fd = sys_openat2(w->args->dirfd, first, O_PATH | O_NOFOLLOW, 0,
			 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS);
	if (fd < 0)
		return 0;	/* gone: then it is copied once more */
	r = paste_link(dst, as, fd, w->args->policy);
	return r == -EXDEV || r == -EPERM ? 0 : r < 0 ? r : 1;
}

static int copy_open_file(struct walk *w, int in, int dst, const char *as)
{
	autoclose int out = -1;
	struct paste_meta m;
	struct stat st;
	int r;

	if (fstat(in, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return 0;	/* swapped since we looked */
	out = paste_file(dst, as, w->args->policy);
	if (out < 0)
		return out;
	r = file_copy_data(in, out);
	if (r < 0)
		return r;
	m = paste_meta_of(&st);
	r = paste_meta_set(out, &m, w->args->policy);
	return r < 0 ? r : paste_xattrs(in, out, w->args->policy);
}

static int copy_link(struct walk *w, int src, const char *name, const struct stat *st, int dst,
		     const char *as)
{
	struct paste_meta m = paste_meta_of(st);
	autofree char *target = NULL;
	int r = file_readlink_at(src, name, &target);

	return r < 0 ? r : paste_symlink(dst, as, target, &m, w->args->policy);
}

static int copy_children(struct walk *w, int in, int out, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	size_t len = w->path.len;
	int r = file_list_dir(in, ".", &names, false);

	if (r < 0)
		return fail(w, r, e);
	if (++w->depth > MAX_DEPTH)
		return fail(w, -ELOOP, e);
	for (size_t i = 0; r >= 0 && i < names.n; i++) {
		str_addf(&w->path, "%s%s", len ? "/" : "", names.v[i]);
		r = copy_entry(w, in, out, names.v[i], names.v[i], e);
		str_cut(&w->path, len);
	}
	w->depth--;
	return r;
}

static int note_top(struct walk *w, const struct stat *in, int out, struct err *e)
{
	struct stat st;

	if (fstat(out, &st) < 0)
		return fail(w, -errno, e);
	if (st.st_dev == in->st_dev && st.st_ino == in->st_ino)
		return err_set(e, EINVAL, "%s: source and destination are the same directory",
			       w->args->shown);
	w->dst_dev = st.st_dev;
	w->dst_ino = st.st_ino;
	return 0;
}

static int copy_open_dir(struct walk *w, int in, int dst, const char *as, struct err *e)
{
	autoclose int out = -1;
	struct paste_meta m;
	struct stat st;
	bool is_new;
	int r;

	if (fstat(in, &st) < 0)
		return fail(w, -errno, e);
	if (st.st_dev == w->dst_dev && st.st_ino == w->dst_ino)
		return 0;	/* our own copy in the making */
	out = paste_dir(dst, as, w->args->policy, &is_new);
	if (out < 0)
		return fail(w, out, e);
	r = w->depth == 0 ? note_top(w, &st, out, e) : 0;
	if (r >= 0)
		r = copy_children(w, in, out, e);
	/* A directory that was there keeps what it is: others rely on it. */
	if (r < 0 || !is_new)
		return r;
	m = paste_meta_of(&st);
	r = paste_xattrs(in, out, w->args->policy);
	if (r >= 0)
		r = paste_meta_set(out, &m, w->args->policy);
	return r < 0 ? fail(w, r, e) : 0;
}

static int copy_dir(struct walk *w, int src, const char *name, int dst, const char *as, struct err *e)
{
	autoclose int in = fd_openat(src, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

	if (in < 0)
		return in == -ENOENT && w->args->is_live ? 0 : fail(w, in, e);
	return copy_open_dir(w, in, dst, as, e);
}

static int copy_entry(struct walk *w, int src, int dst, const char *name, const char *as,
		      struct err *e)
{
	autoclose int in = -1;
	struct paste_meta m;
	struct stat st;
	int r;

	if (fstatat(src, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT && w->args->is_live ? 0 : fail(w, -errno, e);
	if (S_ISDIR(st.st_mode))
		return copy_dir(w, src, name, dst, as, e);
	if (S_ISSOCK(st.st_mode))
		return 0;	/* means nothing without its process */
	r = try_link(w, &st, dst, as);
	if (r == 0 && S_ISREG(st.st_mode)) {
		in = fd_openat(src, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
		r = in < 0 ? in : copy_open_file(w, in, dst, as);
		if (r == -ENOENT && w->args->is_live)
			r = 0;
	} else if (r == 0 && S_ISLNK(st.st_mode)) {
		r = copy_link(w, src, name, &st, dst, as);
	} else if (r == 0) {
		m = paste_meta_of(&st);
		r = paste_node(dst, as, st.st_rdev, &m, w->args->policy);
	}
	return r < 0 ? fail(w, r, e) : 0;
}

/* The thing itself has no directory and name that we could trust: it is what the descriptor says. */
static int copy_top(struct walk *w, struct err *e)
{
	const struct paste_tree *a = w->args;
	autoclose int in = -1;
	struct paste_meta m;
	struct stat st;
	int r;

	if (fstat(a->src_fd, &st) < 0)
		return fail(w, -errno, e);
	m = paste_meta_of(&st);
	if (S_ISLNK(st.st_mode)) {
		r = copy_link(w, a->src_fd, "", &st, a->dirfd, a->name);
		return r < 0 ? fail(w, r, e) : 0;
	}
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode)) {
		r = paste_node(a->dirfd, a->name, st.st_rdev, &m, a->policy);
		return r < 0 ? fail(w, r, e) : 0;
	}
	in = fd_reopen(a->src_fd, S_ISDIR(st.st_mode) ? O_RDONLY | O_DIRECTORY : O_RDONLY | O_NONBLOCK);
	if (in < 0)
		return fail(w, in, e);
	if (S_ISREG(st.st_mode)) {
		r = copy_open_file(w, in, a->dirfd, a->name);
		return r < 0 ? fail(w, r, e) : 0;
	}
	if (a->name)
		return copy_open_dir(w, in, a->dirfd, a->name, e);
	r = note_top(w, &st, a->dirfd, e);
	return r < 0 ? r : copy_children(w, in, a->dirfd, e);
}

int paste_tree(const struct paste_tree *args, struct err *e)
{
	struct walk w = { .args = args };
	int r;

	str_add(&w.path, args->name ? args->name : "");
	r = copy_top(&w, e);
	hardlinks_clear(&w.links);
	str_clear(&w.path);
	return r < 0 ? r : 0;
}
