/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY. Names in the source are an image's, so every step is one name below a descriptor, never
 * followed. Hard links are found again by inode number; the second name is linked to the first
 * through a path below dst that may not hold any link. */
#include "storage/tree_copy.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/hardlinks.h"
#include "base/str.h"
#include "base/sys.h"
#include "storage/lower_data.h"
#include "storage/whiteout.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MAX_DEPTH 300	/* tar_extract allows fewer; two descriptors a level */

struct copy {
	const struct tree_copy_args *args;
	struct str path;	/* where we are, for links and messages */
	struct hardlinks links;	/* paths below dst */
	size_t data_n;		/* names given in data_dirfd */
	int depth;
};

static int copy_dir(struct copy *c, int src, int dst, struct err *e);

uint32_t tree_copy_map_id(const struct idmap *map, uint32_t id)
{
	uint32_t outside;

	if (!map || !map->n)
		return id;
	outside = idmap_outside(map, id);
	if (outside != IDMAP_NONE)
		return outside;
	return id == 0 ? 0 : tree_copy_map_id(map, id == 65534 ? 0 : 65534);
}

static int fail(struct copy *c, const char *name, int r, struct err *e)
{
	return err_sys(e, -r, "copy %s%s%s", str_peek(&c->path), c->path.len ? "/" : "", name);
}

/* 1: it was seen under another name and is linked; 0: the first time. */
static int try_link(struct copy *c, const struct stat *st, int dst, const char *name)
{
	autofree char *path = xasprintf("%s%s%s", str_peek(&c->path), c->path.len ? "/" : "", name);
	const char *first = hardlinks_find(&c->links, st, path);
	autoclose int fd = -1;

	if (!first)
		return 0;
	fd = sys_openat2(c->args->dst_dirfd, first, O_PATH | O_NOFOLLOW, 0,
			 RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
	if (fd < 0)
		return fd;
	if (linkat(AT_FDCWD, fd_path(fd).s, dst, name, AT_SYMLINK_FOLLOW) < 0)
		return -errno;
	return 1;
}

static int copy_xattrs(int src, int dst, bool skip_opaque)
{
	char list[4096], value[65536];
	ssize_t n = flistxattr(src, list, sizeof(list));

	if (n < 0)
		return errno == ENOTSUP ? 0 : -errno;
	for (const char *name = list; name < list + n; name += strlen(name) + 1) {
		ssize_t len;

		if (skip_opaque && (strcmp(name, "user.overlay.opaque") == 0 ||
				    strcmp(name, "user.fuseoverlayfs.opaque") == 0))
			continue;
		/* A namespaced capability is read as plain and written for our root again. */
		len = fgetxattr(src, name, value, sizeof(value));
		if (len < 0)
			return errno == ENODATA ? 0 : -errno;
		if (fsetxattr(dst, name, value, len, 0) < 0 && errno != EPERM && errno != ENOTSUP)
			return -errno;
	}
	return 0;
}

/* Owner, mode, attributes, times; the owner first, because changing it clears setuid. */
static int copy_meta(struct copy *c, const struct stat *st, int src, int dst, bool skip_opaque)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };
	int r;

	if (fchown(dst, tree_copy_map_id(c->args->uid_map, st->st_uid),
		   tree_copy_map_id(c->args->gid_map, st->st_gid)) < 0 ||
	    fchmod(dst, st->st_mode & 07777) < 0)
		return -errno;
	r = copy_xattrs(src, dst, skip_opaque);
	if (r < 0)
		return r;
	return futimens(dst, times) < 0 ? -errno : 0;
}

/* Without its content. -EMLINK: the file has too many names already. */
static int copy_file_head(struct copy *c, const struct stat *st, int src, int in, int dst,
			  const char *name)
{
	autofree char *data_name = xasprintf("%s%zu", c->args->data_prefix, c->data_n);
	autoclose int out = -1;
	int r;

	if (linkat(src, name, c->args->data_dirfd, data_name, 0) < 0)
		return -errno;
	c->data_n++;
	out = fd_createat(dst, name, O_WRONLY | O_EXCL | O_NOFOLLOW, 0600);
	if (out < 0)
		return out;
	r = ftruncate(out, st->st_size) < 0 ? -errno : lower_data_mark(out, data_name);
	return r < 0 ? r : copy_meta(c, st, in, out, false);
}

static int copy_file(struct copy *c, const struct stat *st, int src, int dst, const char *name)
{
	autoclose int in = fd_openat(src, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK), out = -1;
	int r;

	if (in < 0)
		return in;
	if (c->args->data_prefix && st->st_size) {
		r = copy_file_head(c, st, src, in, dst, name);
		if (r != -EMLINK)
			return r;
	}
	out = fd_createat(dst, name, O_WRONLY | O_EXCL | O_NOFOLLOW, 0600);
	if (out < 0)
		return out;
	r = file_copy_data(in, out);
	return r < 0 ? r : copy_meta(c, st, in, out, false);
}

