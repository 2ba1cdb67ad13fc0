/* SPDX-License-Identifier: Apache-2.0 */
/* Who a pid really is, and whether that process lives. */
#include "base/proc.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/sys.h"
#include "base/timefmt.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
	int64_t end = ms > 0 ? time_monotonic() + ms * TIME_MILLISECOND : 0;

	for (;;) {
		int r = poll(&p, 1, ms);

		if (r >= 0)
			return r > 0 && p.revents & POLLNVAL ? -EBADF : r;
		if (errno != EINTR)
			return -errno;
		if (ms > 0) {
			int64_t left = (end - time_monotonic() + 999999) / TIME_MILLISECOND;

			ms = left > 0 ? left : 0;
		}
	}
}
