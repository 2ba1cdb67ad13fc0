/* SPDX-License-Identifier: Apache-2.0 */
#include "container/inspect_docker.h"

#include "base/str.h"
#include "base/units.h"
#include "container/ctr_security.h"
#include "container/mount_args.h"

#include <stdlib.h>
#include <string.h>

const char *inspect_docker_network(const struct container_config *c)
{
	switch (c->net.mode) {
	case NETNS_SLIRP:
	case NETNS_PASTA:
		return "bridge";
	case NETNS_CONTAINER:
		/* As it was asked for: "container:NAME". */
		return c->networks.n ? c->networks.v[0] : netns_mode_name(c->net.mode);
	default:
		return netns_mode_name(c->net.mode);
	}
}

/* Go's nil slices: Docker says null where Podman has an empty list. */
static void empty_to_null(struct json *host)
{
	static const char *const lists[] = { "VolumesFrom", "CapAdd", "CapDrop", "ExtraHosts", "GroupAdd",
					     "SecurityOpt" };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		if (!json_len(json_get(host, lists[i])))
			json_set(host, lists[i], json_new_null());
	if (json_get_int(host, "PidsLimit", 0) <= 0)
		json_set(host, "PidsLimit", json_new_null());
	if (json_get_int(host, "MemorySwappiness", -1) < 0)
		json_set(host, "MemorySwappiness", json_new_null());
	if (!json_get_bool(host, "Init", false))
		json_remove(host, "Init");
	if (!json_len(json_get(host, "Tmpfs")))
		json_remove(host, "Tmpfs");
	if (!json_len(json_get(host, "BlkioWeightDevice")))
		json_set(host, "BlkioWeightDevice", json_new_array());
}

/* -v as it was written, but for what has no source: that is in Mounts alone. */
static void set_binds(struct json *host, const struct container_config *c)
{
	struct json *binds = json_new_array();

	for (size_t i = 0; i < c->volumes.n; i++) {
		autofree char *source = xstrndup(c->volumes.v[i], strcspn(c->volumes.v[i], ":"));

		if (source[0] && strchr(c->volumes.v[i], ':') && !strv_has(&c->anonymous_volumes, source))
			json_add_str(binds, c->volumes.v[i]);
	}
	if (json_len(binds)) {
		json_set(host, "Binds", binds);
		return;
	}
	json_free(binds);
	json_set(host, "Binds", json_new_null());
}

static const char *mode_of(const char *given, const char *otherwise)
{
	return str_empty(given) || str_eq(given, "private") ? otherwise : given;
}

static void set_modes(struct json *host, const struct container_config *c)
{
	json_set_str(host, "NetworkMode", inspect_docker_network(c));
	json_set_str(host, "IpcMode", mode_of(c->ipcns, "private"));
	json_set_str(host, "PidMode", mode_of(c->pidns, ""));
	json_set_str(host, "UTSMode", mode_of(c->utsns, ""));
	json_set_str(host, "UsernsMode", mode_of(c->userns, ""));
	json_set_str(host, "CgroupnsMode", mode_of(c->cgroupns, "private"));
}

/* An address that nobody gave is empty, here: where it is bound NetworkSettings says. */
static void set_bindings(struct json *host, const struct container_config *c)
{
	struct json *all = json_new_object();

	for (size_t i = 0; i < c->ports.n; i++) {
		const struct netns_port *p = &c->ports.v[i];
		autofree char *key = xasprintf("%u/%s", p->container_port, p->proto == NETNS_UDP ? "udp" : "tcp");
		autofree char *port = xasprintf("%u", p->host_port);
		struct json *one = json_new_object();

		json_set_str(one, "HostIp", p->host_ip ? p->host_ip : "");
		json_set_str(one, "HostPort", port);
		if (!json_get(all, key))
			json_set(all, key, json_new_array());
		json_add(json_edit(all, key), one);
	}
	json_set(host, "PortBindings", all);
}

/* A word of the kernel's that was asked for: "rslave"; NULL. */
static const char *propagation_of(const struct mount_arg *m)
{
	static const char *const words[] = { "rprivate", "private", "rshared", "shared", "rslave", "slave" };

	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (strv_has(&m->options, words[i]))
			return words[i];
	return NULL;
}

static void set_volume_options(struct json *mount, const struct mount_arg *m)
{
	struct json *j = json_new_object();

	if (m->is_nocopy)
		json_set_bool(j, "NoCopy", true);
	if (m->labels.n)
		json_set(j, "Labels", json_new_pairs(&m->labels));
	if (m->subpath)
		json_set_str(j, "Subpath", m->subpath);
	if (m->driver_opts.n) {
		struct json *driver = json_new_object();

		json_set(driver, "Options", json_new_pairs(&m->driver_opts));
		json_set(j, "DriverConfig", driver);
	}
	json_set(mount, "VolumeOptions", j);
}

