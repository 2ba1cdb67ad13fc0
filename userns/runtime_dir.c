/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/runtime_dir.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/idmap.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FLAGS (O_PATH | O_DIRECTORY | O_NOFOLLOW)

static char *run_parent(uid_t uid)
{
	return xasprintf("/run/user/%u", uid);
}

/* Root of a user namespace shares /tmp with the roots of other users' namespaces: the number that
 * tells them apart is the one outside. */
static char *tmp_parent(uid_t uid)
{
	auto_of(idmap_clear) struct idmap m = { 0 };

	if (uid == 0 && idmap_load(&m, "/proc/self/uid_map") == 0 && m.n && m.v[0].inside == 0 &&
	    m.v[0].outside != 0)
		return xasprintf("/tmp/rootlet-run-%u-root", m.v[0].outside);
	return xasprintf("/tmp/rootlet-run-%u", uid);
}

char *runtime_dir_parent(enum runtime_dir_place place, uid_t uid)
{
	const char *xdg = getenv("XDG_RUNTIME_DIR");
	autofree char *run = NULL;
	char *path;

	switch (place) {
	case RUNTIME_DIR_XDG:
		/* The record is a file of lines, see session_record.h. */
		if (!xdg || xdg[0] != '/' || strchr(xdg, '\n'))
			return NULL;
		path = xstrdup(xdg);
		for (size_t n = strlen(path); n > 1 && path[n - 1] == '/'; n--)
			path[n - 1] = '\0';
		run = run_parent(uid);
		if (strcmp(path, run) == 0) {
			free(path);
			return NULL;
		}
		return path;
	case RUNTIME_DIR_RUN:
		return run_parent(uid);
	case RUNTIME_DIR_TMP:
		return tmp_parent(uid);
	default:
		return NULL;
	}
}

/* Ours and not writable for others; whatever else others could do is taken away. */
static int check_dir(int dirfd, const char *path, uid_t owner, struct err *e)
{
	struct stat st;

	if (fstat(dirfd, &st) < 0)
		return err_sys(e, errno, "%s", path);
	if (st.st_uid != owner)
		return err_set(e, EACCES,
			       "runtime directory %s belongs to user %u and not to us (user %u): "
			       "have it removed, or set XDG_RUNTIME_DIR to a directory of your own",
			       path, st.st_uid, owner);
	if (st.st_mode & 022)
		return err_set(e, EACCES,
			       "runtime directory %s can be written by others (mode %04o): "
			       "remove it or run: chmod 700 %s",
			       path, st.st_mode & 07777, path);
	if ((st.st_mode & 055) && chmod(fd_path(dirfd).s, 0700) < 0)
		return err_sys(e, errno, "make %s private", path);
	return 0;
}

static int open_checked(int *dirfd, int parent_dirfd, const char *name, const char *path, uid_t owner,
			bool make, struct err *e)
{
	autoclose int fd = -1;
	int r;

	fd = fd_openat(parent_dirfd, name, FLAGS);
	if (fd == -ENOENT && make) {
		if (mkdirat(parent_dirfd, name, 0700) < 0 && errno != EEXIST)
			return err_sys(e, errno, "make runtime directory %s", path);
		fd = fd_openat(parent_dirfd, name, FLAGS);
	}
	if (fd == -ENOTDIR || fd == -ELOOP)
		return err_set(e, EACCES, "runtime directory %s is no directory: remove it", path);
	if (fd < 0)
		return err_sys(e, -fd, "open runtime directory %s", path);
	r = check_dir(fd, path, owner, e);
	if (r < 0)
		return r;
	*dirfd = steal_fd(&fd);
	return 0;
}

int runtime_dir_open_path(int *dirfd, const char *path, uid_t owner, bool make, struct err *e)
{
	int r;

	if (make) {
		r = file_mkdirs(path, 0700);
		if (r < 0)
			return err_sys(e, -r, "make runtime directory %s", path);
	}
	return open_checked(dirfd, AT_FDCWD, path, path, owner, false, e);
}

int runtime_dir_open(char **path, int *dirfd, enum runtime_dir_place place, uid_t uid, bool make,
		     struct err *e)
{
	autofree char *parent = runtime_dir_parent(place, uid);
	autofree char *dir = NULL;
	autoclose int parent_fd = -1;
	int r;

	if (!parent)
		return err_set(e, ENOENT, "no such runtime directory");
	dir = xasprintf("%s/rootlet", parent);
	/* In /tmp anybody can put a link to a directory of ours, so the parent is looked at too;
	 * elsewhere only before we make something in it: this call is on the way of every run. */
	if (place != RUNTIME_DIR_TMP) {
		r = open_checked(dirfd, AT_FDCWD, dir, dir, getuid(), false, e);
		if (r == 0)
			*path = steal_ptr(&dir);
		if (r != -ENOENT || !make)
			return r;
	}
	r = open_checked(&parent_fd, AT_FDCWD, parent, parent, getuid(),
			 make && place == RUNTIME_DIR_TMP, e);
	if (r == 0)
		r = open_checked(dirfd, parent_fd, "rootlet", dir, getuid(), make, e);
	if (r == 0)
		*path = steal_ptr(&dir);
	return r;
}
