/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 *
 * Order matters here more than anywhere:
 *
 *   not dumpable      from here on nobody in the container can ptrace us or open our /proc files,
 *                     not even one with CAP_SYS_PTRACE there: our memory belongs to the user
 *                     namespace that executed rootlet, the host's (CVE-2016-9962)
 *   labels, limits    while we may still write what we want
 *   streams           nothing of ours keeps a number the payload can see; the rest is O_CLOEXEC
 *   bounding set      needs CAP_SETPCAP
 *   groups, gid, uid  keeping the permitted set
 *   directory         by descriptor, found inside the root without magic links, so that
 *                     /proc/self/fd/7 is no way out (CVE-2024-21626); as the user, or before as
 *                     root where only root may pass
 *   program           looked up as the user, before the filter can forbid the looking
 *   filter            needs CAP_SYS_ADMIN or no_new_privs; as late as possible, for it may forbid
 *                     what is above. Behind it come only capset, prctl and execve
 *   capabilities      exactly the payload's, inheritable and ambient empty unless asked for
 *   hooks             startContainer's: what is at their paths is the image's, so that they come last
 *   exec
 *
 * An error on the way goes through sync_fd, which the exec closes: that is how the monitor knows.
 */
#include "runtime/process.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"
#include "runtime/affinity.h"
#include "runtime/caps.h"
#include "runtime/command.h"
#include "runtime/denied.h"
#include "runtime/devices.h"
#include "runtime/filter.h"
#include "runtime/label.h"
#include "runtime/rlimit.h"
#include "runtime/stdio.h"
#include "runtime/terminal.h"

#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

int process_resolve(struct process *pr, int root_dirfd, struct err *e)
{
	const struct spec_process *p = pr->p;

	pr->user.uid = p->uid;
	pr->user.gid = p->gid;
	return passwd_resolve(&pr->user, root_dirfd, p->has_user_text ? p->user : NULL,
			      &p->group_names, e);
}

int process_open_stdio(struct process *pr, int *null_fd, struct err *e)
{
	const int given[3] = { pr->io->stdin_fd, pr->io->stdout_fd, pr->io->stderr_fd };
	int fd = -1;

	for (size_t i = 0; i < 3; i++) {
		pr->stdio[i] = given[i];
		if (given[i] >= 0 || pr->p->has_terminal)
			continue;
		if (fd < 0) {
			int r = devices_open_null(null_fd, e);

			if (r < 0)
				return r;
			fd = fd_reopen(*null_fd, O_RDWR);
		}
		if (fd < 0)
			return err_sys(e, -fd, "open /dev/null");
		pr->stdio[i] = fd;
	}
	return 0;
}

int process_make_terminal(struct process *pr, int devpts_fd, struct err *e)
{
	int fd = terminal_make(devpts_fd, pr->io, pr->p, pr->user.uid, e);

	if (fd < 0)
		return fd;
	pr->tty_fd = fd;
	for (size_t i = 0; i < 3; i++)
		pr->stdio[i] = fd;
	return 0;
}

int process_set_oom(const struct spec_process *p, int proc_fd, struct err *e)
{
	autoclose int fd = -1;
	char text[16];
	int n, r;

	if (!p->has_oom_score_adj)
		return 0;
	fd = fd_openat(proc_fd, "self/oom_score_adj", O_WRONLY);
	n = snprintf(text, sizeof(text), "%d", p->oom_score_adj);
	r = fd < 0 ? fd : fd_write_all(fd, text, n);
	if (r == -EACCES)
		return err_set(e, EACCES, "oom score %d: a user may only raise it above that of the "
			       "session", p->oom_score_adj);
	return r < 0 ? err_sys(e, -r, "set the oom score to %d", p->oom_score_adj) : 0;
}

/* The user's keys are not the container's. Some sandboxes have no keyctl, and the quota of keys is small and
 * shared: where it is used up a filter stands between the container and the user's keyring, or nothing. */
static int own_keyring(const struct process *pr, struct err *e)
{
	if (sys_keyctl_join_session(NULL) != -EDQUOT || pr->seccomp->filter)
		return 0;
	return err_set(e, EDQUOT, "a keyring of its own: the user's quota of kernel keys is used up, and without "
		       "a seccomp filter the container would have the user's keys: stop other containers, or say "
		       "keyring = false under [containers] in containers.conf");
}

static int set_attributes(const struct process *pr, struct err *e)
{
	const struct spec_process *p = pr->p;
	int r = label_apply(pr->proc_fd, p->selinux_label, p->apparmor_profile, e);

	if (r >= 0 && p->has_cpu_affinity)
		r = affinity_apply(p->cpu_affinity, e);
	if (r >= 0)
		r = rlimit_apply(p->rlimits, p->rlimits_n, e);
	if (r < 0)
		return r;
	if (p->scheduler >= 0 && sched_setscheduler(0, p->scheduler, &(struct sched_param){ 0 }) < 0)
		return err_sys(e, errno, "set scheduling policy %d", p->scheduler);
	if (p->has_personality && personality(p->personality) < 0)
		return err_sys(e, errno, "set personality 0x%lx", p->personality);
	umask(p->has_umask ? p->umask : 0022);
	return p->has_users_keyring ? 0 : own_keyring(pr, e);
}

