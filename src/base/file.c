/* SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include "base/fd.h"
#include "base/ident.h"
#include "base/path.h"
#include "base/str.h"

#include <dirent.h>
#include <errno.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <unistd.h>

int file_read_at(int dirfd, const char *path, char **out, size_t *len, size_t max)
{
	autoclose int fd = fd_openat(dirfd, path, O_RDONLY | O_NOCTTY);

	if (fd < 0)
		return fd;
	return fd_read_all(fd, out, len, max);
}

ssize_t file_read_once(int dirfd, const char *path, char *buf, size_t size)
{
	autoclose int fd = fd_openat(dirfd, path, O_RDONLY);
	ssize_t n;

	if (fd < 0)
		return fd;
	do
		n = read(fd, buf, size - 1);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	buf[n] = 0;
	return n;
}

/* Gives the finished temporary file its name; -EEXIST when it is taken and excl is set. */
static int publish(int dirfd, const char *tmp, const char *name, bool excl)
{
	if (!excl)
		return renameat(dirfd, tmp, dirfd, name) < 0 ? -errno : 0;
	if (renameat2(dirfd, tmp, dirfd, name, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -errno;
	/* NFS knows no RENAME_NOREPLACE; a hard link is as exclusive there. */
	if (linkat(dirfd, tmp, dirfd, name, 0) < 0)
		return -errno;
	unlinkat(dirfd, tmp, 0);
	return 0;
}

static int sync_dir(int dirfd, const char *path)
{
	/* dirfd may be O_PATH, which cannot be synced. */
	autoclose int fd = fd_openat(dirfd, path, O_RDONLY | O_DIRECTORY);

	if (fd < 0)
		return fd;
	return fsync(fd) < 0 ? -errno : 0;
}

static int write_content(int fd, const void *data, size_t len, bool sync)
{
	int r = fd_write_all(fd, data, len);

	if (r == 0 && sync && fsync(fd) < 0)
		r = -errno;
	return r;
}

static int write_named(int dirfd, const char *tmp, const void *data, size_t len, mode_t mode,
		       bool sync)
{
	autoclose int fd = fd_createat(dirfd, tmp, O_WRONLY | O_EXCL | O_NOFOLLOW, mode);
	int r;

	if (fd < 0)
		return fd;
	r = write_content(fd, data, len, sync);
	if (r < 0)
		unlinkat(dirfd, tmp, 0);
	return r;
}

/* A file without a name that gets one when it is whole: whoever is killed while it is synced to
 * disk leaves nothing behind. -EOPNOTSUPP: not on this file system (NFS). */
static int write_unnamed(int dirfd, const char *dir, const char *tmp, const void *data, size_t len,
			 mode_t mode)
{
	autoclose int fd = fd_tmpfileat(dirfd, dir, mode);
	int r;

	if (fd < 0)
		return fd == -EISDIR ? -EOPNOTSUPP : fd;
	r = write_content(fd, data, len, true);
	if (r == 0 && linkat(AT_FDCWD, fd_path(fd).s, dirfd, tmp, AT_SYMLINK_FOLLOW) < 0)
		r = -EOPNOTSUPP;
	return r;
}

int file_write_at(int dirfd, const char *name, const void *data, size_t len, mode_t mode,
		  unsigned int flags)
{
	autofree char *dir = path_dir(name), *tmp = NULL;
	char random[17];
	int r = -EOPNOTSUPP;

	ident_random_hex(random, 16);
	tmp = xasprintf("%s/" FILE_TMP_PREFIX "%s", dir, random);
	if (flags & FILE_SYNC)
		r = write_unnamed(dirfd, dir, tmp, data, len, mode);
	if (r == -EOPNOTSUPP)
		r = write_named(dirfd, tmp, data, len, mode, flags & FILE_SYNC);
	if (r < 0)
		return r;
	r = publish(dirfd, tmp, name, flags & FILE_EXCL);
	if (r < 0) {
		unlinkat(dirfd, tmp, 0);
		return r;
	}
	return flags & FILE_SYNC ? sync_dir(dirfd, dir) : 0;
}

static int make_dir(const char *path, mode_t mode)
{
	struct stat st;

	if (mkdir(path, mode) == 0)
		return 0;
	if (errno != EEXIST)
		return -errno;
	if (stat(path, &st) < 0)
		return -errno;
	return S_ISDIR(st.st_mode) ? 0 : -ENOTDIR;
}

int file_mkdirs(const char *path, mode_t mode)
{
	autofree char *part = xstrdup(path);
	char *slash = part;
	int r, refused = 0;

	/* Mostly all of it is there already, or all but the last. */
	r = make_dir(path, mode);
	if (r != -ENOENT)
		return r;
	while ((slash = strchr(slash + 1, '/'))) {
		*slash = 0;
		r = make_dir(part, mode);
		*slash = '/';
		/* A parent on a read-only or foreign file system answers so before EEXIST. */
		if (r < 0 && r != -EACCES && r != -EROFS)
			return r == -ENOENT && refused ? refused : r;
		if (r < 0)
			refused = r;
	}
	r = make_dir(path, mode);
	return r == -ENOENT && refused ? refused : r;
}

int file_list_dir(int dirfd, const char *path, struct strv *out, bool sort)
{
	autoclose int fd = fd_openat(dirfd, path, O_RDONLY | O_DIRECTORY);
	struct dirent *ent;
	DIR *d;

	if (fd < 0)
		return fd;
	d = fdopendir(fd);
	if (!d)
		return -errno;
	steal_fd(&fd);
	errno = 0;
	while ((ent = readdir(d))) {
		const char *name = ent->d_name;

		if (strcmp(name, ".") != 0 && strcmp(name, "..") != 0 &&
		    !str_has_prefix(name, FILE_TMP_PREFIX))
			strv_add(out, name);
		errno = 0;
	}
	if (errno) {
		int r = -errno;

		closedir(d);
		return r;
	}
	closedir(d);
	if (sort)
		strv_sort(out);
	return 0;
}

bool file_exists_at(int dirfd, const char *path)
{
	return faccessat(dirfd, path, F_OK, 0) == 0;
}

int file_readlink_at(int dirfd, const char *path, char **out)
{
	size_t cap = 256;

	for (;;) {
		autofree char *buf = xmalloc(cap);
		ssize_t n = readlinkat(dirfd, path, buf, cap);

		if (n < 0)
			return -errno;
		if ((size_t)n < cap) {
			buf[n] = 0;
			*out = steal_ptr(&buf);
			return 0;
		}
		cap *= 2;
	}
}

static int copy_by_hand(int in_fd, int out_fd)
{
	size_t size = 256 << 10;
	autofree char *buf = xmalloc(size);

	for (;;) {
		ssize_t n = read(in_fd, buf, size);
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		r = fd_write_all(out_fd, buf, n);
		if (r < 0)
			return r;
	}
}

int file_copy_data(int in_fd, int out_fd)
{
	if (ioctl(out_fd, FICLONE, in_fd) == 0)
		return 0;
	for (bool any = false;; any = true) {
		ssize_t n = copy_file_range(in_fd, NULL, out_fd, NULL, 1 << 30, 0);

		if (n > 0)
			continue;
		/* Files in /proc read as empty this way; pipes and other file systems refuse.
		 * The file offsets stand where the kernel stopped, so reading goes on there. */
		if (n == 0 && any)
			return 0;
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == ENOSPC || errno == EIO || errno == EDQUOT))
			return -errno;
		return copy_by_hand(in_fd, out_fd);
	}
}

int file_chmod_at(int dirfd, const char *name, mode_t mode)
{
	autoclose int fd = fd_openat(dirfd, name, O_PATH | O_NOFOLLOW);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISLNK(st.st_mode))
		return -ELOOP;
	return chmod(fd_path(fd).s, mode) < 0 ? -errno : 0;
}

bool file_is_on_network(int fd)
{
	static const unsigned int magics[] = {
		0x6969,		/* NFS */
		0xff534d42,	/* CIFS */
		0xfe534d42,	/* SMB2 */
		0x47504653,	/* GPFS */
		0x0bd00bd0,	/* Lustre */
		0x00c36400,	/* Ceph */
		0x19830326,	/* BeeGFS */
		0x65735546,	/* FUSE: sshfs and others */
		0x5346414f,	/* AFS */
	};
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return true;
	for (size_t i = 0; i < ARRAY_SIZE(magics); i++)
		if ((unsigned int)fs.f_type == magics[i])
			return true;
	return false;
}
