/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/spec.h"

#include "runtime/caps.h"
#include "runtime/namespaces.h"
#include "runtime/rlimit.h"

#include <string.h>

static struct json *caps_to_json(uint64_t mask)
{
	struct json *j = json_new_array();

	for (int cap = 0; cap < 64; cap++)
		if (mask & (UINT64_C(1) << cap) && caps_name(cap))
			json_add_str(j, caps_name(cap));
	return j;
}

static struct json *rlimits_to_json(const struct spec_process *p)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < p->rlimits_n; i++) {
		struct json *j = json_new_object();

		json_set_str(j, "type", rlimit_name(p->rlimits[i].resource));
		json_set(j, "hard", json_new_uint(p->rlimits[i].limit.rlim_max));
		json_set(j, "soft", json_new_uint(p->rlimits[i].limit.rlim_cur));
		json_add(list, j);
	}
	return list;
}

static struct json *user_to_json(const struct spec_process *p)
{
	struct json *j = json_new_object(), *groups = json_new_array();

	json_set_int(j, "uid", p->uid);
	json_set_int(j, "gid", p->gid);
	if (p->has_umask)
		json_set_int(j, "umask", p->umask);
	for (size_t i = 0; i < p->groups_n; i++)
		json_add(groups, json_new_int(p->groups[i]));
	json_set(j, "additionalGids", groups);
	if (p->has_user_text)
		json_set_str(j, "username", p->user);
	return j;
}

static struct json *process_to_json(const struct spec_process *p)
{
	struct json *j = json_new_object(), *caps = json_new_object();

	json_set_bool(j, "terminal", p->has_terminal);
	if (p->rows && p->cols) {
		struct json *size = json_new_object();

		json_set_int(size, "height", p->rows);
		json_set_int(size, "width", p->cols);
		json_set(j, "consoleSize", size);
	}
	json_set(j, "user", user_to_json(p));
	json_set_strv(j, "args", &p->args);
	json_set_strv(j, "env", &p->env);
	json_set_str(j, "cwd", p->cwd ? p->cwd : "/");
	json_set(caps, "bounding", caps_to_json(p->caps.bounding));
	json_set(caps, "effective", caps_to_json(p->caps.effective));
	json_set(caps, "permitted", caps_to_json(p->caps.permitted));
	json_set(caps, "inheritable", caps_to_json(p->caps.inheritable));
	json_set(caps, "ambient", caps_to_json(p->caps.ambient));
	json_set(j, "capabilities", caps);
	json_set(j, "rlimits", rlimits_to_json(p));
	json_set_bool(j, "noNewPrivileges", p->no_new_privs);
	if (p->has_oom_score_adj)
		json_set_int(j, "oomScoreAdj", p->oom_score_adj);
	if (p->apparmor_profile)
		json_set_str(j, "apparmorProfile", p->apparmor_profile);
	if (p->selinux_label)
		json_set_str(j, "selinuxLabel", p->selinux_label);
	return j;
}

static struct json *mounts_to_json(const struct spec *s)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < s->mounts_n; i++) {
		struct json *j = json_new_object();

		json_set_str(j, "destination", s->mounts[i].target);
		json_set_str(j, "type", s->mounts[i].type);
		json_set_str(j, "source", s->mounts[i].source);
		json_set_strv(j, "options", &s->mounts[i].options);
		json_add(list, j);
	}
	return list;
}

static struct json *map_to_json(const struct spec_idmap *map, size_t n)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < n; i++) {
		struct json *j = json_new_object();

		json_set_int(j, "containerID", map[i].inside);
		json_set_int(j, "hostID", map[i].outside);
		json_set_int(j, "size", map[i].count);
		json_add(list, j);
	}
	return list;
}

/* The runtime-spec writes two of the kinds in full. */
static struct json *namespaces_to_json(const struct spec *s)
{
	struct json *list = json_new_array();

	for (size_t ns = 0; ns < N_SPEC_NS; ns++) {
		struct json *j;

		if (s->ns[ns] == SPEC_NS_HOST)
			continue;
		j = json_new_object();
		json_set_str(j, "type", ns == SPEC_NS_MNT ? "mount"
					: ns == SPEC_NS_NET ? "network" : namespaces_name(ns));
		json_add(list, j);
	}
	return list;
}

