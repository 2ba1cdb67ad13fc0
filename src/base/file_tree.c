/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 *
 * An image decides how deep and how wide its tree is, and an account of a container's processes
 * may still be changing it while we walk. So:
 *
 * - no recursion: the way down is an array of levels on the heap;
 * - a bounded number of descriptors: only the FDS_OPEN deepest levels stay open. A level that was
 *   closed is opened again through ".." of its child and must be the same directory (device and
 *   inode) as before; if somebody moved things meanwhile we stop with ESTALE;
 * - each step down is openat2 of one name with RESOLVE_BENEATH, NO_SYMLINKS and NO_XDEV, so
 *   neither a link put in the way nor a mount is ever entered.
 *
 * Entries are read with getdents64 into a buffer of the level. Removing while reading may skip
 * entries on some file systems, so a directory that is not empty afterwards is read again as long
 * as each pass removes something.
 */
#include "base/file.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/sys.h"

#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define FDS_OPEN 32
#define BUF_SIZE (32 << 10)

#define STEP_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
#define STEP_RESOLVE                                                                               \
	(RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV)

struct level {
	int fd;		/* owned; -1 while closed to save descriptors */
	char *buf;	/* owned; NULL while closed */
	size_t have, pos;
	off_t next;	/* where reading goes on after the entry at hand */
	dev_t dev;	/* filled in when the level is closed */
	ino_t ino;
	char *child;	/* owned: name of the entry we went down into */
	bool progress;	/* this pass removed something */
};

struct walk {
	struct level *levels;	/* owned */
	size_t n, cap;
};

static void level_clear(struct level *l)
{
	fd_close(&l->fd);
	free(steal_ptr(&l->buf));
	free(steal_ptr(&l->child));
}

static void walk_clear(struct walk *w)
{
	for (size_t i = 0; i < w->n; i++)
		level_clear(&w->levels[i]);
	free(w->levels);
}
DEFINE_AUTO_VALUE(struct walk, walk_clear)

static struct level *top(struct walk *w)
{
	return &w->levels[w->n - 1];
}

static int level_park(struct level *l)
{
	struct stat st;

	if (l->fd < 0)
		return 0;
	if (fstat(l->fd, &st) < 0)
		return -errno;
	l->dev = st.st_dev;
	l->ino = st.st_ino;
	l->have = l->pos = 0;
	free(steal_ptr(&l->buf));
	fd_close(&l->fd);
	return 0;
}

/* Consumes fd. */
static int walk_push(struct walk *w, int fd_taken)
{
	if (w->n == w->cap) {
		w->cap = w->cap ? 2 * w->cap : FDS_OPEN;
		w->levels = xreallocarray(w->levels, w->cap, sizeof(*w->levels));
	}
	w->levels[w->n++] = (struct level){ .fd = fd_taken, .buf = xmalloc(BUF_SIZE) };
	if (w->n > FDS_OPEN)
		return level_park(&w->levels[w->n - 1 - FDS_OPEN]);
	return 0;
}

/* Opens the level above the deepest again if it was closed. */
static int walk_wake_parent(struct walk *w)
{
	struct level *child = top(w), *l = child - 1;
	struct stat st;

	if (w->n == 1 || l->fd >= 0)
		return 0;
	l->fd = fd_openat(child->fd, "..", STEP_FLAGS);
	if (l->fd < 0)
		return l->fd;
	l->buf = xmalloc(BUF_SIZE);
	if (fstat(l->fd, &st) < 0)
		return -errno;
	if (st.st_dev != l->dev || st.st_ino != l->ino)
		return -ESTALE;
	return lseek(l->fd, l->next, SEEK_SET) < 0 ? -errno : 0;
}

static void walk_pop(struct walk *w)
{
	level_clear(top(w));
	w->n--;
}

