/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/chown_tree.h"

#include "base/fd.h"
#include "base/file.h"

#include <errno.h>
#include <unistd.h>

#define DEPTH_MAX 512

struct owner {
	uid_t uid;
	gid_t gid;
};

static int chown_entry(int dirfd, const char *name, const struct owner *u, unsigned int depth);

/* The directory itself last: until then it may be what lets us in. */
static int chown_dir(int fd, const struct owner *u, unsigned int depth)
{
	auto_of(strv_clear) struct strv names = { 0 };
	int r = depth > DEPTH_MAX ? -ELOOP : file_list_dir(fd, ".", &names, false);

	for (size_t i = 0; r >= 0 && i < names.n; i++)
		r = chown_entry(fd, names.v[i], u, depth + 1);
	return r;
}

static int chown_entry(int dirfd, const char *name, const struct owner *u, unsigned int depth)
{
	autoclose int fd = -1;
	struct stat st;
	int r = 0;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (S_ISDIR(st.st_mode)) {
		fd = fd_openat(dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
		r = fd < 0 ? fd : chown_dir(fd, u, depth);
	}
	if (r < 0 || (st.st_uid == u->uid && st.st_gid == u->gid))
		return r;
	return fchownat(dirfd, name, u->uid, u->gid, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

int chown_tree(int dirfd, const char *name, uid_t uid, gid_t gid)
{
	const struct owner o = { uid, gid };

	return chown_entry(dirfd, name, &o, 0);
}
