/* SPDX-License-Identifier: Apache-2.0 */
/* config: the definition of a container: what the user asked for, before and after the image had
 * its say. Filled by cli/ (and later api/, kube/), completed by create, saved as config.json.
 *
 * Runs in:  any process; plain data.
 * Owns:     every string and list (config_clear).
 * Needs:    nothing.
 * Fails:    config_from_json: EBADMSG, a record of a newer version is refused.
 * Not here: the OCI spec made from it at every start (ctr_spec.h); state (state.h).
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/strv.h"
#include "netns/netns.h"

#include <stdint.h>

enum config_pull { CONFIG_PULL_MISSING, CONFIG_PULL_ALWAYS, CONFIG_PULL_NEVER, CONFIG_PULL_NEWER, N_CONFIG_PULLS };

/* Who tells systemd that the container is ready (monitor_notify.c). */
enum config_sdnotify {
	CONFIG_SDNOTIFY_CONTAINER, CONFIG_SDNOTIFY_CONMON, CONFIG_SDNOTIFY_HEALTHY,
	CONFIG_SDNOTIFY_IGNORE, N_CONFIG_SDNOTIFIES
};

enum config_healthcheck { CONFIG_HEALTH_IMAGE, CONFIG_HEALTH_NONE, CONFIG_HEALTH_OWN };

struct container_config {
	/* Who it is. */
	char *id, *name, *hostname, *domainname;
	char *other_name;		/* of the last rename: a name that may be left; NULL */
	bool is_name_generated;
	int64_t created;		/* ns since 1970 */
	struct strv labels, annotations;	/* "k=v" */
	char *cidfile, *pidfile, *conmon_pidfile;
	struct strv create_command;	/* the image and what stands behind it, for clone */
	struct strv create_argv;	/* all that was typed, for inspect */

	/* The image. */
	char *image_name;		/* as the user wrote it */
	char *image_full;		/* normalised name, or the id */
	char *image_id;			/* hex; NULL with rootfs */
	char *rootfs;			/* --rootfs PATH or host:/ ("/"); absolute host path */
	bool is_host_rootfs;		/* host:/ */
	bool is_rootfs_overlay;		/* PATH:O, and host:/ */
	enum config_pull pull;
	char *platform, *arch, *os, *variant, *authfile, *creds, *cert_dir;
	int tls_verify;			/* -1 default */
	bool pull_quiet;
	int64_t pull_retry;		/* -1 default */
	char *pull_retry_delay;

	/* The process. */
	struct strv command;		/* after the image's name; empty: image's Cmd */
	struct strv entrypoint;		/* effective */
	bool has_entrypoint;		/* --entrypoint given ("" clears) */
	struct strv env;		/* effective "K=V" after create */
	struct strv env_merge, unsetenv;
	bool unsetenv_all, env_host, http_proxy;
	char *workdir;			/* NULL: image's */
	bool has_own_workdir;		/* --workdir given: not made when it is missing */
	char *user;			/* NULL: image's */
	struct strv group_add;
	bool has_tty, is_interactive, is_detached;
	struct strv attach;		/* stdin, stdout, stderr; empty: by mode */
	char *detach_keys;
	bool sig_proxy;
	char *stop_signal;		/* NULL: image's, SIGTERM */
	int64_t stop_timeout;		/* seconds, 10 */
	int64_t timeout;		/* seconds; 0: none */
	bool has_init;
	char *init_path;
	char *umask, *tz, *personality;
	int64_t preserve_fds;		/* count */
	struct strv preserve_fd;	/* list */

	/* Namespaces: "host", "private", "container:X", "ns:PATH", "shareable", "none", NULL default. */
	char *userns, *pidns, *ipcns, *utsns, *cgroupns;
	struct strv uidmap, gidmap;
	char *subuidname, *subgidname;
	char *uid_map, *gid_map;	/* effective, "inside outside count" lines; NULL: the session's ids */
	struct strv hostusers;
	bool has_passwd;		/* --passwd */
	char *passwd_entry, *group_entry;

