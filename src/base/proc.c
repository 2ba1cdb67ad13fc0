/* SPDX-License-Identifier: Apache-2.0 */
#include "base/proc.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef LIBEXECDIR
#define LIBEXECDIR "/usr/local/libexec/rootlet"
#endif

/* How much of a child's stderr is kept to find its last line in. */
#define TAIL_MAX 2048

/* In the child: puts the three descriptors to 0, 1 and 2. Some of them may have such a number
 * already, in the wrong place, so these move out of the way first. */
static int set_stdio(const struct proc_args *args)
{
	int from[3] = { args->stdin_fd, args->stdout_fd, args->stderr_fd };
	int r;

	for (int i = 0; i < 3; i++) {
		if (from[i] == i)
			continue;
		if (from[i] < 0)
			from[i] = fd_open("/dev/null", O_RDWR);
		if (from[i] >= 0 && from[i] < 3)
			from[i] = fd_dup(from[i]);
		if (from[i] < 0)
			return from[i];
	}
	for (int i = 0; i < 3; i++) {
		r = from[i] == i ? fd_set_cloexec(i, false) : fd_dup_to(from[i], i);
		if (r < 0)
			return r;
	}
	return 0;
}

static int prepare_child(const struct proc_args *args, pid_t parent)
{
	int r;

	if (args->parent_death_signal) {
		prctl(PR_SET_PDEATHSIG, args->parent_death_signal);
		/* It may have died before; 0: it is outside our pid namespace. */
		if (getppid() != parent && getppid() != 0)
			_exit(1);
	}
	r = set_stdio(args);
	if (r < 0)
		return r;
	r = sys_close_range(3, ~0U, 1);
	for (size_t i = 0; i < args->keep_n && r >= 0; i++)
		r = fd_set_cloexec(args->keep[i], false);
	return r;
}

/* In the child, whose copy of environ is its own. */
static char **bare_environ(void)
{
	static const char *const kept[] = { "PATH=", "LD_LIBRARY_PATH=", "FUSE_OVERLAYFS_" };
	size_t n = 0;

	for (char **p = environ; *p; p++)
		for (size_t i = 0; i < ARRAY_SIZE(kept); i++)
			if (str_has_prefix(*p, kept[i]))
				environ[n++] = *p;
	environ[n] = NULL;
	return environ;
}

static void __attribute__((noreturn)) run_child(const char *path, const struct proc_args *args,
						pid_t parent, int err_fd)
{
	struct err e;
	int r = 0;

	/* Ignored signals and the mask survive exec; a child starts without either. */
	sys_reset_signals();
	if (err_fd < 3)
		err_fd = fd_dup(err_fd);
	r = prepare_child(args, parent);
	if (r == 0) {
		execve(path, (char *const *)args->argv,
		       args->envp	   ? (char *const *)args->envp
		       : args->is_env_bare ? bare_environ()
					   : environ);
		r = -errno;
	}
	err_sys(&e, -r, "run %s", path);
	err_send(err_fd, &e);
	_exit(127);
}

static int reap_by(idtype_t type, id_t id)
{
	siginfo_t si = { 0 };

	while (waitid(type, id, &si, WEXITED) < 0)
		if (errno != EINTR)
			return -errno;
	return si.si_code == CLD_EXITED ? si.si_status & 0xff : 128 + si.si_status;
}

int proc_pidfd_reap(int pidfd)
{
	return reap_by(P_PIDFD, pidfd);
}

static int reap(const struct proc *p)
{
	return p->pidfd >= 0 ? proc_pidfd_reap(p->pidfd) : reap_by(P_PID, p->pid);
}

int proc_spawn(struct proc *out, const struct proc_args *args, struct err *e)
{
	auto_of(proc_clear) struct proc p = { .pidfd = -1 };
	autofree char *path = NULL;
	int pipe_fds[2], r;
	pid_t parent = getpid();

	if (proc_find(args->argv[0], &path) < 0)
		return err_set(e, ENOENT, "program '%s' was not found", args->argv[0]);
	r = fd_pipe(pipe_fds);
	if (r < 0)
		return err_sys(e, -r, "run %s", path);
	p.pid = sys_clone(0, &p.pidfd, -1);
	if (p.pid == 0)
		run_child(path, args, parent, pipe_fds[1]);
	fd_close(&pipe_fds[1]);
	if (p.pid < 0) {
		fd_close(&pipe_fds[0]);
		return err_sys(e, -p.pid, "run %s: fork", path);
	}
	/* The pipe closes at exec, or carries the reason why there was none. */
	r = err_recv(pipe_fds[0], e);
	fd_close(&pipe_fds[0]);
	if (r > 0) {
		reap(&p);
		return -e->code;
	}
	*out = p;
	p.pidfd = -1;
	return 0;
}

void proc_clear(struct proc *p)
{
	fd_close(&p->pidfd);
	p->pid = 0;
}

int proc_wait(struct proc *p, struct err *e)
{
	int r = reap(p);

	if (r < 0)
		return err_sys(e, -r, "wait for process %d", p->pid);
	proc_clear(p);
	return r;
}

struct capture {
	int out_fd, err_fd;	/* owned: our ends of the pipes; -1 at their end */
	struct str out, err;
	size_t max;
};

static void capture_clear(struct capture *c)
{
	fd_close(&c->out_fd);
	fd_close(&c->err_fd);
	str_clear(&c->out);
	str_clear(&c->err);
}
DEFINE_AUTO_VALUE(struct capture, capture_clear)

