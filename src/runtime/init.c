/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 *
 * One process, one way from top to bottom:
 *
 *   join              namespaces given by path; the helper has done it where there was one, and made
 *                     us uid 0 of an own user namespace
 *   root              mounted, attached at target, whoever serves it is running
 *   inside the root   image content into new volumes, mounts, devices, terminal, masks
 *   settings          host name, sysctls
 *   pivot             the host's files are out of reach
 *   READY             the monitor prepares the network meanwhile; waits for START_EXEC
 *   process.c         privileges are dropped, the payload is executed
 *
 * With hooks that belong between the last two mounts and the pivot, the pivot waits for START_EXEC,
 * because the monitor runs the createRuntime hooks after READY.
 *
 * All of it happens before anything of the image runs, so nothing races with us but other
 * containers that share a volume or a namespace. Until START_EXEC we stay dumpable in a pid namespace of
 * our own, where nobody sees us: hooks look at our /proc files. In one that is joined we are born
 * undumpable (helper.c), and then not even CAP_SYS_PTRACE in there helps.
 *
 * The descriptors here are never closed one by one: the exec does it, or the exit.
 */
#include "runtime/init.h"

#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"
#include "runtime/denied.h"
#include "runtime/devices.h"
#include "runtime/hooks.h"
#include "runtime/mask.h"
#include "runtime/mount_fs.h"
#include "runtime/mounts.h"
#include "runtime/namespaces.h"
#include "runtime/pivot.h"
#include "runtime/process.h"
#include "runtime/sync.h"
#include "runtime/sysctl.h"
#include "runtime/terminal.h"

#include <linux/magic.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define INIT_TARGET "/run/podman-init"	/* where programs look for it */
#define INIT_TARGET_DEV "/dev/rootlet-init"	/* where /run cannot be written */

/* A fresh user namespace leaves us with our old id under a new number. Files we make shall belong
 * to the container's root, where it has one. */
int init_become_root(struct err *e)
{
	if (setresgid(0, 0, 0) < 0 && errno != EINVAL)
		return err_sys(e, errno, "become root of the container");
	if (setresuid(0, 0, 0) < 0 && errno != EINVAL)
		return err_sys(e, errno, "become root of the container");
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return 0;
}

static int open_proc(struct init *in, struct err *e)
{
	in->proc_fd = fd_open("/proc", O_PATH | O_DIRECTORY);
	if (in->proc_fd < 0)
		return err_sys(e, -in->proc_fd, "open /proc");
	if (!mount_fs_is(in->proc_fd, PROC_SUPER_MAGIC))
		return err_set(e, EINVAL, "what the host has at /proc is no procfs");
	return 0;
}

static int raise_loopback(struct err *e)
{
	int r = namespaces_raise_loopback();

	return r < 0 ? err_sys(e, -r, "bring up the loopback interface") : 0;
}

static int enter_namespaces(struct init *in, struct err *e)
{
	int r;

	if (in->spec->ns[SPEC_NS_PID] != SPEC_NS_PATH)
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	sys_reset_signals();
	r = in->is_joined ? 0 : namespaces_join(in->spec, ~(uint64_t)CLONE_NEWPID, e);
	if (r >= 0 && in->spec->ns[SPEC_NS_NET] == SPEC_NS_NEW && !in->is_net_made)
		r = raise_loopback(e);
	if (r >= 0)
		r = open_proc(in, e);
	if (r >= 0 && !in->is_joined)
		r = process_set_oom(&in->spec->process, in->proc_fd, e);
	return r < 0 ? r : pivot_isolate(e);
}

/* After the root file system, which takes as long, and before what shows the network: sysfs. */
static int join_net(struct init *in, struct err *e)
{
	autoclose int net_fd = -1;
	int r;

	if (!in->is_net_made)
		return 0;
	r = sync_wait(in->sync_fd, START_NET, e);
	if (r < 0)
		return r;
	r = fd_recv_fds(in->sync_fd, &net_fd, 1);
	r = r == 1 ? sys_setns(net_fd, CLONE_NEWNET) : r < 0 ? r : -EPIPE;
	return r < 0 ? err_sys(e, -r, "join the network namespace") : 0;
}

