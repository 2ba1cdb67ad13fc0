/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/docker_info.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/persona.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "base/units.h"
#include "cli/cmd.h"
#include "cli/host_facts.h"
#include "container/ctr_cgroup.h"
#include "container/inspect_docker.h"
#include "storage/store.h"
#include "userns/session.h"

#include <string.h>
#include <sys/utsname.h>

/* What the kernel of this machine lets this user limit: by which controller of cgroup v2. */
static const struct {
	const char *member, *controller, *warning;
} limits[] = {
	{ "MemoryLimit", "memory", "No memory limit support" },
	{ "SwapLimit", "memory", "No swap limit support" },
	{ "CpuCfsPeriod", "cpu", "No cpu cfs period support" },
	{ "CpuCfsQuota", "cpu", "No cpu cfs quota support" },
	{ "CPUShares", "cpu", "No cpu shares support" },
	{ "CPUSet", "cpuset", "No cpuset support" },
	{ "PidsLimit", "pids", NULL },
};

static void copy(struct json *out, const char *name, const struct json *from, const char *path)
{
	const struct json *value = json_path(from, path);

	json_set(out, name, value ? json_copy(value) : json_new_null());
}

static struct json *list_of(const char *const *items)
{
	struct json *list = json_new_array();

	for (; *items; items++)
		json_add_str(list, *items);
	return list;
}

