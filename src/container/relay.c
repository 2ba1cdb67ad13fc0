/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * One piece of output is under way at a time: it is read once, written to the log, and every attached
 * client is sent the same bytes out of the same buffer, each at its own pace (relay_client.sent). No
 * output is read before the last client has all of the piece. That is the whole of flow control: a
 * slow client fills its socket, then the buffer, then the container's pipe, and the container waits, as
 * it would on a slow terminal. Clients that asked for no output are not waited for.
 *
 * Input is the same the other way: one piece, no client is read while it cannot be written. So the
 * memory in use never depends on how much is said or how many listen.
 */
#include "container/relay.h"

#include "base/fd.h"
#include "base/timefmt.h"
#include "container/tty.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define FRAME_MAX 32768
#define INPUT_MAX 8192
#define CTRL_D "\004"

enum { P_OUT, P_ERR, P_IN, P_LISTEN, P_CLIENTS };

void relay_init(struct relay *r)
{
	*r = (struct relay){ .out_fd = { -1, -1 }, .in_fd = -1, .listen_fd = -1 };
	for (size_t i = 0; i < RELAY_CLIENTS; i++)
		r->clients[i].fd = -1;
	r->turn = 1;
	r->frame = xmalloc(ATTACH_HEAD + FRAME_MAX);
	r->input = xmalloc(INPUT_MAX);
}

void relay_clear(struct relay *r)
{
	fd_close(&r->out_fd[0]);
	fd_close(&r->out_fd[1]);
	fd_close(&r->in_fd);
	fd_close(&r->listen_fd);
	for (size_t i = 0; i < RELAY_CLIENTS; i++)
		fd_close(&r->clients[i].fd);
	free(r->frame);
	free(r->input);
	r->frame = r->input = NULL;
}

static bool wants_frame(const struct relay *r, const struct relay_client *c)
{
	return c->fd >= 0 && r->frame_n && (!r->frame_flag || c->flags & r->frame_flag);
}

static bool is_behind(const struct relay *r, const struct relay_client *c)
{
	return wants_frame(r, c) && c->sent < r->frame_n;
}

static void drop(struct relay_client *c)
{
	fd_close(&c->fd);
	*c = (struct relay_client){ .fd = -1 };
}

int relay_add(struct relay *r, int fd_taken, unsigned int flags, bool is_starter)
{
	for (size_t i = 0; i < RELAY_CLIENTS; i++) {
		if (r->clients[i].fd >= 0)
			continue;
		/* It came too late for the piece that is under way. */
		r->clients[i] = (struct relay_client){ .fd = fd_taken, .flags = flags,
						       .is_starter = is_starter,
						       .sent = r->frame_n };
		return 0;
	}
	close(fd_taken);
	return -ENOSPC;
}

static bool has_free_slot(const struct relay *r)
{
	for (size_t i = 0; i < RELAY_CLIENTS; i++)
		if (r->clients[i].fd < 0)
			return true;
	return false;
}

static void send_frame(struct relay *r, struct relay_client *c)
{
	while (is_behind(r, c)) {
		ssize_t w = send(c->fd, r->frame + c->sent, r->frame_n - c->sent,
				 MSG_DONTWAIT | MSG_NOSIGNAL);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0 && errno == EAGAIN)
			return;
		if (w < 0) {
			drop(c);
			return;
		}
		c->sent += w;
	}
}

/* True: nothing is under way any more. */
static bool settle_frame(struct relay *r)
{
	for (size_t i = 0; i < RELAY_CLIENTS; i++)
		if (is_behind(r, &r->clients[i]))
			return false;
	r->frame_n = 0;
	return true;
}

static void start_frame(struct relay *r, enum attach_type type, unsigned char flag, uint32_t n)
{
	attach_head((unsigned char *)r->frame, type, n);
	r->frame_n = ATTACH_HEAD + n;
	r->frame_flag = flag;
	for (size_t i = 0; i < RELAY_CLIENTS; i++) {
		r->clients[i].sent = 0;
		send_frame(r, &r->clients[i]);
	}
	(void)settle_frame(r);
}

