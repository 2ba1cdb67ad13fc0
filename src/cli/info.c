/* SPDX-License-Identifier: Apache-2.0 */
/* rootlet info: the machine, the store and the version, as podman's and docker's info name them. */
#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/path.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/template.h"
#include "cli/cmd.h"
#include "cli/docker_info.h"
#include "cli/host_facts.h"
#include "cli/version.h"
#include "cli/yaml_out.h"
#include "container/ctr_cgroup.h"
#include "container/engine.h"
#include "container/events.h"
#include "container/query.h"
#include "image/registries.h"
#include "storage/driver.h"
#include "storage/images.h"
#include "storage/store.h"
#include "storage/store_conf.h"
#include "userns/session.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#define DEFAULT_CAPABILITIES                                                                       \
	"CAP_CHOWN,CAP_DAC_OVERRIDE,CAP_FOWNER,CAP_FSETID,CAP_KILL,CAP_NET_BIND_SERVICE,"          \
	"CAP_SETFCAP,CAP_SETGID,CAP_SETPCAP,CAP_SETUID,CAP_SYS_CHROOT"

struct info_args {
	char *format;
	bool debug;
};

static struct json *make_map(const struct idmap *m)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < m->n; i++) {
		struct json *line = json_new_object();

		json_set_int(line, "container_id", m->v[i].inside);
		json_set_int(line, "host_id", m->v[i].outside);
		json_set_int(line, "size", m->v[i].count);
		json_add(list, line);
	}
	return list;
}

static void add_cgroup(const struct cmd_context *c, struct json *host)
{
	auto_of(strv_clear) struct strv controllers = { 0 };
	int version = host_facts_cgroup_version();

	host_facts_cgroup_controllers(c->session->uid, &controllers);
	json_set_str(host, "cgroupManager", ctr_cgroup_manager_next(c->engine));
	json_set_str(host, "cgroupVersion", version == 2 ? "v2" : version == 1 ? "v1" : "none");
	json_set_strv(host, "cgroupControllers", &controllers);
}

static void add_cpu_use(struct json *host)
{
	autofree char *line = host_facts_first_line("/proc/stat");
	unsigned long long user, nice, system, idle;
	struct json *use;
	double all;

	if (!line || sscanf(line, "cpu %llu %llu %llu %llu", &user, &nice, &system, &idle) != 4)
		return;
	all = (double)(user + nice + system + idle) / 10000;
	if (all <= 0)
		return;
	use = json_new_object();
	json_set(use, "userPercent", json_new_double((int64_t)((double)(user + nice) / all) / 100.0));
	json_set(use, "systemPercent", json_new_double((int64_t)((double)system / all) / 100.0));
	json_set(use, "idlePercent", json_new_double((int64_t)((double)idle / all) / 100.0));
	json_set(host, "cpuUtilization", use);
}

static void add_distribution(struct json *host)
{
	autofree char *id = host_facts_os_release("ID");
	autofree char *version = host_facts_os_release("VERSION_ID");
	autofree char *codename = host_facts_os_release("VERSION_CODENAME");
	struct json *d = json_new_object();

	json_set_str(d, "distribution", id ? id : "unknown");
	json_set_str(d, "version", version ? version : "unknown");
	if (codename)
		json_set_str(d, "codename", codename);
	json_set(host, "distribution", d);
}

static void add_program(struct json *host, const char *key, const char *program)
{
	autofree char *path = NULL;
	autofree char *version = NULL;
	struct json *p;

	if (proc_find(program, &path) < 0)
		return;
	version = host_facts_program_version(path);
	p = json_new_object();
	json_set_str(p, "executable", path);
	json_set_str(p, "version", version ? version : "");
	json_set(host, key, p);
}

static void add_runtime(struct json *host)
{
	autofree char *exe = NULL;
	struct json *r = json_new_object();

	file_readlink_at(AT_FDCWD, "/proc/self/exe", &exe);
	json_set_str(r, "name", "rootlet");
	json_set_str(r, "path", exe ? exe : "");
	json_set_str(r, "version", "rootlet " PACKAGE_VERSION " (built in)");
	json_set(host, "ociRuntime", r);
}

static void add_security(struct json *host)
{
	struct json *s = json_new_object();

	json_set_bool(s, "apparmorEnabled", host_facts_has_apparmor());
	json_set_str(s, "capabilities", DEFAULT_CAPABILITIES);
	json_set_bool(s, "rootless", true);
	json_set_bool(s, "seccompEnabled", prctl(PR_GET_SECCOMP, 0, 0, 0, 0) >= 0);
	json_set_str(s, "seccompProfilePath", "");
	json_set_bool(s, "selinuxEnabled", host_facts_has_selinux());
	json_set(host, "security", s);
}

