/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * The lines of a container in the journal are those with its CONTAINER_ID_FULL. --tail reads backwards
 * until it has enough lines. Following goes on behind the last entry that was read, until the monitor
 * has ended; it waits for the journal to have taken all before it ends, so that one more reading then
 * finds the rest.
 */
#include "container/logs.h"

#include "base/fd.h"
#include "base/journal.h"
#include "base/proc.h"
#include "base/timefmt.h"
#include "container/logs_priv.h"

#include <string.h>

#define FIELDS "MESSAGE,PRIORITY,CONTAINER_PARTIAL_MESSAGE"

struct line {
	int64_t time;
	int stream;
	bool is_partial;
	char *text;		/* owned */
	size_t n;
};
struct reader {
	const struct logs_query *q;
	struct strv matches;	/* owned */
	char *cursor;		/* owned; behind it reading goes on */
	struct line *lines;	/* owned; of --tail, newest first */
	size_t n;
	int64_t left;		/* of --tail */
	bool is_over;
};

/* The streams are told apart by their priorities, as Podman and Docker do. */
static bool take(struct line *l, const struct journal_entry *x)
{
	size_t n;
	const char *text = journal_get(x, "MESSAGE", &l->n), *priority = journal_get(x, "PRIORITY", &n);

	l->time = journal_time(x);
	l->stream = priority && n == 1 && *priority == '3' ? 2 : 1;
	l->is_partial = journal_get(x, "CONTAINER_PARTIAL_MESSAGE", &n) != NULL;
	l->text = (char *)text;		/* borrowed */
	return text;
}

static void show(struct reader *r, const struct line *l)
{
	char time[40];

	if (r->q->until && l->time > r->q->until) {
		r->is_over = true;
		return;
	}
	if (l->time < r->q->since)
		return;
	time_rfc3339(time, l->time, false);
	if (r->q->line(r->q->arg, l->stream, time, l->text, l->n, l->is_partial))
		r->is_over = true;
}

static void remember(struct reader *r, const struct journal_entry *x)
{
	char *cursor = journal_dup(x, "__CURSOR");

	if (cursor) {
		free(r->cursor);
		r->cursor = cursor;
	}
}

static int forward(void *arg, const struct journal_entry *x)
{
	struct reader *r = arg;
	struct line l;

	remember(r, x);
	if (take(&l, x))
		show(r, &l);
	return r->is_over;
}

static int backward(void *arg, const struct journal_entry *x)
{
	struct reader *r = arg;
	struct line l;

	if (!r->cursor)
		remember(r, x);
	if (!take(&l, x) || (r->q->until && l.time > r->q->until))
		return 0;
	/* The newest ends a line even if it is partial: more of it may never come. */
	if ((!l.is_partial || !r->n) && r->left-- == 0)
		return 1;
	l.text = memcpy(xmalloc(l.n + 1), l.text, l.n);
	r->lines = xreallocarray(r->lines, r->n + 1, sizeof(*r->lines));
	r->lines[r->n++] = l;
	return l.time < r->q->since;
}

static int read_tail(struct reader *r, struct journal_query *jq, struct err *e)
{
	int ret;

	jq->is_reverse = true;
	jq->entry = backward;
	r->left = r->q->tail;
	ret = journal_read(jq, e);
	for (size_t i = r->n; i-- > 0;) {
		if (ret >= 0 && !r->is_over)
			show(r, &r->lines[i]);
		free(r->lines[i].text);
	}
	free(r->lines);
	return ret;
}

static int read_on(struct reader *r, int monitor_fd, struct err *e)
{
	struct journal_query jq = { .matches = &r->matches, .fields = FIELDS, .since = r->q->since,
				    .stop_fd = -1, .entry = forward, .arg = r };
	int ret = 0;

	if (r->q->tail >= 0)
		ret = read_tail(r, &jq, e);
	jq.is_reverse = false;
	jq.entry = forward;
	if (ret >= 0 && r->q->tail < 0 && monitor_fd < 0)
		ret = journal_read(&jq, e);
	if (ret < 0 || r->is_over || monitor_fd < 0)
		return ret;
	jq.follow = true;
	jq.stop_fd = monitor_fd;
	jq.stop_at = r->q->until;
	jq.after = r->cursor;
	ret = journal_read(&jq, e);
	if (ret < 0 || r->is_over)
		return ret;
	jq.follow = false;
	jq.after = r->cursor;
	return journal_read(&jq, e);
}

int logs_read_journal(const struct record *rec, const struct state *s, const struct logs_query *q,
		      struct err *e)
{
	struct reader r = { .q = q };
	autoclose int monitor_fd = -1;
	int ret;

	if (q->follow && state_is_alive(s))
		monitor_fd = proc_open_checked(s->monitor_pid, s->monitor_start);
	strv_addf(&r.matches, "CONTAINER_ID_FULL=%s", rec->id);
	ret = read_on(&r, monitor_fd, e);
	strv_clear(&r.matches);
	free(r.cursor);
	return ret < 0 ? err_wrap(e, "log of container %.12s", rec->id) : 0;
}
