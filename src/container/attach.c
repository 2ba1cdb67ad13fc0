/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * The client is four flows around one poll: socket -> our stdout and stderr, our stdin -> socket,
 * signals -> the container, resizes -> the socket. No flow may stop another: whoever pipes us into a
 * pager and presses ctrl-c must be heard while the pager does not read. So nothing here waits in
 * write(2) (sink.h), and each direction keeps at most one piece that could not be written yet and reads
 * no further before it is gone.
 *
 * The terminal is raw only while the container has a terminal too. Signals that would end us are
 * read from a signalfd then even without --sig-proxy, so that no way out leaves the terminal raw;
 * SIGKILL has no such way.
 *
 * When our stdout is closed (`run ... | head`) the monitor is told, if we started the container: it
 * closes its end of the pipe, and the payload gets EPIPE as it would without any container around it.
 */
#include "container/attach.h"

#include "base/fd.h"
#include "container/sink.h"
#include "container/tty.h"

#include <poll.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEFAULT_KEYS "ctrl-p,ctrl-q"
#define INPUT_MAX 16384

enum { P_SOCK, P_STDIN, P_OUT, P_ERR, P_SIGNAL, N_POLLS };

struct attach_loop {
	const struct attach_client *c;
	struct tty_raw raw;
	struct tty_keys keys;
	struct sink out[2];		/* stdout, stderr */
	bool is_closed[2];
	int signal_fd;
	bool is_stdin_over;		/* nothing more is read from it */
	char *frame;			/* owned; payload being written to a sink */
	char *input;			/* owned; head and payload being sent */
	size_t input_n, input_sent;
	bool is_detached, is_over;
	int exit_code;
	int write_error;		/* errno of output that is lost: a full disk, not a closed pipe */
};

int attach_parse_keys(const char *text, char out[16], size_t *n)
{
	struct tty_keys k = { .n = 0 };
	int r = tty_keys_parse(&k, text);

	if (r < 0)
		return r;
	memcpy(out, k.keys, sizeof(k.keys));
	*n = k.n;
	return 0;
}

void attach_signals(sigset_t *set, bool sig_proxy, bool is_raw)
{
	/* Job control stays with the shell that started us; faults are our own. */
	static const int ours[] = { SIGCHLD, SIGPIPE, SIGURG, SIGTSTP, SIGTTIN, SIGTTOU, SIGKILL, SIGSTOP,
				    SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT, SIGSYS };

	sigemptyset(set);
	if (sig_proxy) {
		sigfillset(set);
		for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
			sigdelset(set, ours[i]);
	} else if (is_raw) {
		sigaddset(set, SIGTERM);
		sigaddset(set, SIGINT);
		sigaddset(set, SIGHUP);
		sigaddset(set, SIGQUIT);
	}
	if (!is_raw)
		sigdelset(set, SIGCONT);
	else
		sigaddset(set, SIGCONT);
	sigaddset(set, SIGWINCH);
}

/* The whole of one frame: the monitor sends what it has begun. 1, 0 end of file. */
static int receive(int sock, unsigned char head[ATTACH_HEAD], char *payload)
{
	ssize_t n = recv(sock, head, ATTACH_HEAD, MSG_WAITALL);
	uint32_t len;

	if (n == 0 || (n < 0 && errno == ECONNRESET))
		return 0;
	if (n != (ssize_t)ATTACH_HEAD)
		return n < 0 ? -errno : -EPROTO;
	len = attach_head_len(head);
	if (len > ATTACH_PAYLOAD_MAX)
		return -EPROTO;
	if (len && recv(sock, payload, len, MSG_WAITALL) != (ssize_t)len)
		return -EPROTO;
	return 1;
}

int attach_wait_started(int sock, struct err *e)
{
	unsigned char head[ATTACH_HEAD];
	struct err theirs;
	char buf[sizeof(theirs)];
	ssize_t n = recv(sock, head, sizeof(head), MSG_WAITALL);
	uint32_t len;

	if (n != (ssize_t)sizeof(head))
		return err_set(e, EPIPE, "the monitor ended before the container was started");
	len = attach_head_len(head);
	if (len > sizeof(buf) || recv(sock, buf, len, MSG_WAITALL) != (ssize_t)len)
		return err_set(e, EPROTO, "the monitor sent a frame that is too long");
	if (head[0] == ATTACH_STARTED)
		return 0;
	if (head[0] != ATTACH_ERROR || len != sizeof(theirs))
		return err_set(e, EPROTO, "the monitor sent an unexpected frame (%d)", head[0]);
	memcpy(&theirs, buf, sizeof(theirs));
	theirs.msg[sizeof(theirs.msg) - 1] = 0;
	*e = theirs;
	return -e->code;
}

