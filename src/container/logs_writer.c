/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * A chunk of output becomes one writev(2) of [prefix][line] pairs: the text itself is never copied.
 * Everything a write needs is in struct logs_writer, so nothing is allocated while the container runs.
 * The file is appended to, never rewritten; rotation only renames, so that a reader that holds the old
 * file loses nothing. A disk that is full costs lines, not the container: they are counted, and the
 * next line that fits starts on a line of its own.
 */
#include "container/logs.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "base/units.h"
#include "container/logs_priv.h"

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <unistd.h>

#define DEFAULT_MAX_SIZE (10 << 20)
#define DEFAULT_MAX_FILE 3
#define BATCH 64		/* iovecs of one write */
#define ESCAPED_MAX 4096

struct logs_writer {
	enum logs_driver driver;
	int fd, dirfd;			/* owned */
	char *name;			/* owned; in dirfd */
	int64_t size, max_size;
	int max_file;
	uint64_t lost;			/* bytes that could not be written */
	bool is_broken;			/* the file ends within a line */
	char *fields;			/* owned; journald: all but MESSAGE and PRIORITY */
	size_t fields_n;
	char escaped[ESCAPED_MAX];	/* json-file */
	size_t escaped_n;
	bool is_mid;			/* part of an entry is written: no rotation now */
};

static const char *const driver_names[] = {
	[LOGS_K8S_FILE] = "k8s-file", [LOGS_JSON_FILE] = "json-file", [LOGS_JOURNALD] = "journald",
	[LOGS_PASSTHROUGH] = "passthrough", [LOGS_PASSTHROUGH_TTY] = "passthrough-tty",
	[LOGS_NONE] = "none",
};
_Static_assert(ARRAY_SIZE(driver_names) == N_LOGS_DRIVERS, "a name for every driver");

int logs_driver_parse(const char *name)
{
	for (int i = 0; i < N_LOGS_DRIVERS; i++)
		if (str_eq(name, driver_names[i]))
			return i;
	return -EINVAL;
}

int logs_driver(const struct container_config *c)
{
	return c->log_driver ? logs_driver_parse(c->log_driver) : LOGS_K8S_FILE;
}

const char *logs_option(const struct container_config *c, const char *key)
{
	return strv_env_get(&c->log_opts, key);
}

int logs_open_dir(int ctr_dirfd, const struct container_config *c, char **name, struct err *e)
{
	const char *path = logs_option(c, "path");
	autofree char *dir = NULL;
	int fd;

	if (str_empty(path)) {
		*name = xstrdup(LOGS_FILE);
		fd = fd_openat(ctr_dirfd, ".", O_RDONLY | O_DIRECTORY);
		return fd < 0 ? err_sys(e, -fd, "container %.12s", c->id) : fd;
	}
	if (*path != '/')
		return err_set(e, EINVAL, "--log-opt path=%s: an absolute path is expected", path);
	dir = path_dir(path);
	fd = fd_open(dir, O_RDONLY | O_DIRECTORY);
	if (fd < 0)
		return err_sys(e, -fd, "--log-opt path=%s", path);
	*name = xstrdup(path_base(path));
	return fd;
}

/* Ours, or the user's by path=: never through a link, never something that could block us. */
static int open_file(struct logs_writer *w)
{
	struct stat st;
	int fd = fd_createat(w->dirfd, w->name, O_WRONLY | O_APPEND | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
			     0600);

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
		close(fd);
		return -EINVAL;
	}
	w->size = st.st_size;
	fd_close(&w->fd);
	w->fd = fd;
	return 0;
}

static int parse_options(struct logs_writer *w, const struct container_config *c, struct err *e)
{
	const char *size = logs_option(c, "max-size"), *files = logs_option(c, "max-file");
	int64_t n;

	w->max_size = DEFAULT_MAX_SIZE;
	w->max_file = DEFAULT_MAX_FILE;
	if (size && (units_parse_bytes(size, &w->max_size) < 0 || w->max_size < -1))
		return err_set(e, ERR_USAGE, "--log-opt max-size=%s: a size as 10m is expected (-1: no limit)",
			       size);
	if (files) {
		if (units_parse_int(files, &n) < 0 || n < 1 || n > 1000)
			return err_set(e, ERR_USAGE, "--log-opt max-file=%s: a number from 1 to 1000 is expected",
				       files);
		w->max_file = n;
	}
	return 0;
}

