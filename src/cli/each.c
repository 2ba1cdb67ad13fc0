/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/each.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/json.h"
#include "base/persona.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "container/query.h"

#include <stdio.h>
#include <string.h>

void each_say(struct cmd_context *c, const struct err *e)
{
	auto_of(str_clear) struct str line = { 0 };

	persona_error(&line, e, c->cmd->path, NULL);
	fputs(str_peek(&line), stderr);
}

int each_missing(struct cmd_context *c, struct err *e)
{
	if (c->globals->is_docker)
		each_say(c, e);
	e->code = 0;
	return 0;
}

int each_operand(struct cmd_context *c, const struct strv *operands, each_fn *fn, void *arg,
		 struct err *e)
{
	int result = 0;

	for (size_t i = 0; i < operands->n; i++) {
		struct err one = { 0 };
		int r = fn(c, operands->v[i], arg, &one);

		if (r >= 0)
			continue;
		if (result < 0)
			each_say(c, e);
		*e = one;
		result = r;
	}
	return result;
}

static int add_cidfiles(const struct strv *files, bool ignores_missing, struct strv *out, struct err *e)
{
	for (size_t i = 0; files && i < files->n; i++) {
		autofree char *text = NULL;
		int r = file_read_at(AT_FDCWD, files->v[i], &text, NULL, 4096);

		if (r == -ENOENT && ignores_missing)
			continue;
		if (r < 0)
			return err_sys(e, -r, "--cidfile %s", files->v[i]);
		text[strcspn(text, "\r\n")] = 0;
		strv_add(out, text);
	}
	return 0;
}

int each_select(struct cmd_context *c, const struct each_select *s, const struct strv *operands,
		struct strv *out, struct err *e)
{
	struct query_filter filter = { .all = !s->running_only, .latest = s->latest,
				       .is_brief = true };
	auto_of(json_free) struct json *rows = NULL;
	bool by_query = s->all || s->latest || (s->filters && s->filters->n);
	int r;

	if (by_query && s->cidfiles && s->cidfiles->n)
		return err_set(e, ERR_USAGE, "%s: --all, --latest, --filter and --cidfile exclude each other",
			       c->cmd->path);
	if (by_query && operands->n)
		return err_set(e, ERR_USAGE, "%s: --all, --latest, --filter and names exclude each other",
			       c->cmd->path);
	if (!by_query) {
		strv_add_all(out, operands);
		if (add_cidfiles(s->cidfiles, s->ignores_missing, out, e) < 0)
			return -e->code;
		if (!out->n && !(s->cidfiles && s->cidfiles->n))
			return err_set(e, ERR_USAGE, "%s: name at least one container", c->cmd->path);
		return 0;
	}
	if (s->filters)
		strv_add_all(&filter.filters, s->filters);
	r = query_ps(&rows, c->engine, &filter, e);
	strv_clear(&filter.filters);
	for (size_t i = 0; r >= 0 && i < json_len(rows); i++)
		strv_add(out, json_get_str(json_at(rows, i), "Id"));
	if (r >= 0 && s->latest && !out->n)
		return err_set(e, ERR_NO_SUCH, "--latest: there is no container: no such container");
	return r;
}