static void read_output(struct relay *r, int i)
{
	ssize_t n = read(r->out_fd[i], r->frame + ATTACH_HEAD, FRAME_MAX);

	if (n < 0 && (errno == EINTR || (errno == EAGAIN && !r->is_draining)))
		return;
	/* A terminal's last bytes may still be on their way to us: see RELAY_TTY_DRAIN_MS. */
	if (n < 0 && errno == EAGAIN && r->is_tty)
		return;
	if (n <= 0) {	/* end of file; EIO from a terminal nobody holds any more */
		fd_close(&r->out_fd[i]);
		return;
	}
	logs_writer_write(r->log, i + 1, r->frame + ATTACH_HEAD, n);
	start_frame(r, i ? ATTACH_STDERR : ATTACH_STDOUT,
		    i ? ATTACH_WANTS_STDERR : ATTACH_WANTS_STDOUT, n);
}

static int input_fd(const struct relay *r)
{
	return r->is_tty ? r->out_fd[0] : r->in_fd;
}

static void write_input(struct relay *r)
{
	int fd = input_fd(r);

	while (r->input_off < r->input_n) {
		ssize_t w = fd < 0 ? -1 : write(fd, r->input + r->input_off, r->input_n - r->input_off);

		if (w < 0 && fd >= 0 && errno == EINTR)
			continue;
		if (w < 0 && fd >= 0 && errno == EAGAIN)
			return;
		if (w < 0) {	/* the container has closed its stdin: what else comes is lost */
			fd_close(&r->in_fd);
			break;
		}
		r->input_off += w;
	}
	r->input_off = r->input_n = 0;
	if (!r->is_input_ending)
		return;
	r->is_input_ending = false;
	if (r->is_tty) {
		memcpy(r->input, CTRL_D, 1);
		r->input_n = 1;
		write_input(r);
	}
	fd_close(&r->in_fd);
}

static void close_output(struct relay *r, const struct relay_client *c, int stream)
{
	unsigned char flag = stream == 2 ? ATTACH_WANTS_STDERR : ATTACH_WANTS_STDOUT;

	/* Only for who started it, and only while nobody else listens. */
	for (size_t i = 0; i < RELAY_CLIENTS; i++)
		if (&r->clients[i] != c && r->clients[i].fd >= 0 && r->clients[i].flags & flag)
			return;
	if (c->is_starter && !r->is_tty && (stream == 1 || stream == 2))
		fd_close(&r->out_fd[stream - 1]);
}

static void on_small_frame(struct relay *r, struct relay_client *c)
{
	uint16_t size[2];

	switch (c->head[0]) {
	case ATTACH_HELLO:
		c->flags = c->small[0];
		c->sent = r->frame_n;
		break;
	case ATTACH_STDIN_EOF:
		if (c->flags & ATTACH_WANTS_STDIN) {
			r->is_input_ending = true;
			write_input(r);
		}
		break;
	case ATTACH_RESIZE:
		memcpy(size, c->small, sizeof(size));
		if (r->is_tty && r->out_fd[0] >= 0)
			(void)tty_set_size(r->out_fd[0], size[0], size[1]);
		break;
	case ATTACH_CLOSED:
		c->flags &= c->small[0] == 2 ? ~ATTACH_WANTS_STDERR : ~ATTACH_WANTS_STDOUT;
		close_output(r, c, c->small[0]);
		break;
	case ATTACH_STOP:
		r->is_stop_asked = true;
		break;
	case ATTACH_BEGIN:
		c->is_starter = c->has_begun = true;
		break;
	default:
		break;
	}
}

static bool is_stdin_frame(const struct relay_client *c)
{
	return c->head[0] == ATTACH_STDIN;
}

