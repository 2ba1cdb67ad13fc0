/* SPDX-License-Identifier: Apache-2.0 */
#include "container/inspect_priv.h"

#include "base/str.h"
#include "base/units.h"
#include "container/ctr_cgroup.h"
#include "container/ctr_ipc.h"
#include "container/ctr_security.h"
#include "container/logs.h"
#include "container/mount_args.h"
#include "container/mount_words.h"
#include "netns/netns.h"
#include "runtime/caps.h"
#include "runtime/rlimit.h"
#include "runtime/spec.h"
#include "storage/store.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>


static const char *or_text(const char *s, const char *otherwise)
{
	return s ? s : otherwise;
}

#define EXPOSED_MAX 131072	/* every port twice: what an image says of ports has no end otherwise */

/* A line of the list: exposed, or published as port. */
struct named_port {
	char *key;			/* owned; "80/tcp" */
	const struct netns_port *port;	/* borrowed; NULL: only exposed */
	size_t at;
};

struct named_ports {
	struct named_port *v;	/* owned */
	size_t n, cap;
};

static void add_named(struct named_ports *l, char *key_taken, const struct netns_port *port)
{
	if (l->n == l->cap) {
		l->cap = l->cap ? l->cap * 2 : 8;
		l->v = xreallocarray(l->v, l->cap, sizeof(*l->v));
	}
	l->v[l->n] = (struct named_port){ key_taken, port, l->n };
	l->n++;
}

/* "80", "80/udp", "80-82"; what we could not publish (sctp) is exposed all the same. */
static void add_exposed(struct named_ports *l, const char *text)
{
	const char *proto = strchrnul(text, '/');
	unsigned int from = 0, to = 0;
	int n = sscanf(text, "%u-%u", &from, &to);

	if (n < 2)
		to = from;
	for (unsigned int port = from; n >= 1 && port <= to && port < 65536 && l->n < EXPOSED_MAX; port++)
		add_named(l, xasprintf("%u%s", port, *proto ? proto : "/tcp"), NULL);
}

static int compare_named(const void *a, const void *b)
{
	const struct named_port *x = a, *y = b;
	int r = strcmp(x->key, y->key);

	return r ? r : x->at < y->at ? -1 : 1;
}

static struct json *binding_of(const struct netns_port *p)
{
	autofree char *port = xasprintf("%u", p->host_port);
	struct json *one = json_new_object();

	json_set_str(one, "HostIp", str_empty(p->host_ip) ? "0.0.0.0" : p->host_ip);
	json_set_str(one, "HostPort", port);
	return one;
}

/* Sorted, as Go writes a map: so those of one name stand together, and none has to be looked for. */
static struct json *ports_of(struct named_ports *l)
{
	struct json *j = json_new_object(), *value = NULL;

	if (l->n)
		qsort(l->v, l->n, sizeof(*l->v), compare_named);
	for (size_t i = 0; i < l->n; i++) {
		const struct named_port *p = &l->v[i];

		if (p->port) {
			value = value ? value : json_new_array();
			json_add(value, binding_of(p->port));
		}
		if (i + 1 == l->n || !str_eq(p->key, l->v[i + 1].key)) {
			json_set_new(j, p->key, value ? value : json_new_null());
			value = NULL;
		}
	}
	return j;
}

struct json *inspect_ports(const struct container_config *c, bool with_exposed)
{
	struct named_ports l = { 0 };
	struct json *j;

	for (size_t i = 0; i < c->ports.n; i++) {
		const struct netns_port *p = &c->ports.v[i];

		add_named(&l, xasprintf("%u/%s", p->container_port,
					p->proto == NETNS_UDP ? "udp" : "tcp"), p);
	}
	for (size_t i = 0; with_exposed && i < c->expose.n; i++)
		add_exposed(&l, c->expose.v[i]);
	j = ports_of(&l);
	for (size_t i = 0; i < l.n; i++)
		free(l.v[i].key);
	free(l.v);
	return j;
}

/* "10k" as Podman tells it again: "10.24kB". */
static const char *log_size(char buf[32], const char *max_size)
{
	int64_t bytes;

	return !max_size || units_parse_bytes(max_size, &bytes) < 0 || bytes < 0
		       ? "0B" : units_human_size(buf, (double)bytes);
}

