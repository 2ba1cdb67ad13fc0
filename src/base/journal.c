/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * An entry is one datagram. journald takes them in order; while it is busy its queue is full, and we
 * wait a little: a container that says much in one moment loses nothing. When the wait was in vain,
 * who sends decides; the monitor goes on without the line, because a dead journal must not stop a
 * container.
 *
 * Reading is the export format: fields as "NAME=VALUE\n" or, for bytes that are no text,
 * "NAME\n", 8 bytes of length, the bytes, "\n"; an empty line ends the entry.
 */
#include "base/journal.h"

#include "base/fd.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/sys.h"
#include "base/timefmt.h"

#include <endian.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <linux/sockios.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CHUNK 65536
#define ENTRY_MAX (64 << 20)	/* the journal's own limit is below */

int journal_connect(void)
{
	static const struct sockaddr_un a = { .sun_family = AF_UNIX,
					      .sun_path = "/run/systemd/journal/socket" };
	autoclose int fd = fd_socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return fd;
	if (connect(fd, (const struct sockaddr *)&a, sizeof(a)) < 0)
		return -errno;
	return steal_fd(&fd);
}

/* Letters, digits and underscores; what begins with an underscore is journald's own. */
bool journal_is_field_name(const char *key, size_t n)
{
	if (n == 0 || n > 64 || key[0] < 'A' || key[0] > 'Z')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!(key[i] >= 'A' && key[i] <= 'Z') && !(key[i] >= '0' && key[i] <= '9') &&
		    key[i] != '_')
			return false;
	return true;
}

void journal_add_field(struct str *out, const char *key, const char *value)
{
	uint64_t n = htole64(strlen(value));

	str_add(out, key);
	if (strchr(value, '\n')) {
		str_addc(out, '\n');
		str_addn(out, &n, sizeof(n));
	} else {
		str_addc(out, '=');
	}
	str_add(out, value);
	str_addc(out, '\n');
}

int journal_send(int fd, const struct iovec *iov, size_t n, int ms)
{
	struct msghdr msg = { .msg_iov = (struct iovec *)iov, .msg_iovlen = n };
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	int64_t end = 0, left;

	for (;;) {
		if (sendmsg(fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) >= 0)
			return 0;
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN || ms <= 0)
			return -errno;
		/* It may be full again before we are there. */
		if (!end)
			end = time_monotonic() + ms * TIME_MILLISECOND;
		left = (end - time_monotonic()) / TIME_MILLISECOND;
		if (left <= 0 || (poll(&p, 1, (int)left) < 0 && errno != EINTR))
			return -EAGAIN;
	}
}

void journal_flush(int fd, int ms)
{
	int64_t end = time_monotonic() + ms * TIME_MILLISECOND;
	int left = 0;

	while (ioctl(fd, SIOCOUTQ, &left) == 0 && left > 0 && time_monotonic() < end)
		poll(NULL, 0, 1);
}

/* --- reading --- */

const char *journal_get(const struct journal_entry *x, const char *name, size_t *n)
{
	size_t len = strlen(name);

	for (size_t i = 0; i < x->n; i++) {
		if (x->fields[i].name_n == len && memcmp(x->fields[i].name, name, len) == 0) {
			*n = x->fields[i].n;
			return x->fields[i].value;
		}
	}
	return NULL;
}

char *journal_dup(const struct journal_entry *x, const char *name)
{
	size_t n;
	const char *value = journal_get(x, name, &n);

	return value ? xstrndup(value, n) : NULL;
}

int64_t journal_time(const struct journal_entry *x)
{
	autofree char *text = journal_dup(x, "__REALTIME_TIMESTAMP");

	return text ? strtoll(text, NULL, 10) * 1000 : 0;
}

/* One field at text; bytes used, 0: not all of it is there, -EBADMSG. */
static ssize_t parse_field(struct journal_field *f, const char *text, size_t n)
{
	const char *nl = memchr(text, '\n', n), *eq;
	uint64_t size;
	size_t head;

	if (!nl)
		return 0;
	eq = memchr(text, '=', nl - text);
	*f = (struct journal_field){ .name = text, .name_n = (eq ? eq : nl) - text };
	if (eq) {
		f->value = eq + 1;
		f->n = nl - f->value;
		return nl + 1 - text;
	}
	head = nl + 1 - text;
	if (n - head < sizeof(size))
		return 0;
	memcpy(&size, nl + 1, sizeof(size));
	size = le64toh(size);
	if (size > ENTRY_MAX)
		return -EBADMSG;
	if (n - head < sizeof(size) + size + 1)
		return 0;
	f->value = nl + 1 + sizeof(size);
	f->n = size;
	return f->value[size] == '\n' ? (ssize_t)(head + sizeof(size) + size + 1) : -EBADMSG;
}

