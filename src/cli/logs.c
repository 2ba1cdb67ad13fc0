/* SPDX-License-Identifier: Apache-2.0 */
/* logs: what containers have written. Several that are followed have a process each: following is
 * waiting, and each line is one write, so that lines are never mixed. */
#include "container/logs.h"

#include "base/fd.h"
#include "base/lock.h"
#include "base/str.h"
#include "base/units.h"
#include "cli/cmd.h"
#include "cli/each.h"
#include "cli/period.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PARTIAL_MAX (1 << 20)	/* of several: a line is kept back till then */
#define BUFFER 65536
#define EXIT_PIPE (128 + SIGPIPE)

struct logs_args {
	bool follow, latest, names, timestamps, color, details;
	char *since, *until, *tail;
};

#define COMMON_OPTS \
	OPT_FLAG(0, "color", struct logs_args, color, "one colour for each container"), \
	OPT_FLAG(0, "details", struct logs_args, details, "the attributes of --log-opt in every line"), \
	OPT_FLAG('f', "follow", struct logs_args, follow, "wait for more"), \
	OPT_FLAG('l', "latest", struct logs_args, latest, "the newest container"), \
	OPT_STR(0, "since", struct logs_args, since, "TIME", "from this time on (or 10m: since then)"), \
	OPT_FLAG('t', "timestamps", struct logs_args, timestamps, "the time of every line"), \
	OPT_STR(0, "until", struct logs_args, until, "TIME", "up to this time")

static const struct opt logs_opts[] = {
	COMMON_OPTS,
	OPT_FLAG('n', "names", struct logs_args, names, "of several containers: their names, not their ids, in every line"),
	OPT_STR(0, "tail", struct logs_args, tail, "N", "the last N lines (default all)"),
	OPT_END,
};

/* Docker's -n is the number of lines. */
static const struct opt docker_opts[] = {
	COMMON_OPTS,
	OPT_FLAG(0, "names", struct logs_args, names, "name the container in every line"),
	OPT_STR('n', "tail", struct logs_args, tail, "N", "the last N lines (default all)"),
	OPT_END,
};

/* The containers of one command. */
struct shown {
	struct cmd_context *c;
	const struct logs_args *args;
	struct record **records;
	size_t n;
	int lock_fd;			/* of several that are followed; -1 */
};

struct printer {
	const struct logs_args *args;
	char *name;			/* owned; NULL: not printed */
	const char *color;		/* NULL */
	struct strv details;		/* owned */
	bool at_line_start[3];		/* per stream */
	int last;			/* stream that was written to */
	/* One of several that are followed: */
	int lock_fd;			/* owned; held while a line is written; -1: alone */
	struct str partial[3];		/* owned; the beginning of a line */
};

static void add_details(FILE *f, const struct strv *details)
{
	for (size_t i = 0; i < details->n; i++)
		fprintf(f, "%s%s", i ? "," : "", details->v[i]);
	fputc(' ', f);
}

static void put(struct printer *p, int stream, const char *time, const char *text, size_t n,
		bool is_partial)
{
	FILE *f = stream == 2 ? stderr : stdout;

	if (p->at_line_start[stream]) {
		if (p->color)
			fputs(p->color, f);
		if (p->name)
			fprintf(f, "%s ", p->name);
		if (p->args->timestamps)
			fprintf(f, "%s ", time);
		if (p->args->details)
			add_details(f, &p->details);
	}
	fwrite(text, 1, n, f);
	p->at_line_start[stream] = !is_partial;
	if (!is_partial) {
		if (p->color)
			fputs("\033[0m", f);
		fputc('\n', f);
	}
}

/* What ended within a line: its colour ends too, and the next container begins a line. */
static void finish_line(struct printer *p, int stream, bool is_one_of_several)
{
	FILE *f = stream == 2 ? stderr : stdout;

	if (p->at_line_start[stream])
		return;
	if (p->color)
		fputs("\033[0m", f);
	if (is_one_of_several)
		fputc('\n', f);
}

/* Both streams may be one terminal: what was written first is to be there first. */
static int print_line(void *arg, int stream, const char *time, const char *text, size_t n,
		      bool is_partial)
{
	struct printer *p = arg;

	if (stream != p->last)
		fflush(p->last == 2 ? stderr : stdout);
	p->last = stream;
	put(p, stream, time, text, n, is_partial);
	/* A reader that went away ends it. */
	if (p->args->follow)
		fflush(stream == 2 ? stderr : stdout);
	return ferror(stdout) || ferror(stderr);
}

static int print_of_several(void *arg, int stream, const char *time, const char *text, size_t n,
			    bool is_partial)
{
	struct printer *p = arg;
	struct str *line = &p->partial[stream];
	FILE *f = stream == 2 ? stderr : stdout;

	str_addn(line, text, n);
	if (is_partial && line->len < PARTIAL_MAX)
		return 0;
	lock_fd_take(p->lock_fd, true);
	put(p, stream, time, line->p, line->len, false);
	fflush(f);
	lock_fd_release(p->lock_fd);
	str_cut(line, 0);
	return ferror(f);
}

static void printer_clear(struct printer *p)
{
	free(p->name);
	strv_clear(&p->details);
	for (int i = 0; i < 3; i++)
		str_clear(&p->partial[i]);
	fd_close(&p->lock_fd);
}

static int parse_query(struct cmd_context *c, struct logs_query *q, const struct logs_args *a,
		       struct err *e)
{
	q->tail = -1;
	if (period_parse(a->since, a->until, c->globals->is_docker, &q->since, &q->until, e) < 0)
		return -e->code;
	if (a->tail && !str_eq(a->tail, "all") && units_parse_int(a->tail, &q->tail) < 0)
		return err_set(e, ERR_USAGE, "--tail '%s': expected a number or all", a->tail);
	if (q->tail < -1)
		q->tail = -1;
	q->follow = a->follow;
	q->timestamps = a->timestamps;
	return 0;
}