static uint64_t hash(uint64_t h, const char *text)
{
	for (; text && *text; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
	return h;
}

/* The same for a store on a machine as long as both are there; tells nothing of either. */
static char *make_id(const char *root)
{
	autofree char *machine = host_facts_first_line("/etc/machine-id");
	uint64_t a = hash(hash(UINT64_C(0xcbf29ce484222325), machine), root);
	uint64_t b = hash(hash(a, root), machine);

	return xasprintf("%08x-%04x-4%03x-8%03x-%012llx", (unsigned int)(a >> 32),
			 (unsigned int)(a >> 16) & 0xffff, (unsigned int)a & 0xfff,
			 (unsigned int)(b >> 52), (unsigned long long)(b & UINT64_C(0xffffffffffff)));
}

static void add_pair(struct json *list, const char *name, const char *value)
{
	struct json *pair = json_new_array();

	json_add_str(pair, name);
	json_add_str(pair, value);
	json_add(list, pair);
}

static struct json *driver_status(const struct store *s, const char *driver)
{
	struct json *list = json_new_array();

	if (!str_eq(driver, "overlay2"))
		return list;
	add_pair(list, "Backing Filesystem", host_facts_file_system(s->layers_dirfd));
	add_pair(list, "Supports d_type", "true");
	add_pair(list, "Using metacopy", "false");
	add_pair(list, "Native Overlay Diff", "false");
	add_pair(list, "userxattr", "true");
	return list;
}

static void add_limits(struct json *out, uid_t uid)
{
	auto_of(strv_clear) struct strv controllers = { 0 };

	host_facts_cgroup_controllers(uid, &controllers);
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		json_set_bool(out, limits[i].member, strv_has(&controllers, limits[i].controller));
}

static void add_plugins(struct json *out)
{
	static const char *const volumes[] = { "local", NULL }, *const networks[] = { "bridge", "host", "null", NULL };
	static const char *const logs[] = { "journald", "json-file", NULL };
	struct json *plugins = json_new_object();

	json_set(plugins, "Volume", list_of(volumes));
	json_set(plugins, "Network", list_of(networks));
	json_set(plugins, "Authorization", json_new_null());
	json_set(plugins, "Log", list_of(logs));
	json_set(out, "Plugins", plugins);
}

/* The words of limited means: "none" tells Docker's users that there is no cgroup for a container. */
static void add_cgroup(struct json *out, const struct cmd_context *c)
{
	autofree char *delegated = host_facts_cgroup_delegated(c->session->uid);
	int version = host_facts_cgroup_version();

	json_set_str(out, "CgroupDriver", delegated ? ctr_cgroup_manager_next(c->engine) : "none");
	json_set_str(out, "CgroupVersion", version == 2 ? "2" : "1");
}

/* As the environment has it; a user name and password in it are nobody's business. */
static void add_proxy(struct json *out, const char *member, const char *variable)
{
	const char *url = getenv(variable), *scheme = url ? strstr(url, "://") : NULL;
	const char *user = scheme ? scheme + 3 : url, *at = user ? strchr(user, '@') : NULL;

	if (at)
		json_set_str_take(out, member, xasprintf("%.*sxxxxx:xxxxx%s", (int)(user - url), url, at));
	else
		json_set_str(out, member, url ? url : "");
}

static void add_system(struct json *out, const struct json *info)
{
	autofree char *pretty = host_facts_os_release("PRETTY_NAME"), *version = host_facts_os_release("VERSION_ID");
	struct utsname u = { 0 };
	const char *const none[] = { NULL };
	struct json *registries = json_new_object();

	uname(&u);
	json_set_str(out, "KernelVersion", u.release);
	json_set_str(out, "OperatingSystem", pretty ? pretty : "Linux");
	json_set_str(out, "OSVersion", version ? version : "");
	json_set_str(out, "OSType", "linux");
	json_set_str(out, "Architecture", u.machine);
	json_set_str(out, "IndexServerAddress", "https://index.docker.io/v1/");
	json_set(registries, "IndexConfigs", json_new_object());
	json_set(registries, "InsecureRegistryCIDRs", list_of(none));
	json_set(registries, "Mirrors", json_new_null());
	json_set(out, "RegistryConfig", registries);
	copy(out, "NCPU", info, "host.cpus");
	copy(out, "MemTotal", info, "host.memTotal");
	json_set(out, "GenericResources", json_new_null());
	copy(out, "DockerRootDir", info, "store.graphRoot");
	add_proxy(out, "HttpProxy", "HTTP_PROXY");
	add_proxy(out, "HttpsProxy", "HTTPS_PROXY");
	add_proxy(out, "NoProxy", "NO_PROXY");
	json_set_str(out, "Name", u.nodename);
}

static struct json *swarm(void)
{
	struct json *j = json_new_object();

	json_set_str(j, "NodeID", "");
	json_set_str(j, "NodeAddr", "");
	json_set_str(j, "LocalNodeState", "inactive");
	json_set_bool(j, "ControlAvailable", false);
	json_set_str(j, "Error", "");
	json_set(j, "RemoteManagers", json_new_null());
	return j;
}

static struct json *runtimes(void)
{
	autofree char *exe = NULL;
	struct json *list = json_new_object(), *one = json_new_object();

	file_readlink_at(AT_FDCWD, "/proc/self/exe", &exe);
	json_set_str(one, "path", exe ? exe : "rootlet");
	json_set(list, "rootlet", one);
	return list;
}

static struct json *security(const struct json *info)
{
	struct json *list = json_new_array();

	if (json_bool(json_path(info, "host.security.seccompEnabled"), false))
		json_add_str(list, "name=seccomp,profile=builtin");
	json_add_str(list, "name=rootless");
	if (host_facts_cgroup_version() == 2)
		json_add_str(list, "name=cgroupns");
	return list;
}

static struct json *warnings(const struct json *tree)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < ARRAY_SIZE(limits); i++)
		if (limits[i].warning && !json_get_bool(tree, limits[i].member, false)) {
			autofree char *text = xasprintf("WARNING: %s", limits[i].warning);

			json_add_str(list, text);
		}
	return list;
}

static struct json *client(const struct cmd_context *c)
{
	struct json *j = json_new_object();

	json_set_bool(j, "Debug", c->globals->debug || str_eq(c->globals->log_level, "debug"));
	json_set_str(j, "Version", persona_version());
	json_set_str(j, "Context", "default");
	json_set(j, "Plugins", json_new_array());
	json_set(j, "Warnings", json_new_null());
	return j;
}

