/* SPDX-License-Identifier: Apache-2.0 */
#include "base/template.h"

#include "base/persona.h"
#include "base/table.h"
#include "base/template_priv.h"

#include <string.h>

/* podman's columns: at least 12 wide, 2 blanks between them */
#define COLUMN_MIN 12
#define COLUMN_PAD 2
/* docker's */
#define DOCKER_COLUMN_MIN 10
#define DOCKER_COLUMN_PAD 3

int template_check(const char *text, struct err *e)
{
	auto_of(template_clear) struct template t = { 0 };

	return template_parse(&t, text, e);
}

static int run(struct str *out, const struct template *t, const struct json *data,
	       struct err *e)
{
	auto_of(template_eval_clear) struct template_eval ev = {
		.t = t, .out = out, .data = data, .e = e,
	};

	return template_run(&ev);
}

int template_render(struct str *out, const char *text, const struct json *data, struct err *e)
{
	auto_of(template_clear) struct template t = { 0 };
	int r;

	r = template_parse(&t, text, e);
	return r < 0 ? r : run(out, &t, data, e);
}

static int run_headings(struct str *out, const struct template *t, const struct json *headings,
			struct err *e)
{
	auto_of(template_eval_clear) struct template_eval ev = {
		.t = t, .out = out, .is_heading = true, .headings = headings, .e = e,
	};

	return template_run(&ev);
}

/* "\t" and "\n" as a shell hands them over; inside {{ }} strings have their own escapes. */
static char *unescape(const char *text)
{
	struct str s = { 0 };
	bool is_action = false;

	for (; *text; text++) {
		if (str_has_prefix(text, "{{"))
			is_action = true;
		else if (str_has_prefix(text, "}}"))
			is_action = false;
		if (!is_action && text[0] == '\\' && (text[1] == 't' || text[1] == 'n')) {
			str_addc(&s, text[1] == 't' ? '\t' : '\n');
			text++;
		} else {
			str_addc(&s, *text);
		}
	}
	return str_steal(&s);
}

static void end_line(struct str *s, size_t from)
{
	if (s->len == from || s->p[s->len - 1] != '\n')
		str_addc(s, '\n');
}

/* True for a template that goes through the rows itself: it begins with {{range .}}. */
static bool is_over_rows(const struct template *t)
{
	const struct template_cmd *cmd;

	if (!t->root || t->root->kind != NODE_RANGE)
		return false;
	cmd = t->root->pipe->cmds;
	return !cmd->next && !cmd->args->next && cmd->args->kind == ARG_DOT && !cmd->args->fields;
}

static int each_row(struct str *out, const struct template *t, const struct json *rows,
		    struct err *e)
{
	int r = 0;

	if (is_over_rows(t)) {
		size_t from = out->len;

		r = run(out, t, rows, e);
		if (r == 0 && out->len > from)
			end_line(out, from);
		return r;
	}
	for (size_t i = 0; i < json_len(rows) && r == 0; i++) {
		size_t from = out->len;

		r = run(out, t, json_at(rows, i), e);
		end_line(out, from);
	}
	return r;
}

void template_align(struct str *out, const char *tabbed)
{
	bool is_docker = persona_get() == PERSONA_DOCKER;

	table_align(out, tabbed, is_docker ? DOCKER_COLUMN_MIN : COLUMN_MIN,
		    is_docker ? DOCKER_COLUMN_PAD : COLUMN_PAD);
}

static int table_rows(struct str *out, const struct template *t, const struct json *rows,
		      const struct json *headings, bool noheading, struct err *e)
{
	auto_of(str_clear) struct str tabbed = { 0 };
	int r = 0;

	if (!noheading) {
		r = run_headings(&tabbed, t, headings, e);
		end_line(&tabbed, 0);
	}
	if (r == 0)
		r = each_row(&tabbed, t, rows, e);
	if (r == 0)
		template_align(out, str_peek(&tabbed));
	return r;
}

/* The columns of "table TEMPLATE"; NULL: no table. */
static const char *table_columns(const char *format)
{
	const char *columns = str_after(format, "table");

	return columns && *columns && !strchr(" \t\\{", *columns) ? NULL : columns;
}

int template_line(struct str *out, const char *format, const struct json *row, struct err *e)
{
	const char *columns = table_columns(format);
	autofree char *text = unescape(columns ? columns : format);
	size_t from = out->len;
	int r = template_render(out, columns ? text + strspn(text, " \t") : text, row, e);

	if (r == 0)
		end_line(out, from);
	return r;
}

/* Podman takes one blank between two columns of a table for a tab; Docker does not. */
static void tab_blanks(char *columns)
{
	if (persona_get() != PERSONA_DOCKER)
		while ((columns = strstr(columns, "}} {{")))
			columns[2] = '\t';
}

int template_rows(struct str *out, const char *format, const struct json *rows,
		  const struct json *headings, bool noheading, struct err *e)
{
	auto_of(template_clear) struct template t = { 0 };
	autofree char *text = NULL;
	const char *columns;
	int r;

	if (strcmp(format, "json") == 0 && persona_get() == PERSONA_DOCKER)
		format = "{{json .}}";
	if (strcmp(format, "json") == 0) {
		json_write(out, rows, 2);
		str_addc(out, '\n');
		return 0;
	}
	columns = table_columns(format);
	text = unescape(columns ? columns : format);
	if (columns)
		tab_blanks(text);
	columns = columns ? text + strspn(text, " \t") : NULL;
	if (columns && !*columns)
		return err_set(e, EINVAL, "the format 'table' names no columns");
	r = template_parse(&t, columns ? columns : text, e);
	if (r < 0)
		return r;
	return columns ? table_rows(out, &t, rows, headings, noheading, e)
		       : each_row(out, &t, rows, e);
}
