/* SPDX-License-Identifier: Apache-2.0 */
/* mount, unmount and image mount, unmount: root file systems in the session's mount namespace. */
#include "base/json.h"
#include "base/str.h"
#include "base/template.h"
#include "cli/cmd.h"
#include "cli/each.h"
#include "container/events.h"
#include "container/mounted_root.h"
#include "image/resolve.h"
#include "storage/images.h"

#include <stdio.h>

struct mount_args {
	bool all, latest, no_trunc, force;
	char *format;
};

static const struct opt container_mount_opts[] = {
	OPT_FLAG('a', "all", struct mount_args, all, "every container"),
	OPT_STR(0, "format", struct mount_args, format, "FORMAT", "json, or a Go template"),
	OPT_FLAG('l', "latest", struct mount_args, latest, "the container created last"),
	OPT_FLAG(0, "no-trunc", struct mount_args, no_trunc, "whole ids in the list"),
	OPT_ALIAS(0, "notruncate", "no-trunc"),
	OPT_END,
};

static const struct opt image_mount_opts[] = {
	OPT_FLAG('a', "all", struct mount_args, all, "every image"),
	OPT_STR(0, "format", struct mount_args, format, "FORMAT", "json, or a Go template"),
	OPT_END,
};

static const struct opt container_unmount_opts[] = {
	OPT_FLAG('a', "all", struct mount_args, all, "every container that is mounted"),
	OPT_FLAG('f', "force", struct mount_args, force, "one that is not mounted is no error"),
	OPT_FLAG('l', "latest", struct mount_args, latest, "the container created last"),
	OPT_END,
};

static const struct opt image_unmount_opts[] = {
	OPT_FLAG('a', "all", struct mount_args, all, "every image that is mounted"),
	OPT_FLAG('f', "force", struct mount_args, force, "one that is not mounted is no error"),
	OPT_END,
};

/* Rows of a listing are printed as they are asked for, by default id and path. */
static int print_rows(const struct json *rows, const char *format, const char *plain, struct err *e)
{
	auto_of(str_clear) struct str out = { 0 };

	if (template_rows(&out, str_empty(format) ? plain : format, rows, NULL, true, e) < 0)
		return -e->code;
	fputs(str_peek(&out), stdout);
	return 0;
}

/* name: what is printed. 1: it was mounted, or that was no matter. */
static int end_one(struct cmd_context *c, const char *id, const char *name, bool is_image,
		   const struct mount_args *a, struct err *e)
{
	int r = mounted_root_end(c->engine, id, is_image, a->force && !a->all, e);

	/* --all means those that are mounted; an image is counted by podman and may have no mount. */
	if (r == -EINVAL && (a->all || is_image))
		return 0;
	if (r < 0)
		return r;
	printf("%s\n", name);
	return 1;
}

/* --- containers ------------------------------------------------------------------------------- */

static void add_container(struct json *rows, const struct record *r, const char *path)
{
	struct json *row = json_new_object(), *names = json_new_array();

	json_set_str(row, "id", r->id);
	json_add_str(names, r->config.name);
	json_set(row, "Names", names);
	json_set_str(row, "mountpoint", path);
	json_add(rows, row);
}

static int list_containers(struct cmd_context *c, struct json *rows, struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	int r = record_list(c->engine, &ids, e);

	for (size_t i = 0; r >= 0 && i < ids.n; i++) {
		auto_of(record_free) struct record *rec = NULL;
		autofree char *path = NULL;
		struct err gone = { 0 };

		r = mounted_root_find(c->engine, ids.v[i], false, &path, e);
		if (r == 1 && record_open(&rec, c->engine, ids.v[i], &gone) >= 0)
			add_container(rows, rec, path);
	}
	return r;
}

static int container_mount_one(struct cmd_context *c, const char *name, void *arg, struct err *e)
{
	auto_of(record_free) struct record *r = NULL;
	autofree char *path = NULL;

	if (record_open(&r, c->engine, name, e) < 0 || mounted_root_container(c->engine, r, &path, e) < 0)
		return -e->code;
	add_container(arg, r, path);
	events_container(c->engine, &r->config, "mount");
	return 0;
}

static int container_mount(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const struct mount_args *a = args;
	struct each_select select = { .all = a->all, .latest = a->latest };
	auto_of(json_free) struct json *rows = json_new_array();
	auto_of(strv_clear) struct strv names = { 0 };
	bool is_list = !rest->n && !a->all && !a->latest;
	struct err ignored = { 0 };
	int r;

	if (is_list) {
		if (list_containers(c, rows, e) < 0)
			return -e->code;
		return print_rows(rows, a->format, a->no_trunc ? "{{.id}}  {{.mountpoint}}"
							       : "{{slice .id 0 12}}  {{.mountpoint}}", e);
	}
	if (each_select(c, &select, rest, &names, e) < 0)
		return -e->code;
	r = each_operand(c, &names, container_mount_one, rows, e);
	/* What was mounted is told, whatever became of the others. */
	if (print_rows(rows, a->format, "{{.mountpoint}}", r < 0 ? &ignored : e) < 0 && r >= 0)
		return -e->code;
	return r;
}

const struct cmd cmd_container_mount = {
	.path = "container mount", .alias = "mount", .args = "[CONTAINER...]",
	.help = "mount root file systems of containers (in rootlet unshare) and print where; list them",
	.opts = container_mount_opts, .args_size = sizeof(struct mount_args), .max_args = -1,
	.needs = NEED_ENGINE, .fn = container_mount,
};

