/* SPDX-License-Identifier: Apache-2.0 */
#include "container/inspect_docker.h"

#include "base/str.h"
#include "netns/netns.h"

#include <string.h>

const char *inspect_docker_driver(const char *name)
{
	return str_eq(name, "overlay") ? "overlay2" : name;
}

static void remove_all(struct json *j, const char *const *names, size_t n)
{
	for (size_t i = 0; i < n; i++)
		json_remove(j, names[i]);
}

static bool is_any(const char *text, const char *a, const char *b)
{
	return str_eq(text, a) || str_eq(text, b);
}

static void set_state(struct json *state)
{
	static const char *const others[] = { "OciVersion", "ConmonPid", "CgroupPath", "StoppedByUser",
					      "CheckpointedAt", "RestoredAt" };
	const char *status = json_get_str(state, "Status");

	if (json_get_bool(state, "Restarting", false))
		json_set_str(state, "Status", "restarting");
	else if (is_any(status, "initialized", "configured"))
		json_set_str(state, "Status", "created");
	else if (str_eq(status, "stopping"))
		json_set_str(state, "Status", "running");
	else if (str_eq(status, "stopped"))
		json_set_str(state, "Status", "exited");
	/* One that is paused, or between two starts, runs. */
	status = json_get_str(state, "Status");
	json_set_bool(state, "Running", is_any(status, "running", "paused") || str_eq(status, "restarting"));
	remove_all(state, others, ARRAY_SIZE(others));
}

/* {"/data":{}} for what was made without a name; null for none. */
static struct json *anonymous_mounts(const struct json *mounts, const struct container_config *c)
{
	struct json *j = json_new_object();

	for (size_t i = 0; i < json_len(mounts); i++) {
		const char *name = json_get_str(json_at(mounts, i), "Name");

		if (name && strv_has(&c->anonymous_volumes, name))
			json_set(j, json_get_str(json_at(mounts, i), "Destination"), json_new_object());
	}
	if (json_len(j))
		return j;
	json_free(j);
	return json_new_null();
}

/* What the engine adds for the process is no part of the definition. */
static struct json *given_env(const struct json *env, const char *hostname)
{
	autofree char *host = xasprintf("HOSTNAME=%s", hostname);
	struct json *j = json_new_array();

	for (size_t i = 0; i < json_len(env); i++) {
		const char *one = json_str(json_at(env, i));

		if (!is_any(one, host, "container=podman"))
			json_add_str(j, one);
	}
	return j;
}

static void set_config(struct json *config, const struct json *mounts, const struct container_config *c)
{
	static const char *const others[] = {
		"Annotations", "CreateCommand", "Umask", "Timeout", "HealthcheckOnFailureAction",
		"HealthcheckMaxLogCount", "HealthcheckMaxLogSize", "Passwd", "sdNotifyMode",
		"StartupHealthCheck",
	};

	remove_all(config, others, ARRAY_SIZE(others));
	json_set_bool(config, "StdinOnce", c->is_interactive && !c->is_detached);
	json_set_str(config, "Image", c->image_name ? c->image_name : "");
	json_set_str(config, "WorkingDir", c->workdir ? c->workdir : "");
	json_set(config, "Env", given_env(json_get(config, "Env"), json_get_str(config, "Hostname")));
	json_set(config, "Volumes", anonymous_mounts(mounts, c));
	if (!c->command.n)
		json_set(config, "Cmd", json_new_null());
	if (!c->stop_signal)
		json_remove(config, "StopSignal");
	if (c->stop_timeout == 10)
		json_remove(config, "StopTimeout");
}

static struct json *endpoint(const struct json *net)
{
	static const char *const nulls[] = { "IPAMConfig", "Links", "Aliases", "DriverOpts", "DNSNames" };
	static const char *const same[] = { "NetworkID", "EndpointID", "Gateway", "IPAddress",
					    "IPPrefixLen", "IPv6Gateway", "GlobalIPv6Address",
					    "GlobalIPv6PrefixLen", "MacAddress" };
	struct json *j = json_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(nulls); i++)
		json_set(j, nulls[i], json_new_null());
	for (size_t i = 0; i < ARRAY_SIZE(same); i++) {
		const struct json *value = json_get(net, same[i]);

		json_set(j, same[i], value ? json_copy(value) : json_new_string(""));
	}
	return j;
}

/* A container that does not run has neither addresses nor ports. */
static void set_network(struct json *net, const struct container_config *c, bool is_running)
{
	static const char *const texts[] = { "Gateway", "IPAddress", "MacAddress" };
	struct json *networks;

	json_set(net, "SecondaryIPAddresses", json_new_null());
	json_set(net, "SecondaryIPv6Addresses", json_new_null());
	for (size_t i = 0; !is_running && i < ARRAY_SIZE(texts); i++)
		json_set_str(net, texts[i], "");
	if (!is_running) {
		json_set_int(net, "IPPrefixLen", 0);
		json_set(net, "Ports", json_new_object());
	}
	if (json_members(json_get(net, "Networks")) || c->net.mode == NETNS_CONTAINER)
		return;
	networks = json_new_object();
	json_set(networks, inspect_docker_network(c), endpoint(net));
	json_set(net, "Networks", networks);
}

static void set_graph_driver(struct json *driver)
{
	struct json *data = json_edit(driver, "Data");
	const char *upper = json_get_str(data, "UpperDir");

	json_set_str(driver, "Name", inspect_docker_driver(json_get_str(driver, "Name")));
	/* It is mounted in the container's mount namespace only; the path is where rootlet mount puts it. */
	if (upper && !json_get(data, "MergedDir")) {
		autofree char *merged = xasprintf("%.*smerged", (int)(strlen(upper) - strlen("upper")), upper);

		json_set_str(data, "MergedDir", merged);
	}
}

void inspect_docker(struct json *j, const struct record *r)
{
	static const char *const others[] = {
		"ImageName", "Rootfs", "ImageDigest", "Pod", "StaticDir", "OCIRuntime", "ConmonPidFile",
		"PidFile", "EffectiveCaps", "BoundingCaps", "Dependencies", "Namespace", "IsInfra",
		"IsService", "KubeExitCodePropagation", "lockNumber", "OCIConfigPath", "UseImageHosts",
		"UseImageHostname",
	};
	const struct container_config *c = &r->config;
	autofree char *name = xasprintf("/%s", c->name);
	autofree char *image = xasprintf("%s%s", c->image_id ? "sha256:" : "", c->image_id ? c->image_id : "");
	const char *log = json_str(json_path(j, "HostConfig.LogConfig.Path"));
	autofree char *log_path = xstrdup(log ? log : "");

	json_set_str(j, "Name", name);
	json_set_str(j, "Image", image);
	json_set_str(j, "LogPath", log_path);
	json_set_str(j, "Platform", "linux");
	json_set_str(j, "Driver", inspect_docker_driver(json_get_str(j, "Driver")));
	if (!json_len(json_get(j, "ExecIDs")))
		json_set(j, "ExecIDs", json_new_null());
	set_state(json_edit(j, "State"));
	set_graph_driver(json_edit(j, "GraphDriver"));
	inspect_docker_host(j, c);
	set_config(json_edit(j, "Config"), json_get(j, "Mounts"), c);
	set_network(json_edit(j, "NetworkSettings"), c, json_path(j, "State.Running") &&
		    json_bool(json_path(j, "State.Running"), false));
	remove_all(j, others, ARRAY_SIZE(others));
}