static char *make_uptime(long seconds)
{
	long h = seconds / 3600, m = seconds / 60 % 60, s = seconds % 60;

	if (h < 1)
		return xasprintf("%ldh %ldm %ld.00s", h, m, s);
	return xasprintf("%ldh %ldm %ld.00s (Approximately %.2f days)", h, m, s,
			 (double)seconds / 86400);
}

static void add_memory(struct json *host)
{
	autofree char *uptime = NULL;
	struct sysinfo si;

	json_set_int(host, "memFree", (int64_t)host_facts_meminfo("MemFree"));
	json_set_int(host, "memTotal", (int64_t)host_facts_meminfo("MemTotal"));
	json_set_int(host, "swapFree", (int64_t)host_facts_meminfo("SwapFree"));
	json_set_int(host, "swapTotal", (int64_t)host_facts_meminfo("SwapTotal"));
	if (sysinfo(&si) == 0)
		uptime = make_uptime(si.uptime);
	json_set_str(host, "uptime", uptime ? uptime : "");
}

static struct json *make_host(const struct cmd_context *c)
{
	struct json *host = json_new_object(), *maps = json_new_object(), *socket;
	const struct session *s = c->session;
	autofree char *socket_path = path_join(s->runtime_dir, "rootlet.sock");
	struct utsname u = { 0 };

	uname(&u);
	json_set_str(host, "arch", host_facts_arch());
	add_cgroup(c, host);
	json_set_int(host, "cpus", sysconf(_SC_NPROCESSORS_ONLN));
	add_cpu_use(host);
	add_distribution(host);
	json_set_str(host, "eventLogger", events_backend_name(c->engine));
	json_set_str(host, "hostname", u.nodename);
	json_set(maps, "gidmap", make_map(&s->gid_map));
	json_set(maps, "uidmap", make_map(&s->uid_map));
	json_set(host, "idMappings", maps);
	json_set_str(host, "kernel", u.release);
	json_set_str(host, "logDriver", "k8s-file");
	add_memory(host);
	json_set_str(host, "networkBackend", "slirp4netns");
	add_runtime(host);
	json_set_str(host, "os", "linux");
	socket = json_new_object();
	json_set_str(socket, "path", socket_path);
	json_set_bool(socket, "exists", access(socket_path, F_OK) == 0);
	json_set(host, "remoteSocket", socket);
	add_security(host);
	json_set_bool(host, "serviceIsRemote", false);
	add_program(host, "slirp4netns", "slirp4netns");
	return host;
}

static int add_containers(struct json *store, struct engine *g, struct err *e)
{
	auto_of(json_free) struct json *list = NULL;
	const struct query_filter all = { .all = true, .is_brief = true };
	struct json *n = json_new_object();
	int64_t paused = 0, running = 0;
	int r = query_ps(&list, g, &all, e);

	for (size_t i = 0; r >= 0 && i < json_len(list); i++) {
		const char *state = json_get_str(json_at(list, i), "State");

		paused += str_eq(state, "paused");
		running += str_eq(state, "running");
	}
	json_set_int(n, "number", (int64_t)json_len(list));
	json_set_int(n, "paused", paused);
	json_set_int(n, "running", running);
	json_set_int(n, "stopped", (int64_t)json_len(list) - paused - running);
	json_set(store, "containerStore", n);
	return r;
}

/* "overlay.mount_program=PATH": the program is an object with its version, as Podman has it. */
static struct json *make_options(const struct strv *opts)
{
	struct json *j = json_new_object();

	for (size_t i = 0; i < opts->n; i++) {
		const char *eq = strchrnul(opts->v[i], '=');
		autofree char *key = xstrndup(opts->v[i], eq - opts->v[i]);

		if (str_eq(strrchr(key, '.'), ".mount_program") && *eq)
			add_program(j, key, eq + 1);
		else
			json_set_str(j, key, *eq ? eq + 1 : "");
	}
	return j;
}

static struct json *make_status(const struct store *s)
{
	struct json *j = json_new_object();
	bool is_fuse = str_eq(s->driver->name, "fuse-overlayfs");

	if (!is_fuse && !str_eq(s->driver->name, "overlay"))
		return j;
	json_set_str(j, "Backing Filesystem", host_facts_file_system(s->layers_dirfd));
	json_set_str(j, "Native Overlay Diff", is_fuse ? "false" : "true");
	json_set_str(j, "Supports d_type", "true");
	json_set_str(j, "Supports shifting", is_fuse ? "true" : "false");
	json_set_str(j, "Supports volatile", "true");
	json_set_str(j, "Using metacopy", "false");
	return j;
}

