/* SPDX-License-Identifier: Apache-2.0 */
/* wait: until containers are in a state. */
#include "base/fd.h"
#include "base/timefmt.h"
#include "cli/cmd.h"
#include "cli/each.h"
#include "container/lifecycle.h"
#include "container/record.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

struct wait_args {
	bool ignore, latest, first;
	struct strv conditions;
	char *interval;
	unsigned int mask;		/* of conditions: 1 << enum lifecycle_condition */
};

static const struct opt wait_opts[] = {
	OPT_CSV(0, "condition", struct wait_args, conditions, "STATE", "states to wait for, any of them (default stopped)"),
	OPT_FLAG(0, "exit-first-match", struct wait_args, first, "return as soon as one of the containers is there"),
	OPT_FLAG(0, "ignore", struct wait_args, ignore, "a container that is not there counts as ended, with -1"),
	OPT_STR('i', "interval", struct wait_args, interval, "TIME", "for podman's sake: the kernel tells, nothing is polled"),
	OPT_FLAG('l', "latest", struct wait_args, latest, "the newest container"),
	OPT_END,
};

static int parse_condition(const char *text, struct err *e)
{
	static const struct {
		const char *name;
		enum lifecycle_condition condition;
	} names[] = {
		{ "stopped", LIFECYCLE_STOPPED }, { "exited", LIFECYCLE_EXITED },
		{ "running", LIFECYCLE_RUNNING }, { "removing", LIFECYCLE_REMOVED },
		{ "removed", LIFECYCLE_REMOVED }, { "healthy", LIFECYCLE_HEALTHY },
		{ "unhealthy", LIFECYCLE_UNHEALTHY }, { "created", LIFECYCLE_CREATED },
		{ "configured", LIFECYCLE_CREATED }, { "paused", LIFECYCLE_PAUSED },
		{ "initialized", LIFECYCLE_INITIALIZED }, { "stopping", LIFECYCLE_STOPPING },
		{ "next-exit", LIFECYCLE_EXITED }, { "not-running", LIFECYCLE_STOPPED },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strcmp(names[i].name, text) == 0)
			return names[i].condition;
	return err_set(e, ERR_USAGE, "--condition '%s' is none of created, initialized, running, paused, "
		       "stopping, stopped, exited, removed, healthy, unhealthy", text);
}

static int parse(struct wait_args *a, struct err *e)
{
	int64_t ns;

	if (a->interval && time_duration_parse(a->interval, true, &ns) < 0)
		return err_set(e, ERR_USAGE, "--interval '%s': expected a time such as 250ms", a->interval);
	for (size_t i = 0; i < a->conditions.n; i++) {
		int condition = parse_condition(a->conditions.v[i], e);

		if (condition < 0)
			return condition;
		a->mask |= 1u << condition;
	}
	if (!a->mask)
		a->mask = 1u << LIFECYCLE_STOPPED;
	return 0;
}

static int wait_for(struct cmd_context *c, const struct wait_args *a, const char *name, int *code,
		    struct err *e)
{
	autofree char *id = NULL;
	int r = record_find(&id, c->engine, name, e);

	if (r < 0 && a->ignore && e->code == ERR_NO_SUCH) {
		*code = -1;
		return 0;
	}
	return r < 0 ? r : lifecycle_wait(c->engine, id, a->mask, code, e);
}

static int wait_one(struct cmd_context *c, const char *name, void *arg, struct err *e)
{
	int code = 0, r = wait_for(c, arg, name, &code, e);

	if (r >= 0)
		printf("%d\n", code);
	return r;
}

/* A child for each waits, and writes what it heard. */
struct answer {
	int code;
	struct err e;		/* code 0: none */
};

static int read_first(int fd, struct err *e)
{
	struct answer got;

	if (fd_read_full(fd, &got, sizeof(got)) != (ssize_t)sizeof(got))
		return err_set(e, EIO, "wait: whoever waited was killed");
	if (got.e.code) {
		*e = got.e;
		return -e->code;
	}
	printf("%d\n", got.code);
	return 0;
}

static int wait_first(struct cmd_context *c, const struct wait_args *a, const struct strv *names,
		      struct err *e)
{
	autofree pid_t *children = xcalloc(names->n, sizeof(pid_t));
	autoclose int in = -1, out = -1;
	int p[2], r = fd_pipe(p);

	if (r < 0)
		return err_sys(e, -r, "pipe");
	in = p[0];
	out = p[1];
	for (size_t i = 0; i < names->n; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			struct answer answer = { 0 };

			prctl(PR_SET_PDEATHSIG, SIGKILL);
			fd_close(&in);
			(void)wait_for(c, a, names->v[i], &answer.code, &answer.e);
			(void)fd_write_all(out, &answer, sizeof(answer));
			_exit(0);
		}
	}
	fd_close(&out);
	r = read_first(in, e);
	for (size_t i = 0; i < names->n; i++) {
		if (children[i] <= 0)
			continue;
		kill(children[i], SIGKILL);	/* ours, not reaped yet */
		waitpid(children[i], NULL, 0);
	}
	return r;
}

static int wait_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct wait_args *a = args;
	struct each_select select = { .latest = a->latest };
	auto_of(strv_clear) struct strv names = { 0 };

	if (parse(a, e) < 0 || each_select(c, &select, rest, &names, e) < 0)
		return -e->code;
	return a->first ? wait_first(c, a, &names, e) : each_operand(c, &names, wait_one, a, e);
}

const struct cmd cmd_container_wait = {
	.path = "container wait", .alias = "wait", .args = "CONTAINER...",
	.help = "wait for containers to end and print their exit codes", .opts = wait_opts,
	.args_size = sizeof(struct wait_args), .max_args = -1, .needs = NEED_ENGINE, .fn = wait_main,
};
