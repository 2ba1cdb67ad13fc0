/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/event_log.h"

#include "base/fd.h"
#include "base/journal.h"
#include "base/lock.h"
#include "base/timefmt.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define JOURNAL_MS 200	/* how long a busy journal may keep us waiting */

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

static bool has_attributes(const struct event_log_entry *x)
{
	return x->key || (x->labels && x->labels->n);
}

static void put_attributes(struct line *l, const struct event_log_entry *x)
{
	bool is_first = true;

	put(l, "{", 1);
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
	put_member(&l, "health", x->health);
	put_member(&l, "error", x->error);
	if (l.is_full)	/* a name of thousands of bytes; no such thing is let in */
		return 0;
	if (has_attributes(x)) {
		size_t before = l.n;

		put_text(&l, ",\"attributes\":");
		put_attributes(&l, x);
		if (l.is_full)
			l.n = before;
	}
	line[l.n++] = '}';
	line[l.n++] = '\n';
	return l.n;
}

const char *event_log_name(char buf[PATH_MAX], const struct store *s, bool is_old)
{
	snprintf(buf, PATH_MAX, "%s%s", s->event_log ? s->event_log : EVENT_LOG_FILE,
		 is_old ? EVENT_LOG_OLD_SUFFIX : "");
	return buf;
}

/* Several may find it too long at once: the one with the lock moves it, if that has not been done. */
static void rotate(const struct store *s, int fd, const struct stat *st)
{
	char name[PATH_MAX], old[PATH_MAX];
	struct stat now;

	if (lock_fd_try(fd, true) < 0)
		return;
	event_log_name(name, s, false);
	if (fstatat(s->root_dirfd, name, &now, AT_SYMLINK_NOFOLLOW) == 0 && now.st_ino == st->st_ino)
		(void)renameat(s->root_dirfd, name, s->root_dirfd, event_log_name(old, s, true));
}

static int add_to_file(const struct store *s, int64_t now, const struct event_log_entry *entries,
		       size_t entries_n)
{
	char lines[EVENT_LOG_MANY * EVENT_LOG_LINE], name[PATH_MAX];
	autoclose int fd = -1;
	struct stat st;
	size_t n = 0;
	ssize_t w;

	for (size_t i = 0; i < entries_n && i < EVENT_LOG_MANY; i++)
		n += event_log_line(lines + n, now, &entries[i]);
	fd = fd_createat(s->root_dirfd, event_log_name(name, s, false), O_WRONLY | O_APPEND | O_NOFOLLOW, 0600);
	if (fd < 0)
		return fd;
	w = write(fd, lines, n);
	if (w < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && st.st_size > EVENT_LOG_MAX)
		rotate(s, fd, &st);
	return (size_t)w == n ? 0 : -EIO;
}

/* --- the journal --- */

/* A line break would be the end of the field. */
static void put_one_line(struct line *l, const char *value)
{
	for (const char *p = value; *p; p++)
		put(l, *p == '\n' ? " " : p, 1);
}

static void put_field(struct line *l, const char *key, const char *value)
{
	if (!value)
		return;
	put_text(l, key);
	put(l, "=", 1);
	put_one_line(l, value);
	put(l, "\n", 1);
}

static void put_number(struct line *l, const char *key, int64_t n)
{
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, n);
	put_field(l, key, text);
}

static int send_one(int fd, const struct store *s, int64_t now, const struct event_log_entry *x)
{
	char text[3 * EVENT_LOG_LINE], json[EVENT_LOG_LINE], time[40];
	struct line l = { .p = text, .max = sizeof(text) };
	struct iovec iov = { text, 0 };
	size_t n = event_log_line(json, now, x), before;

	put_text(&l, "PRIORITY=6\nSYSLOG_IDENTIFIER=rootlet\nMESSAGE=");
	put_text(&l, x->type);
	put(&l, " ", 1);
	put_text(&l, x->status);
	put(&l, " ", 1);
	put_one_line(&l, x->id ? x->id : x->name ? x->name : "");
	put(&l, "\n", 1);
	put_field(&l, "ROOTLET_STORE", s->root);
	put_field(&l, "PODMAN_EVENT", x->status);
	put_field(&l, "PODMAN_TYPE", x->type);
	put_field(&l, "PODMAN_TIME", time_rfc3339(time, now, true));
	put_field(&l, "PODMAN_ID", x->id);
	put_field(&l, "PODMAN_NAME", x->name);
	put_field(&l, "PODMAN_IMAGE", x->image);
	put_field(&l, "PODMAN_HEALTH_STATUS", x->health);
	if (x->has_code)
		put_number(&l, "PODMAN_EXIT_CODE", x->code);
	put_text(&l, "ROOTLET_EVENT=");
	put(&l, json, n);	/* with its line break */
	before = l.n;
	put_text(&l, "PODMAN_LABELS=");
	put_attributes(&l, x);
	put(&l, "\n", 1);
	iov.iov_len = l.is_full ? before : l.n;
	return journal_send(fd, &iov, 1, JOURNAL_MS);
}

static int add_to_journal(const struct store *s, int64_t now, const struct event_log_entry *entries,
			  size_t n)
{
	autoclose int fd = journal_connect();
	int r = fd < 0 ? fd : 0;

	for (size_t i = 0; r >= 0 && i < n; i++)
		r = send_one(fd, s, now, &entries[i]);
	return r;
}

char *event_log_journal_match(const struct store *s)
{
	char *text = xasprintf("ROOTLET_STORE=%s", s->root);

	for (char *p = text; *p; p++)
		if (*p == '\n')
			*p = ' ';
	return text;
}

int event_log_add(const struct store *s, enum event_log_backend to,
		  const struct event_log_entry *entries, size_t n)
{
	int64_t now = time_now();

	if (to == EVENT_LOG_TO_JOURNAL && add_to_journal(s, now, entries, n) >= 0)
		return 0;
	return add_to_file(s, now, entries, n);
}
