/* SPDX-License-Identifier: Apache-2.0 */
/* logs: what containers have written. */
#include "container/logs.h"

#include "base/str.h"
#include "base/timefmt.h"
#include "base/units.h"
#include "cli/cmd.h"
#include "cli/each.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct logs_args {
	bool follow, latest, names, timestamps, color;
	char *since, *until, *tail;
};

static const struct opt logs_opts[] = {
	OPT_FLAG(0, "color", struct logs_args, color, "one colour for each container"),
	OPT_FLAG('f', "follow", struct logs_args, follow, "wait for more"),
	OPT_FLAG('l', "latest", struct logs_args, latest, "the newest container"),
	OPT_FLAG('n', "names", struct logs_args, names, "name the container in every line"),
	OPT_STR(0, "since", struct logs_args, since, "TIME", "from this time on (or 10m: since then)"),
	OPT_STR(0, "tail", struct logs_args, tail, "N", "the last N lines (default all)"),
	OPT_FLAG('t', "timestamps", struct logs_args, timestamps, "the time of every line"),
	OPT_STR(0, "until", struct logs_args, until, "TIME", "up to this time"),
	OPT_END,
};

struct line_printer {
	const struct logs_args *args;
	const char *name;	/* NULL: not printed */
	const char *color;	/* NULL */
	bool at_line_start[3];	/* per stream */
};

static int print_line(void *arg, int stream, const char *time, const char *text, size_t n,
		      bool is_partial)
{
	struct line_printer *p = arg;
	FILE *f = stream == 2 ? stderr : stdout;

	if (p->at_line_start[stream]) {
		if (p->color)
			fputs(p->color, f);
		if (p->name)
			fprintf(f, "%s ", p->name);
		if (p->args->timestamps)
			fprintf(f, "%s ", time);
	}
	fwrite(text, 1, n, f);
	p->at_line_start[stream] = !is_partial;
	if (!is_partial) {
		if (p->color)
			fputs("\033[0m", f);
		fputc('\n', f);
	}
	/* A reader that went away ends it. */
	return fflush(f) != 0;
}

static int parse_query(struct logs_query *q, const struct logs_args *a, struct err *e)
{
	q->tail = -1;
	if (a->since && time_parse(a->since, &q->since) < 0)
		return err_set(e, ERR_USAGE, "--since '%s': expected a time or a duration", a->since);
	if (a->until && time_parse(a->until, &q->until) < 0)
		return err_set(e, ERR_USAGE, "--until '%s': expected a time or a duration", a->until);
	if (a->tail && !str_eq(a->tail, "all") &&
	    (units_parse_int(a->tail, &q->tail) < 0 || q->tail < -1))
		return err_set(e, ERR_USAGE, "--tail '%s': expected a number or all", a->tail);
	q->follow = a->follow;
	q->timestamps = a->timestamps;
	return 0;
}

static int logs_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	static const char *const colors[] = { "\033[37m", "\033[36m", "\033[35m", "\033[33m",
					      "\033[32m", "\033[34m" };
	struct logs_args *a = args;
	auto_of(strv_clear) struct strv names = { 0 };
	struct each_select select = { .latest = a->latest };

	if (each_select(c, &select, rest, &names, e) < 0)
		return -e->code;
	if (a->follow && names.n > 1)
		return err_set(e, ERR_UNSUPPORTED, "logs --follow of several containers is not supported yet");
	for (size_t i = 0; i < names.n; i++) {
		auto_of(record_free) struct record *rec = NULL;
		struct logs_query q = { 0 };
		struct line_printer p = { .args = a, .at_line_start = { true, true, true } };

		if (record_open(&rec, c->engine, names.v[i], e) < 0 || parse_query(&q, a, e) < 0)
			return -e->code;
		p.name = a->names ? rec->config.name : NULL;
		p.color = a->color ? colors[i % ARRAY_SIZE(colors)] : NULL;
		q.line = print_line;
		q.arg = &p;
		if (logs_read(c->engine, rec, &q, e) < 0)
			return -e->code;
	}
	return 0;
}

const struct cmd cmd_container_logs = {
	.path = "container logs",
	.alias = "logs",
	.args = "CONTAINER...",
	.help = "show what containers have written",
	.opts = logs_opts,
	.args_size = sizeof(struct logs_args),
	.max_args = -1,
	.needs = NEED_ENGINE,
	.fn = logs_main,
};
