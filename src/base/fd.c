/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fd.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define FDS_MAX 16	/* per message; SCM_MAX_FD is 253, nobody here needs more than a few */

static int or_errno(int r)
{
	return r < 0 ? -errno : r;
}

void fd_close(int *fd)
{
	int keep = errno;

	if (*fd >= 0)
		close(*fd);
	*fd = -1;
	errno = keep;
}

int fd_open(const char *path, int flags)
{
	return fd_openat(AT_FDCWD, path, flags);
}

int fd_openat(int dirfd, const char *path, int flags)
{
	return or_errno(openat(dirfd, path, flags | O_CLOEXEC));
}

int fd_createat(int dirfd, const char *path, int flags, mode_t mode)
{
	return or_errno(openat(dirfd, path, flags | O_CREAT | O_CLOEXEC, mode));
}

int fd_tmpfileat(int dirfd, const char *dir, mode_t mode)
{
	return or_errno(openat(dirfd, dir, O_TMPFILE | O_WRONLY | O_CLOEXEC, mode));
}

int fd_opendir(const char *path)
{
	return fd_open(path, O_PATH | O_DIRECTORY);
}

int fd_opendirat(int dirfd, const char *path)
{
	return fd_openat(dirfd, path, O_PATH | O_DIRECTORY);
}

int fd_reopen(int fd, int flags)
{
	return fd_open(fd_path(fd).s, flags);
}

int fd_pipe(int p[2])
{
	return or_errno(pipe2(p, O_CLOEXEC));
}

int fd_socketpair(int type, int p[2])
{
	return or_errno(socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, p));
}

int fd_socket(int domain, int type, int protocol)
{
	return or_errno(socket(domain, type | SOCK_CLOEXEC, protocol));
}

int fd_accept(int fd)
{
	return or_errno(accept4(fd, NULL, NULL, SOCK_CLOEXEC));
}

int fd_dup(int fd)
{
	return or_errno(fcntl(fd, F_DUPFD_CLOEXEC, 3));
}

int fd_dup_above(int fd, int min)
{
	return or_errno(fcntl(fd, F_DUPFD_CLOEXEC, min));
}

int fd_dup_to(int fd, int to)
{
	return or_errno(dup2(fd, to));
}

int fd_move(int *fd, int to)
{
	if (*fd == to) {
		*fd = -1;
		return fd_set_cloexec(to, false);
	}
	if (dup2(*fd, to) < 0)
		return -errno;
	fd_close(fd);
	return 0;
}

int fd_set_cloexec(int fd, bool on)
{
	return or_errno(fcntl(fd, F_SETFD, on ? FD_CLOEXEC : 0));
}

int fd_set_nonblock(int fd, bool on)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0)
		return -errno;
	return or_errno(fcntl(fd, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK));
}

int fd_memfd(const char *name)
{
	return or_errno(memfd_create(name, MFD_CLOEXEC));
}

int fd_memfd_with(const char *name, const void *data, size_t n)
{
	autoclose int fd = fd_memfd(name);
	int r = fd < 0 ? fd : fd_write_all(fd, data, n);

	if (r == 0 && lseek(fd, 0, SEEK_SET) < 0)
		r = -errno;
	return r < 0 ? r : steal_fd(&fd);
}

int fd_memfd_fixed(const char *name, off_t size)
{
	autoclose int fd = or_errno(memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING));

	if (fd < 0)
		return fd;
	if (ftruncate(fd, size) < 0 ||
	    fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0)
		return -errno;
	return steal_fd(&fd);
}

int fd_write_all(int fd, const void *data, size_t n)
{
	const char *p = data;

	while (n) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -errno;
		p += w;
		n -= w;
	}
	return 0;
}

ssize_t fd_read_full(int fd, void *data, size_t n)
{
	size_t have = 0;

	while (have < n) {
		ssize_t r = read(fd, (char *)data + have, n - have);

		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		have += r;
	}
	return have;
}

int fd_read_all(int fd, char **out, size_t *len, size_t max)
{
	autofree char *buf = NULL;
	size_t have = 0, cap = 0, size = 0;
	struct stat st;

	/* Files in /proc say 0. */
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0)
		cap = size = st.st_size;
	if (cap > max)
		return -EFBIG;
	cap += 512;
	buf = xmalloc(cap + 1);
	for (;;) {
		ssize_t r;

		if (have == cap)
			buf = xrealloc(buf, (cap *= 2) + 1);
		r = read(fd, buf + have, cap - have);
		if (r < 0 && errno == EINTR)
			continue;
		if (r < 0)
			return -errno;
		if (r == 0)
			break;
		have += r;
		if (have > max)
			return -EFBIG;
		/* A file that was written whole: what would be added now came after us. */
		if (size && have == size)
			break;
	}
	buf[have] = 0;
	*out = steal_ptr(&buf);
	if (len)
		*len = have;
	return 0;
}

int fd_send_fds(int sock, const int *fds, size_t n)
{
	char ctl[CMSG_SPACE(FDS_MAX * sizeof(int))] = { 0 };
	char byte = 0;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	struct cmsghdr *c;
	ssize_t r;

	if (n > FDS_MAX)
		return -EINVAL;
	if (n) {
		msg.msg_control = ctl;
		msg.msg_controllen = CMSG_SPACE(n * sizeof(int));
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(n * sizeof(int));
		memcpy(CMSG_DATA(c), fds, n * sizeof(int));
	}
	do
		r = sendmsg(sock, &msg, MSG_NOSIGNAL);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

int fd_recv_fds(int sock, int *fds, size_t n)
{
	char ctl[CMSG_SPACE(FDS_MAX * sizeof(int))];
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = ctl, .msg_controllen = sizeof(ctl),
	};
	size_t got = 0;
	ssize_t r;

	do
		r = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (r < 0 && errno == EINTR);
	if (r < 0)
		return -errno;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c)) {
		size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(fd));
			if (got < n)
				fds[got++] = fd;
			else
				close(fd);
		}
	}
	return got;
}

struct fd_path fd_path(int fd)
{
	struct fd_path p;

	snprintf(p.s, sizeof(p.s), "/proc/self/fd/%d", fd);
	return p;
}

int fd_ensure_stdio(void)
{
	int fd;

	do
		fd = or_errno(open("/dev/null", O_RDWR | O_NOCTTY));
	while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
	return fd < 0 ? fd : 0;
}

int fd_inherited_load(struct fd_inherited *out)
{
	DIR *d = opendir("/proc/self/fd");
	struct dirent *ent;

	*out = (struct fd_inherited){ 0 };
	if (!d)
		return -errno;
	while ((ent = readdir(d))) {
		int fd = atoi(ent->d_name);

		if (ent->d_name[0] == '.' || fd <= 2 || fd == dirfd(d))
			continue;
		out->fds = xreallocarray(out->fds, out->n + 1, sizeof(int));
		out->fds[out->n++] = fd;
	}
	closedir(d);
	return 0;
}
