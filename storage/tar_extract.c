/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY. A pulled layer has thousands of small files, so the calls for each are counted: openat,
 * write straight from the decompressor's buffer, futimens, close; fchown only for owners other than
 * root, fchmod only for what the umask or setuid bits ask for. Parents stay open (tar_dirs).
 * Nothing is fsynced here: layer_commit does it once.
 *
 * Directories get owner, mode, attributes and times at the end, in order of their paths: files made
 * in them meanwhile would change the times, and setgid or a default ACL would rub off on the files.
 *
 * Whiteouts stand for what lower layers have, never for what this archive itself brings: if both a
 * whiteout of a name and a directory of that name come, in either order, the directory is opaque.
 */
#include "storage/tar_extract.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "storage/tar_dirs.h"
#include "storage/tar_meta.h"
#include "storage/tar_reader.h"
#include "storage/whiteout.h"

#include <limits.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define MAX_DEPTH 256
#define MAX_ENTRIES 10000000
#define RESERVE_BYTES (UINT64_C(256) << 20)
#define MAX_DEVICE_NAMES 8
#define MAX_DEVICES_REMEMBERED 4096

struct place {
	char path[PATH_MAX];	/* clean; "" is the root */
	size_t len, dir_len;	/* of all, of the parent */
	const char *name;	/* last component, in path */
};

struct later {
	char *path;		/* owned */
	struct tar_meta meta;	/* owned copies */
	mode_t made_mode;
	size_t order;
};

struct tar_extract {
	struct tar_extract_args args;
	struct tar_reader *reader;
	struct tar_dirs dirs;
	struct tar_meta_policy policy;
	struct tar_extract_stats stats;
	uint64_t max_bytes, max_entries, max_inodes;
	struct place at, target;	/* the entry, and what a hard link means */
	const struct tar_entry *entry;	/* borrowed; between entry and end */
	int fd;				/* owned; the file being written, -1 */
	struct later *later;		/* owned */
	size_t later_n, later_cap;
	struct strv devices;		/* paths left out: hard links to them are too */
};

static int fail(struct tar_extract *x, int code, struct err *e)
{
	return err_sys(e, code, "unpack '%.200s'", x->at.path);
}

static int hostile(const char *path, const char *why, struct err *e)
{
	return err_set(e, EINVAL, "refusing the archive: entry '%.200s' %s", path, why);
}

/* The one place where a name from an archive becomes a path of ours. */
static int clean_path(struct place *out, const char *path, struct err *e)
{
	size_t depth = 0;
	const char *p = path;

	out->len = out->dir_len = 0;
	out->path[0] = 0;
	out->name = out->path;
	if (!*p)
		return hostile(path, "has no name", e);
	if (*p == '/' && p[strspn(p, "/")])
		return hostile(path, "is an absolute name", e);
	while (*p) {
		size_t n = strcspn(p, "/");

		if (n == 2 && memcmp(p, "..", 2) == 0)
			return hostile(path, "leads upwards", e);
		if (n > NAME_MAX || out->len + n + 2 > sizeof(out->path))
			return hostile(path, "has a name that is too long", e);
		if (n && !(n == 1 && *p == '.')) {
			if (++depth > MAX_DEPTH)
				return hostile(path, "is nested too deep", e);
			out->dir_len = out->len;
			if (out->len)
				out->path[out->len++] = '/';
			out->name = out->path + out->len;
			memcpy(out->path + out->len, p, n);
			out->len += n;
			out->path[out->len] = 0;
		}
		p += n;
		p += strspn(p, "/");
	}
	return 0;
}

static int open_parent(struct tar_extract *x, const struct place *at, bool make)
{
	return tar_dirs_open(&x->dirs, at->path, at->dir_len, make);
}

