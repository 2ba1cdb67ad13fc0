/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_spec.h"

#include "base/fd.h"
#include "base/proc.h"
#include "base/str.h"
#include "container/ctr_cgroup.h"
#include "container/ctr_devices.h"
#include "container/ctr_files.h"
#include "container/ctr_hooks.h"
#include "container/ctr_idmap.h"
#include "container/ctr_mounts.h"
#include "container/ctr_secrets.h"
#include "container/ctr_security.h"
#include "container/ctr_userns.h"
#include "container/state.h"
#include "runtime/sysctl.h"
#include "storage/store.h"
#include "userns/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const ns_files[N_SPEC_NS] = { "user", "mnt", "pid", "net", "ipc", "uts", "cgroup" };
static const char *const ns_options[N_SPEC_NS] = { "--userns", "", "--pid", "--network", "--ipc",
						   "--uts", "--cgroupns" };

/* Joins kind of a container that runs. */
static int join_container(struct spec *s, enum spec_ns kind, struct engine *g, const char *name,
			  struct err *e)
{
	auto_of(record_free) struct record *other = NULL;
	auto_of(state_clear) struct state st = { 0 };
	char path[64];
	int fd;

	if (record_open(&other, g, name, e) < 0)
		return err_wrap(e, "%s", ns_options[kind]);
	if (state_load(&st, other, e) < 0)
		return -e->code;
	if (!state_is_alive(&st))
		return err_set(e, EINVAL, "%s: container %s is not running: start it first",
			       ns_options[kind], name);
	snprintf(path, sizeof(path), "/proc/%d/ns/%s", st.pid, ns_files[kind]);
	fd = fd_open(path, O_RDONLY);
	if (fd < 0)
		return err_sys(e, -fd, "%s: %s of container %s", ns_options[kind], path, name);
	s->ns[kind] = SPEC_NS_PATH;
	s->ns_fd[kind] = fd;
	s->ns_path[kind] = xstrdup(path);
	return 0;
}

static int join_path(struct spec *s, enum spec_ns kind, const char *path, struct err *e)
{
	int fd = fd_open(path, O_RDONLY);

	if (fd < 0)
		return err_set(e, ERR_USAGE, "%s ns:%s: cannot find specified namespace path: %s",
			       ns_options[kind], path, strerror(-fd));
	s->ns[kind] = SPEC_NS_PATH;
	s->ns_fd[kind] = fd;
	s->ns_path[kind] = xstrdup(path);
	return 0;
}

/* What text says, without a look at who is to be joined. */
static int parse_mode(struct spec *s, enum spec_ns kind, const char *text, struct err *e)
{
	if (str_empty(text) || str_eq(text, "private"))
		s->ns[kind] = SPEC_NS_NEW;
	else if (str_eq(text, "host"))
		s->ns[kind] = SPEC_NS_HOST;
	else if (str_has_prefix(text, "container:") || str_has_prefix(text, "ns:"))
		s->ns[kind] = SPEC_NS_PATH;
	else if (kind == SPEC_NS_IPC && (str_eq(text, "shareable") || str_eq(text, "none")))
		s->ns[kind] = SPEC_NS_NEW;
	else
		return err_set(e, ERR_USAGE, "%s: unrecognized namespace mode %s passed: expected private, host, container:NAME, ns:PATH%s",
			       ns_options[kind], text, kind == SPEC_NS_IPC ? ", shareable, none" : "");
	return 0;
}

static int namespace_mode(struct spec *s, enum spec_ns kind, const char *text, struct engine *g,
			  struct err *e)
{
	const char *target;

	if (parse_mode(s, kind, text, e) < 0)
		return -e->code;
	if (s->ns[kind] != SPEC_NS_PATH)
		return 0;
	target = str_after(text, "container:");
	return target ? join_container(s, kind, g, target, e) : join_path(s, kind, str_after(text, "ns:"), e);
}

static int network_namespace(struct spec *s, const struct netns_config *n, struct engine *g,
			     struct err *e)
{
	switch (n->mode) {
	case NETNS_HOST:
		s->ns[SPEC_NS_NET] = SPEC_NS_HOST;
		return 0;
	case NETNS_CONTAINER:
		return join_container(s, SPEC_NS_NET, g, n->target, e);
	case NETNS_PATH:
		return join_path(s, SPEC_NS_NET, n->target, e);
	default:
		s->ns[SPEC_NS_NET] = SPEC_NS_NEW;
		return 0;
	}
}