static struct json *log_config(struct engine *g, const struct record *r)
{
	char size[32];
	const struct strv *opts = &r->config.log_opts;
	struct json *j = json_new_object();
	autofree char *own = xasprintf("%s/containers/%s/ctr.log", g->store->root, r->id);
	const char *driver = or_text(r->config.log_driver, "k8s-file");
	bool has_file = str_eq(driver, "k8s-file") || str_eq(driver, "json-file");

	json_set_str(j, "Type", driver);
	json_set(j, "Config", opts->n ? json_new_pairs(opts) : json_new_null());
	json_set_str(j, "Path", has_file ? or_text(strv_env_get(opts, "path"), own) : "");
	json_set_str(j, "Tag", or_text(strv_env_get(opts, "tag"), ""));
	json_set_str(j, "Size", log_size(size, strv_env_get(opts, "max-size")));
	return j;
}

static struct json *restart_policy(const struct container_config *c)
{
	struct json *j = json_new_object();
	const char *text = or_text(c->restart, "no"), *colon = strchrnul(text, ':');
	autofree char *name = xstrndup(text, colon - text);

	json_set_str(j, "Name", name);
	json_set_int(j, "MaximumRetryCount", *colon ? atoi(colon + 1) : 0);
	return j;
}

/* What the user said, then what follows from it, in podman's order. */
static char *mount_text(const struct mount_arg *a, bool is_docker)
{
	auto_of(strv_clear) struct strv words = { 0 };
	bool is_tmpfs = a->type == MOUNT_ARG_TMPFS, has_propagation = false;

	strv_copy(&words, &a->options);
	for (size_t i = 0; i < words.n; i++)
		has_propagation |= mount_words_is_propagation(words.v[i]);
	if (!strv_has(&words, "ro"))
		strv_add(&words, "rw");
	if (is_docker)
		return strv_join(&words, ",");
	if (!has_propagation)
		strv_add(&words, "rprivate");
	mount_words_defaults(&words, a->type);
	if (is_tmpfs && !a->is_nocopy)
		strv_add(&words, "tmpcopyup");
	if (!is_tmpfs && !strv_has(&words, "bind") && !strv_has(&words, "rbind"))
		strv_add(&words, "rbind");
	return strv_join(&words, ",");
}

/* "SRC:DST:OPTIONS" of binds and volumes; tmpfs as {"/dst":"options"}. */
static void set_mounts(struct json *j, const struct container_config *c, bool is_docker)
{
	auto_of(mount_args_clear) struct mount_args args = { 0 };
	struct json *binds = json_new_array(), *tmpfs = json_new_object();
	struct err ignored = { 0 };

	if (mount_args_all(&args, c, &ignored) < 0)
		args.n = 0;
	for (size_t i = 0; i < args.n; i++) {
		const struct mount_arg *a = &args.v[i];
		autofree char *options = mount_text(a, is_docker);

		if (a->type == MOUNT_ARG_TMPFS) {
			json_set_str(tmpfs, a->target, options);
		} else if (a->source) {
			autofree char *text = xasprintf("%s:%s:%s", a->source, a->target, options);

			json_add_str(binds, text);
		}
	}
	json_set(j, "Binds", binds);
	json_set(j, "Tmpfs", tmpfs);
}

/* "inside outside count" lines as "inside:outside:count". */
static struct json *map_list(const char *lines)
{
	struct json *j = json_new_array();

	for (const char *p = lines; *p; p += *p == '\n') {
		autofree char *line = xstrndup(p, strcspn(p, "\n"));

		for (char *blank = line; (blank = strchr(blank, ' '));)
			*blank = ':';
		json_add_str(j, line);
		p = strchrnul(p, '\n');
	}
	return j;
}

static void set_id_maps(struct json *j, const struct container_config *c)
{
	struct json *maps;

	if (!c->uid_map || !c->gid_map)
		return;
	maps = json_new_object();
	json_set(maps, "UidMap", map_list(c->uid_map));
	json_set(maps, "GidMap", map_list(c->gid_map));
	json_set(j, "IDMappings", maps);
}

