/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/event_log.h"

#include "base/fd.h"
#include "base/lock.h"
#include "base/timefmt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct line {
	char *p;
	size_t n, max;
	bool is_full;		/* something did not fit; n is behind what did */
};

static void put(struct line *l, const char *data, size_t n)
{
	if (l->is_full || n > l->max - l->n) {
		l->is_full = true;
		return;
	}
	memcpy(l->p + l->n, data, n);
	l->n += n;
}

static void put_text(struct line *l, const char *text)
{
	put(l, text, strlen(text));
}

static void put_string(struct line *l, const char *s, size_t n)
{
	put(l, "\"", 1);
	for (size_t i = 0; i < n; i++) {
		unsigned char c = s[i];
		char buf[8];

		if (c == '"' || c == '\\') {
			snprintf(buf, sizeof(buf), "\\%c", c);
			put_text(l, buf);
		} else if (c < 0x20 || c == 0x7f) {
			snprintf(buf, sizeof(buf), "\\u%04x", c);
			put_text(l, buf);
		} else {
			put(l, s + i, 1);
		}
	}
	put(l, "\"", 1);
}

static void put_member(struct line *l, const char *key, const char *value)
{
	if (!value)
		return;
	put(l, ",\"", 2);
	put_text(l, key);
	put(l, "\":", 2);
	put_string(l, value, strlen(value));
}

/* An attribute is there whole or not at all. */
static void put_attribute(struct line *l, bool *is_first, const char *key, size_t key_n,
			  const char *value)
{
	size_t before = l->n;

	if (!*is_first)
		put(l, ",", 1);
	put_string(l, key, key_n);
	put(l, ":", 1);
	put_string(l, value, strlen(value));
	if (l->is_full) {
		l->n = before;
		l->is_full = false;
		return;
	}
	*is_first = false;
}

static void put_attributes(struct line *l, const struct event_log_entry *x)
{
	bool is_first = true;

	put_text(l, ",\"attributes\":{");
	if (x->key && x->value)
		put_attribute(l, &is_first, x->key, strlen(x->key), x->value);
	for (size_t i = 0; x->labels && i < x->labels->n; i++) {
		const char *eq = strchrnul(x->labels->v[i], '=');

		put_attribute(l, &is_first, x->labels->v[i], eq - x->labels->v[i], *eq ? eq + 1 : "");
	}
	put(l, "}", 1);
}

size_t event_log_line(char line[EVENT_LOG_LINE], int64_t time, const struct event_log_entry *x)
{
	struct line l = { .p = line, .max = EVENT_LOG_LINE - 3 };	/* "}}\n" always fits */
	char number[48];

	snprintf(number, sizeof(number), "{\"time\":%" PRId64, time);
	put_text(&l, number);
	put_member(&l, "type", x->type);
	put_member(&l, "status", x->status);
	put_member(&l, "id", x->id);
	put_member(&l, "name", x->name);
	put_member(&l, "image", x->image);
	if (x->has_code) {
		snprintf(number, sizeof(number), ",\"code\":%d", x->code);
		put_text(&l, number);
	}
	if (l.is_full)	/* a name of thousands of bytes; no such thing is let in */
		return 0;
	if (x->key || (x->labels && x->labels->n)) {
		size_t before = l.n;

		put_attributes(&l, x);
		if (l.is_full)
			l.n = before;
	}
	line[l.n++] = '}';
	line[l.n++] = '\n';
	return l.n;
}

/* Several may find it too long at once: the one with the lock moves it, if that has not been done. */
static void rotate(const struct store *s, int fd, const struct stat *st)
{
	struct stat now;

	if (lock_fd_try(fd, true) < 0)
		return;
	if (fstatat(s->root_dirfd, EVENT_LOG_FILE, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	    now.st_ino == st->st_ino)
		(void)renameat(s->root_dirfd, EVENT_LOG_FILE, s->root_dirfd, EVENT_LOG_OLD);
}

int event_log_add(const struct store *s, const struct event_log_entry *entry)
{
	char line[EVENT_LOG_LINE];
	size_t n = event_log_line(line, time_now(), entry);
	autoclose int fd = -1;
	struct stat st;
	ssize_t w;

	fd = fd_createat(s->root_dirfd, EVENT_LOG_FILE, O_WRONLY | O_APPEND | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fd;
	w = write(fd, line, n);
	if (w < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && st.st_size > EVENT_LOG_MAX)
		rotate(s, fd, &st);
	return (size_t)w == n ? 0 : -EIO;
}