/* The next entry of the deepest level: 1, 0 at the end, or -errno. Valid until the next call. */
static int walk_next(struct walk *w, const struct dirent64 **out)
{
	struct level *l = top(w);

	for (;;) {
		const struct dirent64 *ent;

		if (l->pos == l->have) {
			ssize_t n = getdents64(l->fd, l->buf, BUF_SIZE);

			if (n <= 0)
				return n < 0 ? -errno : 0;
			l->have = n;
			l->pos = 0;
		}
		ent = (const struct dirent64 *)(l->buf + l->pos);
		l->pos += ent->d_reclen;
		l->next = ent->d_off;
		if (strcmp(ent->d_name, ".") == 0 || strcmp(ent->d_name, "..") == 0)
			continue;
		*out = ent;
		return 1;
	}
}

static int step_down(int dirfd, const char *name)
{
	int fd = sys_openat2(dirfd, name, STEP_FLAGS, 0, STEP_RESOLVE);

	return fd == -EXDEV ? -EBUSY : fd;
}

/* Opens a directory that is to be removed; one we may not read is made readable first, by
 * descriptor. */
static int step_down_to_remove(int dirfd, const char *name)
{
	autoclose int path_fd = -1;
	int fd = step_down(dirfd, name);

	if (fd != -EACCES)
		return fd;
	path_fd = sys_openat2(dirfd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0, STEP_RESOLVE);
	if (path_fd < 0)
		return path_fd;
	if (chmod(fd_path(path_fd).s, 0700) < 0)
		return -EACCES;
	return step_down(dirfd, name);
}

static int remove_entry(int dirfd, const char *name, int flags)
{
	struct stat st;

	if (unlinkat(dirfd, name, flags) == 0 || errno == ENOENT)
		return 0;
	if (errno != EACCES)
		return -errno;
	/* A directory without write permission (mode 0555 in many images); ours to change. */
	if (fstat(dirfd, &st) < 0 || (st.st_mode & 0300) == 0300 || fchmod(dirfd, 0700) < 0)
		return -EACCES;
	return unlinkat(dirfd, name, flags) == 0 || errno == ENOENT ? 0 : -errno;
}

/* The deepest level was read to its end: the directory itself goes, or is read once more. */
static int remove_level(struct walk *w, int base_dirfd, const char *base_name)
{
	struct level *l = top(w);
	int r;

	r = walk_wake_parent(w);
	if (r < 0)
		return r;
	if (w->n == 1)
		r = remove_entry(base_dirfd, base_name, AT_REMOVEDIR);
	else
		r = remove_entry(l[-1].fd, l[-1].child, AT_REMOVEDIR);
	if (r == -ENOTEMPTY && l->progress) {
		l->progress = false;
		l->have = l->pos = 0;
		return lseek(l->fd, 0, SEEK_SET) < 0 ? -errno : 0;
	}
	if (r < 0)
		return r;
	walk_pop(w);
	if (w->n)
		top(w)->progress = true;
	return 0;
}

static int remove_child(struct walk *w, const struct dirent64 *ent)
{
	struct level *l = top(w);
	int r = -EISDIR, fd;

	if (ent->d_type != DT_DIR)
		r = remove_entry(l->fd, ent->d_name, 0);
	if (r == 0)
		l->progress = true;
	if (r != -EISDIR)
		return r;
	fd = step_down_to_remove(l->fd, ent->d_name);
	if (fd == -ENOENT)
		return 0;
	/* Somebody put a link or a file where the directory was: remove that. */
	if (fd == -ENOTDIR || fd == -ELOOP)
		return remove_entry(l->fd, ent->d_name, 0);
	if (fd < 0)
		return fd;
	free(l->child);
	l->child = xstrdup(ent->d_name);
	return walk_push(w, fd);
}

static int remove_all(int base_dirfd, const char *base_name, int fd_taken)
{
	auto_of(walk_clear) struct walk w = { 0 };
	int r = walk_push(&w, fd_taken);

	while (r == 0 && w.n) {
		const struct dirent64 *ent;

		r = walk_next(&w, &ent);
		if (r == 0)
			r = remove_level(&w, base_dirfd, base_name);
		else if (r > 0)
			r = remove_child(&w, ent);
	}
	return r;
}

