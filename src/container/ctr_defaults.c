/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_defaults.h"

#include "base/str.h"
#include "base/units.h"
#include "container/mount_args.h"
#include "netns/netns.h"

#include <string.h>

static const char *conf_str(struct engine *g, const char *key)
{
	const char *s = json_str(engine_conf(g, key));

	return str_empty(s) ? NULL : s;
}

static int wrong(const char *key, const char *expected, struct err *e)
{
	return err_set(e, EINVAL, "containers.conf: %s: expected %s", key, expected);
}

static int bad_value(const char *key, const char *value, const char *expected, struct err *e)
{
	return err_set(e, EINVAL, "containers.conf: %s = '%s': expected %s", key, value, expected);
}

/* --- switches and words --------------------------------------------------- */

static bool decide(struct engine *g, const char *key, int given, bool otherwise)
{
	return given >= 0 ? given : json_bool(engine_conf(g, key), otherwise);
}

static void set_switches(struct container_config *c, const struct ctr_defaults_given *given,
			 struct engine *g)
{
	c->http_proxy = decide(g, "containers.http_proxy", given->http_proxy, true);
	/* Which is process 1 of the container's own namespace, or nothing. */
	c->has_init = given->init >= 0 ? given->init
				       : (!c->pidns || str_eq(c->pidns, "private")) &&
						 json_bool(engine_conf(g, "containers.init"), false);
	c->no_hosts = decide(g, "containers.no_hosts", given->no_hosts, false);
	c->env_host = decide(g, "containers.env_host", given->env_host, false);
	c->read_only = decide(g, "containers.read_only", given->read_only, false);
	c->privileged = decide(g, "containers.privileged", given->privileged, false);
}

