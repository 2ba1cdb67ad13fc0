/* SPDX-License-Identifier: Apache-2.0 */
/* completion: prints the script that teaches a shell to complete rootlet (see complete.c). */
#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"
#include "cli/cmd.h"

#include <stdio.h>
#include <string.h>

/* src/cli/completion/rootlet.*, by build-aux/text2c. */
extern const char completion_bash[], completion_zsh[], completion_fish[];

struct completion_args {
	char *file;
	bool no_desc;
};

static const struct opt completion_opts[] = {
	OPT_STR('f', "file", struct completion_args, file, "FILE", "write it there instead of to the terminal"),
	OPT_FLAG(0, "no-desc", struct completion_args, no_desc, "words only, no explanations"),
	OPT_END,
};

static const struct {
	const char *shell, *script;
	const char *no_desc;		/* sets the flag of __complete */
	const char *other_name;		/* for another name of the program */
} scripts[] = {
	{ "bash", completion_bash, "ROOTLET_COMPLETE_FLAGS=--no-desc\n", "complete -F _rootlet %s\n" },
	{ "zsh", completion_zsh, "ROOTLET_COMPLETE_FLAGS=--no-desc\n", "compdef _rootlet %s\n" },
	{ "fish", completion_fish, "set -g ROOTLET_COMPLETE_FLAGS --no-desc\n", "complete -c %s -w rootlet\n" },
};

/* zsh wants "#compdef" first. */
static void add_script(struct str *out, size_t i, const struct completion_args *a, const char *program)
{
	const char *rest = strchr(scripts[i].script, '\n') + 1;

	str_addn(out, scripts[i].script, rest - scripts[i].script);
	if (a->no_desc)
		str_add(out, scripts[i].no_desc);
	str_add(out, rest);
	if (str_eq(program, "podman") || str_eq(program, "docker")) {
		const char *line = scripts[i].other_name, *at = strstr(line, "%s");

		str_addn(out, line, at - line);
		str_add(out, program);
		str_add(out, at + 2);
	}
}

static int completion_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const struct completion_args *a = args;
	auto_of(str_clear) struct str text = { 0 };
	size_t i = 0;
	int r;

	while (i < ARRAY_SIZE(scripts) && !str_eq(scripts[i].shell, rest->v[0]))
		i++;
	if (i == ARRAY_SIZE(scripts))
		return err_set(e, ERR_USAGE, "completion: '%s' is none of bash, zsh, fish", rest->v[0]);
	add_script(&text, i, a, c->globals->program);
	if (!a->file) {
		fputs(text.p, stdout);
		return 0;
	}
	r = file_write_at(AT_FDCWD, a->file, text.p, text.len, 0644, 0);
	return r < 0 ? err_sys(e, -r, "--file %s", a->file) : 0;
}

const struct cmd cmd_completion = {
	.path = "completion", .args = "SHELL", .help = "print the completion script for bash, zsh or fish",
	.opts = completion_opts, .args_size = sizeof(struct completion_args), .min_args = 1, .max_args = 1,
	.fn = completion_main,
};
