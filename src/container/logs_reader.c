/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * The log is a chain of files, newest last: NAME.2, NAME.1, NAME. Reading goes forward through the
 * chain from a start: its beginning, or for --tail a place found by walking the newest file backwards
 * in blocks, entry by entry, and into older files as far as it takes. So `--tail 10` of a log of any
 * size reads a few blocks.
 *
 * Following holds the newest file open. inotify on the directory wakes us; at the end of our file we
 * look whether NAME is still it. If not it was rotated: it is found again by its inode among the older
 * names, and the chain goes on from there. The end is the monitor's pidfd, looked at before the last
 * read: what it wrote it has written by then.
 */
#include "container/logs.h"

#include "base/fd.h"
#include "base/json.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "container/logs_priv.h"
#include "container/state.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define BLOCK 65536
#define ENTRY_MAX (16 << 20)	/* more without a newline is no log of ours */

struct reader {
	const struct logs_query *q;
	const char *id;
	enum logs_driver driver;
	int dirfd;			/* owned */
	char *name;			/* owned */
	int fd;				/* owned; the file being read */
	char *buf;			/* owned; begins with an incomplete entry */
	size_t n, cap;
	bool is_over;			/* the callback said stop, or until was reached */
};

static int open_nth(const struct reader *r, int i)
{
	char name[NAME_MAX + 1];

	if (i == 0)
		snprintf(name, sizeof(name), "%s", r->name);
	else
		snprintf(name, sizeof(name), "%s.%d", r->name, i);
	return fd_openat(r->dirfd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
}

struct entry {
	const char *time;
	size_t time_n;
	int stream;
	const char *text;
	size_t n;
	bool is_partial;
	struct json *tree;	/* owned; holds time and text of json-file */
};

static int parse_k8s(struct entry *out, const char *line, size_t n)
{
	const char *end = line + n, *sp1 = memchr(line, ' ', n), *sp2, *sp3;

	sp2 = sp1 ? memchr(sp1 + 1, ' ', end - sp1 - 1) : NULL;
	sp3 = sp2 ? memchr(sp2 + 1, ' ', end - sp2 - 1) : NULL;
	if (!sp3 || sp2 - sp1 != 7 || memcmp(sp1 + 1, "std", 3) != 0)
		return -EINVAL;
	*out = (struct entry){ .time = line, .time_n = sp1 - line, .text = sp3 + 1,
			       .n = end - sp3 - 1, .is_partial = sp2[1] == 'P',
			       .stream = memcmp(sp1 + 4, "err", 3) == 0 ? 2 : 1 };
	return 0;
}

/* Text is a C string for us, and \\u0000 would be its end: json_parse refuses that. But nothing that a
 * container says may vanish from its log, so a NUL is shown as what cannot be shown. */
static int parse_line(struct json **out, const char *line, size_t n)
{
	autofree char *copy = NULL;
	bool has_nul = false;
	struct err e;

	if (json_parse(out, line, n, &e) >= 0)
		return 0;
	copy = xstrndup(line, n);
	for (char *p = copy; (p = strchr(p, '\\')); p += p[1] ? 2 : 1) {
		if (strncmp(p, "\\u0000", 6) != 0)
			continue;
		memcpy(p, "\\ufffd", 6);
		has_nul = true;
	}
	return has_nul ? json_parse(out, copy, strlen(copy), &e) : -EINVAL;
}

static int parse_json(struct entry *out, const char *line, size_t n)
{
	struct json *j;
	const char *text, *time;

	if (parse_line(&j, line, n) < 0)
		return -EINVAL;
	text = json_get_str(j, "log");
	time = json_get_str(j, "time");
	if (!text || !time) {
		json_free(j);
		return -EINVAL;
	}
	*out = (struct entry){ .time = time, .time_n = strlen(time), .text = text, .n = strlen(text),
			       .stream = str_eq(json_get_str(j, "stream"), "stderr") ? 2 : 1,
			       .is_partial = true, .tree = j };
	if (out->n && text[out->n - 1] == '\n') {
		out->n--;
		out->is_partial = false;
	}
	return 0;
}

static void on_entry(struct reader *r, const char *line, size_t n)
{
	struct entry en;
	char time[64];
	int64_t at;

	/* What is no entry (a half line after a full disk, a foreign file) is passed over. */
	if ((r->driver == LOGS_JSON_FILE ? parse_json(&en, line, n) : parse_k8s(&en, line, n)) < 0)
		return;
	snprintf(time, sizeof(time), "%.*s", (int)(en.time_n < 60 ? en.time_n : 60), en.time);
	if ((r->q->since || r->q->until) && time_parse(time, &at) == 0) {
		if (r->q->until && at > r->q->until)
			r->is_over = true;
		if (at < r->q->since || r->is_over) {
			json_free(en.tree);
			return;
		}
	}
	if (r->q->line(r->q->arg, en.stream, time, en.text, en.n, en.is_partial))
		r->is_over = true;
	json_free(en.tree);
}

/* Everything from the file's place to its end; an incomplete entry stays in buf. */
static int read_on(struct reader *r)
{
	for (;;) {
		size_t from = r->n, start = 0;
		const char *nl;
		ssize_t got;

		if (r->cap - r->n < BLOCK) {
			if (r->cap >= ENTRY_MAX)
				r->n = from = 0;
			else
				r->buf = xrealloc(r->buf, r->cap = r->cap * 2 + BLOCK);
		}
		got = read(r->fd, r->buf + r->n, r->cap - r->n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			return got < 0 ? -errno : 0;
		r->n += got;
		while (!r->is_over && (nl = memchr(r->buf + from, '\n', r->n - from))) {
			size_t at = nl - r->buf;

			on_entry(r, r->buf + start, at - start);
			start = from = at + 1;
		}
		if (r->is_over)
			return 0;
		memmove(r->buf, r->buf + start, r->n - start);
		r->n -= start;
	}
}

/* Does the entry that ends at end (without its newline) and begins at start complete a line? */
static bool is_complete(const struct reader *r, int fd, int64_t start, int64_t end)
{
	bool is_json = r->driver == LOGS_JSON_FILE;
	char piece[257];
	int64_t at = is_json && end - start > 256 ? end - 256 : start;
	ssize_t n = pread(fd, piece, end - at > 256 ? 256 : end - at, at);
	struct entry en;

	if (n <= 0)
		return true;
	piece[n] = 0;
	if (is_json)
		return strstr(piece, "\\n\",\"") || !strstr(piece, "\",\"");
	return parse_k8s(&en, piece, n) < 0 || !en.is_partial;
}

/* Walks back over *lines lines; returns where the first of them begins, 0 when the file has fewer:
 * then *lines is what is still wanted of older files. */
static int64_t walk_back(const struct reader *r, int fd, bool is_newest, int64_t *lines)
{
	autofree char *block = xmalloc(BLOCK);
	int64_t size = lseek(fd, 0, SEEK_END), end = size, pos = size;
	bool has_end = false, is_last = is_newest;

	while (pos > 0) {
		size_t n = pos < BLOCK ? pos : BLOCK;

		pos -= n;
		if (pread(fd, block, n, pos) != (ssize_t)n)
			return 0;
		for (size_t i = n; i-- > 0;) {
			int64_t start = pos + i + 1;

			if (block[i] != '\n')
				continue;
			/* [start, end) is an entry; its newline is at end. The very last one ends a
			 * line even if it is partial: more of it may never come. */
			if (has_end) {
				if ((is_complete(r, fd, start, end) || is_last) && (*lines)-- == 0)
					return end + 1;
				is_last = false;
			}
			end = start - 1;
			has_end = true;
		}
	}
	if (has_end && (is_complete(r, fd, 0, end) || is_last) && (*lines)-- == 0)
		return end + 1;
	return 0;
}

static int count_files(const struct reader *r)
{
	int n = 0;

	for (; n < LOGS_FILES_MAX; n++) {
		autoclose int fd = open_nth(r, n);

		if (fd < 0)
			break;
	}
	return n;
}

/* Opens the file to begin with, at the place to begin; returns its number in the chain or -errno. */
static int seek_start(struct reader *r)
{
	int files = count_files(r), i = files - 1;
	int64_t lines = r->q->tail, at = 0;

	if (!files)
		return -ENOENT;
	if (lines >= 0) {
		for (i = 0; i < files && !at; i++) {
			autoclose int fd = open_nth(r, i);

			at = fd < 0 ? 0 : walk_back(r, fd, i == 0, &lines);
		}
		i--;
	}
	r->fd = open_nth(r, i);
	if (r->fd < 0)
		return r->fd;
	lseek(r->fd, at, SEEK_SET);
	return i;
}

/* The next newer file of the chain; 0: there is none, r->fd is the newest; 1: r->fd is it now. */
static int next_file(struct reader *r)
{
	struct stat mine, st;
	autoclose int newer = -1;

	if (fstat(r->fd, &mine) < 0)
		return 0;
	for (int i = 0; i < LOGS_FILES_MAX; i++) {
		autoclose int fd = open_nth(r, i);

		/* Between two renames NAME is missing for a moment; the event of its return comes. */
		if (fd < 0 && i == 0)
			return 0;
		if (fd < 0)
			break;	/* ours was rotated out: the oldest there is */
		if (fstat(fd, &st) == 0 && st.st_ino == mine.st_ino && st.st_dev == mine.st_dev) {
			if (newer < 0)
				return 0;
			break;
		}
		fd_close(&newer);
		newer = steal_fd(&fd);
	}
	if (newer < 0)
		return 0;
	fd_close(&r->fd);
	r->fd = steal_fd(&newer);
	return 1;
}

static void swap(int *a, int *b)
{
	int t = *a;

	*a = *b;
	*b = t;
}

static int read_chain(struct reader *r)
{
	int ret;

	for (;;) {
		autoclose int old = -1;

		ret = read_on(r);
		if (ret < 0 || r->is_over)
			return ret;
		old = fd_dup(r->fd);
		if (!next_file(r))
			return 0;
		/* Rotated after our last read of it: its last lines come before the next file. */
		swap(&r->fd, &old);
		ret = read_on(r);
		swap(&r->fd, &old);
		if (ret < 0 || r->is_over)
			return ret;
	}
}

static int watch(const struct reader *r, int *inotify_fd)
{
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);

	if (fd < 0)
		return -errno;
	if (inotify_add_watch(fd, fd_path(r->dirfd).s,
			      IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM) < 0) {
		close(fd);
		return -errno;
	}
	*inotify_fd = fd;
	return 0;
}

/* 1: the monitor has ended, or the time is up; 0: something happened in the log's directory. */
static int wait_change(const struct reader *r, int inotify_fd, int monitor_fd)
{
	struct pollfd p[] = { { inotify_fd, POLLIN, 0 }, { monitor_fd, POLLIN, 0 } };
	char events[4096];
	int64_t left;
	int n;

	do {
		left = r->q->until ? (r->q->until - time_now()) / TIME_MILLISECOND + 1 : -1;
		if (r->q->until && left <= 0)
			return 1;
		n = poll(p, ARRAY_SIZE(p), left > INT_MAX ? INT_MAX : (int)left);
	} while (n == 0 || (n < 0 && errno == EINTR));
	if (n < 0)
		return -errno;
	if (p[0].revents & POLLIN)
		while (read(inotify_fd, events, sizeof(events)) > 0)
			;
	return p[1].revents ? 1 : 0;
}

static int follow(struct reader *r, int inotify_fd, int monitor_fd)
{
	int is_last = 0;

	while (!r->is_over) {
		int ret = read_chain(r);

		if (ret < 0 || is_last)
			return ret;
		is_last = wait_change(r, inotify_fd, monitor_fd);
		if (is_last < 0)
			return is_last;
	}
	return 0;
}

static int read_log(struct reader *r, const struct state *s, struct err *e)
{
	autoclose int inotify_fd = -1, monitor_fd = -1;
	int ret;

	if (r->q->follow && state_is_alive(s)) {
		monitor_fd = proc_open_checked(s->monitor_pid, s->monitor_start);
		if (monitor_fd >= 0 && watch(r, &inotify_fd) < 0)
			return err_sys(e, errno, "follow the log of container %.12s", r->id);
	}
	ret = seek_start(r);
	/* Nothing was said yet: the file comes with the first line. */
	while (ret == -ENOENT && monitor_fd >= 0 && wait_change(r, inotify_fd, monitor_fd) == 0)
		ret = seek_start(r);
	if (ret == -ENOENT)
		ret = seek_start(r);
	if (ret == -ENOENT)
		return 0;
	if (ret >= 0)
		ret = monitor_fd >= 0 ? follow(r, inotify_fd, monitor_fd) : read_chain(r);
	return ret < 0 ? err_sys(e, -ret, "log of container %.12s", r->id) : 0;
}

int logs_read(struct engine *g, struct record *rec, const struct logs_query *q, struct err *e)
{
	auto_of(state_clear) struct state s = { 0 };
	struct reader r = { .q = q, .id = rec->id, .dirfd = -1, .fd = -1 };
	int driver = logs_driver(&rec->config), ret;

	(void)g;
	if (driver != LOGS_K8S_FILE && driver != LOGS_JSON_FILE && driver != LOGS_JOURNALD)
		return err_set(e, ENOTSUP, "container %.12s has the log driver %s, which keeps nothing: no "
			       "logs", rec->id, rec->config.log_driver);
	r.driver = driver;
	ret = state_load_at(&s, rec->dirfd, e);
	if (ret >= 0 && driver == LOGS_JOURNALD)
		return logs_read_journal(rec, &s, q, e);
	if (ret >= 0)
		ret = r.dirfd = logs_open_dir(rec->dirfd, &rec->config, &r.name, e);
	if (ret >= 0)
		ret = read_log(&r, &s, e);
	fd_close(&r.dirfd);
	fd_close(&r.fd);
	free(r.name);
	free(r.buf);
	return ret;
}
