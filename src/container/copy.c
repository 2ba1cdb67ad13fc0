/* SPDX-License-Identifier: Apache-2.0 */
#include "container/copy.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "container/copy_stream.h"
#include "container/ctr_userns.h"
#include "container/ctr_view.h"
#include "container/paste_tree.h"
#include "container/record.h"
#include "runtime/passwd.h"
#include "storage/store.h"
#include "storage/tree_copy.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct end {
	struct record *record;		/* owned; NULL: the host */
	struct ctr_view view;
	char *path;			/* owned; as written */
	bool is_stream, has_slash, is_contents;
	bool is_named_by_target;	/* a link in a container gives the name of what it leads to: podman's way only */
	int fd;				/* owned; what is there (O_PATH), -1 */
	struct stat st;			/* of fd */
};

/* Where the copy goes. */
struct target {
	int dirfd;			/* owned */
	char *name;			/* owned; NULL: into dirfd itself */
	int file_fd;			/* owned; a file to be written in place; -1 */
};

static void end_clear(struct end *x)
{
	fd_close(&x->fd);
	free(x->path);
	ctr_view_clear(&x->view);
	record_free(x->record);
}
DEFINE_AUTO_VALUE(struct end, end_clear)

static void target_clear(struct target *t)
{
	fd_close(&t->dirfd);
	fd_close(&t->file_fd);
	free(t->name);
}
DEFINE_AUTO_VALUE(struct target, target_clear)

char *copy_split(const char *text, const char **path)
{
	const char *colon = strchr(text, ':');

	if (*text == '/' || *text == '.' || !colon || colon == text)
		return NULL;
	*path = colon + 1;
	return xstrndup(text, colon - text);
}

static int end_parse(struct end *x, struct engine *g, const char *text, struct err *e)
{
	const char *path = text;
	autofree char *container = NULL;

	if (str_eq(text, "-")) {
		x->is_stream = true;
		return 0;
	}
	container = copy_split(text, &path);
	if (!*path)
		return err_set(e, ERR_USAGE, "'%s' has no path", text);
	x->path = xstrdup(path);
	x->has_slash = str_has_suffix(path, "/") || str_has_suffix(path, "/.");
	x->is_contents = str_has_suffix(path, "/.") || str_eq(path, ".");
	if (!container)
		return 0;
	/* Every path of a container is one below its root. */
	free(x->path);
	x->path = xasprintf("%s%s", *path == '/' ? "" : "/", path);
	x->has_slash |= x->is_contents;
	return record_open(&x->record, g, container, e);
}

static int end_open(const struct end *x, const char *path, int flags)
{
	return x->record ? root_open(x->view.root_fd, path, flags) : fd_open(path, flags);
}

static const char *where(const struct end *x)
{
	return x->record ? x->record->config.name : "the host";
}

/* 1: fd and st are filled in; 0: there is nothing. */
static int end_look(struct end *x, bool is_following, struct err *e)
{
	x->fd = end_open(x, x->path, O_PATH | (is_following ? 0 : O_NOFOLLOW));
	if (x->fd == -ENOENT)
		return 0;
	if (x->fd < 0)
		return err_sys(e, -x->fd, "'%s' on %s", x->path, where(x));
	if (fstat(x->fd, &x->st) < 0)
		return err_sys(e, errno, "'%s' on %s", x->path, where(x));
	return 1;
}

static int no_such(const struct end *x, struct err *e)
{
	return err_set(e, ENOENT, "\"%s\" could not be found on %s%s: no such file or directory", x->path,
		       x->record ? "container " : "", where(x));
}

static int open_source(struct end *x, bool is_following, struct err *e)
{
	int r = end_look(x, is_following || x->has_slash, e);

	if (r <= 0)
		return r < 0 ? r : no_such(x, e);
	if (x->has_slash && !S_ISDIR(x->st.st_mode))
		return err_set(e, ENOTDIR, "'%s' on %s is not a directory", x->path, where(x));
	return 0;
}

/* The name of what a link leads to; NULL: the source is none. */
static char *target_name(const struct end *x)
{
	autofree char *clean = path_clean(x->path);
	autoclose int fd = end_open(x, clean, O_PATH | O_NOFOLLOW);
	char real[PATH_MAX];
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISLNK(st.st_mode))
		return NULL;
	n = readlink(fd_path(x->fd).s, real, sizeof(real) - 1);
	if (n <= 0)
		return NULL;
	real[n] = 0;
	return *path_base(real) ? xstrdup(path_base(real)) : NULL;
}

/* Under which name a source goes into a directory; NULL: its contents do. */
static char *name_of(const struct end *x)
{
	autofree char *clean = path_clean(x->path);
	char *real;

	if (x->is_contents || str_eq(clean, "/"))
		return NULL;
	real = x->is_named_by_target ? target_name(x) : NULL;
	if (real)
		return real;
	if (!str_eq(path_base(clean), ".."))
		return xstrdup(path_base(clean));
	real = x->record ? NULL : realpath(x->path, NULL);
	return real ? xstrdup(path_base(real)) : NULL;
}

