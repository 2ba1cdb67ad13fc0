/* SPDX-License-Identifier: Apache-2.0 */
#include "container/inspect_priv.h"

#include "base/fd.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "container/ctr_files.h"
#include "container/ctr_secrets.h"
#include "container/ctr_security.h"
#include "container/exec_sessions.h"
#include "container/health.h"
#include "container/inspect_docker.h"
#include "container/lifecycle.h"
#include "container/logs.h"
#include "container/mount_args.h"
#include "container/mount_words.h"
#include "container/query.h"
#include "container/state.h"
#include "container/volumes.h"
#include "netns/netns.h"
#include "runtime/caps.h"
#include "runtime/spec.h"
#include "storage/driver.h"
#include "storage/images.h"
#include "storage/store.h"
#include "userns/session.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#define INIT_TARGET "/run/podman-init"	/* as in runtime/init.c */

static void set_time(struct json *j, const char *key, int64_t ns)
{
	char buf[40];

	json_set(j, key, json_new_time(ns ? time_rfc3339(buf, ns, false) : "0001-01-01T00:00:00Z"));
}

/* A check that nobody has begun: templates find it all the same. */
static struct json *no_health_yet(void)
{
	struct json *j = json_new_object();

	json_set_str(j, "Status", "");
	json_set_int(j, "FailingStreak", 0);
	json_set(j, "Log", json_new_null());
	return j;
}

static struct json *state_object(const struct container_config *c, const struct state *st)
{
	struct json *j = json_new_object();
	auto_of(json_free) struct json *check = health_describe(c);

	json_set_str(j, "OciVersion", "1.2.0");
	json_set_str(j, "Status", state_name(st->status));
	json_set_bool(j, "Running", st->status == STATE_RUNNING);
	json_set_bool(j, "Paused", st->status == STATE_PAUSED);
	json_set_bool(j, "Restarting", st->is_restarting);
	json_set_bool(j, "OOMKilled", st->is_oom_killed);
	json_set_bool(j, "Dead", false);
	json_set_int(j, "Pid", state_is_alive(st) ? st->pid : 0);
	json_set_int(j, "ConmonPid", state_is_alive(st) ? st->monitor_pid : 0);
	json_set_int(j, "ExitCode", st->exit_code);
	json_set_str(j, "Error", st->error ? st->error : "");
	set_time(j, "StartedAt", st->started);
	set_time(j, "FinishedAt", st->finished);
	if (st->health)
		json_set(j, "Health", json_copy(st->health));
	else if (check)
		json_set(j, "Health", no_health_yet());
	if (st->cgroup)
		json_set_str(j, "CgroupPath", str_after(st->cgroup, "/sys/fs/cgroup"));
	json_set_bool(j, "StoppedByUser", st->is_stopped_by_user);
	/* Checkpoints need root. */
	set_time(j, "CheckpointedAt", 0);
	set_time(j, "RestoredAt", 0);
	return j;
}

static struct json *caps_list(uint64_t set)
{
	struct json *list = json_new_array();

	auto_of(strv_clear) struct strv names = { 0 };

	for (int cap = 0; cap < 64; cap++)
		if ((set & (UINT64_C(1) << cap)) && caps_name(cap))
			strv_add(&names, caps_name(cap));
	strv_sort(&names);
	for (size_t i = 0; i < names.n; i++)
		json_add_str(list, names.v[i]);
	return list;
}

