/* SPDX-License-Identifier: Apache-2.0 */
/* spec: what a container is to the kernel: the OCI runtime configuration as a C struct.
 *
 * Runs in:  any process; plain data.
 * Owns:     every string, list and array in it (spec_clear), unless marked borrowed.
 * Needs:    nothing.
 * Fails:    never.
 * Not here: how it is carried out (runtime.h); what the user asked for (container/config.h).
 * Source:   runtime-spec config.md, config-linux.md (1.3).
 */
#pragma once

#include "base/err.h"
#include "base/idmap.h"
#include "base/strv.h"

#include <stdint.h>
#include <sys/resource.h>
#include <sys/types.h>

enum spec_ns { SPEC_NS_USER, SPEC_NS_MNT, SPEC_NS_PID, SPEC_NS_NET, SPEC_NS_IPC, SPEC_NS_UTS, SPEC_NS_CGROUP, N_SPEC_NS };

enum spec_ns_mode {
	SPEC_NS_HOST,		/* stay in the namespace of the engine */
	SPEC_NS_NEW,
	SPEC_NS_PATH,		/* join ns_fd */
};

struct spec_mount {
	char *type;		/* "bind", "tmpfs", "proc", "sysfs", "mqueue", "devpts", "cgroup", "overlay" */
	char *source;		/* host path for bind (display; source_fd counts), or fs source */
	char *target;		/* absolute path in the container */
	struct strv options;	/* mount options of config.md: ro, nosuid, rbind, rslave, size=, idmap, copy-up ... */
	int mount_fd;		/* owned; a detached mount that is ready, for a "bind"; -1 */
	int source_fd;		/* owned; O_PATH of a bind source opened in the caller's view; -1 */
	bool is_optional;	/* a target or source that is missing is no error */
	bool is_file_made;	/* target is created as a file when missing (bind of a file) */
	bool is_nocreate;	/* never create the target */
	bool has_owner;		/* all in it, before it is attached, goes to uid:gid of the container */
	uid_t uid;
	gid_t gid;
};

struct spec_device {
	char *path;		/* in the container */
	char *host_path;	/* bound from the host: an unprivileged user cannot mknod */
	bool is_readonly;
	bool is_optional;	/* missing on the host: skipped */
};

struct spec_rlimit {
	int resource;
	struct rlimit limit;	/* clamped to what the user may have, with is_clamped_ok */
	bool is_clamped_ok;
};

struct spec_sysctl {
	char *key, *value;	/* "net.ipv4.ip_forward" or with slashes */
	bool is_optional;	/* a default: what the kernel refuses is left out */
};

struct spec_hook {
	char *path;
	struct strv args, env;
	int64_t timeout;	/* seconds; 0: none */
};

enum spec_hook_stage {
	SPEC_HOOK_PRESTART, SPEC_HOOK_CREATE_RUNTIME, SPEC_HOOK_CREATE_CONTAINER,
	SPEC_HOOK_START_CONTAINER, SPEC_HOOK_POSTSTART, SPEC_HOOK_POSTSTOP, N_SPEC_HOOK_STAGES
};

/* Capability sets as bit masks (1 << CAP_x). */
struct spec_caps {
	uint64_t bounding, effective, permitted, inheritable, ambient;
};

