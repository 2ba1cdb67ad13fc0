/* SPDX-License-Identifier: Apache-2.0 */
#include "container/inspect_docker.h"

#include "base/str.h"

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
	if (c->annotations.n)
		json_set(host, "Annotations", json_new_pairs(&c->annotations));
	set_mounts(json_edit(object, "Mounts"));
}