static const char *propagation_of(const struct strv *options)
{
	static const char *const names[] = { "shared", "rshared", "slave", "rslave", "private",
					     "rprivate", "unbindable", "runbindable" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (strv_has(options, names[i]))
			return names[i];
	return "rprivate";
}

static struct json *mount_object(struct engine *g, const struct mount_arg *a)
{
	static const char *const types[N_MOUNT_ARG_TYPES] = { "bind", "volume", "tmpfs", "devpts",
							      "image", "ramfs", "glob" };
	struct json *j = json_new_object();
	struct strv options = { 0 };

	json_set_str(j, "Type", types[a->type]);
	if (a->type == MOUNT_ARG_VOLUME) {
		autofree char *path = xasprintf("%s/volumes/%s/_data", g->store->root, a->source);

		json_set_str(j, "Name", a->source);
		json_set_str(j, "Source", path);
	} else {
		json_set_str(j, "Source", a->source ? a->source : "");
	}
	json_set_str(j, "Destination", a->target);
	json_set_str(j, "Driver", a->type == MOUNT_ARG_VOLUME ? "local" : "");
	json_set_str(j, "Mode", strv_has(&a->options, "z")   ? "z"
				: strv_has(&a->options, "Z") ? "Z"
							     : "");
	for (size_t i = 0; i < a->options.n; i++)
		if (!str_eq(a->options.v[i], "ro") && !str_eq(a->options.v[i], "z") &&
		    !str_eq(a->options.v[i], "Z") && !mount_words_is_propagation(a->options.v[i]))
			strv_add(&options, a->options.v[i]);
	if (!g->is_docker)
		mount_words_defaults(&options, a->type);
	if (a->type != MOUNT_ARG_TMPFS && !strv_has(&options, "bind") && !strv_has(&options, "rbind"))
		strv_add(&options, "rbind");
	json_set_strv(j, "Options", &options);
	strv_clear(&options);
	json_set_bool(j, "RW", !a->is_readonly);
	json_set_str(j, "Propagation", a->type == MOUNT_ARG_TMPFS ? "" : propagation_of(&a->options));
	return j;
}

/* As podman: binds and volumes; tmpfs mounts stand in HostConfig. */
static int mounts_list(struct json **out, struct engine *g, const struct container_config *c,
		       struct err *e)
{
	auto_of(mount_args_clear) struct mount_args args = { 0 };

	if (mount_args_all(&args, c, e) < 0)
		return -e->code;
	*out = json_new_array();
	for (size_t i = 0; i < args.n; i++)
		if (args.v[i].type != MOUNT_ARG_TMPFS)
			json_add(*out, mount_object(g, &args.v[i]));
	return 0;
}

static struct json *network_object(const struct container_config *c, const struct state *st)
{
	autofree char *key = state_is_alive(st) && c->net.mode != NETNS_HOST ?
			     xasprintf("/proc/%d/ns/net", st->pid) : NULL;
	struct json *j = json_new_object();
	struct netns_addresses a = { 0 };
	struct err ignored = { 0 };
	bool has = c->net.mode == NETNS_SLIRP && netns_addresses(&a, &c->net, &ignored) >= 0;

	json_set_str(j, "EndpointID", "");
	json_set_str(j, "Gateway", has ? a.gateway : "");
	json_set_str(j, "IPAddress", has ? a.address : "");
	json_set_int(j, "IPPrefixLen", has ? a.prefix : 0);
	json_set_str(j, "IPv6Gateway", "");
	json_set_str(j, "GlobalIPv6Address", "");
	json_set_int(j, "GlobalIPv6PrefixLen", 0);
	json_set_str(j, "MacAddress", "");
	json_set_str(j, "Bridge", "");
	json_set_str(j, "SandboxID", "");
	json_set_bool(j, "HairpinMode", false);
	json_set_str(j, "LinkLocalIPv6Address", "");
	json_set_int(j, "LinkLocalIPv6PrefixLen", 0);
	json_set(j, "Ports", inspect_ports(c, true));
	json_set_str(j, "SandboxKey", key ? key : "");
	json_set(j, "Networks", json_new_object());
	return j;
}

/* {"80/tcp":{}}: exposed or published; left out when there is none. */
static void set_exposed(struct json *j, const struct container_config *c)
{
	auto_of(json_free) struct json *ports = inspect_ports(c, true);
	struct json *set;

	if (!json_members(ports))
		return;
	set = json_new_object();
	for (size_t i = 0; i < json_members(ports); i++)
		json_set_new(set, json_key_at(ports, i), json_new_object());
	json_set(j, "ExposedPorts", set);
}

static int stop_signal(const struct container_config *c)
{
	int sig = c->stop_signal ? proc_signal_parse(c->stop_signal) : SIGTERM;

	return sig > 0 ? sig : SIGTERM;
}

/* What podman notes there of a container, under names that its users look for. */
static struct json *annotations_object(const struct container_config *c)
{
	const struct {
		const char *key;
		bool is_set;
	} notes[] = {
		{ "io.podman.annotations.autoremove", c->rm },
		{ "io.podman.annotations.init", c->has_init },
		{ "io.podman.annotations.privileged", c->privileged },
		{ "io.podman.annotations.publish-all", c->publish_all },
	};
	struct json *j = json_new_pairs(&c->annotations);
	autofree char *signal = xasprintf("%d", stop_signal(c));

	json_set_str(j, "io.container.manager", "libpod");
	json_set_str(j, "org.opencontainers.image.stopSignal", signal);
	for (size_t i = 0; i < ARRAY_SIZE(notes); i++)
		if (notes[i].is_set)
			json_set_str(j, notes[i].key, "TRUE");
	return j;
}

static void set_stop_signal(struct json *j, const struct container_config *c)
{
	json_set_str_take(j, "StopSignal", proc_signal_name(stop_signal(c)));
}

static void set_umask(struct json *j, const struct container_config *c)
{
	autofree char *text = xasprintf("%04lo", c->umask ? strtoul(c->umask, NULL, 8) : 022);

	json_set_str(j, "Umask", text);
}

static struct json *config_object(struct engine *g, const struct container_config *c)
{
	struct json *j = json_new_object(), *health = NULL;
	autofree char *hostname = ctr_files_hostname(c);

	json_set_str(j, "Hostname", hostname);
	json_set_str(j, "Domainname", c->domainname ? c->domainname : "");
	json_set_str(j, "User", c->user ? c->user : "");
	json_set_bool(j, "AttachStdin", c->is_interactive && !c->is_detached);
	json_set_bool(j, "AttachStdout", !c->is_detached);
	json_set_bool(j, "AttachStderr", !c->is_detached);
	json_set_bool(j, "Tty", c->has_tty);
	json_set_bool(j, "OpenStdin", c->is_interactive);
	json_set_bool(j, "StdinOnce", false);
	json_set_strv(j, "Env", &c->env);
	json_set_strv(j, "Cmd", &c->command);
	json_set_str(j, "Image", c->image_full ? c->image_full : c->image_name);
	json_set(j, "Volumes", json_new_null());
	json_set_str(j, "WorkingDir", str_empty(c->workdir) ? "/" : c->workdir);
	if (c->entrypoint.n)
		json_set_strv(j, "Entrypoint", &c->entrypoint);
	else
		json_set(j, "Entrypoint", json_new_null());
	json_set(j, "OnBuild", json_new_null());
	json_set(j, "Labels", json_new_pairs(&c->labels));
	json_set(j, "Annotations", annotations_object(c));
	set_stop_signal(j, c);
	health = health_describe(c);
	if (health)
		json_set(j, "Healthcheck", health);
	health = health_describe_startup(c);
	if (health)
		json_set(j, "StartupHealthCheck", health);
	json_set_strv(j, "CreateCommand", c->create_argv.n ? &c->create_argv : &c->create_command);
	set_umask(j, c);
	if (c->tz)
		json_set_str(j, "Timezone", c->tz);
	json_set_int(j, "Timeout", c->timeout);
	json_set_int(j, "StopTimeout", c->stop_timeout);
	json_set_str(j, "HealthcheckOnFailureAction", c->health_on_failure ? c->health_on_failure : "none");
	json_set_str(j, "HealthcheckLogDestination",
		     c->health_log_destination ? c->health_log_destination : "local");
	json_set_int(j, "HealthcheckMaxLogCount", c->health_max_log_count);
	json_set_int(j, "HealthcheckMaxLogSize", c->health_max_log_size);
	json_set_bool(j, "Passwd", c->has_passwd);
	if (c->secrets.n)
		json_set(j, "Secrets", ctr_secrets_describe(g, c));
	set_exposed(j, c);
	json_set_str(j, "sdNotifyMode", c->sdnotify ? c->sdnotify : "container");
	return j;
}

static void set_image(struct json *j, struct engine *g, const struct container_config *c)
{
	auto_of(images_record_free) struct images_record *image = NULL;
	struct err gone = { 0 };

	json_set_str(j, "Image", c->image_id ? c->image_id : "");
	json_set_str(j, "ImageName", c->image_full ? c->image_full : "");
	json_set_str(j, "Rootfs", c->rootfs ? c->rootfs : "");
	if (c->image_id && images_load(&image, g->store, c->image_id, &gone) >= 0)
		json_set_str(j, "ImageDigest", json_get_str(image->record, "digest"));
	else
		json_set_str(j, "ImageDigest", "");
}

static void set_paths(struct json *j, struct engine *g, const struct record *r)
{
	const char *run = g->session->runtime_dir;
	static const char *const keys[][2] = {
		{ "ResolvConfPath", CTR_FILES_RESOLV }, { "HostnamePath", CTR_FILES_HOSTNAME },
		{ "HostsPath", CTR_FILES_HOSTS },
	};
	autofree char *dir = xasprintf("%s/containers/%s", g->store->root, r->id);

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		autofree char *path = xasprintf("%s/%s/%s", run, r->id, keys[i][1]);

		json_set_str(j, keys[i][0], path);
	}
	json_set_str(j, "StaticDir", dir);
	json_set_str(j, "OCIRuntime", "rootlet");
	json_set_str(j, "ConmonPidFile", r->config.conmon_pidfile ? r->config.conmon_pidfile : "");
	json_set_str(j, "PidFile", r->config.pidfile ? r->config.pidfile : "");
}