static int make_root(struct init *in, struct err *e)
{
	int r = 0;

	if (!in->has_rootfs) {
		in->mount_fd = -1;
		r = in->cb->mount_rootfs(in->cb->arg, in->target, &in->mount_fd, e);
		if (r >= 0)
			r = join_net(in, e);
		if (r >= 0 && in->cb->on_rootfs) {
			r = sync_send(in->sync_fd, SYNC_ROOTFS, 0, e);
			if (r >= 0)
				r = sync_wait(in->sync_fd, START_ROOTFS, e);
		}
	}
	if (r < 0)
		return r;
	/* What the helper made is put on "/": the way to target need not be open to our ids. Hooks look for
	 * it at target, where that can be. */
	in->root_fd = -EACCES;
	if (!in->has_rootfs || in->spec->bundle)
		in->root_fd = pivot_attach_root(in->mount_fd, in->target, in->spec->root_propagation, e);
	if (in->root_fd == -EACCES && in->has_rootfs)
		in->root_fd = pivot_attach_root(in->mount_fd, "/", in->spec->root_propagation, e);
	if (in->root_fd < 0)
		return in->root_fd;
	return in->cb->in_rootfs && !in->has_rootfs ? in->cb->in_rootfs(in->cb->arg, in->root_fd, e) : 0;
}

static int bind_init_at(struct init *in, const char *target, struct err *e)
{
	struct spec_mount m = {
		.type = (char *)"bind",
		.source = in->spec->init_path,
		.target = (char *)target,
		.mount_fd = -1,
		.source_fd = in->spec->init_fd,
	};
	char *words[] = { (char *)"ro", (char *)"nosuid", (char *)"nodev", NULL };

	m.options = (struct strv){ .v = words, .n = 3 };
	return mounts_apply_one(in, &m, e);
}

static int bind_init(struct init *in, struct process *pr, struct err *e)
{
	int r;

	if (!in->spec->init_path)
		return 0;
	pr->init_path = INIT_TARGET;
	r = bind_init_at(in, INIT_TARGET, e);
	if (r == -EROFS) {
		pr->init_path = INIT_TARGET_DEV;
		r = bind_init_at(in, INIT_TARGET_DEV, e);
	}
	return r < 0 ? err_wrap(e, "--init") : 0;
}

static int make_directory(struct init *in, const struct process *pr, struct err *e)
{
	const char *cwd = pr->p->cwd;
	autoclose int fd = -1;

	if (!pr->p->is_cwd_made || str_empty(cwd))
		return 0;
	fd = root_open(in->root_fd, cwd, O_PATH | O_DIRECTORY);
	if (fd != -ENOENT)
		return 0;	/* what is wrong with it is said when it is entered */
	fd = root_mkdirs(in->root_fd, cwd, 0755);
	if (fd == -EACCES) {
		err_sys(e, -fd, "create the working directory %s", cwd);
		denied_explain(e, pr->p, 0, in->root_fd, cwd);
		return -e->code;
	}
	if (fd < 0)
		return err_sys(e, -fd, "create the working directory %s", cwd);
	if (pr->user.uid != 0 &&
	    fchownat(fd, "", pr->user.uid, pr->user.gid, AT_EMPTY_PATH) < 0)
		return err_sys(e, errno, "give the working directory %s to user %u", cwd,
			       pr->user.uid);
	return 0;
}

static int make_terminal(struct init *in, struct process *pr, struct err *e)
{
	autoclose int devpts_fd = -1;
	int r;

	if (!pr->p->has_terminal)
		return 0;
	devpts_fd = in->devpts_fd >= 0 ? fd_dup(in->devpts_fd)
				       : terminal_open_devpts(in->root_fd, e);
	if (devpts_fd < 0)
		return devpts_fd;
	r = process_make_terminal(pr, devpts_fd, e);
	return r < 0 ? r : terminal_bind_console(in, pr->tty_fd, e);
}

static int set_names(const struct spec *s, struct err *e)
{
	if (s->ns[SPEC_NS_UTS] != SPEC_NS_NEW)
		return 0;
	if (s->hostname && sethostname(s->hostname, strlen(s->hostname)) < 0)
		return err_sys(e, errno, "set the host name %s", s->hostname);
	if (s->domainname && setdomainname(s->domainname, strlen(s->domainname)) < 0)
		return err_sys(e, errno, "set the domain name %s", s->domainname);
	return 0;
}

