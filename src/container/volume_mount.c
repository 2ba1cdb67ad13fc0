/* SPDX-License-Identifier: Apache-2.0 */
#include "container/volume_mount.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/str.h"
#include "base/sys.h"
#include "container/in_session.h"
#include "container/record.h"
#include "container/state.h"
#include "container/volume_options.h"
#include "runtime/mount_fs.h"
#include "storage/store.h"
#include "userns/session.h"

#include <unistd.h>

#define LOCK_FILE ".lock"

/* --- who has it ----------------------------------------------------------------------------- */

static int open_users(struct engine *g, const char *name, bool is_made)
{
	autofree char *path = xasprintf("volumes/%s", name);
	int dirfd = g->session->runtime_dirfd;

	if (is_made && ((mkdirat(dirfd, "volumes", 0700) < 0 && errno != EEXIST) ||
			(mkdirat(dirfd, path, 0700) < 0 && errno != EEXIST)))
		return -errno;
	return fd_openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

/* One that is just starting holds its lock and is not alive yet. */
static bool is_live(struct engine *g, const char *user)
{
	auto_of(record_free) struct record *r = NULL;
	auto_of(state_clear) struct state st = { 0 };
	autoclose int lock = -1;
	struct err ignored = { 0 };

	if (str_eq(user, VOLUME_MOUNT_BY_HAND))
		return true;
	if (record_open(&r, g, user, &ignored) < 0)
		return false;
	if (state_load_at(&st, r->dirfd, &ignored) >= 0 && state_is_alive(&st))
		return true;
	return record_try_lock(r, &lock) == -EAGAIN;
}

/* Users that live, but for one; the entries of the dead are removed. */
static size_t count_users(struct engine *g, int users_fd, const char *but)
{
	auto_of(strv_clear) struct strv names = { 0 };
	size_t n = 0;

	if (file_list_dir(users_fd, ".", &names, false) < 0)
		return 0;
	for (size_t i = 0; i < names.n; i++) {
		if (str_eq(names.v[i], LOCK_FILE) || str_eq(names.v[i], but))
			continue;
		if (is_live(g, names.v[i]))
			n++;
		else
			unlinkat(users_fd, names.v[i], 0);
	}
	return n;
}

size_t volume_mount_count(struct engine *g, const char *name)
{
	autoclose int users_fd = open_users(g, name, false);

	return users_fd < 0 ? 0 : count_users(g, users_fd, NULL);
}

/* --- in the pause process's mount namespace --------------------------------------------------- */

static int mount_tmpfs(const struct volume *v, int target_fd, struct err *e)
{
	auto_of(volume_options_clear) struct volume_options o = { 0 };
	auto_of(mount_options_clear) struct mount_options parsed = { 0 };
	autoclose int mount_fd = -1;
	int r = volume_options_parse(&o, &v->options, e);

	if (r < 0)
		return r;
	if (o.uid >= 0)
		strv_addf(&o.words, "uid=%lld", (long long)o.uid);
	if (o.gid >= 0)
		strv_addf(&o.words, "gid=%lld", (long long)o.gid);
	strv_add(&o.words, "nosuid");
	strv_add(&o.words, "nodev");
	r = mount_options_parse(&parsed, &o.words, false, e);
	if (r < 0)
		return r;
	/* "ro" is for the containers: what fills the volume must write. */
	mount_fd = mount_fs_new("tmpfs", v->name, &parsed.data,
				parsed.attr_set & ~(uint64_t)MOUNT_ATTR_RDONLY);
	r = mount_fd < 0 ? mount_fd : mount_fs_attach(mount_fd, target_fd);
	return r < 0 ? err_sys(e, -r, "mount a tmpfs") : 0;
}

static int send_mount(void *arg, int sock_fd, struct err *e)
{
	const struct volume *v = arg;
	autoclose int fd = fd_opendir(v->mountpoint), mount_fd = -1;
	int r;

	if (fd < 0)
		return err_sys(e, -fd, "open %s", v->mountpoint);
	if (!in_session_is_mount(fd)) {
		r = mount_tmpfs(v, fd, e);
		if (r < 0)
			return r;
		fd_close(&fd);
		fd = fd_opendir(v->mountpoint);
	}
	mount_fd = fd < 0 ? fd : mount_fs_clone(fd, false);
	if (mount_fd < 0)
		return err_sys(e, -mount_fd, "clone the mount of %s", v->mountpoint);
	r = fd_send_fds(sock_fd, &mount_fd, 1);
	return r < 0 ? err_sys(e, -r, "hand the mount over") : 0;
}

/* --- both ------------------------------------------------------------------------------------- */

static int lock_users(struct engine *g, const char *name, int *users_fd, bool is_made, struct err *e)
{
	int lock = *users_fd = open_users(g, name, is_made);

	if (lock >= 0)
		lock = lock_take(*users_fd, LOCK_FILE, true);
	return lock < 0 ? err_sys(e, -lock, "volume %s: its users", name) : lock;
}

static int note_user(int users_fd, const char *user)
{
	autoclose int fd = fd_createat(users_fd, user, O_WRONLY | O_NOFOLLOW, 0600);

	return fd < 0 ? fd : 0;
}

int volume_mount_take(struct engine *g, const struct volume *v, const char *user, struct err *e)
{
	autoclose int users_fd = -1, lock = lock_users(g, v->name, &users_fd, true, e), mount_fd = -1;
	int r;

	if (lock < 0)
		return lock;
	/* Left by a container that was killed: the data of its tmpfs ended with it. */
	if (count_users(g, users_fd, user) == 0 && in_session(g, in_session_unmount, v->mountpoint, NULL, e) < 0)
		return err_wrap(e, "volume %s", v->name);
	r = note_user(users_fd, user);
	if (r < 0)
		return err_sys(e, -r, "volume %s: note that %.12s uses it", v->name, user);
	if (in_session(g, send_mount, (void *)v, &mount_fd, e) < 0) {
		unlinkat(users_fd, user, 0);
		return err_wrap(e, "volume %s", v->name);
	}
	return steal_fd(&mount_fd);
}

int volume_mount_clone(struct engine *g, const struct volume *v, struct err *e)
{
	int mount_fd = -1, r = in_session(g, send_mount, (void *)v, &mount_fd, e);

	return r < 0 ? err_wrap(e, "volume %s", v->name) : mount_fd;
}

int volume_mount_release(struct engine *g, const char *name, const char *user, struct err *e)
{
	autoclose int users_fd = open_users(g, name, false), lock = -1;
	autofree char *path = NULL;
	int r;

	if (users_fd < 0)
		return 0;
	fd_close(&users_fd);
	lock = lock_users(g, name, &users_fd, false, e);
	if (lock < 0)
		return lock;
	unlinkat(users_fd, user, 0);
	if (count_users(g, users_fd, user) > 0)
		return 0;
	path = xasprintf("%s/volumes/%s/_data", g->store->root, name);
	r = in_session(g, in_session_unmount, path, NULL, e);
	return r < 0 ? err_wrap(e, "volume %s", name) : 0;
}

void volume_mount_release_all(struct engine *g, const struct strv *names, const char *user)
{
	struct err ignored = { 0 };

	for (size_t i = 0; i < names->n; i++)
		(void)volume_mount_release(g, names->v[i], user, &ignored);
}

int volume_mount_end(struct engine *g, const char *name, struct err *e)
{
	autofree char *path = xasprintf("volumes/%s", name);
	int r;

	if (!file_exists_at(g->session->runtime_dirfd, path))
		return 0;
	r = volume_mount_release(g, name, VOLUME_MOUNT_BY_HAND, e);
	if (r >= 0)	/* what stays of it holds nothing */
		(void)file_remove_tree(g->session->runtime_dirfd, path);
	return r;
}
