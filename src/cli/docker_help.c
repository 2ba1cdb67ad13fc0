/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/docker_help.h"

#include "base/opt.h"
#include "base/str.h"
#include "base/strv.h"
#include "cli/cmd.h"
#include "cli/docker_commands.h"
#include "cli/docker_usage.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define HELP_GAP 3
#define COMMAND_COLUMN 12

static const struct {
	const char *name, *about;
} groups[] = {
	{ "container", "Manage containers" }, { "context", "Manage contexts" },
	{ "healthcheck", "Manage health checks" }, { "image", "Manage images" },
	{ "manifest", "Manage manifests and lists of them" }, { "secret", "Manage secrets" },
	{ "system", "Manage the engine" }, { "volume", "Manage volumes" },
};

static char *sentence(const char *text)
{
	return xasprintf("%c%s", toupper((unsigned char)*text), text + 1);
}

struct lines {
	struct strv names, texts;
};

static void collect_option(const struct opt *o, void *arg)
{
	struct lines *l = arg;
	char letter[8] = "    ";

	if (o->is_hidden || !o->help)
		return;
	if (o->letter)
		memcpy(letter, (char[]){ '-', o->letter, ',', ' ', 0 }, 5);
	strv_addf(&l->names, "%s--%s%s%s", letter, o->name, o->arg ? " " : "", o->arg ? o->arg : "");
	strv_add(&l->texts, o->help);
}

/* One block, its second column behind the longest of the first. */
static void add_block(struct str *out, const char *title, const struct lines *l, size_t width)
{
	for (size_t i = 0; i < l->names.n; i++)
		if (strlen(l->names.v[i]) + HELP_GAP > width)
			width = strlen(l->names.v[i]) + HELP_GAP;
	if (l->names.n)
		str_addf(out, "\n%s:\n", title);
	for (size_t i = 0; i < l->names.n; i++)
		str_addf(out, "  %-*s%s\n", (int)width, l->names.v[i], l->texts.v[i]);
}

static void lines_clear(struct lines *l)
{
	strv_clear(&l->names);
	strv_clear(&l->texts);
}
DEFINE_AUTO_VALUE(struct lines, lines_clear)

static void add_options(struct str *out, const char *title, const struct opt *opts)
{
	auto_of(lines_clear) struct lines l = { 0 };

	if (opts)
		opt_each(opts, collect_option, &l);
	add_block(out, title, &l, 0);
}

static void add_aliases(struct str *out, const struct cmd *c)
{
	auto_of(strv_clear) struct strv names = { 0 };

	if (!c->alias)
		return;
	strv_add(&names, c->path);
	strv_split(&names, c->alias, '|');
	str_add(out, "\nAliases:\n  ");
	for (size_t i = 0; i < names.n; i++)
		str_addf(out, "%sdocker %s", i ? ", " : "", names.v[i]);
	str_addc(out, '\n');
}

void docker_help_command(struct str *out, const struct cmd *c, const struct opt *opts)
{
	autofree char *about = sentence(c->help);

	str_add(out, "Usage:  ");
	docker_usage_line(out, c);
	str_addf(out, "\n\n%s\n", about);
	add_aliases(out, c);
	add_options(out, "Options", opts);
}

struct entry {
	char *name;		/* owned */
	const char *help;	/* borrowed */
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->name, ((const struct entry *)b)->name);
}

static size_t count(const struct cmd *const *table)
{
	size_t n = 0;

	while (table[n])
		n++;
	return n;
}

/* In a group the words behind its name; else the commands that have a name of one word. */
static char *entry_name(const struct cmd *c, const char *group)
{
	auto_of(str_clear) struct str name = { 0 };
	const char *rest = group ? str_after(c->path, group) : NULL;

	if (c->is_hidden || (group && (!rest || *rest != ' ')))
		return NULL;
	if (group)
		return xstrdup(rest + 1);
	cmd_short_name(c, &name);
	return strchr(name.p, ' ') ? NULL : str_steal(&name);
}

static void add_commands(struct str *out, const char *group)
{
	const struct cmd *const *const tables[] = { cmd_table, docker_commands_table };
	size_t n = 0, all = count(tables[0]) + count(tables[1]);
	autofree struct entry *list = xcalloc(all, sizeof(*list));
	auto_of(lines_clear) struct lines l = { 0 };

	for (size_t t = 0; t < ARRAY_SIZE(tables); t++)
		for (size_t i = 0; tables[t][i]; i++) {
			list[n].name = entry_name(tables[t][i], group);
			list[n].help = tables[t][i]->help;
			n += list[n].name != NULL;
		}
	if (n)
		qsort(list, n, sizeof(*list), compare);
	for (size_t i = 0; i < n; i++) {
		strv_add_take(&l.names, list[i].name);
		strv_add_take(&l.texts, sentence(list[i].help));
	}
	add_block(out, "Commands", &l, COMMAND_COLUMN);
}

static void add_groups(struct str *out)
{
	auto_of(lines_clear) struct lines l = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(groups); i++) {
		strv_add(&l.names, groups[i].name);
		strv_add(&l.texts, groups[i].about);
	}
	add_block(out, "Management Commands", &l, COMMAND_COLUMN);
}

static const char *about_group(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(groups); i++)
		if (str_eq(groups[i].name, name))
			return groups[i].about;
	return NULL;
}

void docker_help_overview(struct str *out, const char *group)
{
	const char *about = group ? about_group(group) : "OCI containers for the person who is logged in";

	if (group)
		str_addf(out, "Usage:  docker %s COMMAND\n", group);
	else
		str_add(out, "Usage:  docker [OPTIONS] COMMAND\n");
	if (about)
		str_addf(out, "\n%s\n", about);
	if (!group)
		add_groups(out);
	add_commands(out, group);
	if (!group)
		add_options(out, "Global Options", cmd_global_opts);
	str_addf(out, "\nRun 'docker %s%sCOMMAND --help' for more information on a command.\n", group ? group : "",
		 group ? " " : "");
}
