/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * One table says what a definition consists of; defaults, saving, loading and freeing are four loops
 * over it, so that a new member is one line in config.h and one line here. What has its default value
 * is not written: a definition stays small, and most of the members are unused in any one container.
 */
#include "container/config.h"

#include <string.h>

#define CONFIG_VERSION 1

enum field_kind { FIELD_STR, FIELD_LIST, FIELD_BOOL, FIELD_INT, FIELD_I64, FIELD_U64, FIELD_DOUBLE,
		  FIELD_NET, FIELD_PORTS, FIELD_JSON, N_FIELD_KINDS };

struct field {
	const char *key;
	enum field_kind kind;
	size_t offset;
	int64_t initial;	/* bool and numbers */
};

#define C(kind, key, member, initial) \
	{ key, FIELD_##kind, offsetof(struct container_config, member), initial }

static const struct field fields[] = {
	C(STR, "id", id, 0),
	C(STR, "name", name, 0),
	C(I64, "created", created, 0),
	C(STR, "image-id", image_id, 0),
	C(I64, "run-pid", run_pid, 0),
	C(NET, "net", net, 0),
	/* So much record_glance reads. */

	C(STR, "hostname", hostname, 0),
	C(STR, "domainname", domainname, 0),
	C(STR, "other-name", other_name, 0),
	C(BOOL, "name-generated", is_name_generated, 0),
	C(LIST, "labels", labels, 0),
	C(LIST, "annotations", annotations, 0),
	C(STR, "cidfile", cidfile, 0),
	C(STR, "pidfile", pidfile, 0),
	C(STR, "conmon-pidfile", conmon_pidfile, 0),
	C(LIST, "create-command", create_command, 0),
	C(LIST, "create-argv", create_argv, 0),

	C(STR, "image-name", image_name, 0),
	C(STR, "image-full", image_full, 0),
	C(STR, "rootfs", rootfs, 0),
	C(BOOL, "host-rootfs", is_host_rootfs, 0),
	C(BOOL, "rootfs-overlay", is_rootfs_overlay, 0),
	C(INT, "pull", pull, CONFIG_PULL_MISSING),
	C(STR, "platform", platform, 0),
	C(STR, "arch", arch, 0),
	C(STR, "os", os, 0),
	C(STR, "variant", variant, 0),
	C(STR, "authfile", authfile, 0),
	C(STR, "creds", creds, 0),
	C(STR, "cert-dir", cert_dir, 0),
	C(INT, "tls-verify", tls_verify, -1),
	C(BOOL, "pull-quiet", pull_quiet, 0),
	C(I64, "pull-retry", pull_retry, -1),
	C(STR, "pull-retry-delay", pull_retry_delay, 0),

	C(LIST, "command", command, 0),
	C(LIST, "entrypoint", entrypoint, 0),
	C(BOOL, "has-entrypoint", has_entrypoint, 0),
	C(LIST, "env", env, 0),
	C(LIST, "env-merge", env_merge, 0),
	C(LIST, "unsetenv", unsetenv, 0),
	C(BOOL, "unsetenv-all", unsetenv_all, 0),
	C(BOOL, "env-host", env_host, 0),
	C(BOOL, "http-proxy", http_proxy, 1),
	C(STR, "workdir", workdir, 0),
	C(BOOL, "own-workdir", has_own_workdir, 0),
	C(STR, "user", user, 0),
	C(LIST, "group-add", group_add, 0),
	C(BOOL, "tty", has_tty, 0),
	C(BOOL, "interactive", is_interactive, 0),
	C(BOOL, "detached", is_detached, 0),
	C(LIST, "attach", attach, 0),
	C(STR, "detach-keys", detach_keys, 0),
	C(BOOL, "sig-proxy", sig_proxy, 1),
	C(STR, "stop-signal", stop_signal, 0),
	C(I64, "stop-timeout", stop_timeout, 10),
	C(I64, "timeout", timeout, 0),
	C(BOOL, "init", has_init, 0),
	C(STR, "init-path", init_path, 0),
	C(STR, "umask", umask, 0),
	C(STR, "tz", tz, 0),
	C(STR, "personality", personality, 0),
	C(I64, "preserve-fds", preserve_fds, 0),
	C(LIST, "preserve-fd", preserve_fd, 0),

	C(STR, "userns", userns, 0),
	C(STR, "pidns", pidns, 0),
	C(STR, "ipcns", ipcns, 0),
	C(STR, "utsns", utsns, 0),
	C(STR, "cgroupns", cgroupns, 0),
	C(LIST, "uidmap", uidmap, 0),
	C(LIST, "gidmap", gidmap, 0),
	C(STR, "subuidname", subuidname, 0),
	C(STR, "subgidname", subgidname, 0),
	C(STR, "effective-uid-map", uid_map, 0),
	C(STR, "effective-gid-map", gid_map, 0),
	C(LIST, "hostusers", hostusers, 0),
	C(BOOL, "passwd", has_passwd, 1),
	C(STR, "passwd-entry", passwd_entry, 0),
	C(STR, "group-entry", group_entry, 0),

	C(LIST, "networks", networks, 0),
	C(PORTS, "ports", ports, 0),
	C(LIST, "publish", publish, 0),
	C(LIST, "expose", expose, 0),
	C(BOOL, "publish-all", publish_all, 0),
	C(LIST, "dns", dns, 0),
	C(LIST, "dns-options", dns_options, 0),
	C(LIST, "dns-search", dns_search, 0),
	C(LIST, "add-hosts", add_hosts, 0),
	C(LIST, "network-aliases", network_aliases, 0),
	C(BOOL, "no-hosts", no_hosts, 0),
	C(BOOL, "no-hostname", no_hostname, 0),
	C(STR, "hosts-file", hosts_file, 0),
	C(STR, "ip", ip, 0),
	C(STR, "ip6", ip6, 0),
	C(STR, "mac-address", mac_address, 0),

	C(LIST, "volumes", volumes, 0),
	C(LIST, "mounts", mounts, 0),
	C(LIST, "tmpfs", tmpfs, 0),
	C(LIST, "volumes-from", volumes_from, 0),
	C(LIST, "named-volumes", named_volumes, 0),
	C(LIST, "anonymous-volumes", anonymous_volumes, 0),
	C(STR, "image-volume", image_volume, 0),
	C(BOOL, "read-only", read_only, 0),
	C(BOOL, "read-only-tmpfs", read_only_tmpfs, 1),
	C(I64, "shm-size", shm_size, -1),
	C(STR, "shm-size-systemd", shm_size_systemd, 0),
	C(LIST, "devices", devices, 0),
	C(LIST, "device-cgroup-rules", device_cgroup_rules, 0),
	C(LIST, "gpus", gpus, 0),
	C(LIST, "secrets", secrets, 0),
	C(LIST, "chrootdirs", chrootdirs, 0),
	C(STR, "systemd", systemd, 0),

	C(LIST, "cap-add", cap_add, 0),
	C(LIST, "cap-drop", cap_drop, 0),
	C(STR, "seccomp-policy", seccomp_policy, 0),
	C(STR, "seccomp-image", seccomp_image, 0),
	C(LIST, "security-opt", security_opt, 0),
	C(BOOL, "privileged", privileged, 0),
	C(LIST, "ulimits", ulimits, 0),
	C(LIST, "sysctls", sysctls, 0),
	C(BOOL, "has-oom-score-adj", has_oom_score_adj, 0),
	C(I64, "oom-score-adj", oom_score_adj, 0),
	C(BOOL, "oom-kill-disable", oom_kill_disable, 0),
	C(I64, "memory", memory, 0),
	C(I64, "memory-reservation", memory_reservation, 0),
	C(I64, "memory-swap", memory_swap, 0),
	C(I64, "memory-swappiness", memory_swappiness, -1),
	C(U64, "cpu-shares", cpu_shares, 0),
	C(U64, "cpu-period", cpu_period, 0),
	C(I64, "cpu-quota", cpu_quota, 0),
	C(DOUBLE, "cpus", cpus, 0),
	C(STR, "cpuset-cpus", cpuset_cpus, 0),
	C(STR, "cpuset-mems", cpuset_mems, 0),
	C(STR, "blkio-weight", blkio_weight, 0),
	C(LIST, "blkio-weight-device", blkio_weight_device, 0),
	C(LIST, "device-read-bps", device_read_bps, 0),
	C(LIST, "device-write-bps", device_write_bps, 0),
	C(LIST, "device-read-iops", device_read_iops, 0),
	C(LIST, "device-write-iops", device_write_iops, 0),
	C(I64, "pids-limit", pids_limit, 0),
	C(BOOL, "has-pids-limit", has_pids_limit, 0),
	C(STR, "cgroups", cgroups, 0),
	C(STR, "cgroup-parent", cgroup_parent, 0),
	C(LIST, "cgroup-conf", cgroup_conf, 0),

	C(BOOL, "rm", rm, 0),
	C(BOOL, "rmi", rmi, 0),
	C(BOOL, "replace", replace, 0),
	C(STR, "restart", restart, 0),
	C(STR, "log-driver", log_driver, 0),
	C(LIST, "log-opts", log_opts, 0),
	C(STR, "sdnotify", sdnotify, 0),
	C(LIST, "requires", requires, 0),
	C(INT, "health", health, CONFIG_HEALTH_IMAGE),
	C(STR, "health-cmd", health_cmd, 0),
	C(STR, "health-interval", health_interval, 0),
	C(STR, "health-timeout", health_timeout, 0),
	C(STR, "health-start-period", health_start_period, 0),
	C(STR, "health-on-failure", health_on_failure, 0),
	C(I64, "health-retries", health_retries, 0),
	C(STR, "health-startup-cmd", health_startup_cmd, 0),
	C(STR, "health-startup-interval", health_startup_interval, 0),
	C(STR, "health-startup-timeout", health_startup_timeout, 0),
	C(I64, "health-startup-retries", health_startup_retries, 0),
	C(I64, "health-startup-success", health_startup_success, 0),
	C(STR, "health-log-destination", health_log_destination, 0),
	C(I64, "health-max-log-count", health_max_log_count, 5),
	C(I64, "health-max-log-size", health_max_log_size, 500),
	C(JSON, "health-image", health_image, 0),
	C(STR, "pod", pod, 0),
};

#define N(kind, key, member, initial) \
	{ key, FIELD_##kind, offsetof(struct netns_config, member), initial }

static const struct field net_fields[] = {
	N(INT, "mode", mode, NETNS_SLIRP),
	N(STR, "target", target, 0),
	N(STR, "cidr", cidr, 0),
	N(INT, "mtu", mtu, 65520),
	N(BOOL, "enable-ipv6", enable_ipv6, 0),
	N(BOOL, "allow-host-loopback", allow_host_loopback, 0),
	N(STR, "outbound-addr", outbound_addr, 0),
	N(STR, "outbound-addr6", outbound_addr6, 0),
	N(LIST, "pasta-options", pasta_options, 0),
};

int config_sdnotify(const char *text)
{
	static const char *const names[N_CONFIG_SDNOTIFIES] = {
		[CONFIG_SDNOTIFY_CONTAINER] = "container", [CONFIG_SDNOTIFY_CONMON] = "conmon",
		[CONFIG_SDNOTIFY_HEALTHY] = "healthy", [CONFIG_SDNOTIFY_IGNORE] = "ignore",
	};

	for (int i = 0; text && i < N_CONFIG_SDNOTIFIES; i++)
		if (strcmp(text, names[i]) == 0)
			return i;
	return text ? -EINVAL : CONFIG_SDNOTIFY_CONTAINER;
}

static const size_t field_sizes[] = {
	[FIELD_STR] = sizeof(char *), [FIELD_LIST] = sizeof(struct strv),
	[FIELD_BOOL] = sizeof(bool), [FIELD_INT] = sizeof(int), [FIELD_I64] = sizeof(int64_t),
	[FIELD_U64] = sizeof(uint64_t), [FIELD_DOUBLE] = sizeof(double),
	[FIELD_NET] = sizeof(struct netns_config), [FIELD_PORTS] = sizeof(struct netns_ports),
	[FIELD_JSON] = sizeof(struct json *),
};
_Static_assert(ARRAY_SIZE(field_sizes) == N_FIELD_KINDS, "a size for every kind");
_Static_assert(sizeof(enum config_pull) == sizeof(int) && sizeof(enum netns_mode) == sizeof(int),
	       "enumerations are stored as int");

static void init(const struct field *f, size_t n, void *base)
{
	for (size_t i = 0; i < n; i++) {
		char *p = (char *)base + f[i].offset;

		memset(p, 0, field_sizes[f[i].kind]);
		if (f[i].kind == FIELD_BOOL)
			*(bool *)p = f[i].initial;
		else if (f[i].kind == FIELD_INT)
			*(int *)p = f[i].initial;
		else if (f[i].kind == FIELD_I64)
			*(int64_t *)p = f[i].initial;
		else if (f[i].kind == FIELD_NET)
			init(net_fields, ARRAY_SIZE(net_fields), p);
	}
}

void config_init(struct container_config *c)
{
	memset(c, 0, sizeof(*c));
	init(fields, ARRAY_SIZE(fields), c);
}

static void clear(const struct field *f, size_t n, void *base)
{
	for (size_t i = 0; i < n; i++) {
		void *p = (char *)base + f[i].offset;

		if (f[i].kind == FIELD_STR)
			free(*(char **)p);
		else if (f[i].kind == FIELD_LIST)
			strv_clear(p);
		else if (f[i].kind == FIELD_NET)
			clear(net_fields, ARRAY_SIZE(net_fields), p);
		else if (f[i].kind == FIELD_PORTS)
			netns_ports_clear(p);
		else if (f[i].kind == FIELD_JSON)
			json_free(*(struct json **)p);
	}
}

void config_clear(struct container_config *c)
{
	clear(fields, ARRAY_SIZE(fields), c);
	memset(c, 0, sizeof(*c));
}

static struct json *save(const struct field *f, size_t n, const void *base);

/* NULL: the member has its default and is not written. */
static struct json *save_one(const struct field *f, const void *p)
{
	struct json *j;

	switch (f->kind) {
	case FIELD_STR:
		return *(char *const *)p ? json_new_string(*(char *const *)p) : NULL;
	case FIELD_LIST:
		return ((const struct strv *)p)->n ? json_new_strv(p) : NULL;
	case FIELD_BOOL:
		return *(const bool *)p != (bool)f->initial ? json_new_bool(*(const bool *)p) : NULL;
	case FIELD_INT:
		return *(const int *)p != f->initial ? json_new_int(*(const int *)p) : NULL;
	case FIELD_I64:
		return *(const int64_t *)p != f->initial ? json_new_int(*(const int64_t *)p) : NULL;
	case FIELD_U64:
		return *(const uint64_t *)p ? json_new_uint(*(const uint64_t *)p) : NULL;
	case FIELD_DOUBLE:
		return *(const double *)p > 0 ? json_new_double(*(const double *)p) : NULL;
	case FIELD_NET:
		j = save(net_fields, ARRAY_SIZE(net_fields), p);
		if (json_len(j))
			return j;
		json_free(j);
		return NULL;
	case FIELD_PORTS:
		return ((const struct netns_ports *)p)->n ? netns_ports_to_json(p) : NULL;
	default:
		return *(struct json *const *)p ? json_copy(*(struct json *const *)p) : NULL;
	}
}

static struct json *save(const struct field *f, size_t n, const void *base)
{
	struct json *obj = json_new_object();

	for (size_t i = 0; i < n; i++) {
		struct json *value = save_one(&f[i], (const char *)base + f[i].offset);

		if (value)
			json_set(obj, f[i].key, value);
	}
	return obj;
}

void config_update(struct container_config *c, const struct container_config *from)
{
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const struct field *f = &fields[i];
		char *to = (char *)c + f->offset;
		const char *src = (const char *)from + f->offset;

		if (strncmp(f->key, "health", 6) != 0 && strcmp(f->key, "restart") != 0 &&
		    strcmp(f->key, "name") != 0 && strcmp(f->key, "other-name") != 0)
			continue;
		if (f->kind == FIELD_STR) {
			free(*(char **)to);
			*(char **)to = xstrdup_or_null(*(char *const *)src);
		} else if (f->kind == FIELD_JSON) {
			json_free(*(struct json **)to);
			*(struct json **)to = json_copy(*(struct json *const *)src);
		} else {
			memcpy(to, src, field_sizes[f->kind]);
		}
	}
}

struct json *config_to_json(const struct container_config *c)
{
	struct json *members = save(fields, ARRAY_SIZE(fields), c), *obj = json_new_object();

	json_set_int(obj, "version", CONFIG_VERSION);
	json_set(obj, "config", members);
	return obj;
}

static int load(const struct field *f, size_t n, void *base, const struct json *obj, struct err *e);

static int load_one(const struct field *f, void *p, const struct json *j, struct err *e)
{
	enum json_type want = f->kind == FIELD_STR ? JSON_STRING : f->kind == FIELD_BOOL ? JSON_BOOL
			    : f->kind == FIELD_LIST || f->kind == FIELD_PORTS ? JSON_ARRAY
			    : f->kind == FIELD_NET ? JSON_OBJECT
			    : f->kind == FIELD_JSON ? json_type(j) : JSON_NUMBER;

	if (!json_is(j, want))
		return err_set(e, EBADMSG, "member '%s' has the wrong type", f->key);
	switch (f->kind) {
	case FIELD_STR:
		*(char **)p = xstrdup(json_str(j));
		break;
	case FIELD_LIST:
		for (size_t i = 0; i < json_len(j); i++) {
			if (!json_str(json_at(j, i)))
				return err_set(e, EBADMSG, "member '%s' has the wrong type", f->key);
			strv_add(p, json_str(json_at(j, i)));
		}
		break;
	case FIELD_BOOL:
		*(bool *)p = json_bool(j, f->initial);
		break;
	case FIELD_INT:
		*(int *)p = json_int(j, f->initial);
		break;
	case FIELD_I64:
		*(int64_t *)p = json_int(j, f->initial);
		break;
	case FIELD_U64:
		*(uint64_t *)p = json_uint(j, 0);
		break;
	case FIELD_DOUBLE:
		*(double *)p = json_double(j, 0);
		break;
	case FIELD_NET:
		return load(net_fields, ARRAY_SIZE(net_fields), p, j, e);
	case FIELD_PORTS:
		return netns_ports_from_json(p, j, e);
	default:
		*(struct json **)p = json_copy(j);
		break;
	}
	return 0;
}

/* By members of the object, not of the table: a definition has few of them, in the table's order. */
static int load(const struct field *f, size_t n, void *base, const struct json *obj, struct err *e)
{
	size_t next = 0;

	for (size_t i = 0; i < json_members(obj); i++) {
		const char *key = json_key_at(obj, i);
		size_t k = next, tried = 0;
		int r;

		while (tried < n && strcmp(f[k].key, key) != 0) {
			k = (k + 1) % n;
			tried++;
		}
		if (tried == n)		/* a member that this version no longer has */
			continue;
		r = load_one(&f[k], (char *)base + f[k].offset, json_at(obj, i), e);
		if (r < 0)
			return r;
		next = (k + 1) % n;
	}
	return 0;
}

int config_from_json(struct container_config *out, const struct json *j, struct err *e)
{
	auto_of(config_clear) struct container_config c;
	int64_t version = json_get_int(j, "version", 0);
	int r;

	config_init(&c);
	if (version > CONFIG_VERSION)
		return err_set(e, EBADMSG, "it was written by a newer rootlet (version %lld)",
			       (long long)version);
	if (version < 1 || !json_is(json_get(j, "config"), JSON_OBJECT))
		return err_set(e, EBADMSG, "it is no container definition");
	r = load(fields, ARRAY_SIZE(fields), &c, json_get(j, "config"), e);
	if (r < 0)
		return r;
	*out = c;
	memset(&c, 0, sizeof(c));
	return 0;
}

/* For the test that the table is complete: bytes that no entry covers are padding at most. */
size_t config_covered(unsigned char *map, size_t n)
{
	size_t covered = 0;

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		for (size_t k = 0; k < field_sizes[fields[i].kind]; k++) {
			size_t at = fields[i].offset + k;

			if (at < n && !map[at]++)
				covered++;
		}
	return covered;
}