static bool is_root(const char *user)
{
	size_t n = strcspn(user ? user : "", ":");

	return n == 0 || (n == 1 && user[0] == '0') || (n == 4 && strncmp(user, "root", 4) == 0);
}

static int set_security(struct json *j, struct engine *g, const struct container_config *c,
			struct err *e)
{
	auto_of(spec_clear) struct spec s;

	spec_init(&s);
	if (ctr_security_apply(&s, g, c, e) < 0)
		return -e->code;
	json_set_str(j, "MountLabel", "");
	json_set_str(j, "ProcessLabel", s.process.selinux_label ? s.process.selinux_label : "");
	json_set_str(j, "AppArmorProfile",
		     s.process.apparmor_profile ? s.process.apparmor_profile : "");
	/* A user other than root has what was asked for by name. */
	json_set(j, "EffectiveCaps", caps_list(is_root(c->user) ? s.process.caps.effective
								 : s.process.caps.ambient));
	json_set(j, "BoundingCaps", caps_list(s.process.caps.bounding));
	return 0;
}

/* The layers' directories, top first, as overlay is given them. */
static void set_lower(struct json *j, struct engine *g, const struct container_config *c)
{
	auto_of(strv_clear) struct strv chain = { 0 };
	auto_of(str_clear) struct str text = { 0 };
	struct err gone = { 0 };

	if (!c->image_id || images_load_layers(&chain, g->store, c->image_id, &gone) < 0)
		return;
	for (size_t i = chain.n; i-- > 0;)
		str_addf(&text, "%s%s/layers/%s/diff", text.len ? ":" : "", g->store->root, chain.v[i]);
	if (text.len)
		json_set_str(j, "LowerDir", text.p);
}