static void add_daemon(struct json *out)
{
	autofree char *forward = host_facts_first_line("/proc/sys/net/ipv4/ip_forward");
	char now[40];

	json_set_bool(out, "IPv4Forwarding", str_eq(forward, "1"));
	json_set_bool(out, "Debug", false);
	json_set_int(out, "NFd", 0);
	json_set_bool(out, "OomKillDisable", false);
	json_set_int(out, "NGoroutines", 0);
	json_set_str(out, "SystemTime", time_rfc3339(now, time_now(), false));
	json_set_str(out, "LoggingDriver", "json-file");
}

static void add_engine(struct json *out, const struct json *info)
{
	static const char *const cdi[] = { "/etc/cdi", "/var/run/cdi", NULL };
	static const char *const commits[] = { "ContainerdCommit", "RuncCommit", "InitCommit" };

	json_set(out, "Labels", json_new_array());
	json_set_bool(out, "ExperimentalBuild", false);
	json_set_str(out, "ServerVersion", persona_version());
	json_set(out, "Runtimes", runtimes());
	json_set_str(out, "DefaultRuntime", "rootlet");
	json_set(out, "Swarm", swarm());
	json_set_bool(out, "LiveRestoreEnabled", true);
	json_set_str(out, "Isolation", "");
	json_set_str(out, "InitBinary", "rootlet");
	for (size_t i = 0; i < ARRAY_SIZE(commits); i++) {
		struct json *commit = json_new_object();

		json_set_str(commit, "ID", "");
		json_set(out, commits[i], commit);
	}
	json_set(out, "SecurityOptions", security(info));
	json_set(out, "CDISpecDirs", list_of(cdi));
	json_set(out, "Warnings", warnings(out));
}

struct json *docker_info_tree(const struct cmd_context *c, const struct json *info)
{
	static const char *const counts[][2] = {
		{ "Containers", "store.containerStore.number" },
		{ "ContainersRunning", "store.containerStore.running" },
		{ "ContainersPaused", "store.containerStore.paused" },
		{ "ContainersStopped", "store.containerStore.stopped" },
		{ "Images", "store.imageStore.number" },
	};
	const char *driver = inspect_docker_driver(json_str(json_path(info, "store.graphDriverName")));
	struct json *out = json_new_object();

	json_set_str_take(out, "ID", make_id(c->store->root));
	for (size_t i = 0; i < ARRAY_SIZE(counts); i++)
		copy(out, counts[i][0], info, counts[i][1]);
	json_set_str(out, "Driver", driver);
	json_set(out, "DriverStatus", driver_status(c->store, driver));
	add_plugins(out);
	add_limits(out, c->session->uid);
	add_daemon(out);
	add_cgroup(out, c);
	json_set_int(out, "NEventsListener", 0);
	add_system(out, info);
	add_engine(out, info);
	json_set(out, "ClientInfo", client(c));
	return out;
}

static const char *text_of(const struct json *tree, const char *path)
{
	const char *s = json_str(json_path(tree, path));

	return s ? s : "";
}

static const char *truth(const struct json *tree, const char *path)
{
	return json_bool(json_path(tree, path), false) ? "true" : "false";
}

static void add_count(struct str *out, const struct json *tree, const char *label, const char *member)
{
	str_addf(out, " %s: %lld\n", label, (long long)json_get_int(tree, member, 0));
}

static void add_words(struct str *out, const char *label, const struct json *list)
{
	autofree char *words = json_join(list, " ");

	str_addf(out, "  %s: %s\n", label, words);
}

/* "name=seccomp,profile=builtin": the name on a line, the rest below it. */
static void add_security(struct str *out, const struct json *list)
{
	str_add(out, " Security Options:\n");
	for (size_t i = 0; i < json_len(list); i++) {
		auto_of(strv_clear) struct strv parts = { 0 };

		strv_split(&parts, json_str(json_at(list, i)), ',');
		for (size_t k = 0; k < parts.n; k++) {
			const char *name = str_after(parts.v[k], "name="), *profile = str_after(parts.v[k], "profile=");

			if (name)
				str_addf(out, "  %s\n", name);
			else if (profile)
				str_addf(out, "   Profile: %s\n", profile);
		}
	}
}