/* One entry; bytes used, 0: not all of it is there, -EBADMSG. */
static ssize_t parse_entry(struct journal_entry *x, const char *text, size_t n)
{
	size_t at = 0;

	x->n = 0;
	while (at < n) {
		struct journal_field f;
		ssize_t used;

		if (text[at] == '\n')
			return at + 1;
		used = parse_field(&f, text + at, n - at);
		if (used <= 0)
			return used;
		x->fields = xreallocarray(x->fields, x->n + 1, sizeof(*x->fields));
		x->fields[x->n++] = f;
		at += used;
	}
	return 0;
}

ssize_t journal_parse(const char *text, size_t n, const struct journal_query *q, bool *is_over)
{
	struct journal_entry x = { 0 };
	size_t at = 0;
	ssize_t used = 1;

	while (at < n && !*is_over && (used = parse_entry(&x, text + at, n - at)) > 0) {
		at += used;
		if (x.n && q->entry(q->arg, &x) != 0)
			*is_over = true;
	}
	free(x.fields);
	return used < 0 ? used : (ssize_t)at;
}

struct reader {
	const struct journal_query *q;
	struct proc journalctl;
	int fd;			/* owned; its output */
	struct str text;	/* owned; begins with an incomplete entry */
	bool is_over;
};

static int start(struct reader *r, struct err *e)
{
	const struct journal_query *q = r->q;
	auto_of(strv_clear) struct strv argv = { 0 };
	struct proc_args args = { .stdin_fd = -1, .stderr_fd = -1, .parent_death_signal = SIGTERM };
	int p[2], ret;

	strv_add(&argv, "journalctl");
	strv_add(&argv, "--quiet");
	strv_add(&argv, "--no-pager");
	strv_add(&argv, "--output=export");
	strv_addf(&argv, "--output-fields=%s", q->fields);
	if (q->is_reverse)
		strv_add(&argv, "--reverse");
	if (q->follow) {
		strv_add(&argv, "--follow");
		strv_add(&argv, "--no-tail");
	}
	if (q->after)
		strv_addf(&argv, "--after-cursor=%s", q->after);
	else if (q->since > 0)
		strv_addf(&argv, "--since=@%" PRId64 ".%06" PRId64, q->since / TIME_SECOND,
			  q->since % TIME_SECOND / 1000);
	strv_add_all(&argv, q->matches);
	ret = fd_pipe(p);
	if (ret < 0)
		return err_sys(e, -ret, "pipe to journalctl");
	args.argv = (const char *const *)strv_vec(&argv);
	args.stdout_fd = p[1];
	ret = proc_spawn(&r->journalctl, &args, e);
	close(p[1]);
	r->fd = p[0];
	if (ret == -ENOENT)
		return err_set(e, ENOENT, "journalctl is not installed: it is what reads the journal");
	return ret;
}

/* 1: journalctl has said something, 0: that was it. */
static int wait_more(const struct reader *r, struct err *e)
{
	struct pollfd p[] = { { r->fd, POLLIN, 0 }, { r->q->stop_fd, POLLIN, 0 } };

	for (;;) {
		int64_t left = r->q->stop_at ? (r->q->stop_at - time_now()) / TIME_MILLISECOND + 1 : -1;

		if (r->q->stop_at && left <= 0)
			return 0;
		if (poll(p, ARRAY_SIZE(p), left > INT_MAX ? INT_MAX : (int)left) < 0 && errno != EINTR)
			return err_sys(e, errno, "wait for the journal");
		if (p[0].revents)
			return 1;
		if (p[1].revents)
			return 0;
	}
}

static int read_all(struct reader *r, struct err *e)
{
	while (!r->is_over) {
		ssize_t n, used;

		if (r->q->follow) {
			int more = wait_more(r, e);

			if (more <= 0) {
				r->is_over = true;
				return more;
			}
		}
		str_reserve(&r->text, CHUNK);
		n = read(r->fd, r->text.p + r->text.len, CHUNK);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return n < 0 ? err_sys(e, errno, "read from journalctl") : 0;
		r->text.len += n;
		r->text.p[r->text.len] = 0;
		used = journal_parse(r->text.p, r->text.len, r->q, &r->is_over);
		if (used < 0)
			return err_set(e, EBADMSG, "journalctl: its output cannot be understood");
		memmove(r->text.p, r->text.p + used, r->text.len - used);
		str_cut(&r->text, r->text.len - used);
	}
	return 0;
}

int journal_read(const struct journal_query *q, struct err *e)
{
	struct reader r = { .q = q, .fd = -1, .journalctl = { .pidfd = -1 } };
	struct err ignored = { 0 };
	int ret = start(&r, e), code = 0;

	if (ret >= 0) {
		ret = read_all(&r, e);
		if (ret < 0 || r.is_over)
			sys_pidfd_send_signal(r.journalctl.pidfd, SIGTERM);
		fd_close(&r.fd);
		code = proc_wait(&r.journalctl, &ignored);
		if (ret >= 0 && !r.is_over && code != 0)
			ret = err_set(e, EACCES, "no journal can be read: your account needs the group "
				      "systemd-journal, or the machine a /var/log/journal");
	}
	fd_close(&r.fd);
	proc_clear(&r.journalctl);
	str_clear(&r.text);
	return ret;
}