static int apply_namespaces(struct spec *s, struct engine *g, const struct container_config *c,
			    struct err *e)
{
	s->ns[SPEC_NS_MNT] = SPEC_NS_NEW;
	if (namespace_mode(s, SPEC_NS_PID, c->pidns, g, e) < 0 ||
	    namespace_mode(s, SPEC_NS_IPC, c->ipcns, g, e) < 0 ||
	    namespace_mode(s, SPEC_NS_UTS, c->utsns, g, e) < 0 ||
	    namespace_mode(s, SPEC_NS_CGROUP, c->cgroupns, g, e) < 0)
		return -e->code;
	/* On the old hierarchies a cgroup namespace hides nothing that we mount. */
	if (s->ns[SPEC_NS_CGROUP] == SPEC_NS_NEW && !c->cgroupns && !ctr_cgroup_is_v2())
		s->ns[SPEC_NS_CGROUP] = SPEC_NS_HOST;
	return network_namespace(s, &c->net, g, e);
}

/* What a message about a closed path says of the host. */
static void set_host_ids(struct spec_process *p, const struct session *s, const struct idmap *uids,
			 const struct idmap *gids)
{
	ctr_idmap_on_host(&p->host_uids, uids, &s->uid_map);
	ctr_idmap_on_host(&p->host_gids, gids, &s->gid_map);
	p->host_uid = s->uid;
}

static int apply_userns(struct spec *s, struct engine *g, struct record *r, struct err *e)
{
	auto_of(ctr_userns_clear) struct ctr_userns u = { 0 };
	const char *target;

	if (ctr_userns_plan(&u, g->session, &r->config, e) < 0)
		return -e->code;
	s->ns[SPEC_NS_USER] = u.mode;
	idmap_copy(&s->uid_map, &u.uid_map);
	idmap_copy(&s->gid_map, &u.gid_map);
	set_host_ids(&s->process, g->session, &s->uid_map, &s->gid_map);
	if (u.mode != SPEC_NS_PATH)
		return 0;
	target = str_after(u.ns_text, "container:");
	if (target)
		return join_container(s, SPEC_NS_USER, g, target, e);
	return join_path(s, SPEC_NS_USER, str_after(u.ns_text, "ns:"), e);
}

static int parse_umask(const char *text, mode_t *out, struct err *e)
{
	char *end;
	unsigned long mask = strtoul(text, &end, 8);

	if (!*text || *end || mask > 0777)
		return err_set(e, ERR_USAGE, "--umask: invalid umask string %s: invalid argument", text);
	*out = mask;
	return 0;
}

static int no_command(struct err *e)
{
	return err_set(e, ERR_USAGE, "no command or entrypoint provided, and no CMD or ENTRYPOINT from image");
}

static int apply_process(struct spec_process *p, const struct container_config *c, struct err *e)
{
	strv_copy(&p->args, &c->command);
	if (c->entrypoint.n) {
		strv_clear(&p->args);
		strv_add_all(&p->args, &c->entrypoint);
		strv_add_all(&p->args, &c->command);
	}
	if (!p->args.n)
		return no_command(e);
	strv_copy(&p->env, &c->env);
	p->cwd = xstrdup(str_empty(c->workdir) ? "/" : c->workdir);
	p->is_cwd_made = !c->has_own_workdir;
	p->is_cwd_asked = c->has_own_workdir;
	p->user = xstrdup(str_empty(c->user) ? "0" : c->user);
	p->has_user_text = true;
	for (size_t i = 0; i < c->group_add.n; i++) {
		if (str_eq(c->group_add.v[i], "keep-groups"))
			p->keep_groups = true;
		else
			strv_add(&p->group_names, c->group_add.v[i]);
	}
	p->wants_home = !strv_env_get(&p->env, "HOME");
	p->has_terminal = c->has_tty;
	p->has_oom_score_adj = c->has_oom_score_adj;
	p->oom_score_adj = c->oom_score_adj;
	p->has_umask = true;
	p->umask = 022;
	if (c->umask && parse_umask(c->umask, &p->umask, e) < 0)
		return -e->code;
	if (c->personality) {
		bool is32 = str_eq(c->personality, "LINUX32") || str_eq(c->personality, "linux32");

		p->has_personality = true;
		p->personality = is32 ? 0x0008 : 0;
	}
	return 0;
}

/* Those of containers.conf that the user does not set and that are the container's own. */
static void default_sysctls(struct spec *s, struct engine *g, const struct container_config *c)
{
	auto_of(strv_clear) struct strv list = { 0 };

	json_get_strv(engine_conf(g, "containers"), "default_sysctls", &list);
	for (size_t i = 0; i < list.n; i++) {
		const char *eq = strchr(list.v[i], '=');
		autofree char *key = eq ? xstrndup(list.v[i], eq - list.v[i]) : NULL;
		struct spec_sysctl one = { .key = key, .value = eq ? (char *)eq + 1 : NULL };
		struct err ignored;

		if (!key || strv_env_get(&c->sysctls, key) || sysctl_check(s, &one, &ignored) < 0 ||
		    (str_has_prefix(key, "net.") && s->ns[SPEC_NS_NET] != SPEC_NS_NEW))
			continue;
		spec_add_sysctl(s, key, one.value);
		s->sysctls[s->sysctls_n - 1].is_optional = true;
	}
}

