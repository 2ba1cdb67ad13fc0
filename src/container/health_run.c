/* SPDX-License-Identifier: Apache-2.0 */
/* One check: a process in the container, with a pipe for what it says and an end that is ours to set. */
#include "container/health.h"

#include "base/fd.h"
#include "base/proc.h"
#include "base/sys.h"
#include "base/timefmt.h"
#include "container/ctr_cgroup.h"
#include "container/ctr_spec.h"
#include "container/exec_priv.h"
#include "runtime/runtime.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>


/* False: nobody writes any more. What is too much is read and forgotten: a check must not hang on us. */
static bool take_output(int fd, struct health_result *out)
{
	char rest[4096];
	size_t room = sizeof(out->output) - out->n;
	ssize_t n = read(fd, room ? out->output + out->n : rest, room ? room : sizeof(rest));

	if (n < 0)
		return errno == EAGAIN || errno == EINTR;
	if (room)
		out->n += n;
	return n > 0;
}

/* Until the process has ended; a child of its that keeps the pipe open is not waited for. */
static bool follow(int pidfd, int *out_fd, int64_t end, struct health_result *out)
{
	for (;;) {
		struct pollfd p[2] = { { .fd = pidfd, .events = POLLIN },
				       { .fd = *out_fd, .events = POLLIN } };
		int64_t left = (end - time_monotonic()) / TIME_MILLISECOND;
		int r = left > 0 ? poll(p, 2, left > 60000 ? 60000 : (int)left) : 0;

		if (r < 0 && errno != EINTR)
			return false;
		if (left <= 0)
			return false;
		if (r <= 0)
			continue;
		if (p[1].revents && !take_output(*out_fd, out))
			fd_close(out_fd);
		if (p[0].revents && !(p[1].revents & POLLIN))
			return true;
	}
}

static int finish(struct runtime_ctr *ctr, bool has_ended)
{
	int code;

	if (!has_ended)
		sys_pidfd_send_signal(ctr->pidfd, SIGKILL);
	code = proc_pidfd_reap(ctr->pidfd);
	if (code < 0)
		return 255;
	return has_ended ? code : -1;
}

static int start(struct runtime_ctr *ctr, struct engine *g, struct record *r, const struct strv *command,
		 int out_fd, struct err *e)
{
	static const struct strv no_env = { 0 };
	auto_of(state_clear) struct state s = { 0 };
	auto_of(spec_clear) struct spec spec;
	auto_of(spec_clear) struct spec own;	/* for its process */
	autoclose int init_fd = -1, cgroup_fd = -1;
	struct ctr_spec_exec want = { .args = command, .env = &no_env };
	struct runtime_io io = { .stdin_fd = -1, .stdout_fd = out_fd, .stderr_fd = out_fd,
				 .console_sock = -1 };
	struct runtime_exec x = { .spec = &spec, .process = &own.process,
				  .is_privileged = r->config.privileged };

	spec_init(&spec);
	spec_init(&own);
	if (exec_open_target(g, r, &s, &init_fd, e) < 0 || ctr_spec_build_joined(&spec, g, r, e) < 0 ||
	    exec_find_namespaces(&spec, s.pid, e) < 0 ||
	    ctr_spec_exec(&own.process, &spec, r, &want, e) < 0)
		return -e->code;
	own.process.has_terminal = false;
	cgroup_fd = ctr_cgroup_open_inner(&s);
	x.init_pidfd = init_fd;
	x.cgroup_fd = cgroup_fd;
	if (runtime_exec(ctr, &x, &io, e) < 0)
		return -e->code;
	return runtime_start(ctr, e);
}

int health_run(struct engine *g, struct record *r, const struct strv *command, int64_t timeout,
	       struct health_result *out, struct err *e)
{
	auto_of(runtime_ctr_clear) struct runtime_ctr ctr = RUNTIME_CTR_NONE;
	autoclose int ours = -1, theirs = -1;
	int p[2], ret = fd_pipe(p);

	if (ret < 0)
		return err_sys(e, -ret, "pipe for the health check");
	ours = p[0];
	theirs = p[1];
	(void)fd_set_nonblock(ours, true);
	out->n = 0;
	out->start = time_now();
	ret = start(&ctr, g, r, command, theirs, e);
	fd_close(&theirs);
	if (ret < 0 && (e->code == ERR_EXEC_NOENT || e->code == ERR_EXEC_PERM)) {
		/* A check that cannot be run has failed. */
		out->n = strnlen(e->msg, sizeof(e->msg));
		memcpy(out->output, e->msg, out->n);
		out->exit_code = e->code == ERR_EXEC_NOENT ? 127 : 126;
		out->end = time_now();
		return 0;
	}
	if (ret < 0)
		return ret;
	out->exit_code = finish(&ctr, follow(ctr.pidfd, &ours, time_monotonic() + timeout, out));
	out->end = time_now();
	return 0;
}