static int open_journal(struct logs_writer *w, const struct container_config *c, struct err *e)
{
	static const struct sockaddr_un a = { .sun_family = AF_UNIX,
					      .sun_path = "/run/systemd/journal/socket" };
	const char *tag = logs_option(c, "tag");

	w->fd = fd_socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0);
	if (w->fd < 0 || connect(w->fd, (const struct sockaddr *)&a, sizeof(a)) < 0)
		return err_sys(e, w->fd < 0 ? -w->fd : errno, "log driver journald: %s (without "
			       "systemd use --log-driver k8s-file)", a.sun_path);
	w->fields = xasprintf("\nCONTAINER_ID=%.12s\nCONTAINER_ID_FULL=%s\nCONTAINER_NAME=%s\n"
			      "CONTAINER_TAG=%s\nSYSLOG_IDENTIFIER=%s\n", c->id, c->id, c->name,
			      tag ? tag : "", tag ? tag : c->name);
	w->fields_n = strlen(w->fields);
	return 0;
}

int logs_writer_open(struct logs_writer **out, int ctr_dirfd, const struct container_config *c,
		     struct err *e)
{
	struct logs_writer *w;
	int driver = logs_driver(c), r = 0;

	if (driver < 0)
		return err_set(e, ERR_USAGE, "--log-driver '%s': k8s-file, json-file, journald, "
			       "passthrough or none is expected", c->log_driver);
	w = xcalloc(1, sizeof(*w));
	w->driver = driver;
	w->fd = w->dirfd = -1;
	if (driver == LOGS_JOURNALD) {
		r = open_journal(w, c, e);
	} else if (driver == LOGS_K8S_FILE || driver == LOGS_JSON_FILE) {
		r = parse_options(w, c, e);
		if (r >= 0)
			r = w->dirfd = logs_open_dir(ctr_dirfd, c, &w->name, e);
		/* Our own place needs no test, and many a container never says a word. */
		if (r >= 0 && logs_option(c, "path")) {
			r = open_file(w);
			if (r < 0)
				r = err_sys(e, -r, "log file %s", w->name);
		}
	}
	if (r < 0) {
		logs_writer_close(w);
		return r;
	}
	*out = w;
	return 0;
}

void logs_writer_close(struct logs_writer *w)
{
	if (!w)
		return;
	fd_close(&w->fd);
	fd_close(&w->dirfd);
	free(w->name);
	free(w->fields);
	free(w);
}

/* ctr.log -> ctr.log.1 -> ... ; what goes beyond max_file - 1 is overwritten. */
static void rotate(struct logs_writer *w)
{
	char from[NAME_MAX + 1], to[NAME_MAX + 1];

	if (w->max_file == 1)
		unlinkat(w->dirfd, w->name, 0);
	for (int i = w->max_file - 1; i >= 1; i--) {
		if (i == 1)
			snprintf(from, sizeof(from), "%s", w->name);
		else
			snprintf(from, sizeof(from), "%s.%d", w->name, i - 1);
		snprintf(to, sizeof(to), "%s.%d", w->name, i);
		renameat(w->dirfd, from, w->dirfd, to);
	}
	(void)open_file(w);	/* fails: the old file goes on */
}

static void put(struct logs_writer *w, struct iovec *iov, int n)
{
	size_t total = 0;
	ssize_t done;

	for (int i = 0; i < n; i++)
		total += iov[i].iov_len;
	if (!w->is_mid && w->max_size > 0 && w->size > 0 && w->size + (int64_t)total > w->max_size) {
		rotate(w);
		w->is_broken = false;
	}
	if (w->is_broken && write(w->fd, "\n", 1) == 1)
		w->is_broken = false;
	do
		done = writev(w->fd, iov, n);
	while (done < 0 && errno == EINTR);
	if (done > 0)
		w->size += done;
	if (done != (ssize_t)total) {
		w->lost += total - (done > 0 ? done : 0);
		w->is_broken |= done > 0;
	}
}

static void write_k8s(struct logs_writer *w, int stream, const char *data, size_t n)
{
	struct iovec iov[BATCH];
	char time[40], full[64], part[64];
	size_t full_n, part_n;
	int used = 0;

	time_rfc3339(time, time_now(), 0);
	full_n = snprintf(full, sizeof(full), "%s std%s F ", time, stream == 2 ? "err" : "out");
	part_n = snprintf(part, sizeof(part), "%s std%s P ", time, stream == 2 ? "err" : "out");
	while (n) {
		const char *end = memchr(data, '\n', n);
		size_t len = end ? (size_t)(end - data) + 1 : n;

		iov[used++] = end ? (struct iovec){ full, full_n } : (struct iovec){ part, part_n };
		iov[used++] = (struct iovec){ (char *)data, len };
		if (!end)
			iov[used++] = (struct iovec){ (char *)"\n", 1 };
		data += len;
		n -= len;
		if (used > BATCH - 3 || !n) {
			put(w, iov, used);
			used = 0;
		}
	}
}

