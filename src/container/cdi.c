/* SPDX-License-Identifier: Apache-2.0 */
#include "container/cdi.h"

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/path.h"
#include "base/str.h"
#include "base/units.h"
#include "container/ctr_hooks.h"
#include "userns/session.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NVIDIA "nvidia.com/gpu="

struct file {
	char *path;		/* owned */
	struct json *json;	/* owned */
	size_t dir;		/* number of its directory: a higher one wins */
	bool is_applied;	/* its edits for all devices */
};

struct files {
	struct file *v;		/* owned */
	size_t n;
	struct strv dirs, yaml;	/* owned */
};

static void files_clear(struct files *f)
{
	for (size_t i = 0; i < f->n; i++) {
		free(f->v[i].path);
		json_free(f->v[i].json);
	}
	free(f->v);
	strv_clear(&f->dirs);
	strv_clear(&f->yaml);
	*f = (struct files){ 0 };
}
DEFINE_AUTO_VALUE(struct files, files_clear)

bool cdi_is_name(const char *text)
{
	const char *slash = strchr(text, '/'), *eq = strchr(text, '=');

	return text[0] != '/' && slash && eq && slash < eq;
}

static int check_name(const char *text, struct err *e)
{
	static const char letters[] = ":ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
	const char *slash = strchr(text, '/'), *eq = slash ? strchr(slash, '=') : NULL;
	size_t vendor = strspn(text, letters + 1);

	if (eq && vendor && text + vendor == slash && eq > slash + 1 && eq[1] &&
	    slash + 1 + strspn(slash + 1, letters + 1) == eq && !eq[1 + strspn(eq + 1, letters)])
		return 0;
	return err_set(e, ERR_USAGE, "--device %s: expected VENDOR/CLASS=NAME, such as nvidia.com/gpu=all", text);
}

/* --- reading -------------------------------------------------------------------------------- */

static int load_file(struct files *f, const char *path, size_t dir, struct err *e)
{
	struct json *json = NULL;

	if (str_has_suffix(path, ".yaml") || str_has_suffix(path, ".yml")) {
		strv_add(&f->yaml, path);
		return 0;
	}
	if (!str_has_suffix(path, ".json"))
		return 0;
	if (json_load_at(&json, AT_FDCWD, path, e) < 0)
		return err_wrap(e, "device specification %s", path);
	f->v = xreallocarray(f->v, f->n + 1, sizeof(*f->v));
	f->v[f->n++] = (struct file){ .path = xstrdup(path), .json = json, .dir = dir };
	if (!json_get_str(json, "cdiVersion") || !json_get_str(json, "kind"))
		return err_set(e, EINVAL, "device specification %s: cdiVersion or kind is missing", path);
	return 0;
}

static int load_all(struct files *f, struct engine *g, struct err *e)
{
	if (g->cdi_dirs && g->cdi_dirs->n) {
		strv_add_all(&f->dirs, g->cdi_dirs);
	} else {
		json_get_strv(engine_conf(g, "engine"), "cdi_spec_dirs", &f->dirs);
		if (!f->dirs.n) {
			strv_add(&f->dirs, "/etc/cdi");
			strv_add(&f->dirs, "/var/run/cdi");
		}
		strv_addf(&f->dirs, "%s/cdi", g->session->config_dir);
	}
	for (size_t d = 0; d < f->dirs.n; d++) {
		auto_of(strv_clear) struct strv names = { 0 };
		int r = file_list_dir(AT_FDCWD, f->dirs.v[d], &names, true);

		if (r < 0 && r != -ENOENT && r != -EACCES)
			return err_sys(e, -r, "directory of device specifications %s", f->dirs.v[d]);
		for (size_t i = 0; r >= 0 && i < names.n; i++) {
			autofree char *path = path_join(f->dirs.v[d], names.v[i]);

			if (load_file(f, path, d, e) < 0)
				return -e->code;
		}
	}
	return 0;
}

static const struct json *device_of(const struct file *f, const char *name)
{
	const char *kind = json_get_str(f->json, "kind"), *rest = str_after(name, kind);
	const struct json *devices = json_get(f->json, "devices");

	if (!rest || *rest != '=')
		return NULL;
	for (size_t i = 0; i < json_len(devices); i++)
		if (str_eq(json_get_str(json_at(devices, i), "name"), rest + 1))
			return json_at(devices, i);
	return NULL;
}

