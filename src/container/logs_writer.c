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
#include "base/journal.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "container/logs_priv.h"

#include <stdio.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#define JOURNAL_MS 2000		/* how long a busy journal may keep the container waiting */
#define BATCH 64		/* iovecs of one write */
#define ESCAPED_MAX 4096

struct logs_writer {
	enum logs_driver driver;
	int fd, dirfd;			/* owned */
	char *name;			/* owned; in dirfd */
	int64_t size;
	struct logs_limits limits;
	uint64_t lost;			/* bytes that could not be written */
	bool is_broken;			/* the file ends within a line */
	char *fields;			/* owned; journald: all but MESSAGE and PRIORITY; json-file: the
					 * beginning of every entry */
	size_t fields_n;
	bool is_stuck;			/* journald takes nothing: no more waiting for it */
	char escaped[ESCAPED_MAX];	/* json-file */
	size_t escaped_n;
	bool is_mid;			/* part of an entry is written: no rotation now */
};

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

/* Fields of Podman's and Docker's, and the attributes that are field names. */
static int open_journal(struct logs_writer *w, const struct record *r, const char *tag, struct err *e)
{
	const struct container_config *c = &r->config;
	auto_of(strv_clear) struct strv attributes = { 0 };
	auto_of(str_clear) struct str text = { 0 };
	autofree char *short_id = xstrndup(r->id, 12);

	w->fd = journal_connect();
	if (w->fd < 0)
		return err_sys(e, -w->fd, "log driver journald: no systemd journal is reached (without "
			       "systemd use --log-driver k8s-file)");
	str_addc(&text, '\n');
	journal_add_field(&text, "CONTAINER_ID", short_id);
	journal_add_field(&text, "CONTAINER_ID_FULL", r->id);
	journal_add_field(&text, "CONTAINER_NAME", c->name);
	if (!str_empty(tag))
		journal_add_field(&text, "CONTAINER_TAG", tag);
	if (c->image_full)
		journal_add_field(&text, "IMAGE_NAME", c->image_full);
	journal_add_field(&text, "SYSLOG_IDENTIFIER", str_empty(tag) ? c->name : tag);
	logs_attributes(c, &attributes);
	for (size_t i = 0; i < attributes.n; i++) {
		size_t n = strcspn(attributes.v[i], "=");
		autofree char *key = xstrndup(attributes.v[i], n);

		if (journal_is_field_name(key, n))
			journal_add_field(&text, key, attributes.v[i] + n + 1);
	}
	w->fields_n = text.len;
	w->fields = str_steal(&text);
	return 0;
}

/* {"attrs":{...},"log":"  - in front, so that the end of an entry looks the same in every log. */
static int make_head(struct logs_writer *w, const struct record *r, const char *tag, struct err *e)
{
	auto_of(strv_clear) struct strv attributes = { 0 };
	auto_of(json_free) struct json *j = NULL;
	auto_of(str_clear) struct str text = { 0 };

	logs_attributes(&r->config, &attributes);
	if (!str_empty(tag))
		strv_env_set(&attributes, "tag", tag);
	str_addc(&text, '{');
	if (attributes.n) {
		j = json_new_pairs(&attributes);
		str_add(&text, "\"attrs\":");
		json_write(&text, j, 0);
		str_addc(&text, ',');
	}
	str_add(&text, "\"log\":\"");
	if (text.len > ESCAPED_MAX)
		return err_set(e, ERR_USAGE, "--log-opt: tag, labels and env together are %zu bytes for "
			       "every line: at most %d", text.len, ESCAPED_MAX);
	w->fields_n = text.len;
	w->fields = str_steal(&text);
	return 0;
}

static int open_driver(struct logs_writer *w, struct engine *g, struct record *r, struct err *e)
{
	autofree char *tag = NULL;
	int ret;

	if (w->driver == LOGS_PASSTHROUGH || w->driver == LOGS_PASSTHROUGH_TTY ||
	    w->driver == LOGS_NONE)
		return 0;
	if (w->driver != LOGS_K8S_FILE && logs_tag(&tag, g, r, e) < 0)
		return -e->code;
	if (w->driver == LOGS_JOURNALD)
		return open_journal(w, r, tag, e);
	if (logs_limits(&w->limits, &r->config, e) < 0 ||
	    (w->driver == LOGS_JSON_FILE && make_head(w, r, tag, e) < 0))
		return -e->code;
	w->dirfd = logs_open_dir(r->dirfd, &r->config, &w->name, e);
	if (w->dirfd < 0)
		return -e->code;
	/* Our own place needs no test, and many a container never says a word. */
	if (!logs_option(&r->config, "path"))
		return 0;
	ret = open_file(w);
	return ret < 0 ? err_sys(e, -ret, "log file %s", w->name) : 0;
}

int logs_writer_open(struct logs_writer **out, struct engine *g, struct record *r, struct err *e)
{
	struct logs_writer *w;
	int driver = logs_driver(&r->config);

	if (driver < 0)
		return err_set(e, EINVAL, "log driver '%s' is not known", r->config.log_driver);
	w = xcalloc(1, sizeof(*w));
	w->driver = driver;
	w->fd = w->dirfd = -1;
	if (open_driver(w, g, r, e) < 0) {
		logs_writer_close(w);
		return -e->code;
	}
	*out = w;
	return 0;
}

void logs_writer_close(struct logs_writer *w)
{
	if (!w)
		return;
	/* Who asks for the log when the container has ended wants all of it. */
	if (w->driver == LOGS_JOURNALD && w->fd >= 0)
		journal_flush(w->fd, JOURNAL_MS);
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

	if (w->limits.max_file == 1)
		unlinkat(w->dirfd, w->name, 0);
	for (int i = w->limits.max_file - 1; i >= 1; i--) {
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
	if (!w->is_mid && w->limits.max_size > 0 && w->size > 0 && w->size + (int64_t)total > w->limits.max_size) {
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

	time_rfc3339(time, time_now(), false);
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

	time_rfc3339(time, time_now(), true);
	tail_n = snprintf(tail, sizeof(tail), "\",\"stream\":\"std%s\",\"time\":\"%s\"}\n",
			  stream == 2 ? "err" : "out", time);
	while (n) {
		const char *end = memchr(data, '\n', n);
		size_t len = end ? (size_t)(end - data) + 1 : n;

		if (w->is_mid)
			escaped_flush(w);
		w->is_mid = false;
		escaped_add(w, w->fields, w->fields_n);
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
		int r = journal_send(w->fd, iov, ARRAY_SIZE(iov), w->is_stuck ? 0 : JOURNAL_MS);

		w->is_stuck = r < 0;
		if (r < 0)
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