/* --- the destination ------------------------------------------------------------------------ */

static int target_parent(struct target *t, const struct end *dst, struct err *e)
{
	autofree char *clean = path_clean(dst->path), *dir = path_dir(clean);

	t->dirfd = end_open(dst, dir, O_PATH | O_DIRECTORY);
	if (t->dirfd == -ENOENT)
		return err_set(e, ENOENT, "\"%s\" could not be found on %s%s: no such directory", dir,
			       dst->record ? "container " : "", where(dst));
	if (t->dirfd < 0)
		return err_sys(e, -t->dirfd, "'%s' on %s", dir, where(dst));
	t->name = xstrdup(path_base(clean));
	return 0;
}

/* A link that the destination is, or something on the host that is no file (/dev/stdout), is written
 * to; a file is replaced, so that other names of it keep what they have. */
static int target_file(struct target *t, const struct end *dst, const struct end *src, struct err *e)
{
	struct stat st = dst->st;
	autoclose int fd = end_open(dst, dst->path, O_PATH | O_NOFOLLOW);

	if (dst->has_slash)
		return err_set(e, ENOTDIR, "'%s' on %s is not a directory", dst->path, where(dst));
	if (fd >= 0 && fstat(fd, &st) < 0)
		return err_sys(e, errno, "'%s' on %s", dst->path, where(dst));
	if (!S_ISREG(src->st.st_mode) || (S_ISREG(st.st_mode) && st.st_ino == dst->st.st_ino) ||
	    (dst->record && !S_ISREG(dst->st.st_mode)))
		return target_parent(t, dst, e);
	t->file_fd = fd_reopen(dst->fd, O_WRONLY | O_TRUNC | O_NOCTTY);
	return t->file_fd < 0 ? err_sys(e, -t->file_fd, "write '%s' on %s", dst->path, where(dst)) : 0;
}

static int open_target(struct target *t, struct end *dst, const struct end *src, bool is_overwriting,
		       struct err *e)
{
	int r = end_look(dst, true, e);

	if (r < 0)
		return r;
	if (r == 0 && dst->has_slash && !S_ISDIR(src->st.st_mode))
		return no_such(dst, e);
	if (r == 0)
		return target_parent(t, dst, e);
	if (S_ISDIR(dst->st.st_mode)) {
		t->dirfd = fd_dup(dst->fd);
		t->name = name_of(src);
		return t->dirfd < 0 ? err_sys(e, -t->dirfd, "'%s'", dst->path) : 0;
	}
	if (S_ISDIR(src->st.st_mode) && !is_overwriting)
		return err_set(e, ENOTDIR, "destination must be a directory when copying a directory: "
			       "'%s' on %s is a file", dst->path, where(dst));
	return target_file(t, dst, src, e);
}

/* --- owners ---------------------------------------------------------------------------------- */

/* The user that the container runs as, in ids of the session. */
static int container_user(struct paste_policy *p, struct engine *g, const struct end *dst, struct err *e)
{
	auto_of(passwd_user_clear) struct passwd_user user = { 0 };
	auto_of(ctr_userns_clear) struct ctr_userns u = { 0 };
	const char *text = dst->record->config.user;
	int r;

	if (ctr_userns_plan(&u, g->session, &dst->record->config, e) < 0)
		return -e->code;
	if (str_empty(text))
		text = u.default_user ? u.default_user : "0:0";
	r = g->is_docker ? 0 : passwd_resolve(&user, dst->view.root_fd, text, NULL, e);
	if (r < 0)
		return r;
	p->has_owner = true;
	p->uid = tree_copy_map_id(&dst->view.uid_map, user.uid);
	p->gid = tree_copy_map_id(&dst->view.gid_map, user.gid);
	return 0;
}

static int make_policy(struct paste_policy *p, struct engine *g, const struct copy_args *a,
		       const struct end *src, const struct end *dst, struct err *e)
{
	bool keeps = g->is_docker ? a->archive == 1 : a->archive == 0;

	p->is_overwriting = a->is_overwriting;
	p->is_host = !dst->record;
	/* With one id everything is root's in there, and nothing else can be said. */
	if (g->store->is_single_id)
		return 0;
	if (!keeps)
		return dst->record ? container_user(p, g, dst, e) : 0;
	p->keeps_owner = dst->record || g->is_docker;
	p->from_uid_map = &src->view.uid_map;
	p->from_gid_map = &src->view.gid_map;
	p->to_uid_map = &dst->view.uid_map;
	p->to_gid_map = &dst->view.gid_map;
	return 0;
}

/* --- the three ways ------------------------------------------------------------------------- */