static void set_words(struct container_config *c, struct engine *g)
{
	const struct {
		char **field;
		const char *key;
	} words[] = {
		{ &c->pidns, "containers.pidns" },
		{ &c->ipcns, "containers.ipcns" },	{ &c->utsns, "containers.utsns" },
		{ &c->cgroupns, "containers.cgroupns" }, { &c->cgroups, "containers.cgroups" },
		{ &c->tz, "containers.tz" },		{ &c->umask, "containers.umask" },
		{ &c->hosts_file, "containers.base_hosts_file" },
		{ &c->detach_keys, "engine.detach_keys" },
		{ &c->pull_retry_delay, "engine.retry_delay" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		const char *value = conf_str(g, words[i].key);

		if (!*words[i].field && value)
			*words[i].field = xstrdup(value);
	}
	if (!c->hostname && c->name &&
	    json_bool(engine_conf(g, "containers.container_name_as_hostname"), false))
		c->hostname = xstrdup(c->name);
}

static int set_pull(struct container_config *c, struct engine *g, struct err *e)
{
	static const char *const names[] = { "missing", "always", "never", "newer" };
	const char *policy = conf_str(g, "engine.pull_policy");

	for (int i = 0; policy && i < N_CONFIG_PULLS; i++) {
		if (str_eq(policy, names[i])) {
			c->pull = i;
			return 0;
		}
	}
	return policy ? bad_value("pull_policy", policy, "missing, always, never or newer", e) : 0;
}

static int set_image_volume(struct container_config *c, struct engine *g, struct err *e)
{
	const char *mode = conf_str(g, "engine.image_volume_mode");

	if (!mode || str_eq(mode, "bind") || str_eq(mode, "anonymous"))
		return 0;
	if (!str_eq(mode, "tmpfs") && !str_eq(mode, "ignore"))
		return bad_value("image_volume_mode", mode, "anonymous, tmpfs or ignore", e);
	xreplace(&c->image_volume, mode);
	return 0;
}

static int set_numbers(struct container_config *c, const struct ctr_defaults_given *given,
		       struct engine *g, struct err *e)
{
	const char *shm = conf_str(g, "containers.shm_size");
	const struct json *n;

	if (c->shm_size < 0 && shm && (units_parse_bytes(shm, &c->shm_size) < 0 || c->shm_size <= 0))
		return bad_value("shm_size", shm, "a size, as 64m", e);
	/* Without a delegated cgroup it is not enforced, as our own default is not. */
	n = engine_conf(g, "containers.pids_limit");
	if (!c->has_pids_limit && json_is(n, JSON_NUMBER))
		c->pids_limit = json_int(n, 0) > 0 ? json_int(n, 0) : -1;
	n = engine_conf(g, "containers.oom_score_adj");
	if (!c->has_oom_score_adj && n) {
		if (!json_is(n, JSON_NUMBER) || json_int(n, 0) < -1000 || json_int(n, 0) > 1000)
			return wrong("oom_score_adj", "a number from -1000 to 1000", e);
		c->has_oom_score_adj = true;
		c->oom_score_adj = json_int(n, 0);
	}
	n = engine_conf(g, "engine.stop_timeout");
	if (!given->has_stop_timeout && json_is(n, JSON_NUMBER))
		c->stop_timeout = json_int(n, 10);
	n = engine_conf(g, "engine.retry");
	if (c->pull_retry < 0 && json_is(n, JSON_NUMBER))
		c->pull_retry = json_int(n, 3);
	if (c->stop_timeout < 0)
		return wrong("stop_timeout", "a number of seconds", e);
	return 0;
}

/* --- lists ---------------------------------------------------------------- */

/* Those of key that are not in the list by name (what stands before '='). */
static void add_missing(struct strv *list, struct engine *g, const char *key)
{
	auto_of(strv_clear) struct strv from = { 0 }, all = { 0 };
	const char *dot = strchr(key, '.');

	json_get_strv(engine_conf(g, "containers"), dot + 1, &from);
	for (size_t i = 0; i < from.n; i++) {
		autofree char *name = xstrndup(from.v[i], strcspn(from.v[i], "="));

		if (*name && !strv_env_get(list, name))
			strv_add(&all, from.v[i]);
	}
	strv_add_all(&all, list);
	strv_copy(list, &all);
}

static void fill_empty(struct strv *list, struct engine *g, const char *name)
{
	if (!list->n)
		json_get_strv(engine_conf(g, "containers"), name, list);
}

static bool has_option(const struct strv *list, const char *key)
{
	for (size_t i = 0; i < list->n; i++)
		if (str_has_prefix(list->v[i], key))
			return true;
	return false;
}

static void set_security(struct container_config *c, struct engine *g)
{
	const char *profile = conf_str(g, "containers.apparmor_profile");

	/* The name that podman puts into the file by default is not one that exists for us. */
	if (profile && !has_option(&c->security_opt, "apparmor") &&
	    !str_has_prefix(profile, "container") && !c->privileged)
		strv_addf(&c->security_opt, "apparmor=%s", profile);
	if (!json_bool(engine_conf(g, "containers.label"), true) &&
	    !has_option(&c->security_opt, "label"))
		strv_add(&c->security_opt, "label=disable");
}

/* What the user mounts at the same place wins. */
static int add_mounts(struct engine *g, const char *key,
		      int (*parse)(struct mount_args *out, const char *text, struct err *e),
		      struct strv *to, const struct mount_args *users, struct err *e)
{
	auto_of(strv_clear) struct strv from = { 0 };

	json_get_strv(engine_conf(g, "containers"), key, &from);
	for (size_t i = 0; i < from.n; i++) {
		auto_of(mount_args_clear) struct mount_args own = { 0 };

		if (parse(&own, from.v[i], e) < 0)
			return err_wrap(e, "containers.conf: %s", key);
		if (!mount_args_at(users, own.v[0].target))
			strv_add(to, from.v[i]);
	}
	return 0;
}

static int set_mounts(struct container_config *c, struct engine *g, struct err *e)
{
	auto_of(mount_args_clear) struct mount_args users = { 0 };
	int r = 0;

	if (!engine_conf(g, "containers.volumes") && !engine_conf(g, "containers.mounts"))
		return 0;
	for (size_t i = 0; r >= 0 && i < c->volumes.n; i++)
		r = mount_args_volume(&users, c->volumes.v[i], e);
	for (size_t i = 0; r >= 0 && i < c->mounts.n; i++)
		r = mount_args_mount(&users, c->mounts.v[i], e);
	for (size_t i = 0; r >= 0 && i < c->tmpfs.n; i++)
		r = mount_args_tmpfs(&users, c->tmpfs.v[i], e);
	if (r >= 0)
		r = add_mounts(g, "volumes", mount_args_volume, &c->volumes, &users, e);
	if (r >= 0)
		r = add_mounts(g, "mounts", mount_args_mount, &c->mounts, &users, e);
	return r;
}

/* --- network -------------------------------------------------------------- */

static bool is_ours(const char *text, const char *mode)
{
	const char *rest = str_after(text, mode);

	return rest && (!*rest || *rest == ':');
}

/* "MODE:" with the options of the file first: of two the later one counts. */
static void put_options(char **text, const char *mode, const struct json *options)
{
	auto_of(str_clear) struct str out = { 0 };
	const char *own = strchr(*text, ':');

	for (size_t i = 0; i < json_len(options); i++)
		if (!str_empty(json_str(json_at(options, i))))
			str_addf(&out, "%s%s", out.len ? "," : "", json_str(json_at(options, i)));
	if (!out.len)
		return;
	if (own && own[1])
		str_addf(&out, ",%s", own + 1);
	free(*text);
	*text = xasprintf("%s:%s", mode, out.p);
}

static int set_network(struct container_config *c, struct engine *g, struct err *e)
{
	const char *program = conf_str(g, "network.default_rootless_network_cmd");
	const char *mode = conf_str(g, "containers.netns");
	const struct json *slirp = engine_conf(g, "engine.network_cmd_options");
	const struct json *pasta = engine_conf(g, "network.pasta_options");
	char **first;

	if (program && !str_eq(program, "slirp4netns") && !str_eq(program, "pasta"))
		return bad_value("default_rootless_network_cmd", program, "slirp4netns or pasta", e);
	if (!c->networks.n && mode)
		strv_add(&c->networks, mode);
	if (!c->networks.n && (program || slirp))
		strv_add(&c->networks, "private");
	if (!c->networks.n)
		return 0;
	first = &c->networks.v[0];
	if (program && (str_eq(*first, "private") || str_eq(*first, "default") || str_eq(*first, "")))
		xreplace(first, program);
	if (slirp && (str_eq(*first, "private") || str_eq(*first, "default")))
		xreplace(first, "slirp4netns");
	if (is_ours(*first, "slirp4netns"))
		put_options(first, "slirp4netns", slirp);
	else if (is_ours(*first, "pasta"))
		put_options(first, "pasta", pasta);
	return 0;
}

static void set_names(struct container_config *c, struct engine *g)
{
	if (c->networks.n && (str_has_prefix(c->networks.v[0], "container:") ||
			      str_eq(c->networks.v[0], "none")))
		return;		/* the other's files, or nobody to ask */
	fill_empty(&c->dns, g, "dns_servers");
	fill_empty(&c->dns_options, g, "dns_options");
	fill_empty(&c->dns_search, g, "dns_searches");
}

/* Before the file adds to what the user has said. */
static int check_names(const struct container_config *c, const struct ctr_defaults_given *given,
		       struct err *e)
{
	auto_of(netns_ports_clear) struct netns_ports exposed = { 0 };
	const char *mode = c->networks.n ? c->networks.v[0] : "";
	bool is_joined = str_has_prefix(mode, "container:");

	if ((is_joined || str_eq(mode, "none")) && (c->dns.n || c->dns_options.n || c->dns_search.n))
		return err_set(e, ERR_USAGE, "conflicting options: dns and the network mode: %s",
			       is_joined ? "container" : mode);
	if (is_joined && c->add_hosts.n)
		return err_set(e, ERR_USAGE, "--add-host: cannot set extra host entries when the container is "
			       "joined to another containers network namespace: invalid configuration");
	for (size_t i = 0; i < c->expose.n; i++)
		if (!str_has_suffix(c->expose.v[i], "/sctp") &&
		    netns_expose_parse(&exposed, c->expose.v[i], e) < 0)
			return err_wrap(e, "--expose");
	if (given->no_hosts == 1 && c->add_hosts.n)
		return err_set(e, ERR_USAGE, "--no-hosts and --add-host cannot be set together");
	if (c->hostname && str_eq(c->utsns, "host"))
		return err_set(e, ERR_USAGE, "--hostname: cannot set hostname when running in the host UTS "
			       "namespace: invalid configuration");
	return 0;
}

int ctr_defaults_apply(struct container_config *c, const struct ctr_defaults_given *given,
		       struct engine *g, struct err *e)
{
	if (check_names(c, given, e) < 0)
		return -e->code;
	set_words(c, g);
	set_switches(c, given, g);
	if (set_numbers(c, given, g, e) < 0 || set_network(c, g, e) < 0 || set_mounts(c, g, e) < 0 ||
	    (!given->has_pull && set_pull(c, g, e) < 0) ||
	    (!given->has_image_volume && set_image_volume(c, g, e) < 0))
		return -e->code;
	set_names(c, g);
	set_security(c, g);
	add_missing(&c->annotations, g, "containers.annotations");
	add_missing(&c->cgroup_conf, g, "containers.cgroup_conf");
	json_get_strv(engine_conf(g, "containers"), "devices", &c->devices);
	return 0;
}

void ctr_defaults_env(struct container_config *c, struct engine *g)
{
	auto_of(strv_clear) struct strv env = { 0 };

	if (c->unsetenv_all)
		return;
	json_get_strv(engine_conf(g, "containers"), "env", &env);
	for (size_t i = 0; i < env.n; i++) {
		autofree char *name = xstrndup(env.v[i], strcspn(env.v[i], "="));

		if (strchr(env.v[i], '=') && *name && !strv_env_get(&c->env, name) &&
		    !strv_has(&c->unsetenv, name))
			strv_add(&c->env, env.v[i]);
	}
}