/* Removes what an earlier entry left under this name. 1: it was a whiteout; 0: something else. */
static int make_room(struct tar_extract *x, int parent, const char *name)
{
	struct stat st;

	if (fstatat(parent, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode) || S_ISLNK(st.st_mode))
		tar_dirs_forget(&x->dirs);
	/* The parent's descriptor may just have been closed with the others. */
	parent = open_parent(x, &x->at, false);
	if (parent < 0)
		return parent;
	if (S_ISDIR(st.st_mode) || (S_ISREG(st.st_mode) && st.st_size)) {
		if (x->args.sink && x->args.sink->replaced &&
		    x->args.sink->replaced(x->args.sink->arg, parent, name, x->at.path) == 0)
			return 0;
		x->stats.is_record_broken = true;
	}
	if (S_ISDIR(st.st_mode))
		return file_remove_tree(parent, name);
	if (unlinkat(parent, name, 0) < 0)
		return -errno;
	return whiteout_is_node(&st);
}

static int set_opaque(int parent, const char *name)
{
	autoclose int fd = fd_openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);

	if (fd < 0)
		return fd;
	return whiteout_set_opaque(fd);
}

static int remember(struct tar_extract *x, const struct tar_entry *n, mode_t made_mode)
{
	struct tar_meta meta = tar_meta_of(n);

	if (x->later_n == x->later_cap) {
		x->later_cap = x->later_cap ? x->later_cap * 2 : 256;
		x->later = xreallocarray(x->later, x->later_cap, sizeof(*x->later));
	}
	x->later[x->later_n] = (struct later){ .path = xstrdup(x->at.path),
					       .meta = tar_meta_copy(&meta),
					       .made_mode = made_mode,
					       .order = x->later_n };
	x->later_n++;
	return 0;
}