static int apply_sysctls(struct spec *s, struct engine *g, const struct container_config *c,
			 struct err *e)
{
	for (size_t i = 0; i < c->sysctls.n; i++) {
		const char *eq = strchr(c->sysctls.v[i], '=');
		autofree char *key = eq ? xstrndup(c->sysctls.v[i], eq - c->sysctls.v[i]) : NULL;

		if (!eq || eq == c->sysctls.v[i])
			return err_set(e, ERR_USAGE, "%s is invalid, sysctl values must be in the form of "
				       "KEY=VALUE", c->sysctls.v[i]);
		if (str_has_prefix(key, "net.") && s->ns[SPEC_NS_NET] != SPEC_NS_NEW)
			return err_set(e, ERR_USAGE, "sysctl %s can't be set since Network Namespace "
				       "set to host: invalid argument", c->sysctls.v[i]);
		spec_add_sysctl(s, key, eq + 1);
	}
	default_sysctls(s, g, c);
	return 0;
}

static int apply_init(struct spec *s, struct engine *g, const struct container_config *c,
		      struct err *e)
{
	static const char *const names[] = { "catatonit", "tini", "docker-init", "tini-static" };
	const char *path = c->init_path ? c->init_path : json_str(engine_conf(g, "containers.init_path"));

	if (!c->has_init)
		return 0;
	if (str_eq(c->pidns, "host"))
		return err_set(e, ERR_USAGE, "--init needs a pid namespace of the container's own");
	if (path) {
		s->init_path = xstrdup(path);
	} else {
		for (size_t i = 0; i < ARRAY_SIZE(names) && !s->init_path; i++)
			proc_find(names[i], &s->init_path);
	}
	if (!s->init_path)
		return err_set(e, ENOENT, "--init: neither catatonit nor tini is installed: "
			       "install catatonit or name one with --init-path");
	if (access(s->init_path, X_OK) < 0)
		return err_set(e, ERR_USAGE, "container-init binary not found on the host: %s: %s", s->init_path,
			       strerror(errno));
	return 0;
}

/* Of a namespace that somebody has put somewhere: that it is there. */
static int check_path(enum spec_ns kind, const char *text, struct err *e)
{
	const char *path = text ? str_after(text, "ns:") : NULL;

	if (path && access(path, F_OK) < 0)
		return err_set(e, ERR_USAGE, "%s %s: cannot find specified namespace path: %s", ns_options[kind],
			       text, strerror(errno));
	return 0;
}

static int check_namespaces(struct spec *s, const struct container_config *c, struct err *e)
{
	const char *const texts[N_SPEC_NS] = { [SPEC_NS_PID] = c->pidns, [SPEC_NS_IPC] = c->ipcns,
					       [SPEC_NS_UTS] = c->utsns, [SPEC_NS_CGROUP] = c->cgroupns };

	for (int ns = SPEC_NS_PID; ns < N_SPEC_NS; ns++)
		if (ns != SPEC_NS_NET && (parse_mode(s, ns, texts[ns], e) < 0 || check_path(ns, texts[ns], e) < 0))
			return -e->code;
	s->ns[SPEC_NS_NET] = c->net.mode == NETNS_HOST ? SPEC_NS_HOST
			   : c->net.mode == NETNS_CONTAINER || c->net.mode == NETNS_PATH ? SPEC_NS_PATH
											 : SPEC_NS_NEW;
	if (c->net.mode == NETNS_PATH && access(c->net.target, F_OK) < 0)
		return err_set(e, ERR_USAGE, "--network ns:%s: cannot find specified namespace path: %s",
			       c->net.target, strerror(errno));
	return 0;
}

int ctr_spec_check(struct engine *g, const struct container_config *c, struct err *e)
{
	auto_of(spec_clear) struct spec s = { 0 };
	autofree char *zone = NULL;

	spec_init(&s);
	if (!c->command.n && !c->entrypoint.n)
		return no_command(e);
	if (check_namespaces(&s, c, e) < 0 || (c->umask && parse_umask(c->umask, &s.process.umask, e) < 0) ||
	    ctr_devices_check(&s, c, e) < 0 || apply_init(&s, g, c, e) < 0 || ctr_files_check(g, c, e) < 0)
		return -e->code;
	if (c->tz && !(zone = ctr_mounts_zone(c->tz, e)))
		return -e->code;
	if (c->sysctls.n && apply_sysctls(&s, g, c, e) < 0)
		return -e->code;
	for (size_t i = 0; i < s.sysctls_n; i++)
		if (!s.sysctls[i].is_optional && sysctl_check(&s, &s.sysctls[i], e) < 0)
			return -e->code;
	return 0;
}