static int unknown(const struct files *f, const char *name, struct err *e)
{
	autofree char *dirs = strv_join(&f->dirs, ", ");

	if (f->yaml.n)
		return err_set(e, ERR_UNSUPPORTED, "--device %s: no specification in JSON has it, and %s is "
			       "YAML, which is not read: convert it to JSON (nvidia-ctk cdi generate "
			       "--format=json)", name, f->yaml.v[0]);
	return err_set(e, ERR_NO_SUCH, "--device %s: no such device in the specifications (*.json) of %s", name,
		       dirs);
}

static int find(struct files *f, const char *name, struct file **file, const struct json **device,
		struct err *e)
{
	*file = NULL;
	for (size_t i = 0; i < f->n; i++) {
		const struct json *d = device_of(&f->v[i], name);

		if (!d)
			continue;
		if (*file && (*file)->dir == f->v[i].dir)
			return err_set(e, EINVAL, "--device %s: both %s and %s define it", name,
				       (*file)->path, f->v[i].path);
		*file = &f->v[i];
		*device = d;
	}
	return *file ? 0 : unknown(f, name, e);
}

/* --- applying ------------------------------------------------------------------------------- */

static int add_node(struct spec *s, const struct json *node, const char *file, struct err *e)
{
	const char *path = json_get_str(node, "path"), *host = json_get_str(node, "hostPath");
	const char *permissions = json_get_str(node, "permissions");
	struct spec_device *d;

	if (str_empty(path) || path[0] != '/' || (host && host[0] != '/'))
		return err_set(e, EINVAL, "device specification %s: a device node without an absolute path", file);
	if (str_empty(host))
		host = path;
	if (access(host, F_OK) < 0) {
		log_warn("%s of %s is not there and is left out: %s", host, file, strerror(errno));
		return 0;
	}
	d = spec_add_device(s, host, path);
	d->is_readonly = !str_empty(permissions) && !strchr(permissions, 'w');
	return 0;
}

static int add_mount(struct spec *s, const struct json *mount, const char *file, struct err *e)
{
	const char *from = json_get_str(mount, "hostPath"), *to = json_get_str(mount, "containerPath");
	const char *type = json_get_str(mount, "type");
	struct spec_mount *m;
	struct stat st;

	if (str_empty(from) || str_empty(to) || to[0] != '/')
		return err_set(e, EINVAL, "device specification %s: a mount without hostPath or containerPath",
			       file);
	if (!str_empty(type) && !str_eq(type, "bind") && !str_eq(type, "none")) {
		m = spec_add_mount(s, type, from, to, NULL);
		json_get_strv(mount, "options", &m->options);
		return 0;
	}
	if (stat(from, &st) < 0)
		return err_sys(e, errno, "%s, which %s mounts", from, file);
	m = spec_add_mount(s, "bind", from, to, NULL);
	json_get_strv(mount, "options", &m->options);
	if (!strv_has(&m->options, "bind") && !strv_has(&m->options, "rbind"))
		strv_add(&m->options, "rbind");
	m->is_file_made = !S_ISDIR(st.st_mode);
	return 0;
}

static int add_hook(struct spec *s, const struct json *hook, const char *file, struct err *e)
{
	const char *name = json_get_str(hook, "hookName"), *path = json_get_str(hook, "path");
	int stage = ctr_hooks_stage(name);
	struct spec_hook *h;

	if (stage < 0)
		return err_set(e, EINVAL, "device specification %s: unknown hook '%s'", file, name ? name : "");
	if (str_empty(path) || path[0] != '/')
		return err_set(e, EINVAL, "device specification %s: the path of hook %s is not absolute", file,
			       name);
	h = spec_add_hook(s, stage, path);
	json_get_strv(hook, "args", &h->args);
	json_get_strv(hook, "env", &h->env);
	h->timeout = json_get_int(hook, "timeout", 0);
	return 0;
}

static int each(struct spec *s, const struct json *list, const char *file,
		int (*add)(struct spec *s, const struct json *j, const char *file, struct err *e),
		struct err *e)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (add(s, json_at(list, i), file, e) < 0)
			return -e->code;
	return 0;
}

