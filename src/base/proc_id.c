/* SPDX-License-Identifier: Apache-2.0 */
/* Who a pid really is, and whether that process lives. */
#include "base/proc.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/sys.h"
#include "base/timefmt.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STAT_MAX 2048	/* 52 numbers and a name of 64 bytes at most */
#define STATE 3		/* the first field behind the name */
#define FIELDS 25	/* of which we read so many, counted from 1 */

/* Fields 4 to 24 are numbers with a blank before each. */
static int parse_fields(struct proc_stat *out, const char *text)
{
	uint64_t v[FIELDS];
	char *end;

	for (int field = STATE + 1; field < FIELDS; field++, text = end) {
		v[field] = strtoull(text, &end, 10);	/* of a negative one its two's complement */
		if (end == text || *end != ' ')
			return -EPROTO;
	}
	out->parent = v[4];
	out->tty = v[7];
	out->utime = v[14];
	out->stime = v[15];
	out->child_utime = v[16];
	out->child_stime = v[17];
	out->nice = v[19];
	out->threads = v[20];
	out->start = v[22];
	out->vsz_bytes = v[23];
	out->rss_bytes = v[24] * sysconf(_SC_PAGESIZE);
	return 0;
}

int proc_read_stat(struct proc_stat *out, int dirfd, const char *path)
{
	char text[STAT_MAX], *name, *end;
	ssize_t r = file_read_once(dirfd, path, text, sizeof(text));

	if (r < 0)
		return r == -ENOENT ? -ESRCH : r;
	/* Field 2 is the program's name and may itself contain ") "; no later field can. */
	name = strchr(text, '(');
	end = strrchr(text, ')');
	if (!name || !end || end < name || end[1] != ' ' || !end[2])
		return -EPROTO;
	*end = 0;
	snprintf(out->comm, sizeof(out->comm), "%s", name + 1);
	out->state = end[2];
	return parse_fields(out, end + STATE);
}

static int read_stat(struct proc_stat *out, pid_t pid)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	return proc_read_stat(out, AT_FDCWD, path);
}

int proc_start_time(pid_t pid, uint64_t *ticks)
{
	struct proc_stat stat;
	int r = read_stat(&stat, pid);

	if (r >= 0)
		*ticks = stat.start;
	return r;
}

bool proc_is_alive(pid_t pid, uint64_t ticks, struct proc_stat *stat)
{
	autoclose int fd = -1;
	struct proc_stat own;

	stat = stat ? stat : &own;
	if (pid <= 0 || read_stat(stat, pid) < 0 || stat->start != ticks)
		return false;
	if (stat->state != 'Z' && stat->state != 'X')
		return true;
	/* Over, or only its first thread is: the pidfd knows. */
	fd = proc_open_checked(pid, ticks);
	return fd >= 0 && proc_pidfd_is_alive(fd);
}

static void read_boot_id(char out[37])
{
	autoclose int fd = fd_open("/proc/sys/kernel/random/boot_id", O_RDONLY);

	if (fd < 0 || fd_read_full(fd, out, 36) != 36)
		out[0] = 0;
}

const char *proc_boot_id(void)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
	static char id[37];	/* the same for as long as we can live */

	/* Not pthread_once, which ends with a system call. */
	pthread_mutex_lock(&lock);
	if (!id[0])
		read_boot_id(id);
	pthread_mutex_unlock(&lock);
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
