/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/holders.h"

#include "base/fd.h"
#include "userns/nsid.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* The next process after *dir's position that is in the namespace; 0 at the end. */
static pid_t next_holder(DIR *dir, uint64_t userns_ino)
{
	struct dirent *d;

	while ((d = readdir(dir))) {
		char *end;
		long pid = strtol(d->d_name, &end, 10);

		if (*end || pid <= 0 || pid > INT32_MAX)
			continue;
		/* A zombie still shows its user namespace, but no mount namespace. */
		if (nsid_of((pid_t)pid, "user") == userns_ino &&
		    nsid_of((pid_t)pid, "mnt") != 0)
			return (pid_t)pid;
	}
	return 0;
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

static int open_userns_of(pid_t pid, uint64_t userns_ino, const struct idmap *uids,
			  const struct idmap *gids)
{
	auto_of(idmap_clear) struct idmap has_uids = { 0 }, has_gids = { 0 };
	autoclose int ns_fd = -1;
	char path[64];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/user", pid);
	ns_fd = fd_open(path, O_RDONLY);
	if (ns_fd < 0)
		return ns_fd;
	if (fstat(ns_fd, &st) < 0 || st.st_ino != userns_ino)
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%d/uid_map", pid);
	if (idmap_load(&has_uids, path) < 0 || !idmap_equal(&has_uids, uids))
		return -ESRCH;
	snprintf(path, sizeof(path), "/proc/%d/gid_map", pid);
	if (idmap_load(&has_gids, path) < 0 || !idmap_equal(&has_gids, gids))
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
