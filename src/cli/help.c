/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/help.h"

#include "base/str.h"
#include "cli/cmd.h"

#include <stdio.h>
#include <string.h>

#define COLUMN 34	/* where the explanation of an option starts */

static void option_line(const struct opt *o, void *arg)
{
	int *count = arg;
	char left[128];
	int n = 0;

	if ((o->flags & OPT_HIDDEN) || !o->help)
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

void help_command(const struct cmd *c, const struct opt *opts)
{
	int count = 0;

	printf("%c%s\n\nUsage: rootlet %s%s%s%s\n", c->help[0] - (c->help[0] >= 'a' ? 32 : 0),
	       c->help + 1, c->path, opts ? " [options]" : "", c->args ? " " : "",
	       c->args ? c->args : "");
	if (c->alias) {
		auto_of(strv_clear) struct strv names = { 0 };

		strv_split(&names, c->alias, '|');
		printf("\nAlso: ");
		for (size_t i = 0; i < names.n; i++)
			printf("%srootlet %s", i ? ", " : "", names.v[i]);
		printf("\n");
	}
	if (opts)
		opt_each(opts, option_line, &count);
}

void help_overview(const char *group)
{
	int count = 0;

	if (group)
		printf("Usage: rootlet %s COMMAND\n\nCommands:\n", group);
	else
		printf("OCI containers for the person who is logged in\n\n"
		       "Usage: rootlet [options] COMMAND\n\nCommands:\n");
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
	printf("\nrootlet %sCOMMAND --help tells more about a command.\n", group ? "... " : "");
}

static int help_main(struct cmd_context *ctx, void *args, const struct strv *rest, struct err *e)
{
	const struct cmd *c;
	int used;

	(void)ctx;
	(void)args;
	if (!rest->n) {
		help_overview(NULL);
		return 0;
	}
	c = cmd_find(rest->n, rest->v, &used);
	if (c) {
		help_command(c, c->opts);
		return 0;
	}
	if (!cmd_is_group(rest->v[0]))
		return err_set(e, ERR_USAGE, "there is no command '%s'", rest->v[0]);
	help_overview(rest->v[0]);
	return 0;
}

const struct cmd cmd_help = {
	.path = "help",
	.args = "[COMMAND]",
	.help = "explain a command",
	.max_args = -1,
	.fn = help_main,
};
