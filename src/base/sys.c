/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sys.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/keyctl.h>
#include <linux/landlock.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* <sys/mount.h> and <linux/mount.h> define the same names differently before glibc 2.37. */
int mount(const char *src, const char *dst, const char *type, unsigned long flags,
	  const void *data);
int umount2(const char *path, int flags);

static long or_errno(long r)
{
	return r < 0 ? -errno : r;
}

/* Where a seccomp filter hides clone3, whose flags it cannot see: the one of a container does. */
static long clone_of_old(unsigned long flags, int *pidfd)
{
#ifdef __s390x__
	return syscall(SYS_clone, NULL, flags, pidfd, NULL, 0);
#else
	return syscall(SYS_clone, flags, NULL, pidfd, NULL, 0);
#endif
}

pid_t sys_clone(uint64_t flags, int *pidfd, int cgroup_fd)
{
	long r;
	struct clone_args args = {
		.flags = flags | (pidfd ? CLONE_PIDFD : 0),
		.pidfd = (uintptr_t)pidfd,
		/* clone(2): with CLONE_PARENT the signal is the parent's own. */
		.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD,
	};

	if (cgroup_fd >= 0) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = cgroup_fd;
	}
	r = syscall(SYS_clone3, &args, sizeof(args));
	if (r < 0 && errno == ENOSYS && cgroup_fd < 0)
		r = clone_of_old(args.flags | args.exit_signal, pidfd);
	return or_errno(r);
}

pid_t sys_clone_beside(int (*fn)(void *), void *arg, void *stack_end)
{
	return or_errno(clone(fn, stack_end, CLONE_VM | CLONE_FILES | SIGCHLD, arg));
}

int sys_pidfd_open(pid_t pid)
{
	return or_errno(syscall(SYS_pidfd_open, pid, 0));
}

int sys_pidfd_send_signal(int pidfd, int sig)
{
	return or_errno(syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0));
}

int sys_openat2(int dirfd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve)
{
	struct open_how how = { .flags = flags | O_CLOEXEC, .mode = mode, .resolve = resolve };
	long r = -EAGAIN;

	/* EAGAIN: a rename or mount raced with ".." in the walk; the walk may be repeated. */
	for (int tries = 0; r == -EAGAIN && tries < 64; tries++)
		r = or_errno(syscall(SYS_openat2, dirfd, path, &how, sizeof(how)));
	return r;
}

int sys_close_range(unsigned int first, unsigned int last, int cloexec)
{
	return or_errno(
		syscall(SYS_close_range, first, last, cloexec ? CLOSE_RANGE_CLOEXEC : 0));
}

int sys_setns(int fd, int nstype)
{
	return or_errno(setns(fd, nstype));
}

int sys_unshare(int flags)
{
	return or_errno(unshare(flags));
}

int sys_pivot_root(const char *new_root, const char *put_old)
{
	return or_errno(syscall(SYS_pivot_root, new_root, put_old));
}

int sys_open_tree(int dirfd, const char *path, unsigned int flags)
{
	return or_errno(syscall(SYS_open_tree, dirfd, path, flags | OPEN_TREE_CLOEXEC));
}

int sys_move_mount(int from_fd, const char *from, int to_fd, const char *to, unsigned int flags)
{
	return or_errno(syscall(SYS_move_mount, from_fd, from, to_fd, to, flags));
}

int sys_fsopen(const char *fstype)
{
	return or_errno(syscall(SYS_fsopen, fstype, FSOPEN_CLOEXEC));
}

int sys_fsconfig_flag(int fs_fd, const char *key)
{
	return or_errno(syscall(SYS_fsconfig, fs_fd, FSCONFIG_SET_FLAG, key, NULL, 0));
}

int sys_fsconfig_string(int fs_fd, const char *key, const char *value)
{
	return or_errno(syscall(SYS_fsconfig, fs_fd, FSCONFIG_SET_STRING, key, value, 0));
}

int sys_fsconfig_fd(int fs_fd, const char *key, int fd)
{
	return or_errno(syscall(SYS_fsconfig, fs_fd, FSCONFIG_SET_FD, key, NULL, fd));
}

int sys_fsconfig_create(int fs_fd)
{
	return or_errno(syscall(SYS_fsconfig, fs_fd, FSCONFIG_CMD_CREATE, NULL, NULL, 0));
}

int sys_fsmount(int fs_fd, unsigned int attr)
{
	return or_errno(syscall(SYS_fsmount, fs_fd, FSMOUNT_CLOEXEC, attr));
}

int sys_fsmount_new(const char *fstype, const char *const opts[][2], unsigned int attr)
{
	int fs_fd = sys_fsopen(fstype);
	int r = 0;

	if (fs_fd < 0)
		return fs_fd;
	for (size_t i = 0; opts && opts[i][0] && r >= 0; i++)
		r = opts[i][1] ? sys_fsconfig_string(fs_fd, opts[i][0], opts[i][1])
			       : sys_fsconfig_flag(fs_fd, opts[i][0]);
	if (r >= 0)
		r = sys_fsconfig_create(fs_fd);
	if (r >= 0)
		r = sys_fsmount(fs_fd, attr);
	close(fs_fd);
	return r;
}

int sys_mount_setattr(int fd, unsigned int flags, const struct mount_attr *attr)
{
	return or_errno(
		syscall(SYS_mount_setattr, fd, "", flags | AT_EMPTY_PATH, attr, sizeof(*attr)));
}

int sys_mount(const char *src, const char *dst, const char *type, unsigned long flags,
	      const char *data)
{
	return or_errno(mount(src, dst, type, flags, data));
}

int sys_umount(const char *path, int flags)
{
	return or_errno(umount2(path, flags));
}

int sys_seccomp_filter(unsigned int flags, const void *prog)
{
	return or_errno(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, prog));
}

int sys_set_no_new_privs(void)
{
	return or_errno(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

int sys_keyctl_join_session(const char *name)
{
	return or_errno(syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, name));
}

void sys_reset_signals(void)
{
	/* The kernel's own struct sigaction differs from libc's and between machines; all zero is
	 * SIG_DFL on each of them. SIGKILL and SIGSTOP fail, and have no other disposition. */
	unsigned long plain[8] = { 0 };
	sigset_t none;

	for (int sig = 1; sig <= SIGRTMAX; sig++)
		syscall(SYS_rt_sigaction, sig, plain, NULL, (SIGRTMAX + 7) / 8);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

int sys_capget(void *head, void *data)
{
	return or_errno(syscall(SYS_capget, head, data));
}

int sys_capset(void *head, const void *data)
{
	return or_errno(syscall(SYS_capset, head, data));
}

int sys_getcwd(char *buf, size_t size)
{
	return or_errno(syscall(SYS_getcwd, buf, size));
}

int sys_landlock_create(const void *attr, size_t size, unsigned int flags)
{
	return or_errno(syscall(SYS_landlock_create_ruleset, attr, size, flags));
}

int sys_landlock_allow(int ruleset_fd, int dirfd, uint64_t access)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = access, .parent_fd = dirfd };

	return or_errno(syscall(SYS_landlock_add_rule, ruleset_fd, LANDLOCK_RULE_PATH_BENEATH, &rule,
				0));
}

int sys_landlock_restrict(int ruleset_fd)
{
	return or_errno(syscall(SYS_landlock_restrict_self, ruleset_fd, 0));
}