static int make_dir(struct tar_extract *x, const struct tar_entry *n, int parent, struct err *e)
{
	struct stat st;
	int r = 0;

	if (mkdirat(parent, x->at.name, 0755) == 0)
		return remember(x, n, 0755);
	if (errno != EEXIST)
		return fail(x, errno, e);
	if (fstatat(parent, x->at.name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(x, errno, e);
	if (!S_ISDIR(st.st_mode)) {
		r = make_room(x, parent, x->at.name);
		parent = r < 0 ? -1 : open_parent(x, &x->at, false);
		if (parent < 0)
			return fail(x, r < 0 ? -r : -parent, e);
		if (mkdirat(parent, x->at.name, 0755) < 0)
			return fail(x, errno, e);
		if (r == 1 && x->args.is_layer)
			r = set_opaque(parent, x->at.name);
		if (r < 0)
			return fail(x, -r, e);
	}
	return remember(x, n, TAR_MODE_UNKNOWN);
}

static int make_file(struct tar_extract *x, const struct tar_entry *n, int parent, struct err *e)
{
	int flags = O_WRONLY | O_EXCL | O_NOFOLLOW;

	x->fd = fd_createat(parent, x->at.name, flags, n->mode & 0777);
	if (x->fd == -EEXIST) {
		int r = make_room(x, parent, x->at.name);

		parent = r < 0 ? r : open_parent(x, &x->at, false);
		x->fd = parent < 0 ? parent
				   : fd_createat(parent, x->at.name, flags, n->mode & 0777);
	}
	if (x->fd < 0) {
		int code = -x->fd;

		x->fd = -1;
		return fail(x, code, e);
	}
	if (n->is_sparse && ftruncate(x->fd, n->size) < 0)
		return fail(x, errno, e);
	return 0;
}

static int make_node(int parent, const char *name, const struct tar_entry *n)
{
	if (n->type == '2')
		return symlinkat(n->link, parent, name) < 0 ? -errno : 0;
	return mknodat(parent, name, S_IFIFO | (n->mode & 0777), 0) < 0 ? -errno : 0;
}

static int make_special(struct tar_extract *x, const struct tar_entry *n, int parent, struct err *e)
{
	struct tar_meta meta = tar_meta_of(n);
	int r = make_node(parent, x->at.name, n);

	if (r == -EEXIST) {
		r = make_room(x, parent, x->at.name);
		parent = r < 0 ? r : open_parent(x, &x->at, false);
		r = parent < 0 ? parent : make_node(parent, x->at.name, n);
	}
	if (r < 0)
		return fail(x, -r, e);
	r = tar_meta_apply_at(&meta, parent, x->at.name, n->type == '2', &x->policy, e);
	return r < 0 ? err_wrap(e, "unpack '%.200s'", x->at.path) : 0;
}

static int link_once(struct tar_extract *x)
{
	struct stat st;
	int parent = open_parent(x, &x->at, true), from;

	if (parent < 0)
		return parent;
	/* Second, and without making: it cannot push the first out of the cache. */
	from = open_parent(x, &x->target, false);
	if (from < 0)
		return from;
	if (fstatat(from, x->target.name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	/* A whiteout is a device here: it is no file of the archive. */
	if (S_ISDIR(st.st_mode) || S_ISCHR(st.st_mode))
		return -EINVAL;
	return linkat(from, x->target.name, parent, x->at.name, 0) < 0 ? -errno : 0;
}

static int make_link(struct tar_extract *x, const struct tar_entry *n, int parent, struct err *e)
{
	int r = clean_path(&x->target, n->link, e);

	if (r < 0)
		return err_wrap(e, "hard link '%.100s'", x->at.path);
	if (strv_has(&x->devices, x->target.path)) {
		x->stats.devices_skipped++;
		return 0;
	}
	if (strcmp(x->target.path, x->at.path) == 0)
		return faccessat(parent, x->at.name, F_OK, AT_SYMLINK_NOFOLLOW) < 0
			       ? hostile(x->at.path, "is a link to itself", e)
			       : 0;
	r = link_once(x);
	if (r == -EEXIST) {
		parent = open_parent(x, &x->at, false);
		r = parent < 0 ? parent : make_room(x, parent, x->at.name);
		if (r >= 0)
			r = link_once(x);
	}
	if (r < 0)
		return err_sys(e, -r, "unpack '%.150s': link to '%.150s'", x->at.path,
			       x->target.path);
	return 0;
}

static int skip_device(struct tar_extract *x)
{
	if (x->stats.device_names.n < MAX_DEVICE_NAMES)
		strv_add(&x->stats.device_names, x->at.path);
	if (x->devices.n < MAX_DEVICES_REMEMBERED)
		strv_add(&x->devices, x->at.path);
	x->stats.devices_skipped++;
	return 0;
}

static int make_whiteout(struct tar_extract *x, const char *hidden, int parent, struct err *e)
{
	struct stat st;
	int r;

	if (strcmp(hidden, ".wh..opq") == 0) {
		r = set_opaque(parent, ".");
		return r < 0 ? fail(x, -r, e) : 0;
	}
	if (str_has_prefix(hidden, ".wh."))	/* notes of aufs to itself */
		return 0;
	if (!*hidden || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
		return hostile(x->at.path, "is a whiteout of nothing", e);
	r = whiteout_make(parent, hidden);
	if (r != -EEXIST)
		return r < 0 ? fail(x, -r, e) : 0;
	if (fstatat(parent, hidden, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return fail(x, errno, e);
	r = S_ISDIR(st.st_mode) ? set_opaque(parent, hidden) : 0;
	return r < 0 ? fail(x, -r, e) : 0;
}

/* 1: a whiteout, or below a directory of aufs's own: not an ordinary entry. */
static int take_whiteout(struct tar_extract *x, struct err *e)
{
	const char *name = x->at.path, *rest;
	int parent, r;

	if (!strstr(x->at.path, ".wh."))
		return 0;
	for (; name < x->at.name; name = strchr(name, '/') + 1) {
		if (str_has_prefix(name, ".wh..wh."))
			return 1;
		if (str_has_prefix(name, ".wh."))
			return hostile(x->at.path, "lies below a whiteout", e);
	}
	rest = str_after(x->at.name, ".wh.");
	if (!rest)
		return 0;
	parent = open_parent(x, &x->at, true);
	if (parent < 0)
		return fail(x, -parent, e);
	r = make_whiteout(x, rest, parent, e);
	return r < 0 ? r : 1;
}

static int check_limits(struct tar_extract *x, const struct tar_entry *n, struct err *e)
{
	if (++x->stats.entries > x->max_inodes)
		return err_set(e, ENOSPC, "the archive has more entries than the %llu inodes that "
			       "are left on the file system", (unsigned long long)x->max_inodes);
	if (x->stats.entries > x->max_entries)
		return err_set(e, E2BIG, "refusing the archive: more than %llu entries",
			       (unsigned long long)x->max_entries);
	if (n->payload > x->max_bytes - x->stats.bytes)
		return err_set(e, ENOSPC,
			       "the archive unpacks to more than the %llu MB that are left for it",
			       (unsigned long long)(x->max_bytes >> 20));
	x->stats.bytes += n->payload;
	return 0;
}

static int on_entry(void *arg, const struct tar_entry *n, struct err *e)
{
	struct tar_extract *x = arg;
	int r, parent;

	r = check_limits(x, n, e);
	if (r == 0)
		r = clean_path(&x->at, n->path, e);
	if (r < 0)
		return r;
	x->entry = n;
	if (!x->at.len)
		return n->type == '5' ? remember(x, n, TAR_MODE_UNKNOWN)
				      : hostile(n->path, "is the root, but no directory", e);
	if (x->args.is_layer) {
		r = take_whiteout(x, e);
		if (r)
			return r < 0 ? r : 0;
	}
	if (n->type == '3' || n->type == '4')
		return skip_device(x);
	parent = open_parent(x, &x->at, true);
	if (parent == -ENOTDIR)
		return hostile(x->at.path, "lies below what is no directory", e);
	if (parent < 0)
		return fail(x, -parent, e);
	switch (n->type) {
	case '0':
		return make_file(x, n, parent, e);
	case '1':
		return make_link(x, n, parent, e);
	case '5':
		return make_dir(x, n, parent, e);
	default:
		return make_special(x, n, parent, e);
	}
}

static int on_raw(void *arg, const void *data, size_t len, struct err *e)
{
	struct tar_extract *x = arg;

	return x->args.sink ? x->args.sink->raw(x->args.sink->arg, data, len, e) : 0;
}

static int on_data(void *arg, const void *data, size_t len, uint64_t offset, struct err *e)
{
	struct tar_extract *x = arg;
	const char *p = data;

	/* Data of an entry that is not kept is nowhere on disk to be found again. */
	if (x->fd < 0)
		return on_raw(arg, data, len, e);
	while (len) {
		ssize_t n = pwrite(x->fd, p, len, offset);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return fail(x, errno, e);
		p += n;
		len -= n;
		offset += n;
	}
	return 0;
}

static int record_payload(struct tar_extract *x, struct err *e)
{
	const struct tar_extract_sink *sink = x->args.sink;
	const struct tar_entry *n = x->entry;
	int r = 0;

	if (!sink || !n->payload)
		return 0;
	if (!n->is_sparse)
		return sink->payload(sink->arg, x->at.path, 0, n->payload, e);
	for (size_t i = 0; i < n->map->n && r >= 0; i++)
		if (n->map->v[i].len)
			r = sink->payload(sink->arg, x->at.path, n->map->v[i].offset,
					  n->map->v[i].len, e);
	return r;
}

static int on_end(void *arg, struct err *e)
{
	struct tar_extract *x = arg;
	struct tar_meta meta;
	int r;

	if (x->fd < 0)
		return 0;
	meta = tar_meta_of(x->entry);
	r = tar_meta_apply(&meta, x->fd, x->entry->mode, &x->policy, e);
	fd_close(&x->fd);
	if (r < 0)
		return err_wrap(e, "unpack '%.200s'", x->at.path);
	return record_payload(x, e);
}

static mode_t read_umask(void)
{
	autofree char *text = NULL;
	const char *line;
	size_t len;

	/* umask(2) cannot be asked without being changed, for all threads. */
	if (file_read_at(AT_FDCWD, "/proc/self/status", &text, &len, 1 << 16) < 0)
		return 0777;
	line = strstr(text, "\nUmask:");
	return line ? strtoul(line + 7, NULL, 8) & 0777 : 0777;
}

static int set_limits(struct tar_extract *x, struct err *e)
{
	struct statvfs fs;
	uint64_t free_bytes, reserve;

	x->max_entries = x->args.max_entries ? x->args.max_entries : MAX_ENTRIES;
	x->max_bytes = x->args.max_bytes;
	if (fstatvfs(x->args.dirfd, &fs) < 0)
		return err_sys(e, errno, "look at the free space");
	x->max_inodes = fs.f_files ? fs.f_favail : UINT64_MAX;	/* 0: made as needed (btrfs) */
	if (!x->max_bytes) {
		free_bytes = (uint64_t)fs.f_bavail * fs.f_frsize;
		reserve = free_bytes / 20 < RESERVE_BYTES ? free_bytes / 20 : RESERVE_BYTES;
		x->max_bytes = free_bytes - reserve;
	}
	return 0;
}

int tar_extract_new(struct tar_extract **out, const struct tar_extract_args *args, struct err *e)
{
	static const struct tar_reader_ops ops = { on_entry, on_data, on_end, on_raw };
	auto_of(tar_extract_free) struct tar_extract *x = xcalloc(1, sizeof(*x));
	int r;

	x->args = *args;
	x->fd = -1;
	tar_dirs_init(&x->dirs, args->dirfd);
	x->policy = (struct tar_meta_policy){ .umask = read_umask(),
					      .is_single_id = args->is_single_id,
					      .ignore_chown_errors = args->ignore_chown_errors,
					      .is_always_set = !args->is_layer };
	x->reader = tar_reader_new(&ops, x);
	r = set_limits(x, e);
	if (r < 0)
		return r;
	*out = steal_ptr(&x);
	return 0;
}

int tar_extract_write(struct tar_extract *x, const void *data, size_t len, struct err *e)
{
	return tar_reader_write(x->reader, data, len, e);
}

static int compare_later(const void *a, const void *b)
{
	const struct later *x = a, *y = b;
	int c = strcmp(x->path, y->path);

	return c ? c : x->order < y->order ? -1 : 1;
}

static int apply_later(struct tar_extract *x, const struct later *l, struct err *e)
{
	autoclose int fd = -1;
	int parent, r;

	r = clean_path(&x->at, *l->path ? l->path : ".", e);
	if (r < 0)
		return r;
	parent = open_parent(x, &x->at, false);
	fd = parent < 0 ? parent
			: fd_openat(parent, x->at.len ? x->at.name : ".",
				    O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	/* A later entry put something else in its place. */
	if (fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
		return 0;
	if (fd < 0)
		return fail(x, -fd, e);
	r = tar_meta_apply(&l->meta, fd, l->made_mode, &x->policy, e);
	return r < 0 ? err_wrap(e, "unpack '%.200s'", x->at.path) : 0;
}

int tar_extract_finish(struct tar_extract *x, struct err *e)
{
	int r = tar_reader_finish(x->reader, e);

	if (r < 0)
		return r;
	if (x->later_n)
		qsort(x->later, x->later_n, sizeof(*x->later), compare_later);
	for (size_t i = 0; i < x->later_n; i++) {
		if (i + 1 < x->later_n && strcmp(x->later[i].path, x->later[i + 1].path) == 0)
			continue;
		r = apply_later(x, &x->later[i], e);
		if (r < 0)
			return r;
	}
	return 0;
}

const struct tar_extract_stats *tar_extract_stats(const struct tar_extract *x)
{
	return &x->stats;
}

void tar_extract_free(struct tar_extract *x)
{
	if (!x)
		return;
	fd_close(&x->fd);
	tar_reader_free(x->reader);
	tar_dirs_clear(&x->dirs);
	for (size_t i = 0; i < x->later_n; i++) {
		free(x->later[i].path);
		tar_meta_clear(&x->later[i].meta);
	}
	free(x->later);
	strv_clear(&x->devices);
	strv_clear(&x->stats.device_names);
	free(x);
}
