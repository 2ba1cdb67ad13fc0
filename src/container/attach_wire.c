/* SPDX-License-Identifier: Apache-2.0 */
/* Frames and sockets: what both sides of attach.h share. */
#include "container/attach.h"

#include "base/fd.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

void attach_head(unsigned char head[ATTACH_HEAD], enum attach_type type, uint32_t n)
{
	head[0] = type;
	head[1] = n & 0xff;
	head[2] = n >> 8 & 0xff;
	head[3] = n >> 16 & 0xff;
}

uint32_t attach_head_len(const unsigned char head[ATTACH_HEAD])
{
	return head[1] | (uint32_t)head[2] << 8 | (uint32_t)head[3] << 16;
}

static void wait_for_room(int sock)
{
	struct pollfd p = { .fd = sock, .events = POLLOUT };

	(void)poll(&p, 1, -1);
}

int attach_send(int sock, enum attach_type type, const void *data, uint32_t n)
{
	unsigned char head[ATTACH_HEAD];
	size_t total = sizeof(head) + n, sent = 0;

	attach_head(head, type, n);
	while (sent < total) {
		struct iovec iov[2];
		struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 0 };
		ssize_t w;

		if (sent < sizeof(head))
			iov[msg.msg_iovlen++] = (struct iovec){ head + sent, sizeof(head) - sent };
		if (n) {
			size_t off = sent < sizeof(head) ? 0 : sent - sizeof(head);

			iov[msg.msg_iovlen++] = (struct iovec){ (char *)data + off, n - off };
		}
		w = sendmsg(sock, &msg, MSG_NOSIGNAL);
		if (w < 0 && errno == EAGAIN) {
			wait_for_room(sock);
			continue;
		}
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -errno;
		sent += w;
	}
	return 0;
}

static int address(struct sockaddr_un *a, int dirfd, const char *name)
{
	int n;

	*a = (struct sockaddr_un){ .sun_family = AF_UNIX };
	n = snprintf(a->sun_path, sizeof(a->sun_path), "/proc/self/fd/%d/%s", dirfd, name);
	return n < 0 || (size_t)n >= sizeof(a->sun_path) ? -ENAMETOOLONG : 0;
}

int attach_connect(int runtime_dirfd, const char *id, unsigned int flags)
{
	autoclose int dirfd = fd_opendirat(runtime_dirfd, id);
	autoclose int sock = -1;
	unsigned char want = flags;
	struct sockaddr_un a;
	int r;

	if (dirfd < 0)
		return dirfd;
	sock = fd_socket(AF_UNIX, SOCK_STREAM, 0);
	if (sock < 0)
		return sock;
	r = address(&a, dirfd, ATTACH_SOCKET);
	if (r < 0)
		return r;
	while (connect(sock, (struct sockaddr *)&a, sizeof(a)) < 0)
		if (errno != EINTR)
			return -errno;
	r = attach_send(sock, ATTACH_HELLO, &want, 1);
	return r < 0 ? r : steal_fd(&sock);
}

int attach_listen(int ctr_runtime_dirfd)
{
	autoclose int sock = fd_socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0);
	struct sockaddr_un a;
	int r;

	if (sock < 0)
		return sock;
	r = address(&a, ctr_runtime_dirfd, ATTACH_SOCKET);
	if (r < 0)
		return r;
	/* The directory is 0700 and ours: the socket needs no mode of its own. */
	if (bind(sock, (struct sockaddr *)&a, sizeof(a)) < 0) {
		if (errno != EADDRINUSE)
			return -errno;
		unlinkat(ctr_runtime_dirfd, ATTACH_SOCKET, 0);
		if (bind(sock, (struct sockaddr *)&a, sizeof(a)) < 0)
			return -errno;
	}
	if (listen(sock, 64) < 0)
		return -errno;
	return steal_fd(&sock);
}

int attach_wait_exit(int sock, int ms, int *exit_code)
{
	for (;;) {
		struct pollfd p = { .fd = sock, .events = POLLIN };
		unsigned char buf[ATTACH_HEAD + sizeof(int32_t)];
		int32_t code;
		int n = poll(&p, 1, ms);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? -errno : 0;
		if (recv(sock, buf, sizeof(buf), MSG_WAITALL) != (ssize_t)sizeof(buf))
			return -EPIPE;
		if (buf[0] != ATTACH_EXIT || attach_head_len(buf) != sizeof(code))
			return -EPROTO;
		memcpy(&code, buf + ATTACH_HEAD, sizeof(code));
		*exit_code = code;
		return 1;
	}
}
