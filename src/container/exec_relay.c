/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * The fastest relay is none: /dev/null, and a pipe as stdin, are given to the process itself. Not so a
 * pipe as output: what the process leaves behind in the container would hold it, and the reader of
 * `x=$(rootlet exec ...)` would wait for that to end (CVE-2026-53495). Nor the user's terminal and
 * files. Who holds a descriptor of a terminal can open it again by
 * /proc/self/fd with all rights, and a process that stays behind in the container would then read what
 * is typed long after exec has ended; a log file opened for appending could be read and rewritten; a
 * directory would be a way out of the container. These get a pipe, and we copy.
 */
#include "container/exec_relay.h"

#include "base/fd.h"
#include "base/sys.h"
#include "container/attach.h"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define DEFAULT_KEYS "ctrl-p,ctrl-q"
#define PIECE 16384
#define TTY_DRAIN_MS 20

enum { P_PROC, P_SIGNAL, P_STDIN, P_IN, P_OUT, P_ERR, P_SINK, P_SINK_ERR, N_POLLS };

struct loop {
	struct exec_relay *r;
	int pidfd, signal_fd;
	struct tty_raw raw;
	struct sink sink[2];
	char *out[2], *in;		/* owned */
	size_t in_off, in_n;
	bool is_stdin_over, is_ended, is_detached;
};

static bool may_be_given(int fd)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return false;
	return (fd == 0 && S_ISFIFO(st.st_mode)) || (S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
}

static int open_stream(struct exec_relay *r, int fd, int *ours)
{
	int p[2], mine = fd == 0 ? 1 : 0, ret;

	if (may_be_given(fd)) {
		r->theirs[fd] = fd;
		return 0;
	}
	ret = fd_pipe(p);
	if (ret < 0)
		return ret;
	*ours = p[mine];
	r->theirs[fd] = r->own_theirs[fd] = p[!mine];
	return fd_set_nonblock(*ours, true);
}

int exec_relay_open(struct exec_relay *r, bool has_tty, bool is_interactive, bool is_detached,
		    const char *detach_keys, struct err *e)
{
	const char *keys = detach_keys ? detach_keys : DEFAULT_KEYS;
	int ret = 0;

	*r = (struct exec_relay){ .has_tty = has_tty, .theirs = { -1, -1, -1 },
				  .own_theirs = { -1, -1, -1 }, .in_fd = -1, .out_fd = { -1, -1 },
				  .console_sock = { -1, -1 } };
	if (tty_keys_parse(&r->keys, keys) < 0)
		return err_set(e, ERR_USAGE, "--detach-keys '%s': a list of characters and ctrl-X, "
			       "separated by commas, is expected", keys);
	if (has_tty)
		ret = fd_socketpair(SOCK_STREAM, r->console_sock);
	else if (!is_detached && is_interactive)
		ret = open_stream(r, 0, &r->in_fd);
	for (int i = 1; i <= 2 && ret >= 0 && !has_tty && !is_detached; i++)
		ret = open_stream(r, i, &r->out_fd[i - 1]);
	return ret < 0 ? err_sys(e, -ret, "pipe for the process's output") : 0;
}

int exec_relay_started(struct exec_relay *r, struct err *e)
{
	int fd = -1, ret;

	for (int i = 0; i < 3; i++)
		fd_close(&r->own_theirs[i]);
	fd_close(&r->console_sock[1]);
	if (!r->has_tty)
		return 0;
	ret = fd_recv_fds(r->console_sock[0], &fd, 1);
	fd_close(&r->console_sock[0]);
	if (ret != 1)
		return err_sys(e, ret < 0 ? -ret : EPIPE, "the process's terminal did not come");
	r->out_fd[0] = fd;
	ret = fd_set_nonblock(fd, true);
	return ret < 0 ? err_sys(e, -ret, "the process's terminal") : 0;
}

void exec_relay_clear(struct exec_relay *r)
{
	for (int i = 0; i < 3; i++)
		fd_close(&r->own_theirs[i]);
	fd_close(&r->in_fd);
	for (int i = 0; i < 2; i++) {
		fd_close(&r->out_fd[i]);
		fd_close(&r->console_sock[i]);
	}
}

static int input_fd(const struct loop *l)
{
	return l->r->has_tty ? l->r->out_fd[0] : l->r->in_fd;
}

static void write_input(struct loop *l)
{
	while (l->in_off < l->in_n) {
		ssize_t w = write(input_fd(l), l->in + l->in_off, l->in_n - l->in_off);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0 && errno == EAGAIN)
			return;
		if (w < 0) {	/* it has closed its stdin */
			fd_close(&l->r->in_fd);
			l->is_stdin_over = true;
			break;
		}
		l->in_off += w;
	}
	l->in_off = l->in_n = 0;
	if (l->is_stdin_over)
		fd_close(&l->r->in_fd);
}

static void on_stdin(struct loop *l)
{
	char buf[PIECE - TTY_KEYS_MAX];
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		l->is_stdin_over = true;
		if (l->r->has_tty) {
			l->in[0] = 4;	/* the terminal's way to say end of file */
			l->in_n = 1;
		}
	} else {
		l->is_detached = tty_keys_feed(&l->r->keys, buf, n, l->in, &l->in_n);
	}
	write_input(l);
}

static void on_output(struct loop *l, int i)
{
	ssize_t n = read(l->r->out_fd[i], l->out[i], PIECE);

	if (n < 0 && (errno == EINTR || (errno == EAGAIN && (!l->is_ended || l->r->has_tty))))
		return;
	if (n <= 0 || sink_write(&l->sink[i], l->out[i], n) < 0)
		fd_close(&l->r->out_fd[i]);
}