/* What one process is; for the container's first process and for exec. */
struct spec_process {
	struct strv args;		/* argv */
	struct strv env;
	char *cwd;			/* absolute; made when is_cwd_made and missing */
	bool is_cwd_made;
	bool is_cwd_asked;		/* by the user for the container itself: a missing one is its start's failure */
	char *user;			/* "user[:group]" resolved in the container's passwd when has_user_text */
	bool has_user_text;
	uid_t uid;
	gid_t gid;
	gid_t *groups;			/* owned; supplementary */
	size_t groups_n;
	struct strv group_names;	/* --group-add: names or numbers, resolved inside */
	bool keep_groups;		/* --group-add keep-groups: do not touch what the user has */
	bool wants_home;		/* set HOME from the container's passwd when env lacks it */
	bool has_terminal;
	uint16_t rows, cols;		/* 0: unknown */
	struct spec_caps caps;
	bool no_new_privs;
	bool has_users_keyring;	/* none of its own */
	bool is_user_faked;	/* where only one id is mapped it stands for every user but root */
	struct spec_rlimit *rlimits;	/* owned */
	size_t rlimits_n;
	bool has_oom_score_adj;
	int oom_score_adj;
	bool has_umask;
	mode_t umask;
	char *apparmor_profile, *selinux_label;
	bool has_cpu_affinity;
	char *cpu_affinity;		/* "0-3,8" */
	bool has_personality;
	unsigned long personality;
	int scheduler;			/* -1: untouched */
	/* For messages: the container's ids ("inside") as the host has them, and who the user is there. */
	struct idmap host_uids, host_gids;	/* owned */
	uid_t host_uid;
};

enum spec_seccomp_mode {
	SPEC_SECCOMP_DEFAULT,	/* our table (runtime/seccomp_default.c) */
	SPEC_SECCOMP_UNCONFINED,
	SPEC_SECCOMP_PROFILE,	/* JSON in seccomp_profile */
};

struct spec_resources {
	struct strv unified;		/* "memory.max=N": cgroup v2 files and values, applied in order */
	bool has_any;
};

struct spec {
	char *id;
	struct spec_process process;
	char *hostname, *domainname;	/* NULL: untouched */
	enum spec_ns_mode ns[N_SPEC_NS];
	int ns_fd[N_SPEC_NS];		/* owned; for SPEC_NS_PATH; -1 */
	char *ns_path[N_SPEC_NS];	/* owned; its name, for hooks; NULL */
	struct idmap uid_map, gid_map;	/* owned; for a user namespace of its own; outside: the session's ids */
	bool root_readonly;
	char *root_propagation;		/* "private" (default), "rprivate", "slave", "rslave", "shared", ... */
	struct spec_mount *mounts;	/* owned; in order */
	size_t mounts_n;
	struct spec_device *devices;	/* owned */
	size_t devices_n;
	struct strv masked_paths, readonly_paths;
	struct spec_sysctl *sysctls;	/* owned */
	size_t sysctls_n;
	enum spec_seccomp_mode seccomp;
	char *seccomp_profile;		/* JSON text */
	bool is_owner_faked;		/* changes of owner and user succeed and do nothing (seccomp_fake.h) */
	int seccomp_cache_dirfd;	/* borrowed; where compiled programs are kept; -1: none */
	int cgroup_fd;			/* owned; cgroup v2 directory of the container; -1: none */
	struct spec_resources resources;
	struct spec_hook *hooks[N_SPEC_HOOK_STAGES];	/* owned */
	size_t hooks_n[N_SPEC_HOOK_STAGES];
	char *bundle;			/* owned; the directory whose config.json hooks read; NULL */
	struct strv annotations;	/* "key=value" */
	char *init_path;		/* --init: host path of catatonit or tini, bound to /run/podman-init style path; NULL */
	int init_fd;			/* owned; O_PATH of init_path; -1 */
};

void spec_init(struct spec *s);		/* all "untouched": fds -1, namespaces host */
void spec_clear(struct spec *s);
DEFINE_AUTO_VALUE(struct spec, spec_clear)
void spec_process_clear(struct spec_process *p);
struct spec_mount *spec_add_mount(struct spec *s, const char *type, const char *source,
				  const char *target, const char *options_csv);
struct spec_device *spec_add_device(struct spec *s, const char *host_path, const char *path);
void spec_add_sysctl(struct spec *s, const char *key, const char *value);
void spec_add_rlimit(struct spec_process *p, int resource, rlim_t soft, rlim_t hard);
bool spec_has_hooks(const struct spec *s);
struct spec_hook *spec_add_hook(struct spec *s, enum spec_hook_stage stage, const char *path);
