/* SPDX-License-Identifier: Apache-2.0 */
/* volume create, ls, inspect, rm, prune, exists. */
#include "container/volumes.h"

#include "base/json.h"
#include "base/str.h"
#include "base/template.h"
#include "base/timefmt.h"
#include "cli/cmd.h"
#include "cli/each.h"
#include "cli/objects.h"
#include "container/events.h"
#include "container/lifecycle.h"
#include "container/volume_users.h"

#include <stdio.h>
#include <string.h>

struct volume_args {
	struct strv labels, options, filters;
	char *driver, *format;
	bool ignore, all, force, quiet, noheading;
	uint64_t time;
};

static const struct opt create_opts[] = {
	OPT_STR('d', "driver", struct volume_args, driver, "NAME", "local, the only one there is"),
	OPT_FLAG(0, "ignore", struct volume_args, ignore, "one that is there already is no error"),
	OPT_LIST('l', "label", struct volume_args, labels, "KEY=VALUE", "label the volume"),
	OPT_LATER('o', "opt", "KEY=VALUE", "a volume is a directory of the store"),
	OPT_LATER(0, "uid", "UID", ""),
	OPT_LATER(0, "gid", "GID", ""),
	OPT_END,
};

static int create_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct volume_args *a = args;
	auto_of(volume_free) struct volume *v = xcalloc(1, sizeof(*v));

	if (a->driver && !str_eq(a->driver, "local"))
		return err_set(e, ERR_USAGE, "--driver '%s': only local is there", a->driver);
	v->name = rest->n ? xstrdup(rest->v[0]) : NULL;
	v->uid = v->gid = -1;
	v->needs_copy_up = true;
	strv_copy(&v->labels, &a->labels);
	if (volume_create(c->engine, v, a->ignore, e) < 0)
		return -e->code;
	printf("%s\n", v->name);
	return 0;
}

const struct cmd cmd_volume_create = {
	.path = "volume create", .args = "[NAME]", .help = "make a volume", .opts = create_opts,
	.args_size = sizeof(struct volume_args), .max_args = 1, .needs = NEED_ENGINE,
	.fn = create_main,
};

static bool label_matches(const struct strv *labels, const char *want)
{
	size_t n = strlen(want);

	for (size_t i = 0; i < labels->n; i++)
		if (strcmp(labels->v[i], want) == 0 ||
		    (!strchr(want, '=') && strncmp(labels->v[i], want, n) == 0 &&
		     labels->v[i][n] == '='))
			return true;
	return false;
}

/* 1 matches, 0 does not. */
static int filter_accepts(struct cmd_context *c, const struct volume *v, const char *filter,
			  struct err *e)
{
	const char *value;
	int64_t until;

	if ((value = str_after(filter, "name=")))
		return strstr(v->name, value) != NULL;
	if ((value = str_after(filter, "label=")))
		return label_matches(&v->labels, value);
	if ((value = str_after(filter, "label!=")))
		return !label_matches(&v->labels, value);
	if ((value = str_after(filter, "driver=")))
		return str_eq(v->driver, value);
	if ((value = str_after(filter, "scope=")))
		return str_eq("local", value);
	if ((value = str_after(filter, "anonymous=")))
		return v->is_anonymous == str_eq(value, "true");
	if ((value = str_after(filter, "until=")) && time_parse(value, &until) >= 0)
		return v->created <= until;
	if ((value = str_after(filter, "dangling="))) {
		auto_of(strv_clear) struct strv users = { 0 };

		if (volume_users(c->engine, v->name, &users, e) < 0)
			return -e->code;
		return (users.n == 0) == (str_eq(value, "true") || str_eq(value, "1"));
	}
	return err_set(e, ERR_USAGE, "--filter '%s': expected name=, label=, label!=, driver=, scope=, "
		       "anonymous=, until= or dangling=", filter);
}