static void add_store_text(struct str *out, const struct json *tree)
{
	const struct json *status = json_get(tree, "DriverStatus"), *plugins = json_get(tree, "Plugins");

	add_count(out, tree, "Containers", "Containers");
	add_count(out, tree, " Running", "ContainersRunning");
	add_count(out, tree, " Paused", "ContainersPaused");
	add_count(out, tree, " Stopped", "ContainersStopped");
	add_count(out, tree, "Images", "Images");
	str_addf(out, " Server Version: %s\n Storage Driver: %s\n", text_of(tree, "ServerVersion"),
		 text_of(tree, "Driver"));
	for (size_t i = 0; i < json_len(status); i++)
		str_addf(out, "  %s: %s\n", json_str(json_at(json_at(status, i), 0)),
			 json_str(json_at(json_at(status, i), 1)));
	str_addf(out, " Logging Driver: %s\n Cgroup Driver: %s\n Cgroup Version: %s\n Plugins:\n",
		 text_of(tree, "LoggingDriver"), text_of(tree, "CgroupDriver"), text_of(tree, "CgroupVersion"));
	add_words(out, "Volume", json_get(plugins, "Volume"));
	add_words(out, "Network", json_get(plugins, "Network"));
	add_words(out, "Log", json_get(plugins, "Log"));
}

static void add_machine_text(struct str *out, const struct json *tree)
{
	static const char *const texts[][2] = {
		{ "Kernel Version", "KernelVersion" }, { "Operating System", "OperatingSystem" },
		{ "OSType", "OSType" },		       { "Architecture", "Architecture" },
	};
	static const char *const proxies[][2] = {
		{ "HTTP Proxy", "HttpProxy" }, { "HTTPS Proxy", "HttpsProxy" }, { "No Proxy", "NoProxy" },
	};
	char memory[32];

	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		str_addf(out, " %s: %s\n", texts[i][0], text_of(tree, texts[i][1]));
	add_count(out, tree, "CPUs", "NCPU");
	str_addf(out, " Total Memory: %s\n Name: %s\n ID: %s\n Docker Root Dir: %s\n Debug Mode: %s\n",
		 units_bytes_size(memory, (double)json_get_int(tree, "MemTotal", 0)), text_of(tree, "Name"),
		 text_of(tree, "ID"), text_of(tree, "DockerRootDir"), truth(tree, "Debug"));
	for (size_t i = 0; i < ARRAY_SIZE(proxies); i++)
		if (*text_of(tree, proxies[i][1]))
			str_addf(out, " %s: %s\n", proxies[i][0], text_of(tree, proxies[i][1]));
	str_addf(out, " Experimental: %s\n Live Restore Enabled: %s\n", truth(tree, "ExperimentalBuild"),
		 truth(tree, "LiveRestoreEnabled"));
}

void docker_info_text(struct str *out, const struct json *tree)
{
	const struct json *dirs = json_get(tree, "CDISpecDirs");

	str_addf(out, "Client: rootlet " PACKAGE_VERSION "\n Version:    %s\n Context:    %s\n Debug Mode: %s\n\nServer:\n",
		 text_of(tree, "ClientInfo.Version"), text_of(tree, "ClientInfo.Context"),
		 truth(tree, "ClientInfo.Debug"));
	add_store_text(out, tree);
	str_add(out, " CDI spec directories:\n");
	for (size_t i = 0; i < json_len(dirs); i++)
		str_addf(out, "  %s\n", json_str(json_at(dirs, i)));
	str_addf(out, " Swarm: %s\n Runtimes: %s\n Default Runtime: %s\n Init Binary: %s\n",
		 text_of(tree, "Swarm.LocalNodeState"), json_key_at(json_get(tree, "Runtimes"), 0),
		 text_of(tree, "DefaultRuntime"), text_of(tree, "InitBinary"));
	add_security(out, json_get(tree, "SecurityOptions"));
	add_machine_text(out, tree);
}

void docker_info_warnings(struct str *out, const struct json *tree)
{
	const struct json *list = json_get(tree, "Warnings");

	for (size_t i = 0; i < json_len(list); i++)
		str_addf(out, "%s\n", json_str(json_at(list, i)));
}
