/* SPDX-License-Identifier: Apache-2.0 */
/* sys: the kernel calls that libc does not wrap, or not in the way we need them.
 *
 * Runs in:  any process; each call needs what its man page says.
 * Owns:     nothing; returned descriptors are O_CLOEXEC and the caller's.
 * Needs:    Linux 5.13 (mount_setattr, openat2, pidfd, close_range); newer calls say so.
 * Fails:    leaf functions: -errno, silent.
 * Not here: policy of any kind.
 * Source:   clone(2), openat2(2), pidfd_open(2), mount_setattr(2), and the kernel's
 *           Documentation/filesystems/mount_api.
 */
#pragma once

#include <linux/mount.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#ifndef CLONE_INTO_CGROUP
#define CLONE_INTO_CGROUP 0x200000000ULL
#endif
#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif

/* fork() with namespace flags (CLONE_NEW*, CLONE_PARENT), SIGCHLD and a pidfd.
 * Returns the pid, 0 in the child. cgroup_fd is -1 or a cgroup v2 directory. */
pid_t sys_clone(uint64_t flags, int *pidfd, int cgroup_fd);

/* A child that shares our memory and descriptors and runs fn beside us on its own stack (given by its
 * upper end). It also shares errno: fn makes system calls and nothing else of libc, and one that
 * fails may spoil an errno of ours. waitpid(2) for it. */
pid_t sys_clone_beside(int (*fn)(void *), void *arg, void *stack_end);

int sys_pidfd_open(pid_t pid);
int sys_pidfd_send_signal(int pidfd, int sig);

int sys_openat2(int dirfd, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
/* CLOSE_RANGE_CLOEXEC when cloexec, else closes. */
int sys_close_range(unsigned int first, unsigned int last, int cloexec);

int sys_setns(int fd, int nstype);
int sys_unshare(int flags);
int sys_pivot_root(const char *new_root, const char *put_old);

int sys_open_tree(int dirfd, const char *path, unsigned int flags);	/* OPEN_TREE_CLOEXEC added */
int sys_move_mount(int from_fd, const char *from, int to_fd, const char *to, unsigned int flags);
int sys_fsopen(const char *fstype);
int sys_fsconfig_flag(int fs_fd, const char *key);
int sys_fsconfig_string(int fs_fd, const char *key, const char *value);
int sys_fsconfig_fd(int fs_fd, const char *key, int fd);		/* FSCONFIG_SET_FD */
int sys_fsconfig_create(int fs_fd);
int sys_fsmount(int fs_fd, unsigned int attr);
/* fsopen, options, create, fsmount. opts: NULL-ended key, value pairs; value NULL is a flag. */
int sys_fsmount_new(const char *fstype, const char *const opts[][2], unsigned int attr);
int sys_mount_setattr(int fd, unsigned int flags, const struct mount_attr *attr);
int sys_mount(const char *src, const char *dst, const char *type, unsigned long flags,
	      const char *data);
/* Of <sys/mount.h>, which does not go together with <linux/mount.h>. */
#ifndef MNT_DETACH
#define MNT_DETACH 2
#define UMOUNT_NOFOLLOW 8
#endif
int sys_umount(const char *path, int flags);

int sys_seccomp_filter(unsigned int flags, const void *prog);	/* struct sock_fprog */
int sys_set_no_new_privs(void);
int sys_keyctl_join_session(const char *name);
/* Every signal to its default and none blocked, as a program expects it behind exec; also the two
 * that glibc keeps to itself (32 and 33), which some parent may have left ignored. */
void sys_reset_signals(void);
/* capget(2), capset(2): version 3 of struct __user_cap_header_struct and two of the data. */
int sys_capget(void *head, void *data);
int sys_capset(void *head, const void *data);
/* The kernel's own getcwd(2), which says "(unreachable)" where libc's would hide it; its length. */
int sys_getcwd(char *buf, size_t size);

/* Landlock (landlock(7), Linux 5.13): a set of rules as a descriptor (attr NULL: the version of the
 * interface), what stays allowed below a directory, and this thread and its children under it. */
int sys_landlock_create(const void *attr, size_t size, unsigned int flags);
int sys_landlock_allow(int ruleset_fd, int dirfd, uint64_t access);
int sys_landlock_restrict(int ruleset_fd);