	/* Network. */
	struct strv networks;		/* --network as written; empty: default */
	struct netns_config net;
	struct netns_ports ports;	/* published; host ports chosen at create */
	struct strv publish, expose;	/* as written */
	bool publish_all;
	struct strv dns, dns_options, dns_search, add_hosts, network_aliases;
	bool no_hosts, no_hostname;
	char *hosts_file, *ip, *ip6, *mac_address;

	/* File systems. */
	struct strv volumes;		/* -v as written, sources made absolute */
	struct strv mounts;		/* --mount as written */
	struct strv tmpfs;
	struct strv volumes_from;
	struct strv named_volumes;	/* names of volumes in use, for rm -v and prune; anonymous ones first marked below */
	struct strv anonymous_volumes;
	char *image_volume;		/* anonymous (bind), tmpfs, ignore */
	bool read_only, read_only_tmpfs;
	int64_t shm_size;		/* bytes; -1 default 65536k */
	char *shm_size_systemd;
	struct strv devices, device_cgroup_rules, gpus, secrets, chrootdirs;
	char *systemd;			/* true, false, always; NULL: true */

	/* Limits and security. */
	struct strv cap_add, cap_drop, security_opt;
	char *seccomp_policy;		/* default, image */
	char *seccomp_image;		/* the image's profile, JSON; NULL */
	bool privileged;
	struct strv ulimits, sysctls;
	bool has_oom_score_adj;
	int64_t oom_score_adj;
	bool oom_kill_disable;
	int64_t memory, memory_reservation, memory_swap, memory_swappiness;	/* 0: unset; swappiness -1 */
	uint64_t cpu_shares, cpu_period;
	int64_t cpu_quota;
	double cpus;
	char *cpuset_cpus, *cpuset_mems, *blkio_weight;
	struct strv blkio_weight_device, device_read_bps, device_write_bps, device_read_iops, device_write_iops;
	int64_t pids_limit;		/* 0: default; -1: none */
	bool has_pids_limit;
	char *cgroups, *cgroup_parent;
	struct strv cgroup_conf;

	/* Life. */
	bool rm, rmi, replace;
	int64_t run_pid;		/* of the "run --rm" that is about to start it; 0: made by create */
	char *restart;			/* "no", "on-failure[:n]", "always", "unless-stopped" */
	char *log_driver;		/* k8s-file, json-file, journald, none, passthrough; NULL default */
	struct strv log_opts;
	char *sdnotify;			/* enum config_sdnotify; NULL: container */
	struct strv requires;		/* ids, those of shared namespaces too; started first */
	enum config_healthcheck health;
	char *health_cmd, *health_interval, *health_timeout, *health_start_period, *health_on_failure;
	int64_t health_retries;
	char *health_startup_cmd, *health_startup_interval, *health_startup_timeout;
	int64_t health_startup_retries, health_startup_success;
	char *health_log_destination;	/* local, events_logger, or a directory; NULL: local */
	int64_t health_max_log_count, health_max_log_size;
	struct json *health_image;	/* owned; the image's Healthcheck; NULL */
	char *pod;
};

void config_init(struct container_config *c);		/* the documented defaults */
void config_clear(struct container_config *c);
DEFINE_AUTO_VALUE(struct container_config, config_clear)
/* Every member is listed once in one table in config.c: save, load and clear come from it. */
/* The value of --sdnotify; -EINVAL. */
int config_sdnotify(const char *text);
/* Takes over what `update` may change of a running container. */
void config_update(struct container_config *c, const struct container_config *from);
struct json *config_to_json(const struct container_config *c);
int config_from_json(struct container_config *out, const struct json *j, struct err *e);
/* Counts in map[offset] how many entries of the table cover each byte of the struct (for its test);
 * returns the number of bytes covered. */
size_t config_covered(unsigned char *map, size_t n);