static void escaped_flush(struct logs_writer *w)
{
	struct iovec iov = { w->escaped, w->escaped_n };

	if (w->escaped_n)
		put(w, &iov, 1);
	w->escaped_n = 0;
}

static void escaped_add(struct logs_writer *w, const char *s, size_t n)
{
	if (w->escaped_n + n > sizeof(w->escaped)) {
		escaped_flush(w);
		w->is_mid = true;
	}
	memcpy(w->escaped + w->escaped_n, s, n);
	w->escaped_n += n;
}

/* Bytes of the UTF-8 character at s; 0: it is none. */
static size_t utf8_len(const unsigned char *s, size_t n)
{
	size_t len = s[0] >= 0xc2 && s[0] <= 0xdf ? 2 : (s[0] & 0xf0) == 0xe0 ? 3
		     : s[0] >= 0xf0 && s[0] <= 0xf4 ? 4 : 0;

	if (!len || len > n)
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return len;
}

static void escape(struct logs_writer *w, const char *data, size_t n)
{
	for (size_t i = 0; i < n;) {
		unsigned char c = data[i];
		size_t len = 1;
		char hex[8];

		if (c == '"' || c == '\\') {
			escaped_add(w, c == '"' ? "\\\"" : "\\\\", 2);
		} else if (c == '\n') {
			escaped_add(w, "\\n", 2);
		} else if (c == '\r') {
			escaped_add(w, "\\r", 2);
		} else if (c == '\t') {
			escaped_add(w, "\\t", 2);
		} else if (c < 0x20 || c == 0x7f) {
			snprintf(hex, sizeof(hex), "\\u%04x", c);
			escaped_add(w, hex, 6);
		} else if (c < 0x80) {
			escaped_add(w, &data[i], 1);
		} else {
			len = utf8_len((const unsigned char *)data + i, n - i);
			if (len)
				escaped_add(w, &data[i], len);
			else
				escaped_add(w, "\\ufffd", 6);
			len = len ? len : 1;
		}
		i += len;
	}
}

static void write_json(struct logs_writer *w, int stream, const char *data, size_t n)
{
	char time[40], tail[80];
	size_t tail_n;

	time_rfc3339(time, time_now(), 1);
	tail_n = snprintf(tail, sizeof(tail), "\",\"stream\":\"std%s\",\"time\":\"%s\"}\n",
			  stream == 2 ? "err" : "out", time);
	while (n) {
		const char *end = memchr(data, '\n', n);
		size_t len = end ? (size_t)(end - data) + 1 : n;

		if (w->is_mid)
			escaped_flush(w);
		w->is_mid = false;
		escaped_add(w, "{\"log\":\"", 8);
		escape(w, data, len);
		escaped_add(w, tail, tail_n);
		data += len;
		n -= len;
	}
	escaped_flush(w);
	w->is_mid = false;
}

static void write_journal(struct logs_writer *w, int stream, const char *data, size_t n)
{
	while (n) {
		const char *end = memchr(data, '\n', n);
		size_t len = end ? (size_t)(end - data) : n;
		struct iovec iov[] = {
			{ (char *)(stream == 2 ? "PRIORITY=3" : "PRIORITY=6"), 10 },
			{ w->fields, w->fields_n },
			{ (char *)"CONTAINER_PARTIAL_MESSAGE=true\n", end ? 0 : 31 },
			{ (char *)"MESSAGE=", 8 },
			{ (char *)data, len },
			{ (char *)"\n", 1 },
		};
		struct msghdr msg = { .msg_iov = iov, .msg_iovlen = ARRAY_SIZE(iov) };

		if (sendmsg(w->fd, &msg, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			w->lost += len;
		len += !!end;
		data += len;
		n -= len;
	}
}

void logs_writer_write(struct logs_writer *w, int stream, const char *data, size_t n)
{
	if (!w || (w->fd < 0 && (w->dirfd < 0 || open_file(w) < 0)))
		return;
	if (w->driver == LOGS_K8S_FILE)
		write_k8s(w, stream, data, n);
	else if (w->driver == LOGS_JSON_FILE)
		write_json(w, stream, data, n);
	else if (w->driver == LOGS_JOURNALD)
		write_journal(w, stream, data, n);
}
