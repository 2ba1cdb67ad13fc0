/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/tar_out.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/hardlinks.h"
#include "base/strv.h"
#include "storage/tar_meta.h"
#include "storage/whiteout.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#define MAX_DEPTH 400	/* a descriptor a level */
#define CHUNK (1 << 20)

struct out {
	struct tar_writer *w;
	const struct tar_out_args *args;
	struct str path;		/* in the archive */
	struct hardlinks links;		/* paths in the archive */
	char *chunk;			/* owned */
	int depth;
};

static int add_entry(struct out *o, int dirfd, const char *name, struct err *e);

static int fail(struct out *o, int code, struct err *e)
{
	return err_sys(e, code, "archive '%.200s'", str_peek(&o->path));
}

static bool is_internal(const char *name)
{
	return str_has_prefix(name, "user.overlay.") ||
	       str_has_prefix(name, "user.fuseoverlayfs.") ||
	       str_has_prefix(name, "user.rootlet.") || str_has_prefix(name, "security.selinux") ||
	       str_has_prefix(name, "trusted.");
}

/* Attributes of an open file; false when it has none that belong into an archive. */
static bool load_xattrs(int fd, struct tar_xattr **out, size_t *n)
{
	char list[8192];
	autofree char *value = NULL;
	ssize_t len = flistxattr(fd, list, sizeof(list));

	*out = NULL;
	*n = 0;
	for (const char *name = list; len > 0 && name < list + len; name += strlen(name) + 1) {
		ssize_t size;

		if (is_internal(name))
			continue;
		if (!value)
			value = xmalloc(65536);
		size = fgetxattr(fd, name, value, 65536);
		if (size < 0)
			continue;
		*out = xreallocarray(*out, *n + 1, sizeof(**out));
		(*out)[(*n)++] = (struct tar_xattr){ .name = xstrdup(name),
						     .value = xmemdup(value, size),
						     .len = size };
	}
	return *n > 0;
}

static void free_xattrs(struct tar_xattr *v, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		free(v[i].name);
		free(v[i].value);
	}
	free(v);
}

static void set_owner(struct out *o, const struct stat *st, int fd, struct tar_writer_entry *n)
{
	char text[32];
	unsigned int uid, gid;
	ssize_t len;

	n->uid = idmap_inside(o->args->uid_map, st->st_uid);
	n->gid = idmap_inside(o->args->gid_map, st->st_gid);
	if (!o->args->is_single_id || fd < 0)
		return;
	len = fgetxattr(fd, TAR_OWNER_XATTR, text, sizeof(text) - 1);
	if (len <= 0)
		return;
	text[len] = 0;
	if (sscanf(text, "%u:%u", &uid, &gid) == 2) {
		n->uid = uid;
		n->gid = gid;
	}
}

static struct tar_writer_entry entry_of(struct out *o, const struct stat *st, int fd, char type)
{
	struct tar_writer_entry n = { .type = type, .path = str_peek(&o->path),
				      .mode = st->st_mode & 07777, .mtime = st->st_mtim.tv_sec };

	set_owner(o, st, fd, &n);
	return n;
}

static int add_data(struct out *o, int fd, uint64_t size, struct err *e)
{
	while (size) {
		size_t want = size < CHUNK ? size : CHUNK;
		ssize_t n = read(fd, o->chunk, want);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(o, errno, e);
		/* The file became shorter while it was read: its size was announced. */
		if (n == 0) {
			memset(o->chunk, 0, want);
			n = want;
		}
		r = tar_writer_data(o->w, o->chunk, n, e);
		if (r < 0)
			return r;
		size -= n;
	}
	return 0;
}

