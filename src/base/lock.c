/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lock.h"

#include "base/fd.h"

#include <errno.h>
#include <unistd.h>

static int apply(int fd, int cmd, short type, struct flock *fl)
{
	*fl = (struct flock){ .l_type = type, .l_whence = SEEK_SET };
	while (fcntl(fd, cmd, fl) < 0) {
		if (errno == EACCES)
			return -EAGAIN;
		if (errno != EINTR)
			return -errno;
	}
	return 0;
}

static int lock_fd(int fd, bool exclusive, bool wait)
{
	struct flock fl;

	return apply(fd, wait ? F_OFD_SETLKW : F_OFD_SETLK, exclusive ? F_WRLCK : F_RDLCK, &fl);
}

int lock_fd_take(int fd, bool exclusive)
{
	return lock_fd(fd, exclusive, true);
}

int lock_fd_try(int fd, bool exclusive)
{
	return lock_fd(fd, exclusive, false);
}

void lock_fd_release(int fd)
{
	struct flock l = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

	fcntl(fd, F_OFD_SETLK, &l);
}

static int open_file(int dirfd, const char *name, bool exclusive)
{
	int flags = O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;
	int fd = fd_createat(dirfd, name, O_RDWR | flags, 0600);

	/* A store shared read-only by many users: a reader's lock needs no more than reading. */
	if (!exclusive && (fd == -EROFS || fd == -EACCES))
		fd = fd_openat(dirfd, name, O_RDONLY | flags);
	return fd;
}

static int take(int dirfd, const char *name, bool exclusive, bool wait)
{
	for (;;) {
		autoclose int fd = open_file(dirfd, name, exclusive);
		struct stat st;
		int r;

		if (fd < 0)
			return fd;
		r = lock_fd(fd, exclusive, wait);
		if (r < 0)
			return r;
		if (fstat(fd, &st) < 0)
			return -errno;
		/* Whoever had it before may have removed the object and its lock file: then this
		 * lock protects nothing, and the next one is on the file that is there now. */
		if (st.st_nlink > 0)
			return steal_fd(&fd);
	}
}

int lock_take(int dirfd, const char *name, bool exclusive)
{
	return take(dirfd, name, exclusive, true);
}

int lock_try(int dirfd, const char *name, bool exclusive)
{
	return take(dirfd, name, exclusive, false);
}