static struct json *hook_to_json(const struct spec_hook *h)
{
	struct json *j = json_new_object();

	json_set_str(j, "path", h->path);
	json_set_strv(j, "args", &h->args);
	json_set_strv(j, "env", &h->env);
	if (h->timeout)
		json_set_int(j, "timeout", h->timeout);
	return j;
}

static struct json *hooks_to_json(const struct spec *s)
{
	static const char *const names[N_SPEC_HOOK_STAGES] = {
		[SPEC_HOOK_PRESTART] = "prestart",
		[SPEC_HOOK_CREATE_RUNTIME] = "createRuntime",
		[SPEC_HOOK_CREATE_CONTAINER] = "createContainer",
		[SPEC_HOOK_START_CONTAINER] = "startContainer",
		[SPEC_HOOK_POSTSTART] = "poststart",
		[SPEC_HOOK_POSTSTOP] = "poststop",
	};
	struct json *j = json_new_object();

	for (size_t stage = 0; stage < N_SPEC_HOOK_STAGES; stage++) {
		struct json *list;

		if (s->hooks_n[stage] == 0)
			continue;
		list = json_new_array();
		for (size_t i = 0; i < s->hooks_n[stage]; i++)
			json_add(list, hook_to_json(&s->hooks[stage][i]));
		json_set(j, names[stage], list);
	}
	return j;
}

/* "a=b" lists as an object. */
static struct json *pairs_to_json(const struct strv *pairs)
{
	struct json *j = json_new_object();

	for (size_t i = 0; i < pairs->n; i++) {
		const char *eq = strchr(pairs->v[i], '=');

		if (eq) {
			autofree char *key = xstrndup(pairs->v[i], eq - pairs->v[i]);

			json_set_str(j, key, eq + 1);
		}
	}
	return j;
}

static struct json *linux_to_json(const struct spec *s)
{
	struct json *j = json_new_object(), *sysctl = json_new_object();

	if (s->ns[SPEC_NS_USER] == SPEC_NS_NEW) {
		json_set(j, "uidMappings", map_to_json(s->uid_map, s->uid_map_n));
		json_set(j, "gidMappings", map_to_json(s->gid_map, s->gid_map_n));
	}
	for (size_t i = 0; i < s->sysctls_n; i++)
		json_set_str(sysctl, s->sysctls[i].key, s->sysctls[i].value);
	json_set(j, "sysctl", sysctl);
	if (s->resources.has_any) {
		struct json *resources = json_new_object();

		json_set(resources, "unified", pairs_to_json(&s->resources.unified));
		json_set(j, "resources", resources);
	}
	json_set(j, "namespaces", namespaces_to_json(s));
	if (s->root_propagation)
		json_set_str(j, "rootfsPropagation", s->root_propagation);
	if (s->seccomp == SPEC_SECCOMP_PROFILE && s->seccomp_profile) {
		struct json *profile = NULL;
		struct err e;

		if (json_parse(&profile, s->seccomp_profile, strlen(s->seccomp_profile), &e) >= 0)
			json_set(j, "seccomp", profile);
	}
	json_set_strv(j, "maskedPaths", &s->masked_paths);
	json_set_strv(j, "readonlyPaths", &s->readonly_paths);
	return j;
}

struct json *spec_to_json(const struct spec *s, const char *rootfs_path)
{
	struct json *j = json_new_object(), *root = json_new_object();

	json_set_str(j, "ociVersion", "1.1.0");
	json_set(j, "process", process_to_json(&s->process));
	json_set_str(root, "path", rootfs_path);
	if (s->root_readonly)
		json_set_bool(root, "readonly", true);
	json_set(j, "root", root);
	if (s->hostname)
		json_set_str(j, "hostname", s->hostname);
	if (s->domainname)
		json_set_str(j, "domainname", s->domainname);
	json_set(j, "mounts", mounts_to_json(s));
	json_set(j, "hooks", hooks_to_json(s));
	json_set(j, "annotations", pairs_to_json(&s->annotations));
	json_set(j, "linux", linux_to_json(s));
	return j;
}
