/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_hooks.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "runtime/hooks.h"

#include <regex.h>
#include <string.h>

static int matches(const char *pattern, const char *text, const char *file, bool *out, struct err *e)
{
	regex_t re;

	if (!pattern || regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return err_set(e, EINVAL, "hook %s: '%s' is no regular expression", file,
			       pattern ? pattern : "");
	*out = regexec(&re, text, 0, NULL, 0) == 0;
	regfree(&re);
	return 0;
}

/* Every pattern pair has to match one annotation. */
static int annotations_match(const struct json *when, const struct strv *annotations,
			     const char *file, bool *all, struct err *e)
{
	*all = true;
	if (json_len(when) != json_members(when))
		return err_set(e, EBADMSG, "%s: when.annotations is no object", file);
	for (size_t i = 0; *all && i < json_members(when); i++) {
		bool found = false;

		for (size_t k = 0; !found && k < annotations->n; k++) {
			const char *eq = strchrnul(annotations->v[k], '=');
			autofree char *key = xstrndup(annotations->v[k], eq - annotations->v[k]);
			bool value = false;

			if (matches(json_key_at(when, i), key, file, &found, e) < 0 ||
			    matches(json_str(json_at(when, i)), *eq ? eq + 1 : "", file, &value, e) < 0)
				return -e->code;
			found &= value;
		}
		*all = found;
	}
	return 0;
}

static bool has_user_bind(const struct container_config *c)
{
	if (c->volumes.n)
		return true;
	for (size_t i = 0; i < c->mounts.n; i++)
		if (strstr(c->mounts.v[i], "type=bind"))
			return true;
	return false;
}

/* "when": all conditions that are given must hold. */
static int applies(const struct json *when, const struct spec *s, const struct container_config *c,
		   const char *file, bool *out, struct err *e)
{
	const struct json *commands = json_get(when, "commands");
	bool any = false, annotated = true;

	*out = false;
	if (json_get(when, "always") && !json_get_bool(when, "always", false))
		return 0;
	if (json_get(when, "hasBindMounts") &&
	    json_get_bool(when, "hasBindMounts", false) != has_user_bind(c))
		return 0;
	if (annotations_match(json_get(when, "annotations"), &s->annotations, file, &annotated, e) < 0)
		return -e->code;
	for (size_t i = 0; !any && i < json_len(commands); i++)
		if (matches(json_str(json_at(commands, i)), s->process.args.v[0], file, &any, e) < 0)
			return -e->code;
	*out = annotated && (any || !json_len(commands)) && json_len(when) > 0;
	return 0;
}

int ctr_hooks_stage(const char *name)
{
	for (int i = 0; i < N_SPEC_HOOK_STAGES; i++)
		if (str_eq(name, hooks_stage_name(i)))
			return i;
	return -EINVAL;
}

static int add(struct spec *s, const struct json *j, const char *file, struct err *e)
{
	const struct json *hook = json_get(j, "hook"), *stages = json_get(j, "stages");
	const char *path = json_get_str(hook, "path");

	if (!path || path[0] != '/')
		return err_set(e, EINVAL, "hook %s: hook.path is no absolute path", file);
	for (size_t i = 0; i < json_len(stages); i++) {
		int stage = ctr_hooks_stage(json_str(json_at(stages, i)));
		struct spec_hook *h;

		if (stage < 0)
			return err_set(e, EINVAL, "hook %s: unknown stage '%s'", file,
				       json_str(json_at(stages, i)) ? json_str(json_at(stages, i)) : "");
		h = spec_add_hook(s, stage, path);
		json_get_strv(hook, "args", &h->args);
		json_get_strv(hook, "env", &h->env);
		h->timeout = json_get_int(hook, "timeout", 0);
	}
	return 0;
}

static int apply_file(struct spec *s, const struct container_config *c, const char *file,
		      struct err *e)
{
	auto_of(json_free) struct json *j = NULL;
	bool yes;

	if (json_load_at(&j, AT_FDCWD, file, e) < 0)
		return err_wrap(e, "hook %s", file);
	if (!str_eq(json_get_str(j, "version"), "1.0.0"))
		return err_set(e, EINVAL, "hook %s: version is not 1.0.0", file);
	if (applies(json_get(j, "when"), s, c, file, &yes, e) < 0)
		return -e->code;
	return yes ? add(s, j, file, e) : 0;
}

/* Base names of all files in order, each with the last directory that has it. */
static int collect(const struct strv *dirs, struct strv *files, struct err *e)
{
	for (size_t d = 0; d < dirs->n; d++) {
		auto_of(strv_clear) struct strv names = { 0 };
		int r = file_list_dir(AT_FDCWD, dirs->v[d], &names, true);

		if (r < 0 && r != -ENOENT && r != -EACCES)
			return err_sys(e, -r, "hooks directory %s", dirs->v[d]);
		for (size_t i = 0; i < names.n; i++) {
			if (!str_has_suffix(names.v[i], ".json"))
				continue;
			for (size_t k = files->n; k-- > 0;)
				if (str_eq(strrchr(files->v[k], '/') + 1, names.v[i]))
					strv_remove_at(files, k);
			strv_addf(files, "%s/%s", dirs->v[d], names.v[i]);
		}
	}
	return 0;
}

int ctr_hooks_apply(struct spec *s, struct engine *g, const struct container_config *c,
		    struct err *e)
{
	auto_of(strv_clear) struct strv dirs = { 0 }, files = { 0 };
	int r;

	if (g->hooks_dirs && g->hooks_dirs->n) {
		strv_add_all(&dirs, g->hooks_dirs);
	} else {
		json_get_strv(engine_conf(g, "engine"), "hooks_dir", &dirs);
		if (!dirs.n) {
			strv_add(&dirs, "/usr/share/containers/oci/hooks.d");
			strv_add(&dirs, "/etc/containers/oci/hooks.d");
		}
	}
	r = collect(&dirs, &files, e);
	for (size_t i = 0; r >= 0 && i < files.n; i++)
		r = apply_file(s, c, files.v[i], e);
	return r;
}
