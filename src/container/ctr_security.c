/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_security.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "base/units.h"
#include "runtime/caps.h"
#include "runtime/rlimit.h"
#include "userns/session.h"

#include <linux/capability.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>

#define BIT(cap) (UINT64_C(1) << (cap))
#define ALL_CAPS ((UINT64_C(1) << (CAP_LAST_CAP + 1)) - 1)

/* Podman's default set. */
static const uint64_t default_caps =
	BIT(CAP_CHOWN) | BIT(CAP_DAC_OVERRIDE) | BIT(CAP_FOWNER) | BIT(CAP_FSETID) | BIT(CAP_KILL) |
	BIT(CAP_NET_BIND_SERVICE) | BIT(CAP_SETFCAP) | BIT(CAP_SETGID) | BIT(CAP_SETPCAP) |
	BIT(CAP_SETUID) | BIT(CAP_SYS_CHROOT);

static const char *const masked[] = {
	"/proc/acpi", "/proc/kcore", "/proc/keys", "/proc/latency_stats", "/proc/timer_list",
	"/proc/timer_stats", "/proc/sched_debug", "/proc/scsi", "/proc/interrupts", "/sys/firmware",
	"/sys/fs/selinux", "/sys/dev/block", "/sys/devices/virtual/powercap",
};

static const char *const readonly[] = {
	"/proc/asound", "/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger",
};

static int cap_list(const struct strv *names, const char *option, uint64_t *set, struct err *e)
{
	*set = 0;
	for (size_t i = 0; i < names->n; i++) {
		int cap;

		if (strcasecmp(names->v[i], "all") == 0) {
			*set = ALL_CAPS;
			continue;
		}
		cap = caps_parse(names->v[i]);
		if (cap < 0)
			return err_set(e, ERR_USAGE, "%s: \"%s\": unknown capability (see capabilities(7))",
				       option, names->v[i]);
		*set |= BIT(cap);
	}
	return 0;
}

/* containers.conf may name another set. */
static int base_caps(uint64_t *set, struct engine *g, struct err *e)
{
	const struct json *list = g ? engine_conf(g, "containers.default_capabilities") : NULL;
	auto_of(strv_clear) struct strv names = { 0 };

	*set = default_caps;
	if (!json_is(list, JSON_ARRAY))
		return 0;
	json_get_strv(engine_conf(g, "containers"), "default_capabilities", &names);
	return cap_list(&names, "containers.conf: default_capabilities:", set, e);
}

static int apply_caps(struct spec_process *p, struct engine *g, const struct container_config *c,
		      struct err *e)
{
	uint64_t add, drop, set, base;
	bool drops_all = false;

	if (cap_list(&c->cap_add, "--cap-add", &add, e) < 0 ||
	    cap_list(&c->cap_drop, "--cap-drop", &drop, e) < 0 || base_caps(&base, g, e) < 0)
		return -e->code;
	drops_all = drop == ALL_CAPS;
	if (add == ALL_CAPS && drops_all)
		return err_set(e, ERR_USAGE, "adding all caps and removing all caps not allowed");
	set = c->privileged ? ALL_CAPS : base;
	if ((add & drop) && add != ALL_CAPS && !drops_all)
		return err_set(e, ERR_USAGE, "capability \"%s\" cannot be dropped and added",
			       caps_name(__builtin_ctzll(add & drop)));
	if (drops_all)
		set = add;
	else
		set = (set | add) & ~drop;
	p->caps.bounding = p->caps.effective = p->caps.permitted = set;
	/* What a user other than root gets: only what was asked for by name (CVE-2018-10856). */
	p->caps.ambient = p->caps.inheritable = add == ALL_CAPS ? 0 : add & set;
	return 0;
}

static int load_seccomp(struct spec *s, const char *path, struct err *e)
{
	int r;

	s->seccomp = SPEC_SECCOMP_PROFILE;
	free(s->seccomp_profile);
	s->seccomp_profile = NULL;
	r = file_read_at(AT_FDCWD, path, &s->seccomp_profile, NULL, FILE_MAX_CONFIG);
	return r < 0 ? err_set(e, ERR_USAGE, "opening seccomp profile failed: open %s: %s", path,
			       r == -ENOENT ? "no such file or directory" : strerror(-r)) : 0;
}

static int unmask(struct strv *list, const char *paths)
{
	auto_of(strv_clear) struct strv which = { 0 };

	strv_split(&which, paths, ':');
	for (size_t i = list->n; i-- > 0;)
		for (size_t k = 0; k < which.n; k++)
			if (strcasecmp(which.v[k], "all") == 0 ||
			    path_is_below(list->v[i], which.v[k])) {
				strv_remove_at(list, i);
				break;
			}
	return 0;
}

