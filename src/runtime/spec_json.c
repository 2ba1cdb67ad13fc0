/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/spec_json.h"

#include "base/str.h"
#include "runtime/caps.h"
#include "runtime/hooks.h"
#include "runtime/passwd.h"
#include "runtime/rlimit.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

static struct json *user_json(const struct spec_process *p, const struct passwd_user *user)
{
	struct json *j = json_new_object(), *groups = json_new_array();

	json_set_int(j, "uid", user->uid);
	json_set_int(j, "gid", user->gid);
	if (p->has_umask)
		json_set_int(j, "umask", p->umask);
	for (size_t i = 0; i < user->groups_n; i++)
		json_add(groups, json_new_int(user->groups[i]));
	json_set(j, "additionalGids", groups);
	return j;
}

static void set_caps(struct json *j, const char *key, uint64_t mask)
{
	struct json *list = json_new_array();

	for (int cap = 0; cap < 64; cap++)
		if (mask & (UINT64_C(1) << cap) && caps_name(cap))
			json_add_str(list, caps_name(cap));
	json_set(j, key, list);
}

static struct json *caps_json(const struct spec_process *p, uid_t uid)
{
	struct spec_caps caps = caps_for_uid(&p->caps, uid);
	struct json *j = json_new_object();

	set_caps(j, "bounding", caps.bounding);
	set_caps(j, "effective", caps.effective);
	set_caps(j, "permitted", caps.permitted);
	set_caps(j, "inheritable", caps.inheritable);
	set_caps(j, "ambient", caps.ambient);
	return j;
}

static struct json *rlimits_json(const struct spec_process *p)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < p->rlimits_n; i++) {
		struct json *one = json_new_object();

		json_set_str(one, "type", rlimit_name(p->rlimits[i].resource));
		json_set(one, "hard", json_new_uint(p->rlimits[i].limit.rlim_max));
		json_set(one, "soft", json_new_uint(p->rlimits[i].limit.rlim_cur));
		json_add(list, one);
	}
	return list;
}

static struct json *process_json(const struct spec_process *p, const struct passwd_user *user)
{
	auto_of(strv_clear) struct strv env = { 0 };
	struct json *j = json_new_object();

	strv_copy(&env, &p->env);
	if (p->wants_home && !strv_env_get(&env, "HOME"))
		strv_env_set(&env, "HOME", user->home);
	json_set_bool(j, "terminal", p->has_terminal);
	json_set(j, "user", user_json(p, user));
	json_set_strv(j, "args", &p->args);
	json_set_strv(j, "env", &env);
	json_set_str(j, "cwd", str_empty(p->cwd) ? "/" : p->cwd);
	json_set(j, "capabilities", caps_json(p, user->uid));
	json_set(j, "rlimits", rlimits_json(p));
	json_set_bool(j, "noNewPrivileges", p->no_new_privs);
	if (p->has_oom_score_adj)
		json_set_int(j, "oomScoreAdj", p->oom_score_adj);
	if (p->apparmor_profile)
		json_set_str(j, "apparmorProfile", p->apparmor_profile);
	if (p->selinux_label)
		json_set_str(j, "selinuxLabel", p->selinux_label);
	return j;
}

static struct json *mounts_json(const struct spec *s)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < s->mounts_n; i++) {
		const struct spec_mount *m = &s->mounts[i];
		struct json *one = json_new_object();

		json_set_str(one, "destination", m->target);
		json_set_str(one, "type", m->type);
		json_set_str(one, "source", m->source ? m->source : m->type);
		json_set_strv(one, "options", &m->options);
		json_add(list, one);
	}
	return list;
}

static struct json *hooks_json(const struct spec *s)
{
	struct json *j = json_new_object();