/* 1: go on; 0: nothing to read now; -1: the client is no more. */
static int receive(struct relay_client *c, void *buf, size_t n, size_t *got)
{
	ssize_t have = recv(c->fd, buf, n, MSG_DONTWAIT);

	if (have < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (have <= 0) {
		drop(c);
		return -1;
	}
	*got = have;
	return 1;
}

static int read_payload(struct relay *r, struct relay_client *c)
{
	size_t got;
	int more;

	if (is_stdin_frame(c)) {
		size_t room = INPUT_MAX - r->input_n;

		if (!room)
			return 0;
		more = receive(c, r->input + r->input_n, c->left < room ? c->left : room, &got);
		if (more <= 0)
			return more;
		c->left -= got;
		if (c->flags & ATTACH_WANTS_STDIN) {
			r->input_n += got;
			write_input(r);
		}
	} else {
		more = receive(c, c->small + c->small_n, c->left, &got);
		if (more <= 0)
			return more;
		c->small_n += got;
		c->left -= got;
	}
	return 1;
}

static void read_client(struct relay *r, struct relay_client *c)
{
	size_t got;

	/* Pending input stops STDIN frames only at their payload, but one client's frames are in order:
	 * so it is not read at all then (relay_fill). */
	while (c->fd >= 0 && !r->input_n) {
		if (c->head_n < ATTACH_HEAD) {
			if (receive(c, c->head + c->head_n, ATTACH_HEAD - c->head_n, &got) <= 0)
				return;
			c->head_n += got;
			if (c->head_n < ATTACH_HEAD)
				return;
			c->left = attach_head_len(c->head);
			c->small_n = 0;
			memset(c->small, 0, sizeof(c->small));
			if (c->left > (is_stdin_frame(c) ? ATTACH_PAYLOAD_MAX : sizeof(c->small))) {
				drop(c);
				return;
			}
		}
		if (c->left && read_payload(r, c) <= 0)
			return;
		if (c->fd >= 0 && !c->left) {
			c->head_n = 0;
			if (!is_stdin_frame(c))
				on_small_frame(r, c);
		}
	}
}

size_t relay_fill(const struct relay *r, struct pollfd *p)
{
	size_t n = P_CLIENTS;

	for (size_t i = 0; i < P_CLIENTS; i++)
		p[i] = (struct pollfd){ .fd = -1 };
	for (int i = 0; i < 2; i++)
		if (!r->frame_n && r->out_fd[i] >= 0)
			p[P_OUT + i] = (struct pollfd){ .fd = r->out_fd[i], .events = POLLIN };
	/* Without input an error is still wanted: the container has closed its stdin. */
	if (!r->is_tty || r->input_n)
		p[P_IN] = (struct pollfd){ .fd = input_fd(r), .events = r->input_n ? POLLOUT : 0 };
	if (r->listen_fd >= 0 && has_free_slot(r))
		p[P_LISTEN] = (struct pollfd){ .fd = r->listen_fd, .events = POLLIN };
	for (size_t i = 0; i < RELAY_CLIENTS; i++) {
		const struct relay_client *c = &r->clients[i];

		/* Not even its going away is asked for while its last words must wait. */
		if (c->fd < 0 || (r->input_n && !is_behind(r, c)))
			continue;
		p[n++] = (struct pollfd){
			.fd = c->fd,
			.events = (r->input_n ? 0 : POLLIN) | (is_behind(r, c) ? POLLOUT : 0),
		};
	}
	return n;
}

static struct relay_client *client_of(struct relay *r, int fd)
{
	for (size_t i = 0; i < RELAY_CLIENTS; i++)
		if (r->clients[i].fd == fd)
			return &r->clients[i];
	return NULL;
}

static void on_client(struct relay *r, struct relay_client *c, short revents)
{
	if (revents & POLLOUT)
		send_frame(r, c);
	if (c->fd >= 0 && revents & POLLIN)
		read_client(r, c);
	/* Gone, and its last words (POLLIN) are read or will never be asked for. */
	if (c->fd >= 0 && revents & (POLLHUP | POLLERR) && !(revents & POLLIN))
		drop(c);
}

void relay_handle(struct relay *r, const struct pollfd *p, size_t n)
{
	for (size_t i = P_CLIENTS; i < n; i++) {
		struct relay_client *c = p[i].revents ? client_of(r, p[i].fd) : NULL;

		if (c)
			on_client(r, c, p[i].revents);
	}
	(void)settle_frame(r);
	if (p[P_IN].fd >= 0 && p[P_IN].revents & POLLOUT)
		write_input(r);
	else if (p[P_IN].fd >= 0 && p[P_IN].revents & POLLERR && !r->is_tty)
		fd_close(&r->in_fd);
	r->turn ^= 1;
	for (int k = 0; k < 2; k++) {
		int i = k ^ r->turn;

		if (!r->frame_n && r->out_fd[i] >= 0 && (p[P_OUT + i].revents || r->is_draining))
			read_output(r, i);
	}
	if (p[P_LISTEN].revents & POLLIN) {
		int fd = fd_accept(r->listen_fd);

		if (fd >= 0)
			(void)relay_add(r, fd, 0, false);
	}
}

void relay_drain(struct relay *r)
{
	r->is_draining = true;
}

bool relay_is_drained(const struct relay *r)
{
	return !r->frame_n && r->out_fd[0] < 0 && r->out_fd[1] < 0;
}

void relay_end_output(struct relay *r)
{
	fd_close(&r->out_fd[0]);
	fd_close(&r->out_fd[1]);
}

void relay_drop_slow(struct relay *r)
{
	for (size_t i = 0; i < RELAY_CLIENTS; i++)
		if (is_behind(r, &r->clients[i]))
			drop(&r->clients[i]);
	r->frame_n = 0;
}

/* Who has connected and was not looked at yet; true: there was somebody. */
static bool accept_waiting(struct relay *r)
{
	bool is_any = false;

	while (r->listen_fd >= 0 && has_free_slot(r)) {
		int fd = fd_accept(r->listen_fd);

		if (fd < 0)
			break;
		(void)relay_add(r, fd, 0, false);
		is_any = true;
	}
	return is_any;
}

static void send_last(struct relay *r, enum attach_type type, const void *data, uint32_t n,
		      int64_t deadline)
{
	struct pollfd p[RELAY_POLLS];

	memcpy(r->frame + ATTACH_HEAD, data, n);
	start_frame(r, type, 0, n);
	while (r->frame_n) {
		int64_t left = (deadline - time_monotonic()) / TIME_MILLISECOND;
		size_t polls = relay_fill(r, p);

		if (left <= 0)
			break;
		for (size_t i = P_CLIENTS; i < polls; i++)
			p[i].events = POLLOUT;
		if (poll(p + P_CLIENTS, polls - P_CLIENTS, left) < 0 && errno != EINTR)
			break;
		for (size_t i = 0; i < RELAY_CLIENTS; i++)
			send_frame(r, &r->clients[i]);
		(void)settle_frame(r);
	}
	r->frame_n = 0;
}

void relay_finish(struct relay *r, enum attach_type type, const void *data, uint32_t n, int ms)
{
	int64_t deadline = time_monotonic() + ms * TIME_MILLISECOND;

	relay_end_output(r);
	r->input_n = r->input_off = 0;
	relay_drop_slow(r);
	(void)accept_waiting(r);
	do {
		send_last(r, type, data, n, deadline);
		for (size_t i = 0; i < RELAY_CLIENTS; i++)
			drop(&r->clients[i]);
	} while (accept_waiting(r));
}

int relay_take_beginner(struct relay *r)
{
	for (size_t i = 0; i < RELAY_CLIENTS; i++) {
		struct relay_client *c = &r->clients[i];

		if (c->fd >= 0 && c->has_begun) {
			c->has_begun = false;
			return c->fd;
		}
	}
	return -1;
}