/* Options about paths; false: this is none of them. */
static bool path_option(struct strv *hidden, struct strv *fixed, const char *key, const char *value)
{
	if (str_eq(key, "mask")) {
		strv_split(hidden, value, ':');
	} else if (str_eq(key, "unmask")) {
		unmask(hidden, value);
		unmask(fixed, value);
	} else if (str_eq(key, "systempaths") && str_eq(value, "unconfined")) {
		strv_clear(hidden);
		strv_clear(fixed);
	} else {
		return false;
	}
	return true;
}

static void default_paths(struct strv *hidden, struct strv *fixed, const struct container_config *c)
{
	if (c->privileged)
		return;
	for (size_t i = 0; i < ARRAY_SIZE(masked); i++)
		strv_add(hidden, masked[i]);
	for (size_t i = 0; i < ARRAY_SIZE(readonly); i++)
		strv_add(fixed, readonly[i]);
}

void ctr_security_paths(struct strv *hidden, struct strv *fixed, const struct container_config *c)
{
	default_paths(hidden, fixed, c);
	for (size_t i = 0; i < c->security_opt.n; i++) {
		const char *text = c->security_opt.v[i];
		size_t key_len = strcspn(text, "=:");
		autofree char *key = xstrndup(text, key_len);

		if (text[key_len])
			path_option(hidden, fixed, key, text + key_len + 1);
	}
}

static int parse_switch(bool *on, const char *value, const char *text, struct err *e)
{
	int b;

	if (units_parse_bool(value, &b) < 0)
		return err_set(e, ERR_USAGE, "--security-opt %s: true or false", text);
	*on = b;
	return 0;
}

static void set_proc_options(struct spec *s, const char *value)
{
	for (size_t i = 0; i < s->mounts_n; i++)
		if (str_eq(s->mounts[i].target, "/proc"))
			strv_split(&s->mounts[i].options, value, ',');
}

static int security_option(struct spec *s, const char *text, struct err *e)
{
	size_t key_len = strcspn(text, "=:");
	autofree char *key = xstrndup(text, key_len);
	const char *value = text[key_len] ? text + key_len + 1 : NULL;

	if (str_eq(key, "no-new-privileges"))
		return parse_switch(&s->process.no_new_privs, value ? value : "true", text, e);
	if (!value)
		return err_set(e, ERR_USAGE, "invalid --security-opt: \"%s\": expected KEY=VALUE", text);
	if (str_eq(key, "fake-owners"))
		return parse_switch(&s->is_owner_faked, value, text, e);
	if (str_eq(key, "seccomp") && !str_eq(value, "unconfined"))
		return load_seccomp(s, value, e);
	if (str_eq(key, "systempaths") && !str_eq(value, "unconfined"))
		return err_set(e, ERR_USAGE, "--security-opt %s: systempaths=unconfined is expected", text);
	if (str_eq(key, "seccomp")) {
		s->seccomp = SPEC_SECCOMP_UNCONFINED;
	} else if (str_eq(key, "apparmor")) {
		if (!str_eq(value, "unconfined"))
			xreplace(&s->process.apparmor_profile, value);
	} else if (str_eq(key, "label")) {
		if (!str_eq(value, "disable") && !str_eq(value, "nested"))
			xreplace(&s->process.selinux_label, value);
	} else if (str_eq(key, "proc-opts")) {
		set_proc_options(s, value);
	} else if (!path_option(&s->masked_paths, &s->readonly_paths, key, value)) {
		return err_set(e, ERR_USAGE, "--security-opt %s: the key is none of seccomp, "
			       "no-new-privileges, mask, unmask, systempaths, apparmor, label, proc-opts, "
			       "fake-owners", text);
	}
	return 0;
}

static int limit_value(const char *text, rlim_t *out)
{
	int64_t n;

	if (units_parse_int(text, &n) < 0 || n < -1)
		return -EINVAL;
	*out = n == -1 ? RLIM_INFINITY : (rlim_t)n;
	return 0;
}

/* The last word counts: set one after the other, a low hard limit could not be raised again. */
static void set_limit(struct spec_process *p, int resource, rlim_t soft, rlim_t hard)
{
	for (size_t i = 0; i < p->rlimits_n; i++) {
		if (p->rlimits[i].resource != resource)
			continue;
		p->rlimits[i].limit = (struct rlimit){ .rlim_cur = soft, .rlim_max = hard };
		return;
	}
	spec_add_rlimit(p, resource, soft, hard);
}

