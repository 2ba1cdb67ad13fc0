/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 *
 * The list is what Podman and Docker users have, with these decisions:
 *
 * - A number nobody knows gives ENOSYS, so that a C library newer than this list falls back to what
 *   it used before; a call that is known and refused gives EPERM.
 * - What makes a user namespace or works on mounts (unshare, clone with CLONE_NEW flags, clone3,
 *   mount and the mount API) needs CAP_SYS_ADMIN in the container, as with Docker and unlike Podman:
 *   without a user namespace of its own these calls fail anyway, with one they open the part of the
 *   kernel where most escapes came from (CVE-2022-0185, CVE-2022-0492, nf_tables). clone3 passes its
 *   flags in memory that a filter cannot read; ENOSYS makes libraries use clone.
 * - socket: the families AF_ALG, AF_VSOCK and AF_KEY are refused, netlink's audit and netfilter
 *   without their capability. The 32-bit socketcall hides the family in memory, so it does not exist.
 * - An argument that the kernel takes as int is compared as such a small number: equality and "less
 *   than" on all 64 bits let nothing with a set upper half through (CVE-2019-10063).
 */
#include "runtime/seccomp_default.h"

#include "base/mem.h"

#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/socket.h>

static const char *const allowed[] = {
	"_llseek", "_newselect", "accept", "accept4", "access", "adjtimex", "alarm", "bind",
	"brk", "capget", "capset", "chdir", "chmod", "chown", "chown32", "clock_adjtime",
	"clock_adjtime64", "clock_getres", "clock_getres_time64", "clock_gettime",
	"clock_gettime64", "clock_nanosleep", "clock_nanosleep_time64", "close", "close_range",
	"connect", "copy_file_range", "creat", "dup", "dup2", "dup3", "epoll_create",
	"epoll_create1", "epoll_ctl", "epoll_ctl_old", "epoll_pwait", "epoll_pwait2",
	"epoll_wait", "epoll_wait_old", "eventfd", "eventfd2", "execve", "execveat", "exit",
	"exit_group", "faccessat", "faccessat2", "fadvise64", "fadvise64_64", "fallocate",
	"fanotify_init", "fanotify_mark", "fchdir", "fchmod", "fchmodat", "fchmodat2", "fchown",
	"fchown32", "fchownat", "fcntl", "fcntl64", "fdatasync", "fgetxattr", "flistxattr",
	"flock", "fork", "fremovexattr", "fsetxattr", "fstat", "fstat64", "fstatat64", "fstatfs",
	"fstatfs64", "fsync", "ftruncate", "ftruncate64", "futex", "futex_requeue",
	"futex_time64", "futex_wait", "futex_waitv", "futex_wake", "futimesat", "get_mempolicy",
	"get_robust_list", "get_thread_area", "getcpu", "getcwd", "getdents", "getdents64",
	"getegid", "getegid32", "geteuid", "geteuid32", "getgid", "getgid32", "getgroups",
	"getgroups32", "getitimer", "getpeername", "getpgid", "getpgrp", "getpid", "getppid",
	"getpriority", "getrandom", "getresgid", "getresgid32", "getresuid", "getresuid32",
	"getrlimit", "getrusage", "getsid", "getsockname", "getsockopt", "gettid",
	"gettimeofday", "getuid", "getuid32", "getxattr", "inotify_add_watch", "inotify_init",
	"inotify_init1", "inotify_rm_watch", "io_cancel", "io_destroy", "io_getevents",
	"io_setup", "io_submit", "ioctl", "ioprio_get", "ioprio_set", "ipc", "keyctl", "kill",
	"landlock_add_rule", "landlock_create_ruleset", "landlock_restrict_self", "lchown",
	"lchown32", "lgetxattr", "link", "linkat", "listen", "listxattr", "llistxattr",
	"lremovexattr", "lseek", "lsetxattr", "lstat", "lstat64", "madvise", "mbind",
	"membarrier", "memfd_create", "memfd_secret", "mincore", "mkdir", "mkdirat", "mknod",
	"mknodat", "mlock", "mlock2", "mlockall", "mmap", "mmap2", "mprotect", "mq_getsetattr",
	"mq_notify", "mq_open", "mq_timedreceive", "mq_timedreceive_time64", "mq_timedsend",
	"mq_timedsend_time64", "mq_unlink", "mremap", "msgctl", "msgget", "msgrcv", "msgsnd",
	"msync", "munlock", "munlockall", "munmap", "name_to_handle_at", "nanosleep",
	"newfstatat", "open", "openat", "openat2", "pause", "pidfd_getfd", "pidfd_open",
	"pidfd_send_signal", "pipe", "pipe2", "pkey_alloc", "pkey_free", "pkey_mprotect", "poll",
	"ppoll", "ppoll_time64", "prctl", "pread64", "preadv", "preadv2", "prlimit64",
	"process_mrelease", "process_vm_readv", "process_vm_writev", "pselect6",
	"pselect6_time64", "ptrace", "pwrite64", "pwritev", "pwritev2", "read", "readahead",
	"readlink", "readlinkat", "readv", "reboot", "recv", "recvfrom", "recvmmsg",
	"recvmmsg_time64", "recvmsg", "remap_file_pages", "removexattr", "rename", "renameat",
	"renameat2", "restart_syscall", "rmdir", "rseq", "rt_sigaction", "rt_sigpending",
	"rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend", "rt_sigtimedwait",
	"rt_sigtimedwait_time64", "rt_tgsigqueueinfo", "sched_get_priority_max",
	"sched_get_priority_min", "sched_getaffinity", "sched_getattr", "sched_getparam",
	"sched_getscheduler", "sched_rr_get_interval", "sched_rr_get_interval_time64",
	"sched_setaffinity", "sched_setattr", "sched_setparam", "sched_setscheduler",
	"sched_yield", "seccomp", "select", "semctl", "semget", "semop", "semtimedop",
	"semtimedop_time64", "send", "sendfile", "sendfile64", "sendmmsg", "sendmsg", "sendto",
	"set_mempolicy", "set_robust_list", "set_thread_area", "set_tid_address", "setfsgid",
	"setfsgid32", "setfsuid", "setfsuid32", "setgid", "setgid32", "setgroups", "setgroups32",
	"setitimer", "setpgid", "setpriority", "setregid", "setregid32", "setresgid",
	"setresgid32", "setresuid", "setresuid32", "setreuid", "setreuid32", "setrlimit",
	"setsid", "setsockopt", "setuid", "setuid32", "setxattr", "shmat", "shmctl", "shmdt",
	"shmget", "shutdown", "sigaltstack", "signal", "signalfd", "signalfd4", "sigprocmask",
	"sigreturn", "socketpair", "splice", "stat", "stat64", "statfs", "statfs64", "statx",
	"symlink", "symlinkat", "sync", "sync_file_range", "syncfs", "sysinfo", "syslog", "tee",
	"tgkill", "time", "timer_create", "timer_delete", "timer_getoverrun", "timer_gettime",
	"timer_gettime64", "timer_settime", "timer_settime64", "timerfd_create",
	"timerfd_gettime", "timerfd_gettime64", "timerfd_settime", "timerfd_settime64", "times",
	"tkill", "truncate", "truncate64", "ugetrlimit", "umask", "uname", "unlink", "unlinkat",
	"utime", "utimensat", "utimensat_time64", "utimes", "vfork", "wait4", "waitid",
	"waitpid", "write", "writev",
};