	for (int stage = 0; stage < N_SPEC_HOOK_STAGES; stage++) {
		struct json *list = s->hooks_n[stage] ? json_new_array() : NULL;

		for (size_t i = 0; i < s->hooks_n[stage]; i++) {
			const struct spec_hook *h = &s->hooks[stage][i];
			struct json *one = json_new_object();

			json_set_str(one, "path", h->path);
			json_set_strv(one, "args", &h->args);
			json_set_strv(one, "env", &h->env);
			if (h->timeout > 0)
				json_set_int(one, "timeout", h->timeout);
			json_add(list, one);
		}
		if (list)
			json_set(j, hooks_stage_name(stage), list);
	}
	return j;
}

static struct json *namespaces_json(const struct spec *s)
{
	static const char *const names[N_SPEC_NS] = {
		[SPEC_NS_USER] = "user", [SPEC_NS_MNT] = "mount", [SPEC_NS_PID] = "pid", [SPEC_NS_NET] = "network",
		[SPEC_NS_IPC] = "ipc", [SPEC_NS_UTS] = "uts", [SPEC_NS_CGROUP] = "cgroup",
	};
	struct json *list = json_new_array();

	for (int ns = 0; ns < N_SPEC_NS; ns++) {
		struct json *one;

		if (s->ns[ns] == SPEC_NS_HOST)
			continue;
		one = json_new_object();
		json_set_str(one, "type", names[ns]);
		if (s->ns_path[ns])
			json_set_str(one, "path", s->ns_path[ns]);
		json_add(list, one);
	}
	return list;
}

static struct json *map_json(const struct idmap *map)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < map->n; i++) {
		struct json *one = json_new_object();

		json_set_int(one, "containerID", map->v[i].inside);
		json_set_int(one, "hostID", map->v[i].outside);
		json_set_int(one, "size", map->v[i].count);
		json_add(list, one);
	}
	return list;
}

static struct json *devices_json(const struct spec *s)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < s->devices_n; i++) {
		struct json *one;
		struct stat st;

		if (stat(s->devices[i].host_path, &st) < 0)
			continue;
		one = json_new_object();
		json_set_str(one, "path", s->devices[i].path);
		json_set_str(one, "type", S_ISBLK(st.st_mode) ? "b" : "c");
		json_set_int(one, "major", major(st.st_rdev));
		json_set_int(one, "minor", minor(st.st_rdev));
		json_set_int(one, "fileMode", st.st_mode & 07777);
		json_add(list, one);
	}
	return list;
}

static struct json *linux_json(const struct spec *s)
{
	struct json *j = json_new_object(), *sysctl = json_new_object(), *resources = json_new_object();

	json_set(j, "namespaces", namespaces_json(s));
	if (s->uid_map.n)
		json_set(j, "uidMappings", map_json(&s->uid_map));
	if (s->gid_map.n)
		json_set(j, "gidMappings", map_json(&s->gid_map));
	json_set(j, "devices", devices_json(s));
	for (size_t i = 0; i < s->sysctls_n; i++)
		json_set_str(sysctl, s->sysctls[i].key, s->sysctls[i].value);
	json_set(j, "sysctl", sysctl);
	json_set(resources, "unified", json_new_pairs(&s->resources.unified));
	json_set(j, "resources", resources);
	json_set_strv(j, "maskedPaths", &s->masked_paths);
	json_set_strv(j, "readonlyPaths", &s->readonly_paths);
	if (s->root_propagation)
		json_set_str(j, "rootfsPropagation", s->root_propagation);
	return j;
}

struct json *spec_json(const struct spec *s, const struct passwd_user *user, const char *root_path)
{
	struct json *j = json_new_object(), *root = json_new_object();

	json_set_str(j, "ociVersion", HOOKS_OCI_VERSION);
	json_set(j, "process", process_json(&s->process, user));
	json_set_str(root, "path", root_path);
	json_set_bool(root, "readonly", s->root_readonly);
	json_set(j, "root", root);
	if (s->hostname)
		json_set_str(j, "hostname", s->hostname);
	if (s->domainname)
		json_set_str(j, "domainname", s->domainname);
	json_set(j, "mounts", mounts_json(s));
	json_set(j, "hooks", hooks_json(s));
	json_set(j, "annotations", json_new_pairs(&s->annotations));
	json_set(j, "linux", linux_json(s));
	return j;
}
