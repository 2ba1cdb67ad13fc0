/* SPDX-License-Identifier: Apache-2.0 */
/* rootlet system check: is the store whole? */
#include "base/json.h"
#include "base/str.h"
#include "base/table.h"
#include "base/template.h"
#include "cli/ask_image.h"
#include "cli/cmd.h"
#include "container/lifecycle.h"
#include "image/transfer.h"
#include "storage/layer.h"
#include "storage/store_check.h"

#include <stdio.h>
#include <string.h>

struct check_args {
	bool quick, repair, force;
	int64_t max_age;
	char *format;
};

/* Findings that are still there. */
static size_t count_left(const struct json *findings)
{
	size_t n = 0;

	for (size_t i = 0; i < json_len(findings); i++)
		n += !json_get_bool(json_at(findings, i), "repaired", false);
	return n;
}

static void print_text(const struct json *findings)
{
	auto_of(str_clear) struct str out = { 0 };
	auto_of(str_clear) struct str shown = { 0 };

	for (size_t i = 0; i < json_len(findings); i++) {
		const struct json *f = json_at(findings, i);
		const char *remedy = json_get_str(f, "remedy");

		str_addf(&out, "%s %s: %s\n", json_get_str(f, "kind"), json_get_str(f, "id"),
			 json_get_str(f, "problem"));
		if (json_get_bool(f, "repaired", false))
			str_add(&out, "  repaired\n");
		else if (!str_empty(remedy))
			str_addf(&out, "  remedy: %s\n", remedy);
	}
	/* Names on disk may be anything. */
	table_sanitize(&shown, str_peek(&out));
	fputs(str_peek(&shown), stdout);
}

/* Reads every layer, in the program that has the digests. */
static int find_damaged(struct json **damaged, struct cmd_context *c, struct err *e)
{
	auto_of(strv_clear) struct strv argv = { 0 };
	int r = transfer_program(&argv, c->store, e);

	if (r < 0)
		return r;
	strv_add(&argv, "verify");
	return ask_image(damaged, &argv, e);
}

/* A layer that a container stands on goes only with the container. */
static bool remove_damaged(struct cmd_context *c, const struct check_args *args, const char *id)
{
	struct err ignored;

	return args->repair && (args->force || !store_check_is_in_use(c->store, id)) &&
	       layer_remove(c->store, id, &ignored) >= 0;
}

static int check_contents(struct cmd_context *c, const struct check_args *args, struct json *out,
			  struct err *e)
{
	auto_of(json_free) struct json *damaged = NULL;
	int r = args->quick ? 0 : find_damaged(&damaged, c, e);

	for (size_t i = 0; r >= 0 && i < json_len(damaged); i++) {
		const char *id = json_get_str(json_at(damaged, i), "id");
		struct json *f = json_new_object();

		json_set_str(f, "kind", "layer");
		json_set_str(f, "id", id);
		json_set_str(f, "problem", json_get_str(json_at(damaged, i), "problem"));
		json_set_str(f, "remedy", "pull its image again after: system check --repair, with "
			     "--force if a container stands on it");
		json_set_bool(f, "repaired", remove_damaged(c, args, id));
		json_add(out, f);
	}
	return r;
}

/* --force: containers that cannot be used any more go, with what they have written. */
static void remove_containers(struct cmd_context *c, struct json *findings)
{
	const struct lifecycle_remove how = { .force = true, .timeout = 0 };

	for (size_t i = 0; i < json_len(findings); i++) {
		struct json *f = json_edit_at(findings, i);
		struct err ignored;

		if (!str_eq(json_get_str(f, "kind"), "container") || json_get_bool(f, "repaired", false))
			continue;
		if (lifecycle_remove(c->engine, json_get_str(f, "id"), &how, &ignored) >= 0)
			json_set_bool(f, "repaired", true);
	}
}

static int find_all(struct json **out, struct cmd_context *c, const struct check_args *args, struct err *e)
{
	const struct store_check_args how = { .repair = args->repair, .max_age = args->max_age };
	auto_of(json_free) struct json *all = json_new_array(), *rest = NULL;
	int r = check_contents(c, args, all, e);

	if (r >= 0)
		r = store_check(c->store, &how, &rest, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < json_len(rest); i++)
		json_add(all, json_copy(json_at(rest, i)));
	if (args->force)
		remove_containers(c, all);
	*out = steal_ptr(&all);
	return 0;
}

static int check_run(struct cmd_context *c, void *v, const struct strv *rest, struct err *e)
{
	auto_of(json_free) struct json *findings = NULL;
	auto_of(str_clear) struct str out = { 0 };
	const struct check_args *args = v;
	int r;

	(void)rest;
	if ((args->force || args->max_age) && !args->repair)
		return err_set(e, ERR_USAGE, "--force and --max are for --repair");
	if (args->max_age < 0)
		return err_set(e, ERR_USAGE, "--max: a duration above 0 is expected");
	r = find_all(&findings, c, args, e);
	if (r < 0)
		return r;
	if (!args->format) {
		print_text(findings);
	} else if (strcmp(args->format, "json") == 0) {
		json_write(&out, findings, 2);
		str_addc(&out, '\n');
	} else {
		r = template_rows(&out, args->format, findings, NULL, false, e);
	}
	fputs(str_peek(&out), stdout);
	if (r < 0)
		return r;
	return count_left(findings) ? 1 : 0;
}

static const struct opt check_opts[] = {
	OPT_FLAG('f', "force", struct check_args, force,
		 "with --repair: remove containers, too, that cannot be used any more"),
	OPT_DURATION('m', "max", struct check_args, max_age, "DURATION",
		     "with --repair: keep unused layers younger than that (default: none)"),
	OPT_FLAG('q', "quick", struct check_args, quick, "do not read the contents of layers"),
	OPT_FLAG('r', "repair", struct check_args, repair,
		 "remove what has no use or cannot be used; never a volume"),
	OPT_STR(0, "format", struct check_args, format, "FORMAT",
		"json, or a Go template for every finding"),
	OPT_END,
};

const struct cmd cmd_system_check = {
	.path = "system check",
	.help = "look for damage in the store; exit code 1 when there is any left",
	.opts = check_opts,
	.args_size = sizeof(struct check_args),
	.needs = NEED_ENGINE,
	.fn = check_run,
};