/* Known, and refused to everybody. */
static const char *const refused[] = {
	"bdflush", "cachestat", "io_pgetevents", "io_pgetevents_time64", "kexec_file_load",
	"kexec_load", "map_shadow_stack", "migrate_pages", "move_pages", "nfsservctl", "nice",
	"oldfstat", "oldlstat", "oldolduname", "oldstat", "olduname", "pciconfig_iobase",
	"pciconfig_read", "pciconfig_write", "sgetmask", "ssetmask", "swapoff", "swapon",
	"syscall", "sysfs", "uselib", "userfaultfd", "ustat", "vm86", "vm86old", "vmsplice",
};

/* Allowed with any capability of the mask, refused without. */
static const struct gate {
	uint64_t caps;
	const char *names[20];
} gates[] = {
#define CAP(x) (UINT64_C(1) << CAP_##x)
	{ CAP(SYS_ADMIN),
	  { "fsconfig", "fsmount", "fsopen", "fspick", "lookup_dcookie", "mount", "mount_setattr",
	    "move_mount", "open_tree", "pivot_root", "quotactl", "quotactl_fd", "setdomainname",
	    "sethostname", "setns", "umount", "umount2", "unshare" } },
	{ CAP(SYS_ADMIN) | CAP(BPF), { "bpf" } },
	{ CAP(SYS_ADMIN) | CAP(PERFMON), { "perf_event_open" } },
	{ CAP(DAC_READ_SEARCH), { "open_by_handle_at" } },
	{ CAP(SYS_CHROOT), { "chroot" } },
	{ CAP(SYS_MODULE), { "delete_module", "finit_module", "init_module", "query_module" } },
	{ CAP(SYS_PACCT), { "acct" } },
	{ CAP(SYS_PTRACE), { "kcmp", "process_madvise" } },
	{ CAP(SYS_RAWIO), { "ioperm", "iopl" } },
	{ CAP(SYS_TIME), { "clock_settime", "clock_settime64", "settimeofday", "stime" } },
	{ CAP(SYS_TTY_CONFIG), { "vhangup" } },
};

