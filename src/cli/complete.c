/* SPDX-License-Identifier: Apache-2.0 */
/* complete: `rootlet __complete -- WORD...`: what the last word may become, for the shells.
 *
 * THEORY
 * The scripts of bash, zsh and fish (completion/, completion.c) know nothing of commands: they pass the
 * words as typed, without the program's name, the last one being the one under the cursor, perhaps
 * empty. We print whole words, one a line, a tab and an explanation behind some, and a last line
 * ":file" or ":dir" when the names of files fit too (the shell knows best how to complete those).
 * Which words are options, values and operands is read from the tables the parser uses.
 */
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/complete_names.h"
#include "cli/values.h"
#include "runtime/caps.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

struct complete {
	const struct cmd_globals *globals;
	const struct cmd *cmd;		/* NULL: still before the command */
	const struct strv *words;	/* the last one is being typed */
	const char *before;		/* borrowed: part of the last word that stays: "--network=" */
	size_t before_len;
	struct strv out;		/* owned */
	bool wants_files, wants_dirs, has_help;
};

static void add(struct complete *c, const char *word, const char *suffix, const char *help)
{
	if (help && *help && c->has_help)
		strv_addf(&c->out, "%.*s%s%s\t%s", (int)c->before_len, c->before, word, suffix, help);
	else
		strv_addf(&c->out, "%.*s%s%s", (int)c->before_len, c->before, word, suffix);
}

static void add_matching(struct complete *c, const char *word, const char *typed, const char *help)
{
	if (str_has_prefix(word, typed))
		add(c, word, "", help);
}

/* Files behind a literal: the shell cannot know where the path begins. */
static void add_files(struct complete *c, const char *literal, const char *typed)
{
	auto_of(strv_clear) struct strv names = { 0 };
	const char *base = path_base(typed);
	autofree char *dir = xasprintf("%.*s", (int)(base - typed), typed);
	autoclose int dirfd = fd_open(*dir ? dir : ".", O_RDONLY | O_DIRECTORY);

	if (dirfd < 0 || file_list_dir(dirfd, ".", &names, true) < 0)
		return;
	for (size_t i = 0; i < names.n; i++) {
		autofree char *path = xasprintf("%s%s%s", literal, dir, names.v[i]);
		struct stat st;

		if (!str_has_prefix(names.v[i], base) || (names.v[i][0] == '.' && *base != '.'))
			continue;
		add(c, path, fstatat(dirfd, names.v[i], &st, 0) == 0 && S_ISDIR(st.st_mode) ? "/" : "",
		    NULL);
	}
}

static void add_signals(struct strv *out)
{
	for (int sig = 1; sig < 32; sig++) {
		const char *name = sigabbrev_np(sig);

		if (name)
			strv_add(out, name);
	}
}

static void add_caps(struct strv *out)
{
	for (int cap = 0; caps_name(cap); cap++)
		strv_add(out, caps_name(cap) + strlen("CAP_"));
}

static void add_short_names(struct strv *out)
{
	for (size_t i = 0; cmd_table[i]; i++) {
		auto_of(str_clear) struct str name = { 0 };

		cmd_short_name(cmd_table[i], &name);
		if (!cmd_table[i]->is_hidden)
			strv_add(out, name.p);
	}
}

static bool is_kind(const char *kind, size_t len, const char *name)
{
	return strlen(name) == len && memcmp(kind, name, len) == 0;
}

static void list_kind(const struct complete *c, const char *kind, size_t len, const char *typed,
		      struct strv *out)
{
	auto_of(complete_names_close) struct complete_names names;

	if (is_kind(kind, len, "signal")) {
		add_signals(out);
		return;
	}
	if (is_kind(kind, len, "cap")) {
		add_caps(out);
		return;
	}
	if (is_kind(kind, len, "command")) {
		add_short_names(out);
		return;
	}
	complete_names_open(&names, c->globals);
	if (is_kind(kind, len, "container"))
		complete_containers(&names, COMPLETE_ANY, typed, out);
	else if (is_kind(kind, len, "running"))
		complete_containers(&names, COMPLETE_RUNNING, typed, out);
	else if (is_kind(kind, len, "paused"))
		complete_containers(&names, COMPLETE_PAUSED, typed, out);
	else if (is_kind(kind, len, "stopped"))
		complete_containers(&names, COMPLETE_STOPPED, typed, out);
	else if (is_kind(kind, len, "image"))
		complete_images(&names, typed, out);
	else if (is_kind(kind, len, "volume"))
		complete_directory(&names, "volumes", typed, out);
	else if (is_kind(kind, len, "secret"))
		complete_directory(&names, "secrets", typed, out);
	else if (is_kind(kind, len, "network"))
		complete_directory(&names, "networks", typed, out);
}

/* rm a b: b is not a again. */
static bool is_typed_already(const struct complete *c, const char *word)
{
	for (size_t i = 0; i + 1 < c->words->n; i++) {
		if (str_eq(c->words->v[i], word))
			return true;
	}
	return false;
}