static int each_volume(struct cmd_context *c, const struct strv *filters, struct strv *names,
		       struct err *e)
{
	auto_of(strv_clear) struct strv all = { 0 };
	int r = volume_list(c->engine, &all, e);

	for (size_t i = 0; r >= 0 && i < all.n; i++) {
		auto_of(volume_free) struct volume *v = NULL;
		struct err gone = { 0 };
		int accepted = 1;

		if (volume_load(&v, c->engine, all.v[i], &gone) < 0)
			continue;
		for (size_t k = 0; accepted > 0 && k < filters->n; k++)
			accepted = filter_accepts(c, v, filters->v[k], e);
		if (accepted < 0)
			return accepted;
		if (accepted)
			strv_add(names, v->name);
	}
	return r;
}

static const struct opt ls_opts[] = {
	OPT_LIST('f', "filter", struct volume_args, filters, "KEY=VALUE", "those that match"),
	OPT_STR(0, "format", struct volume_args, format, "FORMAT", "json, table TEMPLATE or a Go template"),
	OPT_FLAG('n', "noheading", struct volume_args, noheading, "no heading"),
	OPT_FLAG('q', "quiet", struct volume_args, quiet, "names only"),
	OPT_END,
};

static int ls_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct volume_args *a = args;
	auto_of(strv_clear) struct strv names = { 0 };
	auto_of(json_free) struct json *rows = json_new_array(), *heads = json_new_object();
	auto_of(str_clear) struct str out = { 0 };
	const char *format = a->format ? a->format
				       : a->quiet ? "{{.Name}}" : "table {{.Driver}}\t{{.Name}}";

	(void)rest;
	if (each_volume(c, &a->filters, &names, e) < 0)
		return -e->code;
	for (size_t i = 0; i < names.n; i++) {
		auto_of(volume_free) struct volume *v = NULL;
		struct err gone = { 0 };

		if (volume_load(&v, c->engine, names.v[i], &gone) >= 0)
			json_add(rows, volume_to_json(v));
	}
	json_set_str(heads, "Name", "VOLUME NAME");
	if (template_rows(&out, format, rows, heads, a->noheading, e) < 0)
		return -e->code;
	fputs(str_peek(&out), stdout);
	return 0;
}

const struct cmd cmd_volume_ls = {
	.path = "volume ls", .alias = "volume list", .help = "list volumes", .opts = ls_opts,
	.args_size = sizeof(struct volume_args), .needs = NEED_ENGINE, .fn = ls_main,
};

static const struct opt inspect_opts[] = {
	OPT_FLAG('a', "all", struct volume_args, all, "every volume"),
	OPT_STR('f', "format", struct volume_args, format, "FORMAT", "json or a Go template"),
	OPT_END,
};

static int inspect_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct volume_args *a = args;
	auto_of(strv_clear) struct strv names = { 0 };
	auto_of(json_free) struct json *rows = json_new_array();

	if (a->all ? volume_list(c->engine, &names, e) < 0 : false)
		return -e->code;
	strv_add_all(&names, rest);
	if (!names.n && !a->all)
		return err_set(e, ERR_USAGE, "volume inspect: name at least one volume");
	for (size_t i = 0; i < names.n; i++) {
		auto_of(volume_free) struct volume *v = NULL;

		if (volume_load(&v, c->engine, names.v[i], e) < 0)
			return -e->code;
		json_add(rows, volume_to_json(v));
	}
	return objects_print(rows, a->format, e);
}

const struct cmd cmd_volume_inspect = {
	.path = "volume inspect", .args = "VOLUME...", .help = "show all about volumes, as JSON",
	.opts = inspect_opts, .args_size = sizeof(struct volume_args), .max_args = -1,
	.needs = NEED_ENGINE, .fn = inspect_main,
};

static const struct opt rm_opts[] = {
	OPT_FLAG('a', "all", struct volume_args, all, "every volume that no container uses"),
	OPT_FLAG('f', "force", struct volume_args, force, "remove the containers that use it first"),
	OPT_UINT('t', "time", struct volume_args, time, "SECONDS", "with --force: time before they are killed"),
	OPT_END,
};

