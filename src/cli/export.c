/* SPDX-License-Identifier: Apache-2.0 */
/* export, volume export: the files of a container or a volume as an archive. */
#include "base/fd.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "container/export.h"
#include "container/record.h"
#include "container/volume_tar.h"
#include "container/volumes.h"

#include <unistd.h>

struct export_args {
	char *output;
};

static const struct opt export_opts[] = {
	OPT_STR('o', "output", struct export_args, output, "FILE",
		"file to write (default: standard output)"),
	OPT_END,
};

/* *own_fd (owned) is the file when there is one. Returns what to write to. */
static int open_output(const struct cmd_context *c, const struct export_args *a, int *own_fd, struct err *e)
{
	if (!a->output && isatty(STDOUT_FILENO))
		return err_set(e, ERR_USAGE, "%s does not write an archive to a terminal: use --output",
			       c->cmd->path);
	if (!a->output || str_eq(a->output, "-"))
		return STDOUT_FILENO;
	*own_fd = fd_createat(AT_FDCWD, a->output, O_WRONLY | O_TRUNC, 0666);
	return *own_fd < 0 ? err_sys(e, -*own_fd, "--output %s", a->output) : *own_fd;
}

static int container_export(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	auto_of(record_free) struct record *r = NULL;
	autoclose int own_fd = -1;
	int fd;

	if (record_open(&r, c->engine, rest->v[0], e) < 0)
		return -e->code;
	fd = open_output(c, args, &own_fd, e);
	return fd < 0 ? fd : export_container(c->engine, r, fd, e);
}

const struct cmd cmd_container_export = {
	.path = "container export", .alias = "export", .args = "CONTAINER",
	.help = "write the files of a container as a tar archive",
	.opts = export_opts, .args_size = sizeof(struct export_args), .min_args = 1, .max_args = 1,
	.needs = NEED_ENGINE, .fn = container_export,
};

static int volume_export(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	auto_of(volume_free) struct volume *v = NULL;
	autoclose int own_fd = -1;
	int fd;

	if (volume_load(&v, c->engine, rest->v[0], e) < 0)
		return -e->code;
	fd = open_output(c, args, &own_fd, e);
	return fd < 0 ? fd : volume_tar_export(c->engine, v->name, fd, e);
}

const struct cmd cmd_volume_export = {
	.path = "volume export", .args = "VOLUME", .help = "write the files of a volume as a tar archive",
	.opts = export_opts, .args_size = sizeof(struct export_args), .min_args = 1, .max_args = 1,
	.needs = NEED_ENGINE, .fn = volume_export,
};