/* kind: "container", "file", ... with what follows each name: "container:". */
static void add_kind(struct complete *c, const char *literal, const char *kind, const char *typed)
{
	auto_of(strv_clear) struct strv names = { 0 };
	size_t len = strspn(kind, "abcdefghijklmnopqrstuvwxyz");

	if (is_kind(kind, len, "file") || is_kind(kind, len, "dir")) {
		if (*literal)
			add_files(c, literal, typed);
		else if (*kind == 'f')
			c->wants_files = true;
		else
			c->wants_dirs = true;
		return;
	}
	list_kind(c, kind, len, typed, &names);
	for (size_t i = 0; i < names.n; i++) {
		autofree char *word = xasprintf("%s%s", literal, names.v[i]);

		if (str_has_prefix(names.v[i], typed) && !is_typed_already(c, word))
			add(c, word, kind + len, NULL);
	}
}

/* One alternative (values.h): "missing", "container:@container", "@image". */
static void add_value(struct complete *c, const char *alternative, const char *typed)
{
	const char *at = strchr(alternative, '@');
	autofree char *literal = NULL;

	if (str_eq(alternative, "..."))
		return;
	if (!at) {
		add_matching(c, alternative, typed, NULL);
		return;
	}
	literal = xasprintf("%.*s", (int)(at - alternative), alternative);
	if (str_after(typed, literal))
		add_kind(c, literal, at + 1, str_after(typed, literal));
	else
		add_matching(c, literal, typed, NULL);
}

static void add_values(struct complete *c, const char *values, const char *typed)
{
	auto_of(strv_clear) struct strv list = { 0 };

	if (values)
		strv_split(&list, values, '|');
	for (size_t i = 0; i < list.n; i++)
		add_value(c, list.v[i], typed);
}

/* The value of o as far as typed, which is the end of the last word. */
static void add_option_value(struct complete *c, const struct opt *o, const char *typed)
{
	const char *last = strrchr(typed, ','), *word = c->words->v[c->words->n - 1];

	if (o->kind == OPT_KIND_FLAG || o->kind == OPT_KIND_TRISTATE) {
		c->before = word;
		c->before_len = typed - word;
		add_values(c, "true|false", typed);
		return;
	}
	if (last && o->kind == OPT_KIND_CSV)
		typed = last + 1;
	c->before = word;
	c->before_len = typed - word;
	add_values(c, values_of_option(c->cmd, o), typed);
}

static void add_option(const struct opt *o, void *arg)
{
	struct complete *c = arg;
	const char *typed = c->words->v[c->words->n - 1];
	autofree char *name = NULL;

	if (o->is_hidden || !o->help)
		return;
	name = xasprintf("--%s", o->name ? o->name : "");
	if (o->name)
		add_matching(c, name, typed, o->help);
}

static void add_commands(struct complete *c, const char *group, const char *typed)
{
	auto_of(strv_clear) struct strv groups = { 0 };

	for (size_t i = 0; cmd_table[i]; i++) {
		const struct cmd *cmd = cmd_table[i];
		const char *blank = strchr(cmd->path, ' ');
		auto_of(str_clear) struct str name = { 0 };

		if (cmd->is_hidden)
			continue;
		if (group) {
			const char *rest = str_after(cmd->path, group);

			if (rest && *rest == ' ')
				add_matching(c, rest + 1, typed, cmd->help);
			continue;
		}
		cmd_short_name(cmd, &name);
		if (!strchr(name.p, ' '))
			add_matching(c, name.p, typed, cmd->help);
		if (blank) {
			autofree char *head = xasprintf("%.*s", (int)(blank - cmd->path), cmd->path);

			if (!strv_has(&groups, head))
				strv_add(&groups, head);
		}
	}
	for (size_t i = 0; i < groups.n; i++)
		add_matching(c, groups.v[i], typed, "a group of commands");
}

/* The option by letter that takes the rest of "-xyz", or NULL; *rest behind its letter. */
static const struct opt *letters_value(const struct opt *table, const char *letters, const char **rest)
{
	for (const char *p = letters; *p; p++) {
		const struct opt *o = opt_find_letter(table, *p);

		if (!o)
			return NULL;
		if (opt_needs_value(o) || p[1] == '=') {
			*rest = p[1] == '=' ? p + 2 : p + 1;
			return o;
		}
	}
	return NULL;
}

/* The option of this word that waits for its value in the next one, or NULL. */
static const struct opt *waits_for_value(const struct opt *table, const char *word)
{
	const struct opt *o;
	const char *rest;

	if (word[0] != '-' || !word[1])
		return NULL;
	if (word[1] == '-') {
		o = strchr(word, '=') ? NULL : opt_find(table, word + 2);
		return o && opt_needs_value(o) ? o : NULL;
	}
	o = letters_value(table, word + 1, &rest);
	return o && !*rest && opt_needs_value(o) && rest[-1] != '=' ? o : NULL;
}

