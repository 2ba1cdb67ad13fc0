/* SPDX-License-Identifier: Apache-2.0 */
/* volume create, ls, inspect, exists. */
#include "container/volumes.h"

#include "base/json.h"
#include "base/str.h"
#include "base/template.h"
#include "cli/cmd.h"
#include "cli/docker_rows.h"
#include "cli/objects.h"
#include "container/volume_filter.h"

#include <stdio.h>

struct create_args {
	struct strv labels, options;
	char *driver;
	int64_t uid, gid;
	bool ignore;
};

struct volume_args {
	struct strv filters;
	char *format;
	bool all, quiet, noheading;
};

static const struct opt create_opts[] = {
	OPT_STR('d', "driver", struct create_args, driver, "NAME", "local, the only one there is"),
	OPT_INT(0, "gid", struct create_args, gid, "GID", "group of the volume's directory"),
	OPT_FLAG(0, "ignore", struct create_args, ignore, "one that is there already is no error"),
	OPT_LIST('l', "label", struct create_args, labels, "KEY=VALUE", "label the volume"),
	OPT_LIST('o', "opt", struct create_args, options, "KEY=VALUE", "type=tmpfs; or o=bind with device=DIR; o=uid=N,gid=N,size=N,..."),
	OPT_INT(0, "uid", struct create_args, uid, "UID", "owner of the volume's directory"),
	OPT_NEVER(0, "availability", "MODE", "cluster volumes belong to Docker Swarm: rootlet has no clusters"),
	OPT_NEVER(0, "group", "NAME", "cluster volumes belong to Docker Swarm: rootlet has no clusters"),
	OPT_NEVER(0, "limit-bytes", "SIZE", "cluster volumes belong to Docker Swarm: for a size use --opt type=tmpfs --opt o=size=SIZE"),
	OPT_NEVER(0, "required-bytes", "SIZE", "cluster volumes belong to Docker Swarm: rootlet has no clusters"),
	OPT_NEVER(0, "scope", "SCOPE", "cluster volumes belong to Docker Swarm: rootlet has no clusters"),
	OPT_NEVER(0, "secret", "KEY=VALUE", "cluster volumes belong to Docker Swarm: rootlet has no clusters"),
	OPT_NEVER(0, "sharing", "MODE", "cluster volumes belong to Docker Swarm: rootlet has no clusters"),
	OPT_NEVER(0, "topology-preferred", "TOPOLOGY", "cluster volumes belong to Docker Swarm: rootlet has no clusters"),
	OPT_NEVER(0, "topology-required", "TOPOLOGY", "cluster volumes belong to Docker Swarm: rootlet has no clusters"),
	OPT_NEVER(0, "type", "TYPE", "cluster volumes belong to Docker Swarm: for a tmpfs use --opt type=tmpfs"),
	OPT_END,
};

static void create_init(void *args)
{
	struct create_args *a = args;

	a->uid = a->gid = -1;
}

static int check_create(const struct create_args *a, struct err *e)
{
	if (a->driver && !str_eq(a->driver, "local"))
		return err_set(e, ERR_USAGE, "--driver '%s': only local is there (volumes of an image: run "
			       "--mount type=image)", a->driver);
	if (a->uid < -1 || a->uid > UINT32_MAX - 1)
		return err_set(e, ERR_USAGE, "--uid '%lld': expected a user id", (long long)a->uid);
	if (a->gid < -1 || a->gid > UINT32_MAX - 1)
		return err_set(e, ERR_USAGE, "--gid '%lld': expected a group id", (long long)a->gid);
	return 0;
}

static int create_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct create_args *a = args;
	auto_of(volume_free) struct volume *v = xcalloc(1, sizeof(*v));

	if (check_create(a, e) < 0)
		return -e->code;
	v->name = rest->n ? xstrdup(rest->v[0]) : NULL;
	v->is_anonymous = !rest->n;
	v->driver = xstrdup("local");
	v->uid = a->uid;
	v->gid = a->gid;
	v->needs_copy_up = true;
	strv_copy(&v->labels, &a->labels);
	strv_copy(&v->options, &a->options);
	if (volume_create(c->engine, v, a->ignore || c->globals->is_docker, e) < 0)
		return -e->code;
	printf("%s\n", v->name);
	return 0;
}

