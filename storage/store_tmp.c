/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY. Everything in the store becomes visible by one rename and invisible by one rename. What
 * is half made or half deleted lives under tmp/, in a directory whose name says who is at work:
 *
 *	tmp/<pid>.<start time>.<boot id, 8 digits>-<random>
 *
 * and which its maker holds with flock(2). A later writer deletes it when the maker is gone: no
 * such process (pid and start time), and nobody holds the lock. The lock covers what a pid cannot
 * say (another pid namespace on the same store); the boot id covers what the lock cannot (network
 * file systems without it, where another machine may be at work: its entries are left alone for a
 * day).
 */
#include "storage/store.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"
#include "base/proc.h"
#include "base/timefmt.h"

#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#define FOREIGN_AGE_NS (24 * 3600 * TIME_SECOND)

/* The first group of the UUID is eight digits. */
static void short_boot_id(char buf[9])
{
	snprintf(buf, 9, "%.8s", *proc_boot_id() ? proc_boot_id() : "00000000");
}

/* Says who the owner is: see is_owner_alive. */
static char *tmp_path(void)
{
	char boot[9], rnd[17];
	uint64_t start = 0;

	short_boot_id(boot);
	ident_random_hex(rnd, 16);
	proc_start_time(getpid(), &start);
	return xasprintf("tmp/%d.%llu.%s-%s", getpid(), (unsigned long long)start, boot, rnd);
}

int store_tmp_dir(struct store *s, char **name, int *dirfd, struct err *e)
{
	autofree char *path = tmp_path();
	autoclose int fd = -1;

	if (mkdirat(s->root_dirfd, path, 0700) < 0) {
		if (errno != ENOENT)
			return err_sys(e, errno, "make %s/%s", s->root, path);
		if (mkdirat(s->root_dirfd, "tmp", 0700) < 0 && errno != EEXIST)
			return err_sys(e, errno, "make %s/tmp", s->root);
		if (mkdirat(s->root_dirfd, path, 0700) < 0)
			return err_sys(e, errno, "make %s/%s", s->root, path);
	}
	fd = fd_openat(s->root_dirfd, path, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return err_sys(e, -fd, "open %s/%s", s->root, path);
	(void)flock(fd, LOCK_SH | LOCK_NB);
	*name = steal_ptr(&path);
	*dirfd = steal_fd(&fd);
	return 0;
}

int store_publish(struct store *s, const char *tmp_name, int to_dirfd, const char *name,
		  struct err *e)
{
	int r = 0;

	if (renameat2(s->root_dirfd, tmp_name, to_dirfd, name, RENAME_NOREPLACE) < 0)
		r = -errno;
	/* NFS has no RENAME_NOREPLACE; a directory is never renamed over a non-empty one. */
	if (r == -EINVAL)
		r = renameat(s->root_dirfd, tmp_name, to_dirfd, name) < 0 ? -errno : 0;
	if (r == -ENOTEMPTY)
		r = -EEXIST;
	return r < 0 ? err_sys(e, -r, "publish %s", name) : 0;
}

int store_hide(struct store *s, int from_dirfd, const char *name, char **tmp_name, struct err *e)
{
	autofree char *path = tmp_path();
	int r = renameat(from_dirfd, name, s->root_dirfd, path) < 0 ? errno : 0;

	/* No tmp/ yet, or no such object: making the former tells. */
	if (r == ENOENT && mkdirat(s->root_dirfd, "tmp", 0700) == 0)
		r = renameat(from_dirfd, name, s->root_dirfd, path) < 0 ? errno : 0;
	if (r)
		return err_sys(e, r, "remove %s", name);
	*tmp_name = steal_ptr(&path);
	return 0;
}

int store_discard(struct store *s, int from_dirfd, const char *name, struct err *e)
{
	autofree char *tmp = NULL;
	int r = store_hide(s, from_dirfd, name, &tmp, e);

	if (r < 0)
		return r;
	r = file_remove_tree(s->root_dirfd, tmp);
	if (r < 0)
		return err_sys(e, -r, "remove %s (now %s/%s)", name, s->root, tmp);
	return 0;
}

static bool is_owner_alive(int tmp_dirfd, const char *name, const char *our_boot)
{
	int pid = 0;
	unsigned long long start = 0;
	char boot[9] = "";
	autoclose int fd = -1, pidfd = -1;
	struct stat st;

	if (sscanf(name, "%d.%llu.%8[0-9a-f]-", &pid, &start, boot) != 3 || pid <= 0)
		return false;
	if (strcmp(boot, our_boot) == 0) {
		/* A dead process that nobody has reaped still has a start time. */
		pidfd = proc_open_checked(pid, start);
		if (pidfd >= 0 && proc_pidfd_is_alive(pidfd))
			return true;
	} else if (file_is_on_network(tmp_dirfd)) {
		if (fstatat(tmp_dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
			return true;
		if (time_now() - st.st_mtim.tv_sec * TIME_SECOND < FOREIGN_AGE_NS)
			return true;
	}
	fd = fd_openat(tmp_dirfd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	return fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK;
}

static int list_dead(struct store *s, int tmp_dirfd, struct strv *dead, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	char boot[9] = "";
	int r = file_list_dir(tmp_dirfd, ".", &names, false);

	if (r < 0)
		return err_sys(e, -r, "list %s/tmp", s->root);
	if (names.n)
		short_boot_id(boot);
	for (size_t i = 0; i < names.n; i++)
		if (!is_owner_alive(tmp_dirfd, names.v[i], boot))
			strv_add(dead, names.v[i]);
	return 0;
}

int store_find_dead(struct store *s, struct strv *names, struct err *e)
{
	autoclose int tmp_dirfd = fd_opendirat(s->root_dirfd, "tmp");

	if (tmp_dirfd == -ENOENT)
		return 0;
	if (tmp_dirfd < 0)
		return err_sys(e, -tmp_dirfd, "open %s/tmp", s->root);
	return list_dead(s, tmp_dirfd, names, e);
}

int store_sweep(struct store *s, struct err *e)
{
	auto_of(strv_clear) struct strv dead = { 0 };
	int r = store_find_dead(s, &dead, e);

	for (size_t i = 0; r == 0 && i < dead.n; i++) {
		autofree char *path = xasprintf("tmp/%s", dead.v[i]);
		int removed = file_remove_tree(s->root_dirfd, path);

		/* Another writer may sweep the same one at the same time. */
		if (removed < 0 && removed != -ENOENT && removed != -ENOTEMPTY)
			return err_sys(e, -removed, "sweep %s/%s", s->root, path);
	}
	return r;
}