/* An option is being typed: its name, or its value behind '=' or the letter. */
static void complete_option(struct complete *c, const struct opt *table, const char *word)
{
	const char *equals = strchr(word, '='), *rest;
	const struct opt *o;

	if (word[1] == '-' && equals) {
		autofree char *name = xasprintf("%.*s", (int)(equals - word - 2), word + 2);

		o = opt_find(table, name);
		if (o)
			add_option_value(c, o, equals + 1);
		return;
	}
	if (word[1] && word[1] != '-') {
		o = letters_value(table, word + 1, &rest);
		if (o)
			add_option_value(c, o, rest);
		else if (opt_find_letter(table, word[strlen(word) - 1]))
			add(c, word, "", NULL);
		return;
	}
	opt_each(table, add_option, c);
	add_matching(c, "--help", word, "print this help");
}

/* Walks the words from index at on; true when the last one has been dealt with, else *operands. */
static bool complete_options(struct complete *c, const struct opt *table, size_t *at, unsigned int mode,
			     int *operands)
{
	size_t last = c->words->n - 1;
	const struct opt *waiting = NULL;

	*operands = 0;
	for (; *at < last; (*at)++) {
		const char *word = c->words->v[*at];

		if (waiting) {
			waiting = NULL;
			continue;
		}
		if (str_eq(word, "--")) {
			*operands += last - *at - 1;
			return false;
		}
		waiting = waits_for_value(table, word);
		if (word[0] == '-' && word[1])
			continue;
		if (mode & OPT_STOP_AT_ARG) {
			*operands += last - *at;
			return false;
		}
		(*operands)++;
	}
	if (waiting) {
		add_option_value(c, waiting, c->words->v[last]);
		return true;
	}
	if (c->words->v[last][0] != '-')
		return false;
	complete_option(c, table, c->words->v[last]);
	return true;
}

static void complete_command(struct complete *c, size_t at)
{
	static const struct opt none[] = { OPT_END };
	const struct opt *table = c->cmd->opts ? c->cmd->opts : none;
	const char *typed = c->words->v[c->words->n - 1];
	int operands;

	if (complete_options(c, table, &at, c->cmd->mode, &operands))
		return;
	/* What a container runs is not ours to know. */
	if (operands > 0 && (c->cmd->mode & OPT_STOP_AT_ARG))
		return;
	if (c->cmd->max_args >= 0 && operands >= c->cmd->max_args && !(c->cmd->mode & OPT_STOP_AT_ARG))
		return;
	add_values(c, values_of_operand(c->cmd, operands), typed);
}

static void complete(struct complete *c)
{
	size_t at = 0, last = c->words->n - 1;
	int operands, used;

	if (complete_options(c, cmd_global_opts, &at, OPT_STOP_AT_ARG, &operands))
		return;
	if (operands == 0) {
		add_commands(c, NULL, c->words->v[last]);
		return;
	}
	c->cmd = cmd_find(last - at, c->words->v + at, &used);
	if (c->cmd)
		complete_command(c, at + used);
	else if (operands == 1 && cmd_is_group(c->words->v[at]))
		add_commands(c, c->words->v[at], c->words->v[last]);
}

/* --root and --runroot as typed: the names are there. */
static void load_globals(struct cmd_globals *g, const struct strv *words)
{
	auto_of(strv_clear) struct strv rest = { 0 };
	struct err ignored;

	opt_defaults(cmd_global_opts, g);
	(void)opt_parse(cmd_global_opts, g, words->n - 1, words->v, OPT_STOP_AT_ARG, &rest, &ignored);
}

struct complete_args {
	bool no_desc;
};

static const struct opt complete_opts[] = {
	OPT_FLAG(0, "no-desc", struct complete_args, no_desc, "words only"),
	OPT_END,
};

static int complete_main(struct cmd_context *ctx, void *args, const struct strv *rest, struct err *e)
{
	const struct complete_args *a = args;
	struct cmd_globals globals = { 0 };
	struct complete c = { .globals = &globals, .words = rest, .before = "", .has_help = !a->no_desc };

	(void)ctx;
	(void)e;
	load_globals(&globals, rest);
	complete(&c);
	for (size_t i = 0; i < c.out.n; i++)
		puts(c.out.v[i]);
	if (c.wants_files || c.wants_dirs)
		puts(c.wants_files ? ":file" : ":dir");
	strv_clear(&c.out);
	opt_clear(cmd_global_opts, &globals);
	return 0;
}

const struct cmd cmd_complete = {
	.path = "__complete", .args = "-- WORD...", .help = "what the last word may become",
	.opts = complete_opts, .args_size = sizeof(struct complete_args), .min_args = 1, .max_args = -1,
	.mode = OPT_STOP_AT_ARG, .is_hidden = true, .fn = complete_main,
};