static int make_store(struct json **out, const struct cmd_context *c, struct err *e)
{
	auto_of(json_free) struct json *store = json_new_object();
	autofree char *conf = store_conf_file();
	autofree char *volumes = path_join(c->store->root, "volumes");
	auto_of(strv_clear) struct strv images = { 0 };
	struct json *n;
	struct statvfs fs;
	int r;

	json_set_str(store, "configFile", conf ? conf : "");
	r = add_containers(store, c->engine, e);
	if (r >= 0)
		r = images_list(c->store, &images, e);
	if (r < 0)
		return r;
	json_set_str(store, "graphDriverName", c->store->driver->name);
	json_set(store, "graphOptions", make_options(&c->store->driver_opts));
	json_set_str(store, "graphRoot", c->store->root);
	if (fstatvfs(c->store->layers_dirfd, &fs) == 0) {
		json_set_int(store, "graphRootAllocated", (int64_t)(fs.f_blocks * fs.f_frsize));
		json_set_int(store, "graphRootUsed",
			     (int64_t)((fs.f_blocks - fs.f_bfree) * fs.f_frsize));
	}
	json_set(store, "graphStatus", make_status(c->store));
	json_set_str(store, "imageCopyTmpDir", getenv("TMPDIR") ? getenv("TMPDIR") : "/var/tmp");
	n = json_new_object();
	json_set_int(n, "number", (int64_t)images.n);
	json_set(store, "imageStore", n);
	json_set_str(store, "runRoot", c->session->runtime_dir);
	json_set_str(store, "volumePath", volumes);
	*out = steal_ptr(&store);
	return 0;
}

static struct json *make_list(const char *const *items)
{
	struct json *list = json_new_array();

	for (; *items; items++)
		json_add_str(list, *items);
	return list;
}

static struct json *make_plugins(void)
{
	static const char *const logs[] = { "k8s-file", "json-file", "none", NULL };
	static const char *const networks[] = { "slirp4netns", "host", "none", NULL };
	static const char *const volumes[] = { "local", NULL };
	struct json *p = json_new_object();

	json_set(p, "authorization", json_new_null());
	json_set(p, "log", make_list(logs));
	json_set(p, "network", make_list(networks));
	json_set(p, "volume", make_list(volumes));
	return p;
}

/* "search": where short names are looked for. A broken registries.conf is no reason to say nothing. */
static struct json *make_registries(void)
{
	auto_of(registries_free) struct registries *conf = NULL;
	struct json *r = json_new_object();
	struct err e = { 0 };

	if (registries_load(&conf, &e) < 0)
		log_warn("%s", e.msg);
	else if (registries_search_peek(conf)->n)
		json_set_strv(r, "search", registries_search_peek(conf));
	return r;
}

/* Where a template's field is not the member with a capital letter in front. */
static const char *const field_names[][2] = {
	{ "cgroupVersion", "CGroupsVersion" }, { "cpus", "CPUs" },
	{ "cpuUtilization", "CPUUtilization" }, { "os", "OS" },
	{ "idMappings", "IDMappings" },	       { "uidmap", "UIDMap" },
	{ "gidmap", "GIDMap" },		       { "container_id", "ContainerID" },
	{ "host_id", "HostID" },	       { "ociRuntime", "OCIRuntime" },
	{ "apparmorEnabled", "AppArmorEnabled" }, { "capabilities", "DefaultCapabilities" },
	{ "seccompEnabled", "SECCOMPEnabled" }, { "seccompProfilePath", "SECCOMPProfilePath" },
	{ "selinuxEnabled", "SELinuxEnabled" }, { "slirp4netns", "Slirp4NetNS" },
};

static char *field_name(const char *member)
{
	char *name;

	for (size_t i = 0; i < ARRAY_SIZE(field_names); i++)
		if (strcmp(member, field_names[i][0]) == 0)
			return xstrdup(field_names[i][1]);
	name = xstrdup(member);
	if (strchr(name, '.'))	/* an option of the driver */
		return name;
	name[0] = (char)toupper((unsigned char)name[0]);
	return name;
}

/* The tree that templates see: the Go names of podman's fields. */
static struct json *make_fields(const struct json *j)
{
	struct json *out;

	if (json_is(j, JSON_ARRAY)) {
		out = json_new_array();
		for (size_t i = 0; i < json_len(j); i++)
			json_add(out, make_fields(json_at(j, i)));
		return out;
	}
	if (!json_is(j, JSON_OBJECT))
		return json_copy(j);
	out = json_new_object();
	for (size_t i = 0; i < json_len(j); i++) {
		autofree char *name = field_name(json_key_at(j, i));

		json_set(out, name, make_fields(json_at(j, i)));
	}
	return out;
}

