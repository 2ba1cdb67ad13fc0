/* SPDX-License-Identifier: Apache-2.0 */
#include "container/paste_tar.h"

#include "base/fd.h"
#include "base/str.h"
#include "base/strv.h"
#include "base/sys.h"
#include "storage/tar_dirs.h"
#include "storage/tar_reader.h"

#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define CHUNK (256 << 10)

struct dir_meta {
	char *path;		/* owned */
	struct paste_meta meta;
};

struct unpacking {
	int dirfd;
	const struct paste_policy *policy;
	struct tar_dirs dirs;
	int fd;			/* owned; the file being written, -1 */
	uint64_t size;		/* of it */
	struct paste_meta meta;
	char *path;		/* owned; of the entry, clean */
	struct dir_meta *later;	/* owned; directories that we made get their times last */
	size_t later_n;
};

static int fail(struct unpacking *u, int r, struct err *e)
{
	if (r == -EISDIR || r == -ENOTDIR)
		return err_set(e, -r, "unpack '%.200s': a directory would replace something else, or "
			       "the reverse: --overwrite allows that", u->path);
	return err_sys(e, -r, "unpack '%.200s'", u->path);
}

/* Relative, without "." and "//"; "" is the directory itself. */
static int clean(const char *path, char **out, struct err *e)
{
	auto_of(strv_clear) struct strv parts = { 0 };
	auto_of(str_clear) struct str s = { 0 };

	strv_split(&parts, path, '/');
	for (size_t i = 0; i < parts.n; i++) {
		if (str_eq(parts.v[i], ".."))
			return err_set(e, EINVAL, "refusing the archive: '%.200s' leads upwards", path);
		if (*parts.v[i] && !str_eq(parts.v[i], "."))
			str_addf(&s, "%s%s", s.len ? "/" : "", parts.v[i]);
	}
	*out = str_steal(&s);
	return 0;
}

/* The directory of path (borrowed) and its last name. */
static int open_parent(struct unpacking *u, const char *path, const char **name)
{
	const char *slash = strrchr(path, '/');

	*name = slash ? slash + 1 : path;
	return tar_dirs_open(&u->dirs, path, slash ? slash - path : 0, true);
}

static struct paste_meta meta_of(const struct tar_entry *t)
{
	static const mode_t types[] = { ['0'] = S_IFREG, ['2'] = S_IFLNK, ['3'] = S_IFCHR,
					['4'] = S_IFBLK, ['5'] = S_IFDIR, ['6'] = S_IFIFO };
	struct paste_meta m = {
		.mode = (t->mode & 07777) | types[(unsigned char)t->type],
		.uid = t->uid, .gid = t->gid,
		.mtime = { .tv_sec = t->mtime.sec, .tv_nsec = t->mtime.nsec },
		.xattrs = t->xattrs, .xattr_n = t->xattr_n,
	};

	m.atime = m.mtime;
	if (t->atime.is_set)
		m.atime = (struct timespec){ .tv_sec = t->atime.sec, .tv_nsec = t->atime.nsec };
	return m;
}

static int add_dir(struct unpacking *u, int parent, const char *name, struct err *e)
{
	autoclose int fd = -1;
	bool is_new;

	if (!*name)
		return 0;	/* the directory that the user named stays as it is */
	fd = paste_dir(parent, name, u->policy, &is_new);
	if (fd < 0)
		return fail(u, fd, e);
	if (!is_new)
		return 0;
	u->later = xreallocarray(u->later, u->later_n + 1, sizeof(*u->later));
	u->later[u->later_n++] = (struct dir_meta){ .path = xstrdup(u->path), .meta = u->meta };
	u->later[u->later_n - 1].meta.xattr_n = 0;
	return 0;
}

static int add_link(struct unpacking *u, const char *link, struct err *e)
{
	autofree char *target = NULL;
	autoclose int fd = -1;
	const char *name;
	int parent, r = clean(link, &target, e);

	if (r < 0)
		return r;
	parent = open_parent(u, target, &name);
	fd = parent < 0 ? parent : fd_openat(parent, name, O_PATH | O_NOFOLLOW);
	if (fd < 0)
		return fail(u, fd, e);
	parent = open_parent(u, u->path, &name);
	r = parent < 0 ? parent : paste_link(parent, name, fd, u->policy);
	return r < 0 ? fail(u, r, e) : 0;
}

