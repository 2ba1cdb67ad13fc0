/* SPDX-License-Identifier: Apache-2.0 */
#include "base/proc.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/sys.h"
#include "base/timefmt.h"
#include "base/units.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#ifndef LIBEXECDIR
#define LIBEXECDIR "/usr/local/libexec/rootlet"
#endif

int proc_find_sibling(const char *name, char **path)
{
	autofree char *self = NULL, *dir = NULL, *full = NULL;
	int r;

	r = file_readlink_at(AT_FDCWD, "/proc/self/exe", &self);
	if (r < 0)
		return r;
	dir = path_dir(self);
	full = path_join(dir, name);
	if (access(full, X_OK) < 0) {
		free(full);
		full = path_join(LIBEXECDIR, name);
		if (access(full, X_OK) < 0)
			return -errno;
	}
	*path = steal_ptr(&full);
	return 0;
}

static int read_stat(pid_t pid, uint64_t *ticks, char *state, pid_t *parent)
{
	char name[32], text[1024], *p, *end;
	int r;

	snprintf(name, sizeof(name), "/proc/%d/stat", pid);
	r = file_read_once(AT_FDCWD, name, text, sizeof(text));
	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	/* Field 2 is the program's name and may itself contain ") "; no later field can. */
	p = strrchr(text, ')');
	*state = p && p[1] ? p[2] : 0;
	*parent = *state ? atoi(p + 3) : 0;
	for (int field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	if (!p)
		return -EPROTO;
	*ticks = strtoull(p + 1, &end, 10);
	return *end == ' ' ? 0 : -EPROTO;
}

int proc_start_time(pid_t pid, uint64_t *ticks)
{
	pid_t parent;
	char state;

	return read_stat(pid, ticks, &state, &parent);
}

bool proc_is_alive(pid_t pid, uint64_t ticks, pid_t *parent)
{
	autoclose int fd = -1;
	uint64_t now;
	pid_t its;
	char state;

	if (pid <= 0 || read_stat(pid, &now, &state, parent ? parent : &its) < 0 || now != ticks)
		return false;
	if (state != 'Z' && state != 'X')
		return true;
	/* Over, or only its first thread is: the pidfd knows. */
	fd = proc_open_checked(pid, ticks);
	return fd >= 0 && proc_pidfd_is_alive(fd);
}

const char *proc_boot_id(void)
{
	static char id[37];	/* the same for as long as we can live */
	autoclose int fd = -1;

	if (id[0])
		return id;
	fd = fd_open("/proc/sys/kernel/random/boot_id", O_RDONLY);
	if (fd < 0 || fd_read_full(fd, id, 36) != 36)
		id[0] = 0;
	return id;
}

int proc_open_checked(pid_t pid, uint64_t ticks)
{
	autoclose int fd = -1;
	uint64_t now;
	int r;

	if (pid <= 0)
		return -ESRCH;
	/* The descriptor first: a pid with the right start time afterwards cannot have named another
	 * process before. */
	fd = sys_pidfd_open(pid);
	if (fd < 0)
		return fd;
	r = proc_start_time(pid, &now);
	if (r < 0)
		return r;
	return now == ticks ? steal_fd(&fd) : -ESRCH;
}

bool proc_pidfd_is_alive(int pidfd)
{
	return proc_pidfd_wait(pidfd, 0) == 0;
}

int proc_pidfd_wait(int pidfd, int ms)
{
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int64_t end = ms > 0 ? time_monotonic() + ms * INT64_C(1000000) : 0;

	for (;;) {
		int r = poll(&p, 1, ms);

		if (r >= 0)
			return r > 0 && p.revents & POLLNVAL ? -EBADF : r;
		if (errno != EINTR)
			return -errno;
		if (ms > 0) {
			int64_t left = (end - time_monotonic() + 999999) / 1000000;

			ms = left > 0 ? left : 0;
		}
	}
}

static int parse_realtime(const char *s)
{
	const char *rest;
	int64_t n = 0;
	int sig;

	if ((rest = strcasestr(s, "RTMIN")) == s) {
		rest += strlen("RTMIN");
		if (*rest && (*rest != '+' || units_parse_int(rest + 1, &n) < 0))
			return -EINVAL;
		if (n < 0 || n > SIGRTMAX - SIGRTMIN)
			return -EINVAL;
		sig = SIGRTMIN + n;
	} else if ((rest = strcasestr(s, "RTMAX")) == s) {
		rest += strlen("RTMAX");
		if (*rest && (*rest != '-' || units_parse_int(rest + 1, &n) < 0))
			return -EINVAL;
		if (n < 0 || n > SIGRTMAX - SIGRTMIN)
			return -EINVAL;
		sig = SIGRTMAX - n;
	} else {
		return -EINVAL;
	}
	return sig;
}

int proc_signal_parse(const char *s)
{
	static const struct {
		const char *name;
		int sig;
	} others[] = {
		{ "IOT", SIGIOT }, { "CLD", SIGCHLD }, { "IO", SIGIO }, { "POLL", SIGPOLL },
	};
	int64_t n;

	if (units_parse_int(s, &n) == 0)
		return n >= 1 && n <= SIGRTMAX ? (int)n : -EINVAL;
	if (strncasecmp(s, "SIG", 3) == 0)
		s += 3;
	for (int sig = 1; sig < 32; sig++) {
		const char *name = sigabbrev_np(sig);

		if (name && strcasecmp(s, name) == 0)
			return sig;
	}
	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		if (strcasecmp(s, others[i].name) == 0)
			return others[i].sig;
	return parse_realtime(s);
}

/* A title longer than the arguments may run on into the environment behind them: the kernel knows that
 * from setproctitle(3), and sees it by the last byte of the arguments. */
void proc_set_title(const char *title, bool wipe_env)
{
	autofree char *text = NULL;
	unsigned long at[4] = { 0 };	/* arguments, environment: from and to */
	size_t field = 2, room;
	char *p, *save = NULL;

	if (file_read_at(AT_FDCWD, "/proc/self/stat", &text, NULL, FILE_MAX_CONFIG) < 0)
		return;
	p = strrchr(text, ')');
	for (p = p ? strtok_r(p + 1, " ", &save) : NULL; p; p = strtok_r(NULL, " ", &save)) {
		field++;
		if (field >= 48 && field <= 51)
			at[field - 48] = strtoul(p, NULL, 10);
	}
	if (!at[0] || at[0] >= at[1])
		return;
	memset((void *)at[0], 0, at[1] - at[0]);
	room = at[1] - at[0];
	if (wipe_env && at[2] && at[2] < at[3]) {
		memset((void *)at[2], 0, at[3] - at[2]);
		if (at[1] == at[2])
			room = at[3] - at[0];
	}
	strncpy((void *)at[0], title, room - 1);
}