static int apply_edits(struct spec *s, const struct json *edits, const char *file, struct err *e)
{
	auto_of(strv_clear) struct strv env = { 0 };
	const struct json *gids = json_get(edits, "additionalGids");

	json_get_strv(edits, "env", &env);
	for (size_t i = 0; i < env.n; i++) {
		if (!strchr(env.v[i], '=') || env.v[i][0] == '=')
			return err_set(e, EINVAL, "device specification %s: '%s' is no NAME=VALUE", file,
				       env.v[i]);
		strv_env_put(&s->process.env, env.v[i]);
	}
	for (size_t i = 0; i < json_len(gids); i++)
		strv_addf(&s->process.group_names, "%lld", (long long)json_int(json_at(gids, i), 0));
	if (json_get(edits, "intelRdt"))
		log_warn("%s asks for cache allocation (intelRdt), which belongs to root: left out", file);
	if (each(s, json_get(edits, "deviceNodes"), file, add_node, e) < 0 ||
	    each(s, json_get(edits, "mounts"), file, add_mount, e) < 0)
		return -e->code;
	return each(s, json_get(edits, "hooks"), file, add_hook, e);
}

int cdi_apply(struct spec *s, struct engine *g, const struct strv *names, struct err *e)
{
	auto_of(files_clear) struct files files = { 0 };
	auto_of(strv_clear) struct strv done = { 0 };

	if (load_all(&files, g, e) < 0)
		return -e->code;
	for (size_t i = 0; i < names->n; i++) {
		const struct json *device = NULL;
		struct file *f;

		if (strv_has(&done, names->v[i]))
			continue;
		strv_add(&done, names->v[i]);
		if (check_name(names->v[i], e) < 0 || find(&files, names->v[i], &f, &device, e) < 0)
			return -e->code;
		if (!f->is_applied && apply_edits(s, json_get(f->json, "containerEdits"), f->path, e) < 0)
			return -e->code;
		f->is_applied = true;
		if (apply_edits(s, json_get(device, "containerEdits"), f->path, e) < 0)
			return -e->code;
	}
	return 0;
}

/* --- --gpus ----------------------------------------------------------------------------------- */

static int add_count(struct strv *names, const char *text, const char *count, struct err *e)
{
	uint64_t n;

	if (str_eq(count, "all") || str_eq(count, "-1")) {
		strv_add(names, NVIDIA "all");
		return 0;
	}
	if (units_parse_uint(count, &n) < 0 || n > 64)
		return err_set(e, ERR_USAGE, "--gpus '%s': expected all, a number, or device=NAME[,NAME...]", text);
	for (uint64_t i = 0; i < n; i++)
		strv_addf(names, NVIDIA "%llu", (unsigned long long)i);
	return 0;
}

int cdi_gpus(struct strv *names, const struct strv *gpus, bool is_docker, struct err *e)
{
	bool is_list = false;	/* behind device= */

	for (size_t i = 0; i < gpus->n; i++) {
		const char *text = gpus->v[i], *count = str_after(text, "count=");
		const char *devices = str_after(text, "device=");
		auto_of(strv_clear) struct strv list = { 0 };

		if (str_eq(text, "driver=nvidia") || str_eq(text, "driver=cdi"))
			continue;
		if (count || str_eq(text, "all") || (is_docker && !devices && !is_list)) {
			if (add_count(names, text, count ? count : text, e) < 0)
				return -e->code;
			continue;
		}
		is_list |= devices != NULL;
		if (!devices && strchr(text, '='))
			return err_set(e, ERR_USAGE, "--gpus '%s': expected all, a number, or "
				       "device=NAME[,NAME...]", text);
		strv_split(&list, devices ? devices : text, ',');
		if (!list.n)
			return err_set(e, ERR_USAGE, "--gpus '%s': device= needs a NAME", text);
		for (size_t k = 0; k < list.n; k++)
			strv_addf(names, NVIDIA "%s", list.v[k]);
	}
	for (size_t i = 0; i < names->n; i++)
		if (str_has_prefix(names->v[i], NVIDIA) && check_name(names->v[i], e) < 0)
			return -e->code;
	return 0;
}