static int add_file(struct out *o, int dirfd, const char *name, struct err *e)
{
	autoclose int fd = fd_openat(dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct tar_writer_entry n;
	struct tar_xattr *xattrs;
	size_t xattr_n;
	struct stat st;
	int r;

	if (fd < 0)
		return fail(o, -fd, e);
	/* It may have been swapped since it was looked at. */
	if (fstat(fd, &st) < 0)
		return fail(o, errno, e);
	if (!S_ISREG(st.st_mode))
		return 0;
	n = entry_of(o, &st, fd, '0');
	n.size = st.st_size;
	load_xattrs(fd, &xattrs, &xattr_n);
	n.xattrs = xattrs;
	n.xattr_n = xattr_n;
	r = tar_writer_add(o->w, &n, e);
	free_xattrs(xattrs, xattr_n);
	return r < 0 ? r : add_data(o, fd, n.size, e);
}

static int add_whiteout(struct out *o, const char *name, struct err *e)
{
	size_t dir = o->path.len - strlen(name);
	autofree char *path = xasprintf("%.*s.wh.%s", (int)dir, str_peek(&o->path), name);
	struct tar_writer_entry n = { .type = '0', .path = path };

	return tar_writer_add(o->w, &n, e);
}

static int add_opaque(struct out *o, struct err *e)
{
	autofree char *path = xasprintf("%s%s.wh..wh..opq", str_peek(&o->path),
					o->path.len ? "/" : "");
	struct tar_writer_entry n = { .type = '0', .path = path };

	return tar_writer_add(o->w, &n, e);
}

static int list_names(int dirfd, struct strv *names)
{
	int fd = fd_openat(dirfd, ".", O_RDONLY | O_DIRECTORY);
	struct dirent *entry;
	DIR *dir;

	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		fd_close(&fd);
		return -ENOMEM;
	}
	while ((entry = readdir(dir)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			strv_add(names, entry->d_name);
	closedir(dir);
	strv_sort(names);
	return 0;
}

static int add_children(struct out *o, int fd, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	size_t len = o->path.len;
	int r = list_names(fd, &names);

	if (r < 0)
		return fail(o, -r, e);
	if (++o->depth > MAX_DEPTH)
		return fail(o, ELOOP, e);
	for (size_t i = 0; r >= 0 && i < names.n; i++) {
		str_addf(&o->path, "%s%s", len ? "/" : "", names.v[i]);
		r = add_entry(o, fd, names.v[i], e);
		str_cut(&o->path, len);
	}
	o->depth--;
	return r;
}

static int add_open_dir(struct out *o, int fd, struct err *e)
{
	struct tar_writer_entry n;
	struct tar_xattr *xattrs;
	size_t xattr_n;
	struct stat st;
	int r;

	if (fstat(fd, &st) < 0)
		return fail(o, errno, e);
	n = entry_of(o, &st, fd, '5');
	load_xattrs(fd, &xattrs, &xattr_n);
	n.xattrs = xattrs;
	n.xattr_n = xattr_n;
	r = tar_writer_add(o->w, &n, e);
	free_xattrs(xattrs, xattr_n);
	if (r == 0 && o->args->has_whiteouts && whiteout_is_opaque(fd))
		r = add_opaque(o, e);
	return r < 0 ? r : add_children(o, fd, e);
}

static int add_special(struct out *o, int dirfd, const char *name, const struct stat *st,
		       struct err *e)
{
	autofree char *target = NULL;
	struct tar_writer_entry n;
	int r;

	if (S_ISLNK(st->st_mode)) {
		r = file_readlink_at(dirfd, name, &target);
		if (r < 0)
			return fail(o, -r, e);
		n = entry_of(o, st, -1, '2');
		n.mode = 0777;
		n.link = target;
		return tar_writer_add(o->w, &n, e);
	}
	if (whiteout_is_node(st))
		return o->args->has_whiteouts ? add_whiteout(o, name, e) : 0;
	if (S_ISSOCK(st->st_mode))
		return 0;
	n = entry_of(o, st, -1, S_ISCHR(st->st_mode) ? '3' : S_ISBLK(st->st_mode) ? '4' : '6');
	n.major = major(st->st_rdev);
	n.minor = minor(st->st_rdev);
	return tar_writer_add(o->w, &n, e);
}

static int add_entry(struct out *o, int dirfd, const char *name, struct err *e)
{
	const struct tar_out_args *a = o->args;
	autoclose int fd = -1;
	const char *link;
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : fail(o, errno, e);
	if (a->wants && !a->wants(a->wants_arg, str_peek(&o->path)))
		return 0;
	/* What fuse-overlayfs notes in files: opaque directories are said with the directory. */
	if (a->has_whiteouts && (link = whiteout_hides(name))) {
		struct tar_writer_entry n = { .type = '0', .path = str_peek(&o->path) };

		return *link ? tar_writer_add(o->w, &n, e) : 0;
	}
	if (S_ISDIR(st.st_mode)) {
		fd = fd_openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		return fd < 0 ? fail(o, -fd, e) : add_open_dir(o, fd, e);
	}
	link = S_ISSOCK(st.st_mode) || S_ISCHR(st.st_mode)
		       ? NULL
		       : hardlinks_find(&o->links, &st, str_peek(&o->path));
	if (link) {
		struct tar_writer_entry n = entry_of(o, &st, -1, '1');

		n.link = link;
		return tar_writer_add(o->w, &n, e);
	}
	if (S_ISREG(st.st_mode))
		return add_file(o, dirfd, name, e);
	return add_special(o, dirfd, name, &st, e);
}

int tar_out(struct tar_writer *w, const struct tar_out_args *args, struct err *e)
{
	struct out o = { .w = w, .args = args, .chunk = xmalloc(CHUNK) };
	int r;

	if (args->as || args->name)
		str_add(&o.path, args->as ? args->as : args->name);
	if (args->name)
		r = add_entry(&o, args->dirfd, args->name, e);
	else
		r = add_open_dir(&o, args->dirfd, e);
	hardlinks_clear(&o.links);
	str_clear(&o.path);
	free(o.chunk);
	return r < 0 ? r : 0;
}