static int take_some(int *fd, struct str *to)
{
	char buf[4096];
	ssize_t n = read(*fd, buf, sizeof(buf));

	if (n < 0)
		return errno == EINTR ? 0 : -errno;
	if (n == 0)
		fd_close(fd);
	str_addn(to, buf, n);
	return 0;
}

static void keep_tail(struct str *s)
{
	if (s->len <= 2 * TAIL_MAX)
		return;
	memmove(s->p, s->p + s->len - TAIL_MAX, TAIL_MAX);
	str_cut(s, TAIL_MAX);
}

static int capture_both(struct capture *c)
{
	while (c->out_fd >= 0 || c->err_fd >= 0) {
		struct pollfd fds[2] = {
			{ .fd = c->out_fd, .events = POLLIN },
			{ .fd = c->err_fd, .events = POLLIN },
		};
		int r = 0;

		if (poll(fds, 2, -1) < 0) {
			if (errno != EINTR)
				return -errno;
			continue;
		}
		if (fds[0].revents)
			r = take_some(&c->out_fd, &c->out);
		if (r == 0 && fds[1].revents)
			r = take_some(&c->err_fd, &c->err);
		if (r < 0)
			return r;
		if (c->out.len > c->max)
			return -EFBIG;
		keep_tail(&c->err);
	}
	return 0;
}

static int spawn_captured(struct proc *p, const char *const *argv, const char *input,
			  struct capture *c, struct err *e)
{
	/* Not a pipe: a child that does not read cannot block us. */
	autoclose int in_fd = input ? fd_memfd_with("input", input, strlen(input))
				    : fd_open("/dev/null", O_RDONLY);
	autoclose int out_w = -1, err_w = -1;
	int pair[2], r;

	if (in_fd < 0)
		return err_sys(e, -in_fd, "run %s: input", argv[0]);
	r = fd_pipe(pair);
	if (r < 0)
		return err_sys(e, -r, "run %s: pipe", argv[0]);
	c->out_fd = pair[0];
	out_w = pair[1];
	r = fd_pipe(pair);
	if (r < 0)
		return err_sys(e, -r, "run %s: pipe", argv[0]);
	c->err_fd = pair[0];
	err_w = pair[1];
	return proc_spawn(p,
			  &(struct proc_args){
				  .argv = argv,
				  .stdin_fd = in_fd,
				  .stdout_fd = out_w,
				  .stderr_fd = err_w,
			  },
			  e);
}

/* What the child said last, as the reason of its failure. */
static void explain_exit(struct err *e, const char *program, int code, struct str *said)
{
	const char *line;

	while (said->len && strchr("\r\n\t ", said->p[said->len - 1]))
		str_cut(said, said->len - 1);
	line = strrchr(str_peek(said), '\n');
	line = line ? line + 1 : str_peek(said);
	if (*line)
		err_set(e, EIO, "%s: %s", path_base(program), line);
	else
		err_set(e, EIO, "%s: exit code %d", path_base(program), code);
}

int proc_capture(const char *const *argv, const char *input, char **out, size_t max,
		 struct err *e)
{
	auto_of(capture_clear) struct capture c = { .out_fd = -1, .err_fd = -1, .max = max };
	auto_of(proc_clear) struct proc p = { .pidfd = -1 };
	int r, code;

	r = spawn_captured(&p, argv, input, &c, e);
	if (r < 0)
		return r;
	r = capture_both(&c);
	if (r < 0) {
		sys_pidfd_send_signal(p.pidfd, SIGKILL);
		reap(&p);
		return err_sys(e, -r, "output of %s", argv[0]);
	}
	code = proc_wait(&p, e);
	if (code < 0)
		return code;
	if (code > 0)
		explain_exit(e, argv[0], code, &c.err);
	*out = str_steal(&c.out);
	return code;
}

static bool is_program(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	       faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0;
}

int proc_find(const char *name, char **path)
{
	const char *env = getenv("PATH");
	auto_of(strv_clear) struct strv dirs = { 0 };

	if (strchr(name, '/')) {
		/* Named exactly: exec says best what is wrong with it. */
		*path = xstrdup(name);
		return 0;
	}
	if (!*name)
		return -ENOENT;
	strv_split(&dirs, env ? env : "/usr/local/bin:/usr/bin:/bin", ':');
	strv_add(&dirs, "/usr/sbin");
	strv_add(&dirs, "/sbin");
	for (size_t i = 0; i < dirs.n; i++) {
		autofree char *full = path_join(dirs.v[i], name);

		/* Nothing is run out of whatever directory the user happens to be in. */
		if (dirs.v[i][0] != '/' || !is_program(full))
			continue;
		*path = steal_ptr(&full);
		return 0;
	}
	return -ENOENT;
}

int proc_find_sibling(const char *name, char **path)
{
	autofree char *self = NULL, *dir = NULL, *full = NULL;
	int r;

	r = file_readlink_at(AT_FDCWD, "/proc/self/exe", &self);
	if (r < 0)
		return r;
	dir = path_dir(self);
	full = path_join(dir, name);
	if (access(full, X_OK) < 0) {
		free(full);
		full = path_join(LIBEXECDIR, name);
		if (access(full, X_OK) < 0)
			return -errno;
	}
	*path = steal_ptr(&full);
	return 0;
}
