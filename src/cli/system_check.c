/* SPDX-License-Identifier: Apache-2.0 */
/* rootlet system check: is the store whole? */
#include "base/json.h"
#include "base/str.h"
#include "base/table.h"
#include "base/template.h"
#include "cli/cmd.h"
#include "cli/commands.h"
#include "storage/store_check.h"

#include <stdio.h>
#include <string.h>

struct check_args {
	bool quick, repair;
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

static int check_run(struct cmd_context *c, void *v, const struct strv *rest, struct err *e)
{
	auto_of(json_free) struct json *findings = NULL;
	auto_of(str_clear) struct str out = { 0 };
	const struct check_args *args = v;
	int r = store_check(c->store, args->repair, &findings, e);

	(void)rest;
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
	OPT_FLAG('q', "quick", struct check_args, quick,
		 "leave out what takes long (nothing here reads whole layers)"),
	OPT_FLAG('r', "repair", struct check_args, repair,
		 "remove what has no use or cannot be used; never a volume or a container's files"),
	OPT_STR(0, "format", struct check_args, format, "FORMAT",
		"json, or a Go template for every finding"),
	OPT_LATER('f', "force", NULL, "remove damaged containers with: rootlet rm --force"),
	OPT_LATER('m', "max", "DURATION", "unused layers are found by their references, not by age"),
	OPT_END,
};

const struct cmd cmd_system_check = {
	.path = "system check",
	.help = "look for damage in the store; exit code 1 when there is any left",
	.opts = check_opts,
	.args_size = sizeof(struct check_args),
	.needs = NEED_USERNS | NEED_STORE,
	.fn = check_run,
};