int ctr_spec_namespaces(struct spec *s, struct engine *g, struct record *r, struct err *e)
{
	spec_init(s);
	s->id = xstrdup(r->config.id);
	if (apply_userns(s, g, r, e) < 0)
		return -e->code;
	return apply_namespaces(s, g, &r->config, e);
}

int ctr_spec_build(struct spec *s, struct engine *g, struct record *r, int runtime_dirfd,
		   const char *runtime_path, struct err *e)
{
	const struct container_config *c = &r->config;
	auto_of(mount_args_clear) struct mount_args args = { 0 };

	s->seccomp_cache_dirfd = g->store->cache_dirfd;
	s->root_readonly = c->read_only;
	s->process.has_users_keyring = !json_bool(engine_conf(g, "containers.keyring"), true);
	if (apply_process(&s->process, c, e) < 0 || ctr_security_apply(s, g, c, e) < 0 ||
	    apply_sysctls(s, g, c, e) < 0 || ctr_devices_apply(s, g, c, e) < 0 ||
	    apply_init(s, g, c, e) < 0)
		return -e->code;
	if (s->ns[SPEC_NS_UTS] == SPEC_NS_NEW) {
		s->hostname = ctr_files_hostname(c);
		s->domainname = xstrdup_or_null(c->domainname);
	}
	if (ctr_files_write(g, r, runtime_dirfd, e) < 0 || mount_args_all(&args, c, e) < 0)
		return -e->code;
	strv_copy(&s->annotations, &c->annotations);
	if (ctr_mounts_apply(s, g, r, &args, runtime_path, e) < 0 ||
	    ctr_secrets_apply(s, r, runtime_dirfd, runtime_path, e) < 0)
		return -e->code;
	return ctr_hooks_apply(s, g, c, e);
}

int ctr_spec_build_joined(struct spec *s, struct engine *g, struct record *r, struct err *e)
{
	auto_of(ctr_userns_clear) struct ctr_userns u = { 0 };

	spec_init(s);
	s->id = xstrdup(r->config.id);
	s->seccomp_cache_dirfd = g->store->cache_dirfd;
	if (ctr_userns_plan(&u, g->session, &r->config, e) < 0)
		return -e->code;
	set_host_ids(&s->process, g->session, &u.uid_map, &u.gid_map);
	return ctr_security_apply(s, g, &r->config, e);
}

static void copy_host_ids(struct spec_process *to, const struct spec_process *from)
{
	idmap_copy(&to->host_uids, &from->host_uids);
	idmap_copy(&to->host_gids, &from->host_gids);
	to->host_uid = from->host_uid;
}

int ctr_spec_exec(struct spec_process *out, const struct spec *container, const struct record *r,
		  const struct ctr_spec_exec *x, struct err *e)
{
	const struct container_config *c = &r->config;

	if (!x->args->n)
		return err_set(e, ERR_USAGE, "exec needs a command");
	if (apply_process(out, c, e) < 0 || ctr_secrets_env(&out->env, r, e) < 0)
		return -e->code;
	strv_copy(&out->args, x->args);
	for (size_t i = 0; i < x->env->n; i++)
		strv_env_put(&out->env, x->env->v[i]);
	if (x->user)
		xreplace(&out->user, x->user);
	out->wants_home = !strv_env_get(&out->env, "HOME");
	if (x->workdir)
		xreplace(&out->cwd, x->workdir);
	out->is_cwd_made = out->is_cwd_asked = false;
	out->has_terminal = x->has_tty;
	copy_host_ids(out, &container->process);
	out->caps = container->process.caps;
	out->is_user_faked = container->is_owner_faked;
	out->no_new_privs = container->process.no_new_privs;
	out->has_users_keyring = container->process.has_users_keyring;
	for (size_t i = 0; i < container->process.rlimits_n; i++) {
		const struct spec_rlimit *l = &container->process.rlimits[i];

		spec_add_rlimit(out, l->resource, l->limit.rlim_cur, l->limit.rlim_max);
		out->rlimits[i].is_clamped_ok = true;
	}
	out->apparmor_profile = xstrdup_or_null(container->process.apparmor_profile);
	out->selinux_label = xstrdup_or_null(container->process.selinux_label);
	if (x->privileged)
		out->caps.bounding = out->caps.effective = out->caps.permitted =
			(UINT64_C(1) << 41) - 1;
	return 0;
}
