/* SPDX-License-Identifier: Apache-2.0 */
/* export: the files of a container as an archive. */
#include "cli/cmd.h"
#include "cli/commands.h"
#include "container/export.h"
#include "container/record.h"

#include <unistd.h>

struct export_args {
	char *output;
};

static const struct opt export_opts[] = {
	OPT_STR('o', "output", struct export_args, output, "FILE",
		"file to write (default: standard output)"),
	OPT_END,
};

static int export_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const struct export_args *a = args;
	auto_of(record_free) struct record *r = NULL;
	autoclose int fd = -1;

	if (!a->output && isatty(STDOUT_FILENO))
		return err_set(e, ERR_USAGE, "export does not write an archive to a terminal: use --output");
	if (record_open(&r, c->engine, rest->v[0], e) < 0)
		return -e->code;
	if (a->output) {
		fd = fd_createat(AT_FDCWD, a->output, O_WRONLY | O_TRUNC, 0666);
		if (fd < 0)
			return err_sys(e, -fd, "--output %s", a->output);
	}
	return export_container(c->engine, r, fd < 0 ? STDOUT_FILENO : fd, e);
}

const struct cmd cmd_container_export = {
	.path = "container export", .alias = "export", .args = "CONTAINER",
	.help = "write the files of a container as a tar archive",
	.opts = export_opts, .args_size = sizeof(struct export_args), .min_args = 1, .max_args = 1,
	.needs = NEED_ENGINE, .fn = export_main,
};