static void send_size(struct attach_loop *l)
{
	uint16_t size[2];
	int tty = l->c->has_tty ? tty_find() : -1;

	if (tty >= 0 && tty_size(tty, &size[0], &size[1]) == 0)
		(void)attach_send(l->c->sock, ATTACH_RESIZE, size, sizeof(size));
}

/* Who comes back to a shell wants to see its prompt, which it has drawn long ago. It draws it anew when
 * the size changes, so the size does, for a moment. */
static void ask_to_redraw(struct attach_loop *l)
{
	uint16_t size[2];
	int tty = l->c->has_tty && !l->c->is_starter ? tty_find() : -1;

	if (tty < 0 || tty_size(tty, &size[0], &size[1]) < 0)
		return;
	size[0]++;
	size[1]++;
	(void)attach_send(l->c->sock, ATTACH_RESIZE, size, sizeof(size));
}

static void close_stream(struct attach_loop *l, int i, int error)
{
	unsigned char stream = i + 1;

	if (error && error != EPIPE)
		l->write_error = error;
	l->is_closed[i] = true;
	l->out[i].n = 0;
	if (l->c->is_starter && !l->c->has_tty)
		(void)attach_send(l->c->sock, ATTACH_CLOSED, &stream, 1);
}

static int on_frame(struct attach_loop *l, struct err *e)
{
	unsigned char head[ATTACH_HEAD];
	int r = receive(l->c->sock, head, l->frame), i;
	int32_t code;

	if (r == 0)
		return err_set(e, EPIPE, "the monitor of container %s is gone", l->c->container);
	if (r < 0)
		return err_sys(e, -r, "attach to container %s", l->c->container);
	switch (head[0]) {
	case ATTACH_STDOUT:
	case ATTACH_STDERR:
		i = head[0] - ATTACH_STDOUT;
		r = l->is_closed[i] ? 0 : sink_write(&l->out[i], l->frame, attach_head_len(head));
		if (r < 0)
			close_stream(l, i, -r);
		break;
	case ATTACH_EXIT:
		if (attach_head_len(head) == sizeof(code)) {
			memcpy(&code, l->frame, sizeof(code));
			l->exit_code = code;
		}
		l->is_over = true;
		break;
	default:	/* a newer monitor may say more */
		break;
	}
	return 0;
}

/* Sends what is pending without waiting; what the socket does not take stays. */
static void flush_input(struct attach_loop *l)
{
	while (l->input_sent < l->input_n) {
		ssize_t w = send(l->c->sock, l->input + l->input_sent, l->input_n - l->input_sent,
				 MSG_NOSIGNAL | MSG_DONTWAIT);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0 && errno == EAGAIN)
			return;
		if (w < 0)	/* the reading side will see that it is gone */
			break;
		l->input_sent += w;
	}
	l->input_n = l->input_sent = 0;
}

static void on_stdin(struct attach_loop *l)
{
	char buf[INPUT_MAX - ATTACH_HEAD - TTY_KEYS_MAX];
	char *payload = l->input + ATTACH_HEAD;
	ssize_t n = read(STDIN_FILENO, buf, sizeof(buf));
	size_t len;

	if (n < 0 && (errno == EINTR || errno == EAGAIN))
		return;
	if (n <= 0) {
		l->is_stdin_over = true;
		attach_head((unsigned char *)l->input, ATTACH_STDIN_EOF, 0);
		l->input_n = ATTACH_HEAD;
		flush_input(l);
		return;
	}
	l->is_detached = tty_keys_feed(&l->keys, buf, n, payload, &len);
	if (!len)
		return;
	attach_head((unsigned char *)l->input, ATTACH_STDIN, len);
	l->input_n = ATTACH_HEAD + len;
	flush_input(l);
}

/* A signal that would have ended us, had the terminal not been raw. */
static void die(struct attach_loop *l, int sig)
{
	sigset_t one;

	tty_raw_leave(&l->raw);
	signal(sig, SIG_DFL);
	sigemptyset(&one);
	sigaddset(&one, sig);
	sigprocmask(SIG_UNBLOCK, &one, NULL);
	raise(sig);
}

static void on_signal(struct attach_loop *l)
{
	struct signalfd_siginfo si;
	int sig;

	if (read(l->signal_fd, &si, sizeof(si)) != (ssize_t)sizeof(si))
		return;
	sig = si.ssi_signo;
	if (sig == SIGWINCH) {
		send_size(l);
		return;
	}
	if (sig == SIGCONT) {
		tty_raw_again(&l->raw);
		send_size(l);
	}
	if (l->c->sig_proxy && l->c->kill)
		(void)l->c->kill(l->c->kill_arg, sig);
	else if (sig != SIGCONT)
		die(l, sig);
}

static bool is_output_pending(const struct attach_loop *l)
{
	return sink_is_busy(&l->out[0]) || sink_is_busy(&l->out[1]);
}