static void set_tmpfs_options(struct json *mount, const struct mount_arg *m)
{
	struct json *j = json_new_object();

	for (size_t i = 0; i < m->options.n; i++) {
		const char *size = str_after(m->options.v[i], "size="), *mode = str_after(m->options.v[i], "mode=");
		int64_t bytes;

		if (size && units_parse_bytes(size, &bytes) >= 0)
			json_set_int(j, "SizeBytes", bytes);
		if (mode)
			json_set_int(j, "Mode", strtol(mode, NULL, 8));
	}
	json_set(mount, "TmpfsOptions", j);
}

static struct json *mount_object(const struct mount_arg *m)
{
	static const char *const types[N_MOUNT_ARG_TYPES] = {
		[MOUNT_ARG_BIND] = "bind", [MOUNT_ARG_VOLUME] = "volume", [MOUNT_ARG_TMPFS] = "tmpfs",
		[MOUNT_ARG_DEVPTS] = "devpts", [MOUNT_ARG_IMAGE] = "image", [MOUNT_ARG_RAMFS] = "ramfs",
		[MOUNT_ARG_GLOB] = "glob",
	};
	struct json *j = json_new_object(), *bind;
	const char *propagation = propagation_of(m);

	json_set_str(j, "Type", types[m->type]);
	if (m->source)
		json_set_str(j, "Source", m->source);
	json_set_str(j, "Target", m->target);
	if (m->is_readonly)
		json_set_bool(j, "ReadOnly", true);
	if (m->type == MOUNT_ARG_VOLUME)
		set_volume_options(j, m);
	if (m->type == MOUNT_ARG_TMPFS)
		set_tmpfs_options(j, m);
	if (m->type == MOUNT_ARG_BIND && propagation) {
		bind = json_new_object();
		json_set_str(bind, "Propagation", propagation);
		json_set(j, "BindOptions", bind);
	}
	return j;
}

/* --mount as it was asked for; left out when there is none. */
static void set_mount_list(struct json *host, const struct container_config *c)
{
	auto_of(mount_args_clear) struct mount_args args = { 0 };
	struct json *list;
	struct err ignored = { 0 };

	for (size_t i = 0; i < c->mounts.n; i++)
		mount_args_mount(&args, c->mounts.v[i], &ignored);
	if (!args.n)
		return;
	list = json_new_array();
	for (size_t i = 0; i < args.n; i++)
		json_add(list, mount_object(&args.v[i]));
	json_set(host, "Mounts", list);
}

/* Docker says null where nothing is confined. */
static void set_paths(struct json *host, const struct container_config *c)
{
	auto_of(strv_clear) struct strv hidden = { 0 }, fixed = { 0 };

	ctr_security_paths(&hidden, &fixed, c);
	json_set(host, "MaskedPaths", hidden.n ? json_new_strv(&hidden) : json_new_null());
	json_set(host, "ReadonlyPaths", fixed.n ? json_new_strv(&fixed) : json_new_null());
}

static void set_log(struct json *host)
{
	struct json *log = json_edit(host, "LogConfig");
	static const char *const others[] = { "Path", "Tag", "Size" };

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		json_remove(log, others[i]);
	if (!json_is(json_get(log, "Config"), JSON_OBJECT))
		json_set(log, "Config", json_new_object());
}

/* Of the list that Podman has: no options, and the mode as -v had it. */
static void set_mounts(struct json *mounts)
{
	for (size_t i = 0; i < json_len(mounts); i++) {
		struct json *m = json_edit_at(mounts, i);
		bool is_volume = str_eq(json_get_str(m, "Type"), "volume");

		json_remove(m, "Options");
		if (is_volume) {
			json_set_str(m, "Mode", json_get_bool(m, "RW", true) ? "z" : "ro");
			json_set_str(m, "Propagation", "");
		} else {
			json_remove(m, "Driver");
			if (str_empty(json_get_str(m, "Mode")) && !json_get_bool(m, "RW", true))
				json_set_str(m, "Mode", "ro");
		}
	}
}

void inspect_docker_host(struct json *object, const struct container_config *c)
{
	static const char *const others[] = { "CgroupMode", "Cgroups", "CgroupManager", "CgroupConf",
					      "IDMappings", "DiskQuota", "KernelMemory" };
	struct json *host = json_edit(object, "HostConfig");

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		json_remove(host, others[i]);
	set_log(host);
	set_modes(host, c);
	set_binds(host, c);
	set_bindings(host, c);
	empty_to_null(host);
	json_set(host, "DeviceCgroupRules", c->device_cgroup_rules.n ? json_new_strv(&c->device_cgroup_rules)
								     : json_new_null());
	json_set(host, "DeviceRequests", json_new_null());
	json_set_str(host, "Runtime", "rootlet");
	set_mount_list(host, c);
	set_paths(host, c);
	if (c->sysctls.n)
		json_set(host, "Sysctls", json_new_pairs(&c->sysctls));
	if (c->annotations.n)
		json_set(host, "Annotations", json_new_pairs(&c->annotations));
	set_mounts(json_edit(object, "Mounts"));
}