const struct cmd cmd_volume_create = {
	.path = "volume create", .args = "[NAME]", .help = "make a volume", .opts = create_opts,
	.args_size = sizeof(struct create_args), .max_args = 1, .needs = NEED_ENGINE,
	.init = create_init, .fn = create_main,
};

static const struct opt ls_opts[] = {
	OPT_LIST('f', "filter", struct volume_args, filters, "KEY=VALUE", "those that match"),
	OPT_STR(0, "format", struct volume_args, format, "FORMAT", "json, table TEMPLATE or a Go template"),
	OPT_FLAG('n', "noheading", struct volume_args, noheading, "no heading"),
	OPT_FLAG('q', "quiet", struct volume_args, quiet, "names only"),
	OPT_NEVER(0, "cluster", NULL, "cluster volumes belong to Docker Swarm: rootlet has no clusters"),
	OPT_END,
};

/* What templates may ask for and JSON does not show, as Podman leaves out what is empty. */
static void add_placeholders(struct json *volume)
{
	static const char *const wholes[] = { "VolumeConfigResponse", "InspectVolumeData" };
	auto_of(json_free) struct json *copy = NULL;

	json_set(volume, "Status", json_new_object());
	json_set_str(volume, "StorageID", "");
	json_set_int(volume, "Timeout", 0);
	copy = json_copy(volume);
	for (size_t i = 0; i < ARRAY_SIZE(wholes); i++)
		json_set(volume, wholes[i], json_copy(copy));
}

static bool is_template(const char *format)
{
	return format && !str_eq(format, "json");
}

static void add_row(struct json *rows, struct json *volume_taken, bool is_docker)
{
	json_add(rows, is_docker ? docker_rows_volume(volume_taken) : volume_taken);
	if (is_docker)
		json_free(volume_taken);
}

static int ls_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct volume_args *a = args;
	auto_of(strv_clear) struct strv names = { 0 };
	auto_of(json_free) struct json *rows = json_new_array(), *heads = json_new_object();
	auto_of(str_clear) struct str out = { 0 };
	const char *format = a->format && !(a->quiet && c->globals->is_docker) ? a->format
			     : a->quiet ? "{{.Name}}" : "table {{.Driver}}\t{{.Name}}";
	bool is_json = str_eq(a->format, "json");

	(void)rest;
	if (volume_filter_list(c->engine, &a->filters, &names, e) < 0)
		return -e->code;
	for (size_t i = 0; i < names.n; i++) {
		auto_of(volume_free) struct volume *v = NULL;
		struct err gone = { 0 };
		struct json *row;

		if (volume_load(&v, c->engine, names.v[i], &gone) < 0)
			continue;
		row = volume_to_json(c->engine, v);
		if (is_template(a->format))
			add_placeholders(row);
		add_row(rows, row, c->globals->is_docker);
	}
	/* Podman prints no heading above nothing; Docker does. */
	if (!json_len(rows) && !is_json && !c->globals->is_docker)
		return 0;
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

struct inspect_what {
	struct engine *engine;
	bool is_template;
};

static int load_volume(struct json **out, void *arg, const char *name, struct err *e)
{
	const struct inspect_what *what = arg;
	auto_of(volume_free) struct volume *v = NULL;

	if (volume_load(&v, what->engine, name, e) < 0)
		return -e->code;
	*out = volume_to_json(what->engine, v);
	if (what->is_template)
		add_placeholders(*out);
	return 0;
}

static int inspect_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct volume_args *a = args;
	auto_of(strv_clear) struct strv names = { 0 };
	/* Docker's inspect has no more than its JSON. */
	struct inspect_what what = { c->engine, is_template(a->format) && !c->globals->is_docker };

	if (a->all == (rest->n > 0))
		return err_set(e, ERR_USAGE, "volume inspect: provide one or more volume names or use --all");
	if (a->all && volume_list(c->engine, &names, e) < 0)
		return -e->code;
	return objects_print_named(a->all ? &names : rest, load_volume, &what, a->format, e);
}

const struct cmd cmd_volume_inspect = {
	.path = "volume inspect", .args = "VOLUME...", .help = "show all about volumes, as JSON",
	.opts = inspect_opts, .args_size = sizeof(struct volume_args), .max_args = -1,
	.needs = NEED_ENGINE, .fn = inspect_main,
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