static void fill(const struct attach_loop *l, struct pollfd p[N_POLLS])
{
	bool is_busy = is_output_pending(l), wants_in = !l->is_stdin_over && !l->input_n;

	for (int i = 0; i < N_POLLS; i++)
		p[i] = (struct pollfd){ .fd = -1, .events = POLLIN };
	p[P_SOCK].fd = is_busy && !l->input_n ? -1 : l->c->sock;
	p[P_SOCK].events = (is_busy ? 0 : POLLIN) | (l->input_n ? POLLOUT : 0);
	p[P_STDIN].fd = wants_in ? STDIN_FILENO : -1;
	for (int i = 0; i < 2; i++) {
		/* Without a piece to write only errors are asked for: the reader of a closed pipe is
		 * noticed before there is anything to write to it. */
		p[P_OUT + i].fd = l->is_closed[i] ? -1 : l->out[i].fd;
		p[P_OUT + i].events = sink_is_busy(&l->out[i]) ? POLLOUT : 0;
	}
	p[P_SIGNAL].fd = l->signal_fd;
}

static void on_outputs(struct attach_loop *l, const struct pollfd p[N_POLLS])
{
	for (int i = 0; i < 2; i++) {
		short got = p[P_OUT + i].revents;

		int r = 0;

		if (p[P_OUT + i].fd < 0 || !got)
			continue;
		if (sink_is_busy(&l->out[i]))
			r = sink_flush(&l->out[i], got & POLLOUT);
		else if (got & (POLLERR | POLLHUP | POLLNVAL))	/* POLLHUP: a socket, where a pipe has POLLERR */
			r = -EPIPE;
		if (r < 0)
			close_stream(l, i, -r);
	}
}

static int loop(struct attach_loop *l, struct err *e)
{
	struct pollfd p[N_POLLS];

	while (!l->is_detached && (!l->is_over || is_output_pending(l))) {
		fill(l, p);
		if (l->is_over)
			p[P_SOCK].fd = p[P_STDIN].fd = -1;
		if (poll(p, N_POLLS, -1) < 0) {
			if (errno == EINTR)
				continue;
			return err_sys(e, errno, "poll");
		}
		on_outputs(l, p);
		if (p[P_SIGNAL].revents)
			on_signal(l);
		if (p[P_SOCK].revents & POLLOUT)
			flush_input(l);
		if (p[P_STDIN].revents)
			on_stdin(l);
		if (p[P_SOCK].revents & (POLLIN | POLLHUP) && !is_output_pending(l) &&
		    on_frame(l, e) < 0)
			return -e->code;
	}
	return 0;
}

static int prepare(struct attach_loop *l, sigset_t *set, struct err *e)
{
	const struct attach_client *c = l->c;
	const char *keys = c->detach_keys ? c->detach_keys : DEFAULT_KEYS;
	bool is_raw = c->has_tty && c->has_stdin && isatty(STDIN_FILENO);

	if (tty_keys_parse(&l->keys, keys) < 0)
		return err_set(e, ERR_USAGE, "--detach-keys '%s': a list of characters and ctrl-X, "
			       "separated by commas, is expected", keys);
	if (!is_raw)
		l->keys.n = 0;		/* what is no terminal may hold any bytes */
	attach_signals(set, c->sig_proxy, is_raw);
	sigprocmask(SIG_BLOCK, set, NULL);
	l->signal_fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (l->signal_fd < 0)
		return err_sys(e, errno, "signalfd");
	l->is_stdin_over = !c->has_stdin;
	sink_open(&l->out[0], c->has_stdout ? STDOUT_FILENO : -1);
	sink_open(&l->out[1], c->has_stderr ? STDERR_FILENO : -1);
	l->is_closed[0] = !c->has_stdout;
	l->is_closed[1] = !c->has_stderr;
	l->frame = xmalloc(ATTACH_PAYLOAD_MAX);
	l->input = xmalloc(INPUT_MAX);
	if (is_raw)
		(void)tty_raw_enter(&l->raw, STDIN_FILENO);
	ask_to_redraw(l);
	send_size(l);
	return 0;
}

int attach_run(const struct attach_client *c, int *exit_code, bool *is_detached, struct err *e)
{
	struct attach_loop l = { .c = c, .raw = TTY_RAW_NONE, .signal_fd = -1,
				 .out = { SINK_NONE, SINK_NONE }, .exit_code = 255 };
	sigset_t set;
	int r = prepare(&l, &set, e);

	if (r >= 0)
		r = loop(&l, e);
	tty_raw_leave(&l.raw);
	fd_close(&l.signal_fd);
	sink_close(&l.out[0]);
	sink_close(&l.out[1]);
	free(l.frame);
	free(l.input);
	if (r < 0)
		return r;
	if (l.write_error && !l.exit_code)
		return err_sys(e, l.write_error, "write the output of container %s", c->container);
	*exit_code = l.exit_code;
	*is_detached = l.is_detached;
	return 0;
}