static int on_entry(void *arg, const struct tar_entry *t, struct err *e)
{
	struct unpacking *u = arg;
	const char *name;
	int parent, r;

	free(steal_ptr(&u->path));
	r = clean(t->path, &u->path, e);
	if (r < 0)
		return r;
	u->meta = meta_of(t);
	parent = open_parent(u, u->path, &name);
	if (parent < 0)
		return fail(u, parent, e);
	if (t->type == '5')
		return add_dir(u, parent, name, e);
	if (!*name)
		return err_set(e, EINVAL, "refusing the archive: '%.200s' is no file name", t->path);
	switch (t->type) {
	case '1':
		return add_link(u, t->link, e);
	case '2':
		r = paste_symlink(parent, name, t->link, &u->meta, u->policy);
		tar_dirs_forget(&u->dirs);
		break;
	case '0':
		u->fd = r = paste_file(parent, name, u->policy);
		u->size = t->size;
		break;
	default:
		r = paste_node(parent, name, makedev(t->major, t->minor), &u->meta, u->policy);
		break;
	}
	return r < 0 ? fail(u, r, e) : 0;
}

static int on_data(void *arg, const void *data, size_t len, uint64_t offset, struct err *e)
{
	struct unpacking *u = arg;
	const char *p = data;

	while (len) {
		ssize_t n = pwrite(u->fd, p, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(u, -errno, e);
		p += n;
		len -= n;
		offset += n;
	}
	return 0;
}

static int on_end(void *arg, struct err *e)
{
	struct unpacking *u = arg;
	int r;

	if (u->fd < 0)
		return 0;
	/* A file may end with a hole. */
	r = ftruncate(u->fd, u->size) < 0 ? -errno : paste_meta_set(u->fd, &u->meta, u->policy);
	fd_close(&u->fd);
	return r < 0 ? fail(u, r, e) : 0;
}

/* Deepest last in the archive, so backwards: what is made in a directory changes its time. */
static int finish_dirs(struct unpacking *u, struct err *e)
{
	for (size_t i = u->later_n; i-- > 0;) {
		autoclose int fd = sys_openat2(u->dirfd, u->later[i].path,
					       O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0,
					       RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS);
		int r = fd;

		/* The container may have moved it away. */
		if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
			continue;
		if (fd >= 0)
			r = paste_meta_set(fd, &u->later[i].meta, u->policy);
		if (r < 0)
			return err_sys(e, -r, "unpack '%.200s'", u->later[i].path);
	}
	return 0;
}

static int read_stream(const struct paste_tar *t, struct tar_reader *reader, struct err *e)
{
	autofree char *buf = xmalloc(CHUNK);
	int first = tar_reader_write(reader, t->start, t->start_len, e);

	if (first < 0)
		return first;

	for (;;) {
		ssize_t n = fd_read_full(t->in_fd, buf, CHUNK);
		int r;

		if (n < 0)
			return err_sys(e, -n, "read the archive");
		if (n == 0)
			break;
		r = tar_reader_write(reader, buf, n, e);
		if (r < 0)
			return r;
	}
	return tar_reader_finish(reader, e);
}

int paste_tar(const struct paste_tar *t, struct err *e)
{
	static const struct tar_reader_ops ops = { .entry = on_entry, .data = on_data, .end = on_end };
	struct unpacking u = { .dirfd = t->dirfd, .policy = t->policy, .fd = -1 };
	auto_of(tar_reader_free) struct tar_reader *reader = tar_reader_new(&ops, &u);
	int r;

	tar_dirs_init(&u.dirs, t->dirfd);
	r = read_stream(t, reader, e);
	if (r >= 0)
		r = finish_dirs(&u, e);
	tar_dirs_clear(&u.dirs);
	fd_close(&u.fd);
	for (size_t i = 0; i < u.later_n; i++)
		free(u.later[i].path);
	free(u.later);
	free(u.path);
	return r < 0 ? r : 0;
}