/* Of one machine only. */
static const char *const allowed_arch[] = {
#if defined(__x86_64__) || defined(__i386__)
	"arch_prctl", "modify_ldt",
#elif defined(__aarch64__) || defined(__arm__)
	"arm_fadvise64_64", "arm_sync_file_range", "breakpoint", "cacheflush", "set_tls",
	"sync_file_range2",
#elif defined(__powerpc64__)
	"swapcontext", "sync_file_range2",
#elif defined(__s390x__)
	"s390_pci_mmio_read", "s390_pci_mmio_write", "s390_runtime_instr",
#elif defined(__riscv)
	"riscv_flush_icache",
#else
	"rt_sigreturn",
#endif
};

uint64_t seccomp_default_caps(void)
{
	uint64_t mask = CAP(AUDIT_WRITE) | CAP(NET_ADMIN);

	for (size_t i = 0; i < ARRAY_SIZE(gates); i++)
		mask |= gates[i].caps;
	return mask;
}

/* Names that this libseccomp or this machine does not know are left out. */
static int add(scmp_filter_ctx ctx, uint32_t action, const char *name, unsigned int n,
	       const struct scmp_arg_cmp *args)
{
	int nr = seccomp_syscall_resolve_name(name);
	int r;

	if (nr == __NR_SCMP_ERROR)
		return 0;
	r = seccomp_rule_add_array(ctx, action, nr, n, args);
	/* EDOM: a pseudo call of another architecture, with arguments. */
	return r == -EEXIST || r == -EDOM ? 0 : r;
}

static int add_names(scmp_filter_ctx ctx, uint32_t action, const char *const *names, size_t n)
{
	int r = 0;

	for (size_t i = 0; i < n && names[i] && r >= 0; i++)
		r = add(ctx, action, names[i], 0, NULL);
	return r;
}

static int add_eq(scmp_filter_ctx ctx, uint32_t action, const char *name, unsigned int arg,
		  uint64_t value)
{
	struct scmp_arg_cmp cmp = SCMP_CMP(arg, SCMP_CMP_EQ, value);

	return add(ctx, action, name, 1, &cmp);
}

static int add_personality(scmp_filter_ctx ctx)
{
	/* Linux, Linux 32 bit, either with UNAME26, and asking. */
	static const uint64_t values[] = { 0, 8, 0x20000, 0x20008, 0xffffffff };
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(values) && r >= 0; i++)
		r = add_eq(ctx, SCMP_ACT_ALLOW, "personality", 0, values[i]);
	return r;
}

static int add_netlink(scmp_filter_ctx ctx, uint64_t caps)
{
	enum { AUDIT = 9, NETFILTER = 12, MAX = 32 };
	int r = 0;

	for (unsigned int protocol = 0; protocol < MAX && r >= 0; protocol++) {
		struct scmp_arg_cmp cmp[2] = {
			SCMP_CMP(0, SCMP_CMP_EQ, AF_NETLINK),
			SCMP_CMP(2, SCMP_CMP_EQ, protocol),
		};
		uint32_t action = SCMP_ACT_ALLOW;

		if (protocol == AUDIT && !(caps & CAP(AUDIT_WRITE)))
			action = SCMP_ACT_ERRNO(EINVAL);
		if (protocol == NETFILTER && !(caps & CAP(NET_ADMIN)))
			action = SCMP_ACT_ERRNO(EPERM);
		r = add(ctx, action, "socket", 2, cmp);
	}
	return r;
}