static int copy_other(struct copy *c, const struct stat *st, int src, int dst, const char *name)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };
	autofree char *target = NULL;
	int r;

	if (S_ISLNK(st->st_mode)) {
		r = file_readlink_at(src, name, &target);
		if (r < 0)
			return r;
		if (symlinkat(target, dst, name) < 0)
			return -errno;
	} else if (mknodat(dst, name, st->st_mode, st->st_rdev) < 0) {
		return -errno;
	}
	if (fchownat(dst, name, tree_copy_map_id(c->args->uid_map, st->st_uid),
		     tree_copy_map_id(c->args->gid_map, st->st_gid), AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	r = S_ISLNK(st->st_mode) ? 0 : file_chmod_at(dst, name, st->st_mode & 07777);
	if (r < 0)
		return r;
	return utimensat(dst, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static int copy_subdir(struct copy *c, const struct stat *st, int src, int dst, const char *name,
		       struct err *e)
{
	autoclose int in = fd_openat(src, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	autoclose int out = -1;
	size_t len = c->path.len;
	int r;

	if (in < 0)
		return fail(c, name, in, e);
	if (c->args->is_layer_over && whiteout_is_opaque(in)) {
		r = file_remove_tree(dst, name);
		if (r < 0)
			return fail(c, name, r, e);
	}
	if (mkdirat(dst, name, 0700) < 0 && errno != EEXIST)
		return fail(c, name, -errno, e);
	out = fd_openat(dst, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (out < 0)
		return fail(c, name, out, e);
	if (++c->depth > MAX_DEPTH)
		return fail(c, name, -ELOOP, e);
	str_addf(&c->path, "%s%s", len ? "/" : "", name);
	r = copy_dir(c, in, out, e);
	str_cut(&c->path, len);
	c->depth--;
	if (r < 0)
		return r;
	r = copy_meta(c, st, in, out, c->args->is_layer_over);
	return r < 0 ? fail(c, name, r, e) : 0;
}

static int copy_entry(struct copy *c, int src, int dst, const char *name, struct err *e)
{
	const char *hidden = c->args->is_layer_over ? whiteout_hides(name) : NULL;
	struct stat st, old;
	int r;

	if (hidden) {
		/* A new thing of that name in the same layer stays. */
		r = *hidden && !file_exists_at(src, hidden) ? file_remove_tree(dst, hidden) : 0;
		return r < 0 ? fail(c, name, r, e) : 0;
	}
	if (fstatat(src, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(c, name, -errno, e);
	if (c->args->is_layer_over && fstatat(dst, name, &old, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !(S_ISDIR(st.st_mode) && S_ISDIR(old.st_mode))) {
		r = file_remove_tree(dst, name);
		if (r < 0)
			return fail(c, name, r, e);
	}
	if (S_ISDIR(st.st_mode))
		return copy_subdir(c, &st, src, dst, name, e);
	if (c->args->is_layer_over && whiteout_is_node(&st))
		return 0;
	r = try_link(c, &st, dst, name);
	if (r == 0)
		r = S_ISREG(st.st_mode) ? copy_file(c, &st, src, dst, name)
					: copy_other(c, &st, src, dst, name);
	return r < 0 ? fail(c, name, r, e) : 0;
}

static int copy_dir(struct copy *c, int src, int dst, struct err *e)
{
	struct dirent *entry;
	DIR *dir;
	int fd = fd_openat(src, ".", O_RDONLY | O_DIRECTORY), r = 0;

	dir = fd < 0 ? NULL : fdopendir(fd);
	if (!dir) {
		r = fd < 0 ? fd : -errno;
		fd_close(&fd);
		return fail(c, ".", r, e);
	}
	while (r == 0 && (errno = 0, entry = readdir(dir))) {
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			r = copy_entry(c, src, dst, entry->d_name, e);
	}
	if (r == 0 && errno)
		r = fail(c, ".", -errno, e);
	closedir(dir);
	return r;
}

int tree_copy(const struct tree_copy_args *args, struct err *e)
{
	struct copy c = { .args = args };
	struct stat st;
	int r;

	if (fstat(args->src_dirfd, &st) < 0)
		return err_sys(e, errno, "copy a directory");
	r = copy_dir(&c, args->src_dirfd, args->dst_dirfd, e);
	if (r == 0) {
		r = copy_meta(&c, &st, args->src_dirfd, args->dst_dirfd, args->is_layer_over);
		if (r < 0)
			r = fail(&c, ".", r, e);
	}
	hardlinks_clear(&c.links);
	str_clear(&c.path);
	return r;
}