static struct json *driver_object(struct engine *g, const struct record *r)
{
	struct json *j = json_new_object(), *data = json_new_object();
	autofree char *upper = xasprintf("%s/containers/%s/upper", g->store->root, r->id);
	autofree char *work = xasprintf("%s/containers/%s/work", g->store->root, r->id);

	json_set_str(j, "Name", g->store->driver->name);
	set_lower(data, g, &r->config);
	json_set_str(data, "UpperDir", upper);
	json_set_str(data, "WorkDir", work);
	json_set(j, "Data", data);
	return j;
}

static int set_size(struct json *j, struct engine *g, const struct record *r, struct err *e)
{
	uint64_t rw, all;

	if (query_sizes(&rw, &all, g, r, e) < 0)
		return -e->code;
	json_set_int(j, "SizeRw", rw);
	json_set_int(j, "SizeRootFs", all);
	return 0;
}

int inspect_container(struct json **out, struct engine *g, struct record *r, bool size, struct err *e)
{
	auto_of(json_free) struct json *j = json_new_object();
	auto_of(state_clear) struct state st = { 0 };
	const struct container_config *c = &r->config;
	auto_of(strv_clear) struct strv argv = { 0 }, sessions = { 0 };
	struct json *mounts = NULL, *args = json_new_array();

	if (lifecycle_look(&st, g, r, e) < 0) {
		json_free(args);
		return -e->code;
	}
	if (c->has_init) {
		strv_add(&argv, INIT_TARGET);
		strv_add(&argv, "--");
	}
	strv_add_all(&argv, &c->entrypoint);
	strv_add_all(&argv, &c->command);
	for (size_t i = 1; i < argv.n; i++)
		json_add_str(args, argv.v[i]);
	json_set_str(j, "Id", r->id);
	set_time(j, "Created", c->created);
	json_set_str(j, "Path", argv.n ? argv.v[0] : "");
	json_set(j, "Args", args);
	json_set(j, "State", state_object(c, &st));
	set_image(j, g, c);
	json_set_str(j, "Pod", "");
	set_paths(j, g, r);
	json_set_str(j, "Name", c->name);
	json_set_int(j, "RestartCount", st.restart_count);
	json_set_str(j, "Driver", g->store->driver->name);
	if (set_security(j, g, c, e) < 0)
		return -e->code;
	exec_sessions_list(r, &sessions);
	json_set_strv(j, "ExecIDs", &sessions);
	json_set(j, "GraphDriver", driver_object(g, r));
	if (mounts_list(&mounts, g, c, e) < 0)
		return -e->code;
	json_set(j, "Mounts", mounts);
	json_set(j, "Dependencies", json_new_strv(&c->requires));
	json_set(j, "NetworkSettings", network_object(c, &st));
	json_set_str(j, "Namespace", "");
	json_set_bool(j, "IsInfra", false);
	json_set_bool(j, "IsService", false);
	json_set_str(j, "KubeExitCodePropagation", "invalid");
	json_set_int(j, "lockNumber", 0);
	/* There is no file: the specification goes to the runtime in memory. */
	json_set_str(j, "OCIConfigPath", "");
	json_set_bool(j, "UseImageHosts", c->no_hosts);
	json_set_bool(j, "UseImageHostname", c->no_hostname);
	json_set(j, "Config", config_object(g, c));
	json_set(j, "HostConfig", inspect_host_config(g, r));
	if (size && set_size(j, g, r, e) < 0)
		return -e->code;
	if (g->is_docker)
		inspect_docker(j, r);
	*out = steal_ptr(&j);
	return 0;
}