static void set_size(struct loop *l)
{
	uint16_t rows, cols;
	int tty = l->r->has_tty ? tty_find() : -1;

	if (tty >= 0 && l->r->out_fd[0] >= 0 && tty_size(tty, &rows, &cols) == 0)
		(void)tty_set_size(l->r->out_fd[0], rows, cols);
}

static void on_signal(struct loop *l)
{
	struct signalfd_siginfo si;

	if (read(l->signal_fd, &si, sizeof(si)) != (ssize_t)sizeof(si))
		return;
	if (si.ssi_signo == SIGWINCH) {
		set_size(l);
		return;
	}
	if (si.ssi_signo == SIGCONT)
		tty_raw_again(&l->raw);
	sys_pidfd_send_signal(l->pidfd, si.ssi_signo);
}

static void fill(const struct loop *l, struct pollfd p[N_POLLS])
{
	for (int i = 0; i < N_POLLS; i++)
		p[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	p[P_PROC].fd = l->is_ended ? -1 : l->pidfd;
	p[P_SIGNAL].fd = l->signal_fd;
	if (!l->is_stdin_over && !l->in_n && !l->is_ended)
		p[P_STDIN].fd = STDIN_FILENO;
	if (l->in_n || !l->r->has_tty)
		p[P_IN] = (struct pollfd){ .fd = input_fd(l), .events = l->in_n ? POLLOUT : 0 };
	for (int i = 0; i < 2; i++) {
		if (sink_is_busy(&l->sink[i]))
			p[P_SINK + i] = (struct pollfd){ .fd = l->sink[i].fd, .events = POLLOUT };
		else
			p[P_OUT + i].fd = l->r->out_fd[i];
	}
}

static void on_poll(struct loop *l, const struct pollfd p[N_POLLS])
{
	if (p[P_SIGNAL].revents)
		on_signal(l);
	for (int i = 0; i < 2; i++) {
		if (p[P_SINK + i].fd >= 0 && p[P_SINK + i].revents &&
		    sink_flush(&l->sink[i], p[P_SINK + i].revents & POLLOUT) < 0)
			fd_close(&l->r->out_fd[i]);
		if (p[P_OUT + i].fd >= 0 && (p[P_OUT + i].revents || l->is_ended))
			on_output(l, i);
	}
	if (p[P_IN].fd >= 0 && p[P_IN].revents & (POLLERR | POLLHUP) && !l->r->has_tty) {
		fd_close(&l->r->in_fd);
		l->in_n = l->in_off = 0;
		l->is_stdin_over = true;
	} else if (p[P_IN].fd >= 0 && p[P_IN].revents) {
		write_input(l);
	}
	if (p[P_STDIN].revents)
		on_stdin(l);
	if (p[P_PROC].revents)	/* after the outputs: an empty pipe is the end of it now */
		l->is_ended = true;
}

static bool is_done(const struct loop *l)
{
	bool is_quiet = !sink_is_busy(&l->sink[0]) && !sink_is_busy(&l->sink[1]);

	return is_quiet && (l->is_detached ||
			    (l->is_ended && l->r->out_fd[0] < 0 && l->r->out_fd[1] < 0));
}

static int run(struct loop *l, struct err *e)
{
	struct pollfd p[N_POLLS];

	while (!is_done(l)) {
		bool is_draining = l->is_ended && !sink_is_busy(&l->sink[0]) && !sink_is_busy(&l->sink[1]);
		int n;

		fill(l, p);
		n = poll(p, N_POLLS, !is_draining ? -1 : l->r->has_tty ? TTY_DRAIN_MS : 0);
		if (n < 0 && errno != EINTR)
			return err_sys(e, errno, "poll");
		if (n == 0 && is_draining && l->r->has_tty)
			fd_close(&l->r->out_fd[0]);
		if (n >= 0)
			on_poll(l, p);
	}
	return 0;
}

int exec_relay_run(struct exec_relay *r, int pidfd, bool is_interactive, bool *is_detached,
		   struct err *e)
{
	struct loop l = { .r = r, .pidfd = pidfd, .signal_fd = -1, .raw = TTY_RAW_NONE };
	bool relays_stdin = is_interactive && (r->has_tty || r->in_fd >= 0);
	sigset_t set, before;
	int ret;

	attach_signals(&set, true, false);
	sigprocmask(SIG_BLOCK, &set, &before);
	l.signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	l.is_stdin_over = !relays_stdin;
	for (int i = 0; i < 2; i++) {
		sink_open(&l.sink[i], r->out_fd[i] >= 0 ? i + 1 : -1);
		l.out[i] = r->out_fd[i] >= 0 ? xmalloc(PIECE) : NULL;
	}
	l.in = relays_stdin ? xmalloc(PIECE) : NULL;
	if (r->has_tty && relays_stdin && isatty(STDIN_FILENO))
		(void)tty_raw_enter(&l.raw, STDIN_FILENO);
	else
		r->keys.n = 0;
	ret = run(&l, e);
	tty_raw_leave(&l.raw);
	sigprocmask(SIG_SETMASK, &before, NULL);
	fd_close(&l.signal_fd);
	for (int i = 0; i < 2; i++) {
		sink_close(&l.sink[i]);
		free(l.out[i]);
	}
	free(l.in);
	*is_detached = l.is_detached;
	return ret;
}

void exec_relay_keep(struct exec_relay *r, int pidfd)
{
	char buf[4096];

	for (;;) {
		struct pollfd p[] = { { pidfd, POLLIN, 0 }, { r->out_fd[0], POLLIN, 0 } };

		if (poll(p, 2, -1) < 0 && errno != EINTR)
			return;
		if (p[0].revents)
			return;
		if (p[1].revents && read(r->out_fd[0], buf, sizeof(buf)) <= 0 && errno != EAGAIN)
			fd_close(&r->out_fd[0]);
	}
}