/* `docker info --format` has flat names. */
static void add_docker_fields(struct json *f, const struct json *info)
{
	static const char *const copies[][2] = {
		{ "Architecture", "host.arch" },	  { "NCPU", "host.cpus" },
		{ "MemTotal", "host.memTotal" },	  { "Name", "host.hostname" },
		{ "KernelVersion", "host.kernel" },	  { "OSType", "host.os" },
		{ "CgroupDriver", "host.cgroupManager" }, { "ServerVersion", "version.Version" },
		{ "Driver", "store.graphDriverName" },	  { "DockerRootDir", "store.graphRoot" },
		{ "Images", "store.imageStore.number" },  { "LoggingDriver", "host.logDriver" },
		{ "Containers", "store.containerStore.number" },
		{ "ContainersRunning", "store.containerStore.running" },
		{ "ContainersPaused", "store.containerStore.paused" },
		{ "ContainersStopped", "store.containerStore.stopped" },
		{ "OperatingSystem", "host.distribution.distribution" },
	};
	static const char *const security[] = { "name=seccomp,profile=default", "name=rootless",
						NULL };
	const char *version = json_str(json_path(info, "host.cgroupVersion"));

	for (size_t i = 0; i < ARRAY_SIZE(copies); i++) {
		const struct json *value = json_path(info, copies[i][1]);

		if (value)
			json_set(f, copies[i][0], json_copy(value));
	}
	json_set_str(f, "CgroupVersion", version && *version == 'v' ? version + 1 : version);
	json_set(f, "SecurityOptions", make_list(security));
}

static int print_info(const struct json *info, const char *format, struct err *e)
{
	auto_of(str_clear) struct str out = { 0 };
	auto_of(json_free) struct json *fields = NULL;
	int r = 0;

	if (!format) {
		yaml_out_write(&out, info);
	} else if (strcmp(format, "json") == 0) {
		json_write(&out, info, 2);
		str_addc(&out, '\n');
	} else if (strcmp(format, "{{json .}}") == 0 || strcmp(format, "{{ json . }}") == 0) {
		json_write(&out, info, 0);
		str_addc(&out, '\n');
	} else {
		fields = make_fields(info);
		add_docker_fields(fields, info);
		r = template_render(&out, format, fields, e);
		str_addc(&out, '\n');
	}
	if (r >= 0)
		fputs(str_peek(&out), stdout);
	return r;
}

static int print_docker(const struct cmd_context *c, const struct json *info, const char *format, struct err *e)
{
	auto_of(json_free) struct json *tree = docker_info_tree(c, info);
	auto_of(str_clear) struct str out = { 0 }, warnings = { 0 };
	int r = 0;

	if (!format) {
		docker_info_text(&out, tree);
		docker_info_warnings(&warnings, tree);
	} else if (str_eq(format, "json")) {
		json_write(&out, tree, 0);
		str_addc(&out, '\n');
	} else {
		r = template_render(&out, format, tree, e);
		str_addc(&out, '\n');
	}
	if (r < 0)
		return r;
	fputs(str_peek(&out), stdout);
	fflush(stdout);
	fputs(str_peek(&warnings), stderr);
	return 0;
}

static int info_run(struct cmd_context *c, void *v, const struct strv *rest, struct err *e)
{
	auto_of(json_free) struct json *info = json_new_object();
	const struct info_args *args = v;
	struct json *store;
	int r;

	(void)rest;
	if (args->format && strcmp(args->format, "json") != 0) {
		r = template_check(args->format, e);
		if (r < 0)
			return r;
	}
	r = make_store(&store, c, e);
	if (r < 0)
		return r;
	json_set(info, "host", make_host(c));
	json_set(info, "plugins", make_plugins());
	json_set(info, "registries", make_registries());
	json_set(info, "store", store);
	json_set(info, "version", version_tree());
	r = c->globals->is_docker ? print_docker(c, info, args->format, e) : print_info(info, args->format, e);
	return r < 0 ? r : 0;
}

static const struct opt info_opts[] = {
	OPT_STR('f', "format", struct info_args, format, "FORMAT", "json or a Go template"),
	OPT_FLAG_HIDDEN('D', "debug", struct info_args, debug, ""),
	OPT_END,
};

const struct cmd cmd_info = {
	.path = "system info",
	.alias = "info",
	.help = "show the machine, the store and the version",
	.opts = info_opts,
	.args_size = sizeof(struct info_args),
	.needs = NEED_USERNS | NEED_STORE | NEED_ENGINE,
	.fn = info_run,
};
