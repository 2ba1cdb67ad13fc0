/* SPDX-License-Identifier: Apache-2.0 */
#include "container/sink.h"

#include "base/fd.h"

#include <errno.h>
#include <limits.h>
#include <unistd.h>

void sink_open(struct sink *s, int fd)
{
	struct stat st;

	*s = (struct sink){ .fd = fd, .own_fd = -1 };
	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	s->is_ready_always = S_ISREG(st.st_mode);
	if (!S_ISFIFO(st.st_mode) && !S_ISCHR(st.st_mode))
		return;
	s->own_fd = fd_reopen(fd, O_WRONLY | O_NONBLOCK | O_NOCTTY);
	if (s->own_fd >= 0)
		s->fd = s->own_fd;
	else
		s->own_fd = -1;
}

void sink_close(struct sink *s)
{
	fd_close(&s->own_fd);
	*s = SINK_NONE;
}

int sink_flush(struct sink *s, bool is_writable)
{
	bool may_block = s->own_fd < 0 && !s->is_ready_always;

	if (s->fd < 0)
		s->n = 0;
	while (s->n) {
		size_t n = may_block && s->n > PIPE_BUF ? PIPE_BUF : s->n;
		ssize_t w;

		if (may_block && !is_writable)
			return 0;
		w = write(s->fd, s->data, n);
		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0 && errno == EAGAIN)
			return 0;
		if (w < 0) {
			s->n = 0;
			return -errno;
		}
		s->data += w;
		s->n -= w;
		is_writable = false;
	}
	return 1;
}

int sink_write(struct sink *s, const char *data, size_t n)
{
	s->data = data;
	s->n = n;
	return sink_flush(s, false);
}