static void printer_init(struct printer *p, const struct shown *s, size_t i)
{
	static const char *const colors[] = { "\033[37m", "\033[36m", "\033[35m", "\033[33m",
					      "\033[32m", "\033[34m" };
	const struct record *rec = s->records[i];

	*p = (struct printer){ .args = s->args, .at_line_start = { true, true, true }, .last = 1,
			       .lock_fd = -1 };
	/* As podman has it: of one container it is known whose lines these are. */
	if (s->n > 1)
		p->name = s->args->names ? xstrdup(rec->config.name) : xstrndup(rec->id, 12);
	p->color = s->args->color ? colors[i % ARRAY_SIZE(colors)] : NULL;
	if (s->args->details) {
		logs_attributes(&rec->config, &p->details);
		strv_sort(&p->details);
	}
}

static int show_one(const struct shown *s, size_t i, struct err *e)
{
	struct logs_query q = { 0 };
	struct printer p;
	int r = parse_query(s->c, &q, s->args, e);

	if (r < 0)
		return r;
	printer_init(&p, s, i);
	q.line = s->lock_fd < 0 ? print_line : print_of_several;
	q.arg = &p;
	/* A description of our own: the lock is between processes that were forked. */
	p.lock_fd = s->lock_fd < 0 ? -1 : fd_reopen(s->lock_fd, O_RDWR);
	r = logs_read(s->c->engine, s->records[i], &q, e);
	for (int stream = 1; stream <= 2 && r >= 0; stream++) {
		if (p.partial[stream].len)
			print_of_several(&p, stream, "", "", 0, false);
		finish_line(&p, stream, s->n > 1);
	}
	printer_clear(&p);
	fflush(stdout);
	fflush(stderr);
	return r;
}

static pid_t follow_in_child(const struct shown *s, size_t i)
{
	struct err e = { 0 };
	pid_t parent = getpid(), pid = fork();
	int r;

	if (pid != 0)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	if (getppid() != parent)
		_exit(0);
	r = show_one(s, i, &e);
	if (r < 0)
		fprintf(stderr, "rootlet: %s\n", e.msg);
	fflush(stderr);
	_exit(ferror(stdout) || ferror(stderr) ? EXIT_PIPE : r < 0 ? 125 : 0);
}

/* The end of all; the exit code of the first that failed. One that has no reader ends the others. */
static int wait_all(const pid_t *pids, size_t n)
{
	int result = 0, status;
	pid_t pid;

	while ((pid = wait(&status)) > 0 || errno == EINTR) {
		int code = pid < 0 ? 0 : WIFEXITED(status) ? WEXITSTATUS(status)
							   : 128 + WTERMSIG(status);

		if (!result)
			result = code;
		for (size_t i = 0; code == EXIT_PIPE && i < n; i++)
			if (pids[i] > 0 && pids[i] != pid)
				kill(pids[i], SIGTERM);
	}
	return result;
}

static int follow_all(struct shown *s, struct err *e)
{
	autofree pid_t *pids = xcalloc(s->n, sizeof(*pids));
	autoclose int lock_fd = fd_memfd("logs");
	int r = lock_fd < 0 ? err_sys(e, -lock_fd, "memfd") : 0;

	s->lock_fd = lock_fd;
	fflush(stdout);
	for (size_t i = 0; r >= 0 && i < s->n; i++) {
		pids[i] = follow_in_child(s, i);
		if (pids[i] < 0)
			r = err_sys(e, errno, "fork");
	}
	for (size_t i = 0; r < 0 && i < s->n; i++)
		if (pids[i] > 0)
			kill(pids[i], SIGTERM);
	return r < 0 ? r : wait_all(pids, s->n);
}

static int show_all(struct shown *s, struct err *e)
{
	if (s->args->follow && s->n > 1)
		return follow_all(s, e);
	for (size_t i = 0; i < s->n; i++)
		if (show_one(s, i, e) < 0)
			return -e->code;
	return 0;
}

static int logs_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct logs_args *a = args;
	auto_of(strv_clear) struct strv names = { 0 };
	struct each_select select = { .latest = a->latest };
	struct logs_query checked = { 0 };
	struct shown s = { .c = c, .args = a, .lock_fd = -1 };
	int r;

	if (parse_query(c, &checked, a, e) < 0 || each_select(c, &select, rest, &names, e) < 0)
		return -e->code;
	/* Both are in use until the process ends. */
	setvbuf(stdout, xmalloc(BUFFER), _IOFBF, BUFFER);
	setvbuf(stderr, xmalloc(BUFFER), _IOFBF, BUFFER);
	s.records = xcalloc(names.n, sizeof(*s.records));
	/* All are there before anything is shown. */
	for (r = 0; r >= 0 && s.n < names.n; s.n += r >= 0)
		r = record_open(&s.records[s.n], c->engine, names.v[s.n], e);
	if (r >= 0)
		r = show_all(&s, e);
	for (size_t i = 0; i < s.n; i++)
		record_free(s.records[i]);
	free(s.records);
	return r;
}

const struct cmd cmd_container_logs = {
	.path = "container logs",
	.alias = "logs",
	.args = "CONTAINER...",
	.help = "show what containers have written",
	.opts = logs_opts,
	.docker_opts = docker_opts,
	.args_size = sizeof(struct logs_args),
	.max_args = -1,
	.needs = NEED_ENGINE,
	.fn = logs_main,
};