static int rm_one(struct cmd_context *c, const char *name, void *arg, struct err *e)
{
	struct volume_args *a = arg;
	auto_of(strv_clear) struct strv users = { 0 };
	int r = 0;

	if (a->force) {
		struct lifecycle_remove how = { .force = true, .timeout = a->time ? (int64_t)a->time : -1 };

		r = volume_users(c->engine, name, &users, e);
		for (size_t i = 0; r >= 0 && i < users.n; i++)
			r = lifecycle_remove(c->engine, users.v[i], &how, e);
	}
	if (r >= 0)
		r = volume_remove(c->engine, name, e);
	if (r < 0 && e->code == ERR_NO_SUCH && a->force)
		return 0;
	if (r >= 0)
		printf("%s\n", name);
	return r;
}

static int rm_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct volume_args *a = args;
	auto_of(strv_clear) struct strv names = { 0 }, unused = { 0 };

	if (a->all == (rest->n > 0))
		return err_set(e, ERR_USAGE, "volume rm: name volumes, or --all");
	strv_add_all(&names, rest);
	strv_add(&unused, "dangling=true");
	if (a->all && each_volume(c, &unused, &names, e) < 0)
		return -e->code;
	return each_operand(c, &names, rm_one, a, e);
}

const struct cmd cmd_volume_rm = {
	.path = "volume rm", .alias = "volume remove", .args = "VOLUME...", .help = "remove volumes",
	.opts = rm_opts, .args_size = sizeof(struct volume_args), .max_args = -1,
	.needs = NEED_ENGINE, .exit_no_such = 1, .exit_in_use = 2, .fn = rm_main,
};

static const struct opt prune_opts[] = {
	OPT_FLAG('a', "all", struct volume_args, all, "named ones too (podman's default; Docker's is anonymous ones)"),
	OPT_LIST(0, "filter", struct volume_args, filters, "KEY=VALUE", "only those that match"),
	OPT_FLAG('f', "force", struct volume_args, force, "do not ask"),
	OPT_END,
};

static int prune_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct volume_args *a = args;
	auto_of(strv_clear) struct strv names = { 0 }, filters = { 0 };
	char answer[8] = "";

	(void)rest;
	if (!a->force) {
		printf("WARNING! This will remove all volumes not used by at least one container.\n"
		       "Are you sure you want to continue? [y/N] ");
		fflush(stdout);
		if (!fgets(answer, sizeof(answer), stdin) || (answer[0] != 'y' && answer[0] != 'Y'))
			return 0;
	}
	strv_copy(&filters, &a->filters);
	strv_add(&filters, "dangling=true");
	if (c->globals->is_docker && !a->all)
		strv_add(&filters, "anonymous=true");
	if (each_volume(c, &filters, &names, e) < 0)
		return -e->code;
	if (each_operand(c, &names, rm_one, &(struct volume_args){ 0 }, e) < 0)
		return -e->code;
	events_add(c->engine, "volume", "prune", NULL, NULL);
	return 0;
}

const struct cmd cmd_volume_prune = {
	.path = "volume prune", .help = "remove volumes that no container uses", .opts = prune_opts,
	.args_size = sizeof(struct volume_args), .needs = NEED_ENGINE, .fn = prune_main,
};

static int exists_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	auto_of(volume_free) struct volume *v = NULL;
	int r = volume_load(&v, c->engine, rest->v[0], e);

	(void)args;
	return r < 0 && e->code == ERR_NO_SUCH ? 1 : r;
}

const struct cmd cmd_volume_exists = {
	.path = "volume exists", .args = "VOLUME", .help = "tell by the exit code whether a volume exists",
	.min_args = 1, .max_args = 1, .needs = NEED_ENGINE, .fn = exists_main,
};