static void set_namespaces(struct json *j, const struct container_config *c)
{
	json_set_str(j, "NetworkMode", netns_mode_name(c->net.mode));
	json_set_str(j, "IpcMode", or_text(c->ipcns, "shareable"));
	json_set_str(j, "PidMode", or_text(c->pidns, "private"));
	json_set_str(j, "UTSMode", or_text(c->utsns, "private"));
	json_set_str(j, "UsernsMode", or_text(c->userns, ""));
	set_id_maps(j, c);
	json_set_str(j, "CgroupMode", or_text(c->cgroupns, "private"));
	json_set_str(j, "Cgroup", "");
	json_set_str(j, "Cgroups", or_text(c->cgroups, "default"));
}

/* "/dev/sda:1m" as {"Path","Rate"}; null for none, as both engines have it. */
static struct json *device_values(const struct strv *list, const char *key)
{
	struct json *j = list->n ? json_new_array() : json_new_null();

	for (size_t i = 0; i < list->n; i++) {
		const char *colon = strrchr(list->v[i], ':');
		autofree char *path = xstrndup(list->v[i], colon ? (size_t)(colon - list->v[i]) : 0);
		struct json *one = json_new_object();
		int64_t n = 0;

		(void)units_parse_bytes(colon ? colon + 1 : "", &n);
		json_set_str(one, "Path", path);
		json_set_int(one, key, n);
		json_add(j, one);
	}
	return j;
}

static struct json *devices(const struct container_config *c)
{
	struct json *j = json_new_array();

	for (size_t i = 0; i < c->devices.n; i++) {
		auto_of(strv_clear) struct strv parts = { 0 };
		struct json *one = json_new_object();
		bool has_path;

		strv_split(&parts, c->devices.v[i], ':');
		has_path = parts.n > 1 && parts.v[1][0] == '/';
		json_set_str(one, "PathOnHost", parts.n ? parts.v[0] : "");
		json_set_str(one, "PathInContainer", has_path ? parts.v[1] : parts.n ? parts.v[0] : "");
		json_set_str(one, "CgroupPermissions", parts.n > 2 ? parts.v[2] :
			     parts.n > 1 && !has_path ? parts.v[1] : "rwm");
		json_add(j, one);
	}
	return j;
}

static int64_t limit_number(rlim_t n)
{
	return n == RLIM_INFINITY ? -1 : (int64_t)n;
}

/* Podman names them RLIMIT_NOFILE, Docker nofile. */
static struct json *ulimits(const struct container_config *c, bool is_docker)
{
	auto_of(spec_clear) struct spec s;
	struct json *j = json_new_array();
	struct err ignored = { 0 };

	spec_init(&s);
	for (size_t i = 0; i < c->ulimits.n; i++)
		if (!str_eq(c->ulimits.v[i], "host"))
			(void)ctr_security_ulimit(&s.process, c->ulimits.v[i], &ignored);
	for (size_t i = 0; i < s.process.rlimits_n; i++) {
		const struct spec_rlimit *l = &s.process.rlimits[i];
		autofree char *name = xstrdup(rlimit_name(l->resource));
		struct json *one = json_new_object();

		for (char *p = name; is_docker && *p; p++)
			*p = tolower((unsigned char)*p);
		json_set_str(one, "Name", is_docker ? name + strlen("rlimit_") : name);
		json_set_int(one, "Soft", limit_number(l->limit.rlim_cur));
		json_set_int(one, "Hard", limit_number(l->limit.rlim_max));
		json_add(j, one);
	}
	return j;
}

/* What only containers of Windows or of cgroup v1 have: there for programs that look. */
static void set_unused(struct json *j)
{
	static const char *const numbers[] = { "CpuCount", "CpuPercent", "CpuRealtimePeriod",
					       "CpuRealtimeRuntime", "DiskQuota", "IOMaximumBandwidth",
					       "IOMaximumIOps", "KernelMemory" };
	struct json *console = json_new_array();

	for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
		json_set_int(j, numbers[i], 0);
	json_set_str(j, "Isolation", "");
	json_add(console, json_new_int(0));
	json_add(console, json_new_int(0));
	json_set(j, "ConsoleSize", console);
}