static int add_socket(scmp_filter_ctx ctx, uint64_t caps)
{
	enum { KEY = 15, ALG = 38, VSOCK = 40, MAX = 46 };
	int r = add_netlink(ctx, caps);

	for (unsigned int family = 0; family < MAX && r >= 0; family++) {
		if (family == AF_NETLINK)
			continue;
		r = add_eq(ctx, family == VSOCK ? SCMP_ACT_ERRNO(EPERM)
				: family == ALG || family == KEY ? SCMP_ACT_ERRNO(EAFNOSUPPORT)
								 : SCMP_ACT_ALLOW,
			   "socket", 0, family);
	}
	return r;
}

static int add_clone(scmp_filter_ctx ctx, uint64_t caps)
{
	static const uint64_t flags[] = {
		CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC, CLONE_NEWUSER,
		CLONE_NEWPID, CLONE_NEWNET,
	};
#ifdef __s390x__
	const unsigned int arg = 1;	/* clone(2): there the stack comes first */
#else
	const unsigned int arg = 0;
#endif
	struct scmp_arg_cmp cmp = SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, 0, 0);
	int r = 0;

	if (caps & CAP(SYS_ADMIN)) {
		r = add(ctx, SCMP_ACT_ALLOW, "clone", 0, NULL);
		return r < 0 ? r : add(ctx, SCMP_ACT_ALLOW, "clone3", 0, NULL);
	}
	for (size_t i = 0; i < ARRAY_SIZE(flags) && r >= 0; i++) {
		struct scmp_arg_cmp has = SCMP_CMP(arg, SCMP_CMP_MASKED_EQ, flags[i], flags[i]);

		r = add(ctx, SCMP_ACT_ERRNO(EPERM), "clone", 1, &has);
		cmp.datum_a |= flags[i];
	}
	return r < 0 ? r : add(ctx, SCMP_ACT_ALLOW, "clone", 1, &cmp);
}

static int add_gates(scmp_filter_ctx ctx, uint64_t caps)
{
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(gates) && r >= 0; i++)
		r = add_names(ctx, caps & gates[i].caps ? SCMP_ACT_ALLOW : SCMP_ACT_ERRNO(EPERM),
			      gates[i].names, ARRAY_SIZE(gates[i].names));
	return r;
}

static int add_arches(scmp_filter_ctx ctx)
{
	static const uint32_t arches[] = {
#if defined(__x86_64__)
		SCMP_ARCH_X86, SCMP_ARCH_X32,
#elif defined(__aarch64__)
		SCMP_ARCH_ARM,
#elif defined(__s390x__)
		SCMP_ARCH_S390,
#endif
		SCMP_ARCH_NATIVE,
	};
	int r = 0;

	for (size_t i = 0; i < ARRAY_SIZE(arches) && r >= 0; i++)
		r = arches[i] == SCMP_ARCH_NATIVE ? 0 : seccomp_arch_add(ctx, arches[i]);
	return r;
}

int seccomp_default_build(void **out, uint64_t caps, struct err *e)
{
	scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int r;

	if (!ctx)
		return err_set(e, ENOMEM, "start a seccomp filter");
	r = add_arches(ctx);
	if (r >= 0)
		r = add_names(ctx, SCMP_ACT_ALLOW, allowed, ARRAY_SIZE(allowed));
	if (r >= 0)
		r = add_names(ctx, SCMP_ACT_ALLOW, allowed_arch, ARRAY_SIZE(allowed_arch));
	if (r >= 0)
		r = add_names(ctx, SCMP_ACT_ERRNO(EPERM), refused, ARRAY_SIZE(refused));
	if (r >= 0)
		r = add_gates(ctx, caps);
	if (r >= 0)
		r = add_personality(ctx);
	if (r >= 0)
		r = add_socket(ctx, caps);
	if (r >= 0)
		r = add_clone(ctx, caps);
	if (r < 0) {
		seccomp_release(ctx);
		return err_sys(e, -r, "build the default seccomp filter");
	}
	*out = ctx;
	return 0;
}