static int container_unmount_one(struct cmd_context *c, const char *name, void *arg, struct err *e)
{
	const struct mount_args *a = arg;
	auto_of(record_free) struct record *r = NULL;
	int ret = record_open(&r, c->engine, name, e);

	if (ret >= 0)
		ret = end_one(c, r->id, name, false, a, e);
	if (ret > 0)
		events_container(c->engine, &r->config, "unmount");
	return ret < 0 ? ret : 0;
}

static int container_unmount(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct mount_args *a = args;
	struct each_select select = { .all = a->all, .latest = a->latest };
	auto_of(strv_clear) struct strv names = { 0 };

	if (each_select(c, &select, rest, &names, e) < 0)
		return -e->code;
	return each_operand(c, &names, container_unmount_one, a, e);
}

const struct cmd cmd_container_unmount = {
	.path = "container unmount", .alias = "unmount|umount|container umount", .args = "CONTAINER...",
	.help = "end what mount did",
	.opts = container_unmount_opts, .args_size = sizeof(struct mount_args), .max_args = -1,
	.needs = NEED_ENGINE, .fn = container_unmount,
};

/* --- images ----------------------------------------------------------------------------------- */

static void add_image(struct json *rows, struct store *s, const char *id, const char *path)
{
	struct json *row = json_new_object();
	auto_of(strv_clear) struct strv names = { 0 };
	struct err ignored = { 0 };

	(void)images_names_of(s, id, &names, &ignored);
	json_set_str(row, "id", id);
	json_set_strv(row, "Repositories", &names);
	json_set_strv(row, "Names", &names);
	json_set_str(row, "mountpoint", path);
	json_add(rows, row);
}

static int list_images(struct cmd_context *c, struct json *rows, struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	int r = images_list(c->store, &ids, e);

	for (size_t i = 0; r >= 0 && i < ids.n; i++) {
		autofree char *path = NULL;

		r = mounted_root_find(c->engine, ids.v[i], true, &path, e);
		if (r == 1)
			add_image(rows, c->store, ids.v[i], path);
	}
	return r;
}

static int image_mount_one(struct cmd_context *c, const char *name, void *arg, struct err *e)
{
	autofree char *id = NULL, *full = NULL, *path = NULL;

	if (resolve_local_image(c->store, name, &id, &full, e) < 0 ||
	    mounted_root_image(c->engine, id, &path, e) < 0)
		return -e->code;
	add_image(arg, c->store, id, path);
	events_add(c->engine, "image", "mount", id, name);
	return 0;
}

/* Operands, or all ids. */
static int select_images(struct cmd_context *c, const struct mount_args *a, const struct strv *rest,
			 struct strv *names, struct err *e)
{
	if (a->all && rest->n)
		return err_set(e, ERR_USAGE, "%s: --all and names exclude each other", c->cmd->path);
	strv_add_all(names, rest);
	return a->all ? images_list(c->store, names, e) : 0;
}

static int image_mount(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const struct mount_args *a = args;
	auto_of(json_free) struct json *rows = json_new_array();
	auto_of(strv_clear) struct strv names = { 0 };
	struct err ignored = { 0 };
	int r;

	if (select_images(c, a, rest, &names, e) < 0)
		return -e->code;
	if (!names.n && !a->all)
		r = list_images(c, rows, e);
	else
		r = each_operand(c, &names, image_mount_one, rows, e);
	if (print_rows(rows, a->format,
		       rest->n == 1 ? "{{.mountpoint}}"
				    : "{{if .Names}}{{index .Names 0}}{{else}}{{.id}}{{end}} {{.mountpoint}}",
		       r < 0 ? &ignored : e) < 0 && r >= 0)
		return -e->code;
	return r < 0 ? r : 0;
}

const struct cmd cmd_image_mount = {
	.path = "image mount", .args = "[IMAGE...]",
	.help = "mount images read-only (in rootlet unshare) and print where; list them",
	.opts = image_mount_opts, .args_size = sizeof(struct mount_args), .max_args = -1,
	.needs = NEED_ENGINE, .fn = image_mount,
};

static int image_unmount_one(struct cmd_context *c, const char *name, void *arg, struct err *e)
{
	const struct mount_args *a = arg;
	autofree char *id = NULL, *full = NULL;

	int r = resolve_local_image(c->store, name, &id, &full, e);

	if (r >= 0)
		r = end_one(c, id, id, true, a, e);
	if (r > 0)
		events_add(c->engine, "image", "unmount", id, name);
	return r < 0 ? r : 0;
}

static int image_unmount(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct mount_args *a = args;
	auto_of(strv_clear) struct strv names = { 0 };

	if (select_images(c, a, rest, &names, e) < 0)
		return -e->code;
	if (!names.n && !a->all)
		return err_set(e, ERR_USAGE, "image unmount: name images, or --all");
	return each_operand(c, &names, image_unmount_one, a, e);
}

const struct cmd cmd_image_unmount = {
	.path = "image unmount", .alias = "image umount", .args = "IMAGE...", .help = "end what image mount did",
	.opts = image_unmount_opts, .args_size = sizeof(struct mount_args), .max_args = -1,
	.needs = NEED_ENGINE, .fn = image_unmount,
};