int file_remove_tree(int dirfd, const char *name)
{
	autofree char *dir = path_dir(name);
	autoclose int parent_fd = -1;
	int fd, r;

	/* The steps below take single names only. */
	if (strchr(name, '/')) {
		parent_fd = fd_openat(dirfd, dir, O_RDONLY | O_DIRECTORY);
		if (parent_fd < 0)
			return parent_fd == -ENOENT ? 0 : parent_fd;
		dirfd = parent_fd;
		name = path_base(name);
	}
	fd = step_down_to_remove(dirfd, name);
	if (fd == -ENOENT)
		return 0;
	if (fd == -ENOTDIR || fd == -ELOOP)
		return remove_entry(dirfd, name, 0);
	if (fd < 0)
		return fd;
	r = remove_all(dirfd, name, fd);
	return r == -ENOENT ? 0 : r;
}

/* Inodes with several links that were counted: an open hash table. */
struct seen {
	struct seen_inode {
		dev_t dev;
		ino_t ino;	/* 0: free */
	} *slots;		/* owned */
	size_t n, cap;		/* cap: a power of two */
};

static bool seen_put(struct seen_inode *slots, size_t cap, dev_t dev, ino_t ino)
{
	size_t i = ((uint64_t)ino * 0x9e3779b97f4a7c15u ^ dev) >> 7;

	for (i &= cap - 1; slots[i].ino; i = (i + 1) & (cap - 1))
		if (slots[i].ino == ino && slots[i].dev == dev)
			return false;
	slots[i] = (struct seen_inode){ dev, ino };
	return true;
}

/* True when this inode comes for the first time. */
static bool seen_first(struct seen *s, const struct stat *st)
{
	bool first;

	if (2 * (s->n + 1) > s->cap) {
		size_t cap = s->cap ? 2 * s->cap : 64;
		struct seen_inode *slots = xcalloc(cap, sizeof(*slots));

		for (size_t i = 0; i < s->cap; i++)
			if (s->slots[i].ino)
				seen_put(slots, cap, s->slots[i].dev, s->slots[i].ino);
		free(s->slots);
		s->slots = slots;
		s->cap = cap;
	}
	first = seen_put(s->slots, s->cap, st->st_dev, st->st_ino);
	s->n += first;
	return first;
}

struct sum {
	uint64_t bytes, inodes;
	struct seen seen;
};

static int sum_child(struct walk *w, const struct dirent64 *ent, struct sum *sum)
{
	struct level *l = top(w);
	struct stat st;
	int fd;

	if (fstatat(l->fd, ent->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISDIR(st.st_mode) && st.st_nlink > 1 && !seen_first(&sum->seen, &st))
		return 0;
	sum->inodes++;
	if (S_ISREG(st.st_mode) || S_ISLNK(st.st_mode))
		sum->bytes += st.st_size;
	if (!S_ISDIR(st.st_mode))
		return 0;
	fd = step_down(l->fd, ent->d_name);
	/* Another mount is not part of this tree; what was removed meanwhile neither. */
	if (fd == -EBUSY || fd == -ENOENT || fd == -ENOTDIR || fd == -ELOOP)
		return 0;
	return fd < 0 ? fd : walk_push(w, fd);
}

int file_tree_size(int dirfd, const char *path, uint64_t *bytes, uint64_t *inodes)
{
	auto_of(walk_clear) struct walk w = { 0 };
	struct sum sum = { .inodes = 1 };
	int fd = fd_openat(dirfd, path, STEP_FLAGS);
	int r;

	if (fd < 0)
		return fd;
	r = walk_push(&w, fd);
	while (r == 0 && w.n) {
		const struct dirent64 *ent;

		r = walk_next(&w, &ent);
		if (r > 0) {
			r = sum_child(&w, ent, &sum);
		} else if (r == 0) {
			r = walk_wake_parent(&w);
			walk_pop(&w);
		}
	}
	free(sum.seen.slots);
	if (r < 0)
		return r;
	*bytes = sum.bytes;
	*inodes = sum.inodes;
	return 0;
}