int ctr_security_ulimit(struct spec_process *p, const char *text, struct err *e)
{
	const char *eq = strchr(text, '=');
	auto_of(strv_clear) struct strv values = { 0 };
	autofree char *name = NULL;
	rlim_t soft, hard;
	int resource;

	if (!eq)
		goto bad;
	strv_split(&values, eq + 1, ':');
	if (values.n < 1 || values.n > 2 || limit_value(values.v[0], &soft) < 0)
		goto bad;
	hard = soft;
	if (values.n == 2 && limit_value(values.v[1], &hard) < 0)
		goto bad;
	if (soft > hard)
		return err_set(e, ERR_USAGE, "--ulimit %s: ulimit soft limit must be less than or equal to "
			       "hard limit: %s > %s", text, values.v[0], values.v[1]);
	name = xstrndup(text, eq - text);
	resource = rlimit_parse(name);
	if (resource >= 0) {
		set_limit(p, resource, soft, hard);
		return 0;
	}
bad:
	return err_set(e, ERR_USAGE, "--ulimit: ulimit option \"%s\" requires name=SOFT:HARD, or host; name is as core "
		       "cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending "
		       "stack", text);
}

static bool has_limit(const struct spec_process *p, int resource)
{
	for (size_t i = 0; i < p->rlimits_n; i++)
		if (p->rlimits[i].resource == resource)
			return true;
	return false;
}

/* Podman's rootless default: as many files and processes as the user's hard limit allows. */
static void raise_limit(struct spec_process *p, int resource, rlim_t most)
{
	struct rlimit now;

	if (has_limit(p, resource) || getrlimit(resource, &now) < 0)
		return;
	if (now.rlim_max < most)
		most = now.rlim_max;
	spec_add_rlimit(p, resource, most, most);
	p->rlimits[p->rlimits_n - 1].is_clamped_ok = true;
}

/* A limit of containers.conf is cut to what this session may have: it is for every user. */
static int default_ulimits(struct spec_process *p, struct engine *g, struct err *e)
{
	auto_of(strv_clear) struct strv list = { 0 };
	int r = 0;

	if (g)
		json_get_strv(engine_conf(g, "containers"), "default_ulimits", &list);
	for (size_t i = 0; r >= 0 && i < list.n; i++) {
		struct spec_process one = { 0 };

		r = ctr_security_ulimit(&one, list.v[i], e);
		if (r >= 0 && !has_limit(p, one.rlimits[0].resource)) {
			spec_add_rlimit(p, one.rlimits[0].resource, one.rlimits[0].limit.rlim_cur,
					one.rlimits[0].limit.rlim_max);
			p->rlimits[p->rlimits_n - 1].is_clamped_ok = true;
		}
		spec_process_clear(&one);
	}
	return r < 0 ? err_wrap(e, "containers.conf: default_ulimits") : 0;
}

static int apply_ulimits(struct spec_process *p, struct engine *g, const struct container_config *c,
			 struct err *e)
{
	for (size_t i = 0; i < c->ulimits.n; i++) {
		if (str_eq(c->ulimits.v[i], "host"))
			return 0;
		if (ctr_security_ulimit(p, c->ulimits.v[i], e) < 0)
			return -e->code;
	}
	if (default_ulimits(p, g, e) < 0)
		return -e->code;
	raise_limit(p, RLIMIT_NOFILE, 1048576);
	raise_limit(p, RLIMIT_NPROC, 4194304);
	return 0;
}

int ctr_security_check(const struct container_config *c, struct err *e)
{
	auto_of(spec_clear) struct spec s = { 0 };
	int r;

	spec_init(&s);
	r = apply_caps(&s.process, NULL, c, e);
	if (r >= 0)
		r = apply_ulimits(&s.process, NULL, c, e);
	for (size_t i = 0; r >= 0 && i < c->security_opt.n; i++)
		r = security_option(&s, c->security_opt.v[i], e);
	return r;
}

/* The image's, where --seccomp-policy lets it; the system's own when its administrator wrote one
 * (law 9). */
static int default_seccomp(struct spec *s, struct engine *g, const struct container_config *c,
			   struct err *e)
{
	const char *path = json_str(engine_conf(g, "containers.seccomp_profile"));

	if (c->seccomp_image) {
		s->seccomp = SPEC_SECCOMP_PROFILE;
		xreplace(&s->seccomp_profile, c->seccomp_image);
		return 0;
	}
	if (!str_empty(path))
		return load_seccomp(s, path, e);
	if (file_exists_at(AT_FDCWD, "/etc/containers/seccomp.json"))
		return load_seccomp(s, "/etc/containers/seccomp.json", e);
	s->seccomp = SPEC_SECCOMP_DEFAULT;
	return 0;
}

int ctr_security_apply(struct spec *s, struct engine *g, const struct container_config *c,
		       struct err *e)
{
	int r = apply_caps(&s->process, g, c, e);

	s->is_owner_faked = g->session->is_single_id;
	if (r >= 0)
		r = apply_ulimits(&s->process, g, c, e);
	if (r < 0)
		return r;
	if (c->privileged) {
		s->seccomp = SPEC_SECCOMP_UNCONFINED;
	} else {
		default_paths(&s->masked_paths, &s->readonly_paths, c);
		r = default_seccomp(s, g, c, e);
	}
	for (size_t i = 0; r >= 0 && i < c->security_opt.n; i++)
		r = security_option(s, c->security_opt.v[i], e);
	return r;
}