static int write_in_place(const struct end *src, int out_fd, struct err *e)
{
	autoclose int in_fd = fd_reopen(src->fd, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	int r = in_fd < 0 ? in_fd : file_copy_data(in_fd, out_fd);

	return r < 0 ? err_sys(e, -r, "copy '%s'", src->path) : 0;
}

static int copy_tree(struct end *src, struct end *dst, const struct copy_args *a,
		     const struct paste_policy *p, struct err *e)
{
	auto_of(target_clear) struct target t = { .dirfd = -1, .file_fd = -1 };
	struct paste_tree tree = { .src_fd = src->fd, .shown = a->src, .policy = p,
				   .is_live = src->view.is_live };

	if (open_target(&t, dst, src, a->is_overwriting, e) < 0)
		return -e->code;
	if (t.file_fd >= 0)
		return write_in_place(src, t.file_fd, e);
	tree.dirfd = t.dirfd;
	tree.name = t.name;
	return paste_tree(&tree, e);
}

static int copy_in_stream(struct engine *g, struct end *dst, const struct paste_policy *p, struct err *e)
{
	autoclose int dirfd = -1;
	int r = end_look(dst, true, e);

	if (r < 0)
		return r;
	if (r == 0 || !S_ISDIR(dst->st.st_mode))
		return err_set(e, ENOTDIR, "destination must be a directory when copying from stdin: '%s' on %s",
			       dst->path, where(dst));
	dirfd = fd_reopen(dst->fd, O_RDONLY | O_DIRECTORY);
	if (dirfd < 0)
		return err_sys(e, -dirfd, "'%s' on %s", dst->path, where(dst));
	if (copy_stream_in(g, STDIN_FILENO, dirfd, p, e) >= 0)
		return 0;
	if (e->code == EBADMSG)
		err_wrap(e, "source must be a (compressed) tar archive when copying from stdin");
	return -e->code;
}

static int copy_out_stream(struct end *src, struct err *e)
{
	autofree char *name = NULL;
	struct copy_stream s = {
		.fd = src->fd, .uid_map = &src->view.uid_map,
		.gid_map = &src->view.gid_map, .out_fd = STDOUT_FILENO,
	};

	src->is_named_by_target = false;
	s.name = name = name_of(src);
	return copy_stream_out(&s, e);
}

static int open_views(struct engine *g, struct end *src, struct end *dst, struct err *e)
{
	struct end *order[2] = { src, dst };

	/* Two stopped containers are locked in the order of their ids, whoever comes first. */
	if (src->record && dst->record && strcmp(src->record->id, dst->record->id) > 0) {
		order[0] = dst;
		order[1] = src;
	}
	for (size_t i = 0; i < 2; i++) {
		struct end *x = order[i];

		if (x->record && ctr_view_open(&x->view, g, x->record, CTR_VIEW_ALL, e) < 0)
			return -e->code;
	}
	return 0;
}

/* Within one container both ends see one root. */
static int share_view(struct end *src, struct end *dst, struct engine *g, struct err *e)
{
	if (ctr_view_open(&src->view, g, src->record, CTR_VIEW_ALL, e) < 0)
		return -e->code;
	dst->view.root_fd = fd_dup(src->view.root_fd);
	idmap_copy(&dst->view.uid_map, &src->view.uid_map);
	idmap_copy(&dst->view.gid_map, &src->view.gid_map);
	dst->view.is_live = src->view.is_live;
	return 0;
}

int copy_files(struct engine *g, const struct copy_args *args, struct err *e)
{
	auto_of(end_clear) struct end src = { .view = CTR_VIEW_NONE, .fd = -1 };
	auto_of(end_clear) struct end dst = { .view = CTR_VIEW_NONE, .fd = -1 };
	struct paste_policy policy = { 0 };
	int r;

	if (end_parse(&src, g, args->src, e) < 0 || end_parse(&dst, g, args->dst, e) < 0)
		return -e->code;
	src.is_named_by_target = src.record && !g->is_docker;
	if (!src.record && !dst.record)
		return err_set(e, ERR_USAGE, "'%s' and '%s': one of the two must be CONTAINER:PATH",
			       args->src, args->dst);
	if (src.record && dst.record && str_eq(src.record->id, dst.record->id))
		r = share_view(&src, &dst, g, e);
	else
		r = open_views(g, &src, &dst, e);
	if (r >= 0 && !src.is_stream)
		r = open_source(&src, args->is_following || !g->is_docker, e);
	if (r >= 0 && dst.is_stream)
		return copy_out_stream(&src, e);
	if (r >= 0)
		r = make_policy(&policy, g, args, &src, &dst, e);
	if (r < 0)
		return r;
	return src.is_stream ? copy_in_stream(g, &dst, &policy, e)
			     : copy_tree(&src, &dst, args, &policy, e);
}