static int fill_root(struct init *in, struct process *pr, struct err *e)
{
	const struct spec *s = in->spec;
	int r = mounts_apply(in, e);

	if (r >= 0)
		r = devices_apply(in, e);
	if (r >= 0)
		r = bind_init(in, pr, e);
	if (r >= 0)
		r = process_resolve(pr, in->root_fd, e);
	if (r >= 0)
		r = make_directory(in, pr, e);
	if (r >= 0)
		r = process_open_stdio(pr, &in->null_fd, e);
	if (r >= 0)
		r = make_terminal(in, pr, e);
	if (r >= 0)
		r = set_names(s, e);
	if (r >= 0)
		r = sysctl_apply(s, in->new_proc_fd >= 0 ? in->new_proc_fd : in->proc_fd, e);
	if (r >= 0)
		r = mask_apply(in, e);
	if (r >= 0 && s->root_readonly) {
		r = mount_fs_set_readonly(in->root_fd, false);
		if (r < 0)
			r = err_sys(e, -r, "make the root file system read-only");
	}
	return r;
}

/* Our pid as the monitor sees it: the host's procfs says it. */
static pid_t outer_pid(const struct init *in)
{
	char text[16] = "";

	return readlinkat(in->proc_fd, "self", text, sizeof(text) - 1) > 0 ? atoi(text) : 0;
}

/* Owned; NULL: there is no hook of that stage. */
static char *state_for(const struct init *in, enum spec_hook_stage stage, const char *status)
{
	if (in->spec->hooks_n[stage] == 0)
		return NULL;
	return hooks_state(in->spec->id, &in->spec->annotations, status, outer_pid(in),
			   in->spec->bundle ? in->spec->bundle : in->target);
}

static int run_create_hooks(const struct init *in, struct err *e)
{
	autofree char *state = state_for(in, SPEC_HOOK_CREATE_CONTAINER, "creating");

	return state ? hooks_run(in->spec, SPEC_HOOK_CREATE_CONTAINER, state, e) : 0;
}

struct start_hooks {
	const struct spec *spec;
	char *state;
};

/* What lies at their paths is the image's: it gets no more than the payload itself. */
static int run_start_hooks(void *arg, struct err *e)
{
	const struct start_hooks *h = arg;

	return hooks_run(h->spec, SPEC_HOOK_START_CONTAINER, h->state, e);
}

static bool has_late_pivot(const struct spec *s)
{
	return s->hooks_n[SPEC_HOOK_PRESTART] || s->hooks_n[SPEC_HOOK_CREATE_RUNTIME] ||
	       s->hooks_n[SPEC_HOOK_CREATE_CONTAINER];
}

static int init_run(struct init *in, struct err *e)
{
	struct process pr = {
		.p = &in->spec->process, .seccomp = in->seccomp, .io = in->io, .tty_fd = -1,
	};
	struct start_hooks start = { .spec = in->spec };
	bool is_late = has_late_pivot(in->spec);
	int r = enter_namespaces(in, e);

	if (r >= 0)
		r = make_root(in, e);
	if (r >= 0)
		r = fill_root(in, &pr, e);
	if (r >= 0 && !is_late)
		r = pivot_enter(in->root_fd, e);
	if (r >= 0)
		r = sync_send(in->sync_fd, SYNC_READY, 0, e);
	if (r >= 0)
		r = sync_wait(in->sync_fd, START_EXEC, e);
	if (r >= 0 && is_late)
		r = run_create_hooks(in, e);
	if (r >= 0 && is_late)
		r = pivot_enter(in->root_fd, e);
	if (r < 0)
		return r;
	start.state = state_for(in, SPEC_HOOK_START_CONTAINER, "created");
	if (start.state) {
		pr.before_exec = run_start_hooks;
		pr.before_exec_arg = &start;
	}
	pr.sync_fd = in->sync_fd;
	pr.proc_fd = in->proc_fd;
	r = process_exec(&pr, e);
	in->sync_fd = pr.sync_fd;	/* it may have moved */
	return r;
}

void init_main(struct init *in)
{
	struct err e;

	in->root_fd = in->proc_fd = in->new_proc_fd = in->dev_fd = -1;
	in->devpts_fd = in->null_fd = in->empty_fd = -1;
	init_run(in, &e);
	sync_send_err(in->sync_fd, &e);
	_exit(1);
}