static void set_limits(struct json *j, const struct container_config *c, bool is_docker)
{
	json_set_int(j, "CpuShares", c->cpu_shares);
	json_set_int(j, "Memory", c->memory);
	json_set_int(j, "NanoCpus", (int64_t)(c->cpus * 1e9));
	json_set_str(j, "CgroupParent", or_text(c->cgroup_parent, ""));
	json_set_int(j, "CpuPeriod", c->cpu_period);
	json_set_int(j, "CpuQuota", c->cpu_quota);
	json_set_str(j, "CpusetCpus", or_text(c->cpuset_cpus, ""));
	json_set_str(j, "CpusetMems", or_text(c->cpuset_mems, ""));
	json_set_int(j, "MemoryReservation", c->memory_reservation);
	/* As much swap as memory when only the latter is given. */
	json_set_int(j, "MemorySwap", c->memory_swap ? c->memory_swap : 2 * c->memory);
	json_set_int(j, "MemorySwappiness", c->memory_swappiness);
	json_set_bool(j, "OomKillDisable", c->oom_kill_disable);
	json_set_int(j, "PidsLimit", c->pids_limit);
	json_set(j, "Ulimits", ulimits(c, is_docker));
	json_set_int(j, "BlkioWeight", str_empty(c->blkio_weight) ? 0 : atoi(c->blkio_weight));
	json_set(j, "BlkioWeightDevice", device_values(&c->blkio_weight_device, "Weight"));
	json_set(j, "BlkioDeviceReadBps", device_values(&c->device_read_bps, "Rate"));
	json_set(j, "BlkioDeviceWriteBps", device_values(&c->device_write_bps, "Rate"));
	json_set(j, "BlkioDeviceReadIOps", device_values(&c->device_read_iops, "Rate"));
	json_set(j, "BlkioDeviceWriteIOps", device_values(&c->device_write_iops, "Rate"));
	json_set(j, "CgroupConf", c->cgroup_conf.n ? json_new_pairs(&c->cgroup_conf) : json_new_null());
	json_set(j, "Devices", devices(c));
	json_set_int(j, "ShmSize", c->shm_size >= 0 ? c->shm_size : CTR_IPC_SHM);
	json_set_int(j, "OomScoreAdj", c->has_oom_score_adj ? c->oom_score_adj : 0);
}

/* Their full names, whatever was typed. */
static struct json *caps(const struct strv *names)
{
	struct json *j = json_new_array();

	for (size_t i = 0; i < names->n; i++) {
		int cap = caps_parse(names->v[i]);

		json_add_str(j, cap >= 0 ? caps_name(cap) : str_eq(names->v[i], "all") ? "ALL" : names->v[i]);
	}
	return j;
}

struct json *inspect_host_config(struct engine *g, const struct record *r)
{
	const struct container_config *c = &r->config;
	struct json *j = json_new_object();
	auto_of(state_clear) struct state st = { 0 };
	struct err ignored = { 0 };

	set_mounts(j, c, g->is_docker);
	/* Of a container that does not run none is known. */
	(void)state_load(&st, r, &ignored);
	json_set_str(j, "CgroupManager", ctr_cgroup_manager(st.cgroup));
	json_set_str(j, "ContainerIDFile", or_text(c->cidfile, ""));
	json_set(j, "LogConfig", log_config(g, r));
	set_namespaces(j, c);
	json_set(j, "PortBindings", inspect_ports(c, false));
	json_set(j, "RestartPolicy", restart_policy(c));
	json_set_bool(j, "AutoRemove", c->rm);
	json_set_str(j, "VolumeDriver", "");
	json_set_strv(j, "VolumesFrom", &c->volumes_from);
	json_set(j, "CapAdd", caps(&c->cap_add));
	json_set(j, "CapDrop", caps(&c->cap_drop));
	json_set_strv(j, "Dns", &c->dns);
	json_set_strv(j, "DnsOptions", &c->dns_options);
	json_set_strv(j, "DnsSearch", &c->dns_search);
	json_set_strv(j, "ExtraHosts", &c->add_hosts);
	json_set_strv(j, "GroupAdd", &c->group_add);
	json_set(j, "Links", json_new_null());
	json_set_bool(j, "Privileged", c->privileged);
	json_set_bool(j, "PublishAllPorts", c->publish_all);
	json_set_bool(j, "ReadonlyRootfs", c->read_only);
	json_set_strv(j, "SecurityOpt", &c->security_opt);
	json_set_str(j, "Runtime", "oci");
	json_set_bool(j, "Init", c->has_init);
	set_limits(j, c, g->is_docker);
	set_unused(j);
	return j;
}
