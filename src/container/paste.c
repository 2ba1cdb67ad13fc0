/* SPDX-License-Identifier: Apache-2.0 */
#include "container/paste.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "storage/tar_header.h"
#include "storage/tree_copy.h"

#include <stdio.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

struct paste_meta paste_meta_of(const struct stat *st)
{
	return (struct paste_meta){ .mode = st->st_mode, .uid = st->st_uid, .gid = st->st_gid,
				    .atime = st->st_atim, .mtime = st->st_mtim };
}

/* Removes what has the name. 1: it is a mount point and stays. */
static int make_way(int dirfd, const char *name, bool is_overwriting)
{
	struct stat st;
	int r;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode)) {
		if (!is_overwriting)
			return -EISDIR;
		r = file_remove_tree(dirfd, name);
		return r == -EBUSY ? -EISDIR : r;
	}
	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	return errno == EBUSY ? 1 : -errno;
}

int paste_dir(int dirfd, const char *name, const struct paste_policy *p, bool *is_new)
{
	struct stat st;

	*is_new = mkdirat(dirfd, name, 0700) == 0;
	if (!*is_new && errno != EEXIST)
		return -errno;
	if (!*is_new && fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !S_ISDIR(st.st_mode)) {
		if (!p->is_overwriting)
			return -ENOTDIR;
		if (unlinkat(dirfd, name, 0) < 0 || mkdirat(dirfd, name, 0700) < 0)
			return -errno;
		*is_new = true;
	}
	return fd_openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

static int open_in_place(int dirfd, const char *name)
{
	autoclose int fd = fd_openat(dirfd, name, O_WRONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EBUSY;
	return ftruncate(fd, 0) < 0 ? -errno : steal_fd(&fd);
}

int paste_file(int dirfd, const char *name, const struct paste_policy *p)
{
	for (int tries = 0; tries < 8; tries++) {
		int r = fd_createat(dirfd, name, O_WRONLY | O_EXCL | O_NOFOLLOW, 0600);

		if (r != -EEXIST)
			return r;
		r = make_way(dirfd, name, p->is_overwriting);
		if (r < 0)
			return r;
		if (r == 1)
			return open_in_place(dirfd, name);
	}
	return -EEXIST;		/* somebody makes it again and again */
}

/* false: it stays ours. */
static bool owner_of(const struct paste_meta *m, const struct paste_policy *p, uid_t *uid, gid_t *gid)
{
	if (p->has_owner) {
		*uid = p->uid;
		*gid = p->gid;
		return true;
	}
	*uid = tree_copy_map_id(p->to_uid_map, idmap_inside(p->from_uid_map, m->uid));
	*gid = tree_copy_map_id(p->to_gid_map, idmap_inside(p->from_gid_map, m->gid));
	return p->keeps_owner;
}

static bool is_wanted(const char *name, const struct paste_policy *p)
{
	if (str_has_prefix(name, "user."))
		return !str_has_prefix(name, "user.overlay.") && !str_has_prefix(name, "user.rootlet.") &&
		       !str_has_prefix(name, "user.fuseoverlayfs.") &&
		       !str_has_prefix(name, "user.containers.");
	return !p->is_host && strcmp(name, "security.capability") == 0;
}

int paste_xattrs(int src_fd, int fd, const struct paste_policy *p)
{
	char list[4096], value[65536];
	ssize_t n = flistxattr(src_fd, list, sizeof(list));

	for (const char *name = list; n > 0 && name < list + n; name += strlen(name) + 1) {
		ssize_t len;

		if (!is_wanted(name, p))
			continue;
		len = fgetxattr(src_fd, name, value, sizeof(value));
		if (len >= 0 && fsetxattr(fd, name, value, len, 0) < 0 && errno != EPERM &&
		    errno != ENOTSUP && errno != EINVAL)
			return -errno;
	}
	return 0;
}

/* A program that a container made would run with the user's identity for everybody on the host who can
 * reach it, and no image is trusted that far. */
static mode_t mode_of(const struct paste_meta *m, const struct paste_policy *p)
{
	mode_t taken = p->is_host && !S_ISDIR(m->mode) ? S_ISUID | S_ISGID : 0;

	return m->mode & 07777 & ~taken;
}

int paste_meta_set(int fd, const struct paste_meta *m, const struct paste_policy *p)
{
	struct timespec times[2] = { m->atime, m->mtime };
	uid_t uid;
	gid_t gid;

	/* The owner first: a change of it clears setuid bits and capabilities. */
	if (owner_of(m, p, &uid, &gid) && fchown(fd, uid, gid) < 0)
		return -errno;
	if (fchmod(fd, mode_of(m, p)) < 0)
		return -errno;
	for (size_t i = 0; i < m->xattr_n; i++)
		if (is_wanted(m->xattrs[i].name, p) &&
		    fsetxattr(fd, m->xattrs[i].name, m->xattrs[i].value, m->xattrs[i].len, 0) < 0 &&
		    errno != EPERM && errno != ENOTSUP && errno != EINVAL)
			return -errno;
	return futimens(fd, times) < 0 ? -errno : 0;
}

static int set_link_meta(int dirfd, const char *name, const struct paste_meta *m,
			 const struct paste_policy *p)
{
	struct timespec times[2] = { m->atime, m->mtime };
	uid_t uid;
	gid_t gid;

	if (owner_of(m, p, &uid, &gid) && fchownat(dirfd, name, uid, gid, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	return utimensat(dirfd, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

int paste_symlink(int dirfd, const char *name, const char *target, const struct paste_meta *m,
		  const struct paste_policy *p)
{
	int r = make_way(dirfd, name, p->is_overwriting);

	if (r)
		return r < 0 ? r : -EBUSY;
	if (symlinkat(target, dirfd, name) < 0)
		return -errno;
	return set_link_meta(dirfd, name, m, p);
}

int paste_node(int dirfd, const char *name, dev_t dev, const struct paste_meta *m,
	       const struct paste_policy *p)
{
	autoclose int fd = -1;
	struct stat st;
	int r;

	/* Only root makes these: nothing gives way for what cannot be. */
	if (dev && (S_ISCHR(m->mode) || S_ISBLK(m->mode)))
		return -EPERM;
	r = make_way(dirfd, name, p->is_overwriting);
	if (r)
		return r < 0 ? r : -EBUSY;
	if (mknodat(dirfd, name, (m->mode & S_IFMT) | 0600, dev) < 0)
		return -errno;
	fd = fd_openat(dirfd, name, O_PATH | O_NOFOLLOW);
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if ((st.st_mode & S_IFMT) != (m->mode & S_IFMT))
		return -EEXIST;		/* not what we have made */
	if (chmod(fd_path(fd).s, mode_of(m, p)) < 0)
		return -errno;
	return set_link_meta(dirfd, name, m, p);
}

int paste_link(int dirfd, const char *name, int fd, const struct paste_policy *p)
{
	int r = make_way(dirfd, name, p->is_overwriting);

	if (r)
		return r < 0 ? r : -EBUSY;
	return linkat(AT_FDCWD, fd_path(fd).s, dirfd, name, AT_SYMLINK_FOLLOW) < 0 ? -errno : 0;
}
