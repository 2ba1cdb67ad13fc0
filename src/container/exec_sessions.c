/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * Nobody stays with a detached session, so no one is there to say that it has ended: a note is true as
 * long as its process is, by pid and start time. Whoever reads drops what is not true any more, and so
 * does who adds a session, so that a container with a detached exec a minute collects nothing. A link
 * holds its text in the inode: one system call makes it, one reads it.
 */
#include "container/exec_sessions.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/log.h"
#include "base/proc.h"
#include "container/record.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR_NAME "exec"

enum { NOTE_MAX = 64 };

static bool is_there(int dirfd, const char *id)
{
	char note[NOTE_MAX];
	ssize_t n = readlinkat(dirfd, id, note, sizeof(note) - 1);
	autoclose int pidfd = -1;
	uint64_t start;
	long pid;

	if (n < 0)
		return false;
	note[n] = 0;
	if (sscanf(note, "%ld:%" SCNu64, &pid, &start) != 2 || pid <= 0)
		return false;
	pidfd = proc_open_checked(pid, start);
	return pidfd >= 0 && proc_pidfd_is_alive(pidfd);
}

void exec_sessions_list(const struct record *r, struct strv *ids)
{
	auto_of(strv_clear) struct strv names = { 0 };
	autoclose int dirfd = fd_opendirat(r->dirfd, DIR_NAME);

	if (dirfd < 0 || file_list_dir(dirfd, ".", &names, true) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		if (is_there(dirfd, names.v[i]))
			strv_add(ids, names.v[i]);
		else
			(void)unlinkat(dirfd, names.v[i], 0);
	}
}

void exec_sessions_add(const struct record *r, const char *id, pid_t pid)
{
	auto_of(strv_clear) struct strv others = { 0 };
	autofree char *path = xasprintf(DIR_NAME "/%s", id), *note = NULL;
	uint64_t start;

	if (proc_start_time(pid, &start) < 0)
		return;
	note = xasprintf("%ld:%" PRIu64, (long)pid, start);
	exec_sessions_list(r, &others);
	if (symlinkat(note, r->dirfd, path) < 0 &&
	    (mkdirat(r->dirfd, DIR_NAME, 0700) < 0 || symlinkat(note, r->dirfd, path) < 0))
		log_debug("container %s: the exec session could not be noted", r->config.name);
}

void exec_sessions_remove(const struct record *r, const char *id)
{
	autofree char *path = xasprintf(DIR_NAME "/%s", id);

	(void)unlinkat(r->dirfd, path, 0);
}
