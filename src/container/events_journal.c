/* SPDX-License-Identifier: Apache-2.0 */
/* events_read when the journal keeps them: each entry has the log's line as a field. */
#include "container/events_priv.h"

#include "base/journal.h"
#include "base/timefmt.h"
#include "storage/event_log.h"

static int on_entry(void *arg, const struct journal_entry *x)
{
	size_t n;
	const char *line = journal_get(x, "ROOTLET_EVENT", &n);

	return line && events_offer(arg, line, n);
}

int events_read_journal(struct engine *g, const struct events_query *q, struct err *e)
{
	auto_of(strv_clear) struct strv matches = { 0 };
	struct journal_query jq = { .matches = &matches, .fields = "ROOTLET_EVENT",
				    .since = q->has_history ? q->since : time_now(),
				    .follow = q->follow, .stop_fd = -1, .stop_at = q->until,
				    .entry = on_entry, .arg = (void *)q };

	strv_add_take(&matches, event_log_journal_match(g->store));
	return journal_read(&jq, e);
}
