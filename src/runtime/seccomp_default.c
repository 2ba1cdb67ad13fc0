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
 * - An argument that the kernel takes as int is compared as int: the upper half of the register does
 *   not hide anything (CVE-2019-10063).
 */
#include "runtime/seccomp_default.h"

#include "base/mem.h"

#include <linux/capability.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <seccomp.h>

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

#define ERRNO(code) (SECCOMP_RET_ERRNO | (code))

static void add_names(struct seccomp_policy *p, uint32_t action, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n && names[i]; i++)
		seccomp_policy_add(p, names[i], action, 0, NULL);
}

static struct seccomp_cond is_int(unsigned int arg, uint32_t value)
{
	return (struct seccomp_cond){
		.arg = arg, .op = SECCOMP_OP_EQ, .is_int = true, .value = value,
	};
}

static void add_personality(struct seccomp_policy *p)
{
	/* Linux, Linux 32 bit, either with UNAME26, and asking. */
	static const uint32_t values[] = { 0, 8, 0x20000, 0x20008, 0xffffffff };

	for (size_t i = 0; i < ARRAY_SIZE(values); i++) {
		struct seccomp_cond c = is_int(0, values[i]);

		seccomp_policy_add(p, "personality", SECCOMP_RET_ALLOW, 1, &c);
	}
	seccomp_policy_add(p, "personality", ERRNO(EPERM), 0, NULL);
}

static void add_socket(struct seccomp_policy *p, uint64_t caps)
{
	enum { KEY = 15, NETLINK = 16, ALG = 38, VSOCK = 40, AUDIT = 9, NETFILTER = 12 };
	const struct seccomp_cond alg = is_int(0, ALG), vsock = is_int(0, VSOCK), key = is_int(0, KEY);
	const struct seccomp_cond audit[2] = { is_int(0, NETLINK), is_int(2, AUDIT) };
	const struct seccomp_cond netfilter[2] = { is_int(0, NETLINK), is_int(2, NETFILTER) };

	seccomp_policy_add(p, "socket", ERRNO(EAFNOSUPPORT), 1, &alg);
	seccomp_policy_add(p, "socket", ERRNO(EAFNOSUPPORT), 1, &key);
	seccomp_policy_add(p, "socket", ERRNO(EPERM), 1, &vsock);
	if (!(caps & CAP(AUDIT_WRITE)))
		seccomp_policy_add(p, "socket", ERRNO(EINVAL), 2, audit);
	if (!(caps & CAP(NET_ADMIN)))
		seccomp_policy_add(p, "socket", ERRNO(EPERM), 2, netfilter);
	seccomp_policy_add(p, "socket", SECCOMP_RET_ALLOW, 0, NULL);
}

static void add_clone(struct seccomp_policy *p, uint64_t caps)
{
	const struct seccomp_cond plain = {
#ifdef __s390x__
		.arg = 1,	/* clone(2): there the stack comes first */
#else
		.arg = 0,
#endif
		.op = SECCOMP_OP_MASKED_EQ,
		.mask = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER |
			CLONE_NEWPID | CLONE_NEWNET,
	};

	if (caps & CAP(SYS_ADMIN)) {
		seccomp_policy_add(p, "clone", SECCOMP_RET_ALLOW, 0, NULL);
		seccomp_policy_add(p, "clone3", SECCOMP_RET_ALLOW, 0, NULL);
		return;
	}
	seccomp_policy_add(p, "clone", SECCOMP_RET_ALLOW, 1, &plain);
	seccomp_policy_add(p, "clone", ERRNO(EPERM), 0, NULL);
	seccomp_policy_add(p, "clone3", ERRNO(ENOSYS), 0, NULL);
}

void seccomp_default_build(struct seccomp_policy *p, uint64_t caps)
{
	p->default_action = ERRNO(ENOSYS);
#if defined(__x86_64__)
	seccomp_policy_add_arch(p, SCMP_ARCH_X86);
	seccomp_policy_add_arch(p, SCMP_ARCH_X32);
#elif defined(__aarch64__)
	seccomp_policy_add_arch(p, SCMP_ARCH_ARM);
#elif defined(__s390x__)
	seccomp_policy_add_arch(p, SCMP_ARCH_S390);
#endif
	add_names(p, SECCOMP_RET_ALLOW, allowed, ARRAY_SIZE(allowed));
	add_names(p, SECCOMP_RET_ALLOW, allowed_arch, ARRAY_SIZE(allowed_arch));
	add_names(p, ERRNO(EPERM), refused, ARRAY_SIZE(refused));
	for (size_t i = 0; i < ARRAY_SIZE(gates); i++)
		add_names(p, caps & gates[i].caps ? SECCOMP_RET_ALLOW : ERRNO(EPERM), gates[i].names,
			  ARRAY_SIZE(gates[i].names));
	add_personality(p);
	add_socket(p, caps);
	add_clone(p, caps);
}
