/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include "base/persona.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/docker_commands.h"
#include "cli/docker_help.h"
#include "cli/prose.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define COLUMN 34	/* where the explanation of an option starts */

static void option_line(const struct opt *o, void *arg)
{
	int *count = arg;
	char left[128];
	int n = 0;

	if (o->is_hidden || !o->help)
		return;
	if ((*count)++ == 0)
		printf("\nOptions:\n");
	if (o->letter)
		n = snprintf(left, sizeof(left), "  -%c, --%s", o->letter, o->name);
	else
		n = snprintf(left, sizeof(left), "      --%s", o->name);
	if (o->arg)
		snprintf(left + n, sizeof(left) - n, " %s", o->arg);
	if (strlen(left) < COLUMN)
		printf("%-*s%s\n", COLUMN, left, o->help);
	else
		printf("%s\n%*s%s\n", left, COLUMN, "", o->help);
}

#define WIDTH 96	/* of running text */

/* Without the marks of what one types. */
static void print_word(const char *word, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (word[i] != '`')
			putchar(word[i]);
}

/* Words of one line behind those of the line before: *column is where we are, 0 at the margin. */
static void fill(const struct prose_line *line, size_t *column)
{
	for (size_t i = 0; i < line->len;) {
		size_t n = 0;

		while (i + n < line->len && line->p[i + n] != ' ')
			n++;
		if (*column && *column + 1 + n > WIDTH) {
			putchar('\n');
			*column = 0;
		}
		printf("%s", *column ? " " : "  ");
		print_word(line->p + i, n);
		*column += n + (*column ? 1 : 2);
		for (i += n; i < line->len && line->p[i] == ' '; i++)
			;
	}
}

static void print_section(const struct prose_section *s)
{
	struct prose_line line;
	size_t at = 0, column = 0;

	while (prose_line(s, &at, &line)) {
		if (line.kind == PROSE_TEXT) {
			fill(&line, &column);
			continue;
		}
		if (column)
			putchar('\n');
		column = 0;
		if (line.kind == PROSE_BLANK) {
			putchar('\n');
		} else {
			printf("  ");
			print_word(line.p, line.len);
			putchar('\n');
		}
	}
	if (column)
		putchar('\n');
}

static void print_spellings(const struct cmd *c)
{
	auto_of(strv_clear) struct strv others = { 0 };
	auto_of(str_clear) struct str name = { 0 };
	int count = 0;

	cmd_short_name(c, &name);
	printf("\nUsage:\n  %s %s [options]%s%s\n", persona_name(), name.p, c->args ? " " : "",
	       c->args ? c->args : "");
	strv_add(&others, c->path);
	if (c->alias)
		strv_split(&others, c->alias, '|');
	for (size_t i = 0; i < others.n; i++)
		if (!str_eq(others.v[i], name.p))
			printf("%s%s %s", count++ ? ", " : "\nAliases:\n  ", persona_name(),
			       others.v[i]);
	if (count)
		putchar('\n');
}

static void print_docker(const struct cmd *c, const struct opt *opts)
{
	auto_of(str_clear) struct str out = { 0 };

	docker_help_command(&out, c, opts);
	fputs(out.p, stdout);
}

void help_command(const struct cmd *c, const struct opt *opts)
{
	const char *text = prose_find(c->path);
	struct prose_section section;
	int count = 0;

	if (persona_get() == PERSONA_DOCKER) {
		print_docker(c, opts);
		return;
	}
	printf("%c%s\n", c->help[0] - (c->help[0] >= 'a' ? 32 : 0), c->help + 1);
	if (text && prose_section(text, "", &section) && section.len) {
		printf("\nDescription:\n");
		print_section(&section);
	}
	print_spellings(c);
	if (text && prose_section(text, "Examples", &section)) {
		printf("\nExamples:\n");
		print_section(&section);
	}
	if (opts)
		opt_each(opts, option_line, &count);
	if (count == 0)
		printf("\nOptions:\n");
	printf("%-*s%s\n", COLUMN, opts && opt_find_letter(opts, 'h') ? "      --help" : "  -h, --help",
	       "print this help");
}

static void print_docker_overview(const char *group, bool is_asked)
{
	auto_of(str_clear) struct str out = { 0 };

	docker_help_overview(&out, group);
	fputs(out.p, is_asked ? stdout : stderr);
}

void help_overview(const char *group, bool is_asked)
{
	int count = 0;

	if (persona_get() == PERSONA_DOCKER) {
		print_docker_overview(group, is_asked);
		return;
	}
	if (group)
		printf("Usage:\n  %s %s COMMAND\n\nCommands:\n", persona_name(), group);
	else
		printf("OCI containers for the person who is logged in\n\n"
		       "Usage:\n  %s [options] COMMAND\n\nCommands:\n", persona_name());
	for (size_t i = 0; cmd_table[i]; i++) {
		const struct cmd *c = cmd_table[i];
		auto_of(str_clear) struct str name = { 0 };

		if (c->is_hidden)
			continue;
		if (group) {
			const char *rest = str_after(c->path, group);

			if (!rest || *rest != ' ')
				continue;
			str_add(&name, rest + 1);
		} else {
			cmd_short_name(c, &name);
		}
		printf("  %-22s %s\n", name.p, c->help);
	}
	if (!group)
		opt_each(cmd_global_opts, option_line, &count);
	printf("\n%s %sCOMMAND --help tells more about a command.\n", persona_name(), group ? "... " : "");
}

static int help_main(struct cmd_context *ctx, void *args, const struct strv *rest, struct err *e)
{
	const struct cmd *c;
	int used;

	bool is_docker = ctx->globals->is_docker;

	(void)args;
	if (!rest->n) {
		help_overview(NULL, true);
		return 0;
	}
	c = cmd_find(rest->n, rest->v, &used);
	if (!c && is_docker)
		c = docker_commands_find(rest->n, rest->v, &used);
	if (c) {
		help_command(c, is_docker && c->docker_opts ? c->docker_opts : c->opts);
		return 0;
	}
	if (is_docker && !cmd_is_group(rest->v[0]) && !docker_commands_is_group(rest->v[0]))
		return err_set(e, EINVAL, "unknown help topic: %s", rest->v[0]);
	if (!is_docker && !cmd_is_group(rest->v[0]))
		return err_set(e, ERR_USAGE, "there is no command '%s'", rest->v[0]);
	help_overview(rest->v[0], true);
	return 0;
}

const struct cmd cmd_help = {
	.path = "help",
	.args = "[COMMAND]",
	.help = "explain a command",
	.max_args = -1,
	.fn = help_main,
};