static int own_terminal(const struct process *pr, struct err *e)
{
	if (setsid() < 0 && errno != EPERM)
		return err_sys(e, errno, "start a session");
	if (pr->tty_fd >= 0 && ioctl(pr->tty_fd, TIOCSCTTY, 0) < 0)
		return err_sys(e, errno, "take the terminal");
	return 0;
}

/* Where setgroups is denied (one id only, "deny" in /proc/self/setgroups) the user keeps the groups
 * it has; that is so for everything this user does in a namespace. */
static bool is_setgroups_denied(int proc_fd)
{
	autoclose int fd = fd_openat(proc_fd, "self/setgroups", O_RDONLY);
	char word[8] = "";

	return fd >= 0 && fd_read_full(fd, word, 4) == 4 && str_eq(word, "deny");
}

static bool has_one_id(const struct idmap *m)
{
	return m->n == 1 && m->v->count == 1;
}

static int not_mapped(const struct process *pr, const char *what, uint32_t id, struct err *e)
{
	const struct idmap *m = &pr->p->host_uids;

	if (has_one_id(m))
		return err_set(e, EINVAL, "%s id %u: this container has the one id %u only: use --user %u, "
			       "or ask the administrator for usermod --add-subuids --add-subgids",
			       what, id, m->v[0].inside, m->v[0].inside);
	return err_set(e, EINVAL, "%s id %u is not mapped in this container: see /etc/sub%cid, "
		       "--userns and --uidmap", what, id, *what);
}

static int set_groups(const struct process *pr, struct err *e)
{
	const struct spec_process *p = pr->p;
	size_t n = pr->user.groups_n + p->groups_n;
	autofree gid_t *all = xcalloc(n + 1, sizeof(gid_t));

	if (p->keep_groups)
		return 0;
	memcpy(all, pr->user.groups, pr->user.groups_n * sizeof(gid_t));
	if (p->groups_n)
		memcpy(all + pr->user.groups_n, p->groups, p->groups_n * sizeof(gid_t));
	if (setgroups(n, all) == 0)
		return 0;
	if (errno == EPERM && p->group_names.n == 0 && is_setgroups_denied(pr->proc_fd))
		return 0;
	/* The groups of the image's user are not there with one id, as its other users are not. */
	if (errno == EINVAL && has_one_id(&p->host_gids) && !p->groups_n && !p->group_names.n && setgroups(0, NULL) == 0)
		return 0;
	for (size_t i = 0; errno == EINVAL && i < n; i++)
		if (idmap_outside(&p->host_gids, all[i]) == IDMAP_NONE)
			return not_mapped(pr, "group", all[i], e);
	return err_sys(e, errno, "set the supplementary groups");
}

/* As when a program in there changes its user (seccomp_fake.h). */
static bool is_pretended(const struct spec_process *p, const struct passwd_user *u)
{
	const struct idmap *m = &p->host_uids;

	return p->is_user_faked && u->uid && has_one_id(m) && m->v->inside != u->uid;
}

static int set_ids(const struct process *pr, struct err *e)
{
	const struct passwd_user *u = &pr->user;
	int r;

	if (is_pretended(pr->p, u))
		return 0;
	r = set_groups(pr, e);
	if (r < 0)
		return r;
	if (prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0)
		return err_sys(e, errno, "keep capabilities");
	if (setresgid(u->gid, u->gid, u->gid) < 0)
		return errno == EINVAL ? not_mapped(pr, "group", u->gid, e)
				       : err_sys(e, errno, "set group id %u", u->gid);
	if (setresuid(u->uid, u->uid, u->uid) < 0)
		return errno == EINVAL ? not_mapped(pr, "user", u->uid, e)
				       : err_sys(e, errno, "set user id %u", u->uid);
	/* A change of ids makes a process undumpable again only when they differ. */
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return 0;
}

/* 0, or -errno of the opening or entering. */
static int try_directory(const char *cwd)
{
	autoclose int root_fd = fd_open("/", O_PATH | O_DIRECTORY);
	autoclose int fd = root_fd < 0 ? root_fd : root_open(root_fd, cwd, O_PATH | O_DIRECTORY);
	char buf[PATH_MAX];
	int r;

	if (fd < 0)
		return fd;
	if (fchdir(fd) < 0)
		return -errno;
	/* The kernel says "(unreachable)/..." of a directory outside the root. */
	r = sys_getcwd(buf, sizeof(buf));
	if (r == -ERANGE || r == -ENAMETOOLONG)
		return 0;
	return r < 0 ? r : buf[0] == '/' ? 0 : -EXDEV;
}

