/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/holders.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/sys.h"
#include "userns/nsid.h"
#include "userns/pause.h"

#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The process at *dir's position, which moves on; 0 at the end. */
static pid_t next_process(DIR *dir)
{
	struct dirent *d;

	while ((d = readdir(dir))) {
		char *end;
		long pid = strtol(d->d_name, &end, 10);

		if (!*end && pid > 0 && pid <= INT32_MAX)
			return (pid_t)pid;
	}
	return 0;
}

static pid_t next_holder(DIR *dir, uint64_t userns_ino)
{
	pid_t pid;

	/* A zombie still shows its user namespace, but no mount namespace. */
	while ((pid = next_process(dir)) &&
	       (nsid_of(pid, "user") != userns_ino || nsid_of(pid, "mnt") == 0))
		;
	return pid;
}

static void close_dir(DIR **dir)
{
	if (*dir)
		closedir(*dir);
}

pid_t holders_find(uint64_t userns_ino, pid_t skip)
{
	__attribute__((cleanup(close_dir))) DIR *dir = opendir("/proc");
	pid_t pid;

	if (!dir)
		return -errno;
	do
		pid = next_holder(dir, userns_ino);
	while (pid && pid == skip);
	return pid ? pid : -ESRCH;
}

static bool has_maps(pid_t pid, const struct idmap *uids, const struct idmap *gids)
{
	auto_of(idmap_clear) struct idmap has_uids = { 0 };
	auto_of(idmap_clear) struct idmap has_gids = { 0 };
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	if (idmap_load(&has_uids, path) < 0 || !idmap_equal(&has_uids, uids))
		return false;
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	return idmap_load(&has_gids, path) == 0 && idmap_equal(&has_gids, gids);
}

static int open_userns_of(pid_t pid, uint64_t userns_ino, const struct idmap *uids,
			  const struct idmap *gids)
{
	autoclose int ns_fd = -1;
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	ns_fd = fd_open(path, O_RDONLY);
	if (ns_fd < 0)
		return ns_fd;
	if (fstat(ns_fd, &st) < 0 || st.st_ino != userns_ino)
		return -ESRCH;
	if (!has_maps(pid, uids, gids))
		return -ESRCH;
	return steal_fd(&ns_fd);
}

int holders_open(uint64_t userns_ino, const struct idmap *uids, const struct idmap *gids)
{
	__attribute__((cleanup(close_dir))) DIR *dir = opendir("/proc");
	pid_t pid;

	if (!dir)
		return -errno;
	while ((pid = next_holder(dir, userns_ino))) {
		int fd = open_userns_of(pid, userns_ino, uids, gids);

		if (fd >= 0)
			return fd;
	}
	return -ESRCH;
}

static bool is_pause_of(pid_t pid, uid_t uid)
{
	autofree char *name = NULL;
	char path[64];
	struct stat st;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d", pid);
	if (stat(path, &st) < 0 || st.st_uid != uid)
		return false;
	snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	return file_read_at(AT_FDCWD, path, &name, &len, 64) == 0 &&
	       strcmp(name, PAUSE_NAME "\n") == 0 && nsid_of(pid, "mnt") != 0;
}

pid_t holders_find_pause(uid_t uid, const struct idmap *uids, const struct idmap *gids)
{
	__attribute__((cleanup(close_dir))) DIR *dir = opendir("/proc");
	pid_t pid;

	if (!dir)
		return -errno;
	while ((pid = next_process(dir)))
		if (is_pause_of(pid, uid) && has_maps(pid, uids, gids))
			return pid;
	return -ESRCH;
}

static pid_t parent_of(pid_t pid)
{
	autofree char *text = NULL;
	char path[64], *p;
	size_t len;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	if (file_read_at(AT_FDCWD, path, &text, &len, 4096) < 0 || !(p = strrchr(text, ')')))
		return 0;
	return strlen(p) > 4 ? atoi(p + 4) : 0;
}

/* Ourselves and who waits for us: `rootlet unshare rootlet ...`. */
static bool is_ancestor(pid_t pid)
{
	for (pid_t p = getpid(); p > 1; p = parent_of(p))
		if (p == pid)
			return true;
	return false;
}

int holders_kill(uint64_t userns_ino)
{
	__attribute__((cleanup(close_dir))) DIR *dir = opendir("/proc");
	int n = 0;
	pid_t pid;

	if (!dir)
		return -errno;
	while ((pid = next_holder(dir, userns_ino))) {
		autoclose int fd = is_ancestor(pid) ? -1 : sys_pidfd_open(pid);

		/* The number may have passed on before it was opened. */
		if (fd < 0 || nsid_of(pid, "user") != userns_ino || sys_pidfd_send_signal(fd, SIGKILL) < 0)
			continue;
		proc_pidfd_wait(fd, 5000);
		n++;
	}
	return n;
}
