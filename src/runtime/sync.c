/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/sync.h"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct sync_head {
	uint32_t step;
	int32_t value;
};

static int send_parts(int fd, const struct sync_head *head, const struct err *err)
{
	struct iovec iov[2] = {
		{ .iov_base = (void *)(uintptr_t)head, .iov_len = sizeof(*head) },
		{ .iov_base = (void *)(uintptr_t)err, .iov_len = err ? sizeof(*err) : 0 },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = err ? 2 : 1 };
	ssize_t n;

	do
		n = sendmsg(fd, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

bool sync_is_gone(int r)
{
	return r == -EPIPE || r == -ECONNRESET;
}

int sync_send(int fd, enum sync_step step, int value, struct err *e)
{
	struct sync_head head = { .step = step, .value = value };
	int r = send_parts(fd, &head, NULL);

	if (r < 0 && !sync_is_gone(r))
		return err_sys(e, -r, "talk to the other half of the container start");
	return 0;
}

void sync_send_err(int fd, const struct err *e)
{
	struct sync_head head = { .step = SYNC_ERROR };

	send_parts(fd, &head, e);
}

static int recv_head(int fd, struct sync_head *head, struct err *e)
{
	struct err sent;
	struct iovec iov[2] = {
		{ .iov_base = head, .iov_len = sizeof(*head) },
		{ .iov_base = &sent, .iov_len = sizeof(sent) },
	};
	struct msghdr msg = { .msg_iov = iov, .msg_iovlen = 2 };
	ssize_t n;

	/* ECONNRESET, said once: the other side went without reading all. What it sent comes after. */
	do
		n = recvmsg(fd, &msg, 0);
	while (n < 0 && (errno == EINTR || errno == ECONNRESET));
	if (n == 0)
		return 0;
	if (n < 0)
		return err_sys(e, errno, "read from the other half of the container start");
	if ((size_t)n == sizeof(*head) && head->step != SYNC_ERROR)
		return 1;
	if ((size_t)n != sizeof(*head) + sizeof(sent) || head->step != SYNC_ERROR || sent.code <= 0)
		return err_set(e, EPROTO, "malformed message during the container start");
	sent.msg[sizeof(sent.msg) - 1] = 0;
	*e = sent;
	return -e->code;
}

int sync_recv_either(int fd, enum sync_step a, enum sync_step b, struct err *e)
{
	struct sync_head head = { 0 };
	int r = recv_head(fd, &head, e);

	if (r <= 0)
		return r;
	if (head.step != a && head.step != b)
		return err_set(e, EPROTO, "message %u is out of order during the container start",
			       head.step);
	return head.step;
}

int sync_recv(int fd, enum sync_step want, int *value, struct err *e)
{
	struct sync_head head = { 0 };
	int r = recv_head(fd, &head, e);

	if (r <= 0)
		return r;
	if (head.step != want)
		return err_set(e, EPROTO, "message %u is out of order during the container start",
			       head.step);
	if (value)
		*value = head.value;
	return 1;
}

int sync_wait(int fd, enum sync_step want, struct err *e)
{
	int r = sync_recv(fd, want, NULL, e);

	if (r == 0)
		_exit(1);
	return r;
}