/* The container's root is ours by now. */
static void explain(struct err *e, const struct process *pr, const char *path)
{
	autoclose int root_fd = fd_open("/", O_PATH | O_DIRECTORY);

	if (root_fd >= 0)
		denied_explain(e, pr->p, pr->user.uid, root_fd, path);
}

static void explain_exec(struct err *e, const struct process *pr, const char *path)
{
	autofree char *full = path_join(str_empty(pr->p->cwd) ? "/" : pr->p->cwd, path);
	struct stat st;

	if (stat(path, &st) < 0 || S_ISREG(st.st_mode))
		explain(e, pr, full);
}

static int change_directory(const struct process *pr, const char *cwd, int *result, struct err *e)
{
	int r = try_directory(cwd);

	if (result) {
		*result = r;
		return 0;
	}
	if (r >= 0)
		return 0;
	if (r == -EXDEV || r == -ELOOP)
		return err_set(e, EXDEV, "working directory %s leads out of the container", cwd);
	if (r == -ENOENT)
		return err_set(e, pr->p->is_cwd_asked ? ENOENT : ERR_EXEC_NOENT,
			       "workdir \"%s\" does not exist on container", cwd);
	if (r == -EACCES) {
		r = err_set(e, ERR_EXEC_PERM, "chdir to %s: permission denied", cwd);
		explain(e, pr, cwd);
		return r;
	}
	return err_sys(e, -r, "chdir to %s", cwd);
}

/* As root first: a directory of another user need not let us in later; then as the user: one on a
 * network file system need not let root in. */
static int enter(struct process *pr, struct err *e)
{
	const char *cwd = str_empty(pr->p->cwd) ? "/" : pr->p->cwd;
	int as_root, r;

	change_directory(pr, cwd, &as_root, e);
	stdio_chown(pr->user.uid);
	r = set_ids(pr, e);
	if (r >= 0 && as_root < 0)
		r = change_directory(pr, cwd, NULL, e);
	return r;
}

static int confine(const struct process *pr, struct err *e)
{
	struct spec_caps caps = caps_for_uid(&pr->p->caps, pr->user.uid);
	int r;

	/* Another uid than 0 lost its effective set with the change; the filter needs it once more. */
	if (pr->p->no_new_privs) {
		r = sys_set_no_new_privs();
		if (r < 0)
			return err_sys(e, -r, "set no_new_privs");
	} else if (pr->user.uid != 0) {
		r = caps_raise(e);
		if (r < 0)
			return r;
	}
	r = filter_load(pr->seccomp, e);
	return r < 0 ? r : caps_apply(&caps, e);
}

/* sd_listen_fds(3): sockets are for the process with this pid. */
static void set_listen_pid(struct strv *env)
{
	autofree char *pid = NULL;

	if (!strv_env_get(env, "LISTEN_FDS"))
		return;
	pid = xasprintf("%d", getpid());
	strv_env_set(env, "LISTEN_PID", pid);
}

int process_exec(struct process *pr, struct err *e)
{
	auto_of(strv_clear) struct strv args = { 0 }, env = { 0 };
	int *const moved[] = { &pr->sync_fd, &pr->proc_fd };
	autofree char *path = NULL;
	int r;

	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	r = set_attributes(pr, e);
	if (r >= 0)
		r = own_terminal(pr, e);
	if (r >= 0)
		r = stdio_install(pr->stdio, pr->io, moved, ARRAY_SIZE(moved), e);
	if (r >= 0)
		r = caps_drop_bounding(pr->p->caps.bounding, e);
	if (r >= 0)
		r = enter(pr, e);
	if (r < 0)
		return r;
	strv_copy(&env, &pr->p->env);
	if (pr->p->wants_home && !strv_env_get(&env, "HOME"))
		strv_env_set(&env, "HOME", pr->user.home);
	set_listen_pid(&env);
	r = command_find(&path, pr->p->args.n ? pr->p->args.v[0] : NULL, &env, e);
	if (r == -ERR_EXEC_PERM && path)
		explain_exec(e, pr, path);
	if (r >= 0)
		r = command_check(path, pr->proc_fd, e);
	if (r < 0)
		return r;
	if (pr->init_path) {
		xreplace(&path, pr->init_path);
		strv_add(&args, pr->init_path);
		strv_add(&args, "--");
	}
	strv_add_all(&args, &pr->p->args);
	r = confine(pr, e);
	if (r >= 0 && pr->before_exec)
		r = pr->before_exec(pr->before_exec_arg, e);
	if (r < 0)
		return r;
	execve(path, strv_vec(&args), strv_vec(&env));
	r = errno;
	command_error(path, r, e);
	if (r == EACCES)
		explain_exec(e, pr, path);
	return -e->code;
}
