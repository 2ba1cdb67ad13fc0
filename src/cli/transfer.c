/* SPDX-License-Identifier: Apache-2.0 */
/* pull, push, load, save, import: read and checked here, done by rootlet-image in our place. */
#include "base/json.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "container/engine.h"
#include "container/events.h"
#include "image/transfer.h"
#include "storage/store.h"

#include <string.h>
#include <unistd.h>

/* The heavy program takes this process over: same pid, terminal and user namespace. */
static int hand_over(struct cmd_context *c, const void *args, const struct strv *rest,
		     struct err *e)
{
	auto_of(strv_clear) struct strv argv = { 0 };
	int r = transfer_program(&argv, c->store, e);

	if (r < 0)
		return r;
	transfer_argv(&argv, strrchr(c->cmd->path, ' ') + 1, c->cmd->opts, args, rest);
	events_setenv(c->engine);
	if (c->globals->config && setenv("DOCKER_CONFIG", c->globals->config, 1) < 0)
		return err_sys(e, errno, "set DOCKER_CONFIG");
	if (c->globals->is_docker && setenv("ROOTLET_WORDS", "docker", 1) < 0)
		return err_sys(e, errno, "set ROOTLET_WORDS");
	execv(argv.v[0], argv.v);
	return err_sys(e, errno, "run %s", argv.v[0]);
}

static int image_pull(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	return hand_over(c, args, rest, e);
}

/* Who asks for a compression on the command line wants no other, as in Podman. */
static void set_compression(struct cmd_context *c, struct transfer_push *a)
{
	const char *format = json_str(engine_conf(c->engine, "engine.compression_format"));
	int64_t level = json_int(engine_conf(c->engine, "engine.compression_level"), 0);

	if (a->compression_format) {
		a->force_compression = true;
		return;
	}
	if (!str_empty(format) && (!str_eq(a->format, "v2s2") || str_eq(format, "gzip")))
		a->compression_format = xstrdup(str_eq(format, "zstd:chunked") ? "zstd" : format);
	if (level > 0 && !a->compression_level)
		a->compression_level = xasprintf("%lld", (long long)level);
}

static int image_push(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	set_compression(c, args);
	return hand_over(c, args, rest, e);
}

static int image_load(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const struct transfer_load *a = args;

	if (!a->input && isatty(STDIN_FILENO))
		return err_set(e, ERR_USAGE, "load reads an archive: give one with --input or pipe it in");
	if (a->input && !str_eq(a->input, "-") && access(a->input, F_OK) < 0)
		return err_sys(e, errno, "stat %s", a->input);
	return hand_over(c, args, rest, e);
}

static int image_save(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct transfer_save *a = args;

	if (!a->output && isatty(STDOUT_FILENO))
		return err_set(e, ERR_USAGE, "save does not write an archive to a terminal: use --output");
	a->multi_image |= json_bool(engine_conf(c->engine, "engine.multi_image_archive"), false);
	return hand_over(c, args, rest, e);
}

static int image_import(struct cmd_context *c, void *args, const struct strv *rest,
			struct err *e)
{
	return hand_over(c, args, rest, e);
}

const struct cmd cmd_image_pull = {
	.path = "image pull", .alias = "pull", .args = "IMAGE [IMAGE...]",
	.help = "fetch images from a registry",
	.opts = transfer_pull_opts, .args_size = sizeof(struct transfer_pull),
	.min_args = 1, .max_args = -1, .needs = NEED_ENGINE, .fn = image_pull,
};

const struct cmd cmd_image_push = {
	.path = "image push", .alias = "push", .args = "IMAGE [DESTINATION]",
	.help = "send an image to a registry",
	.opts = transfer_push_opts, .args_size = sizeof(struct transfer_push),
	.min_args = 1, .max_args = 2, .needs = NEED_ENGINE, .fn = image_push,
};

const struct cmd cmd_image_load = {
	.path = "image load", .alias = "load",
	.help = "take images from an archive",
	.opts = transfer_load_opts, .args_size = sizeof(struct transfer_load),
	.needs = NEED_ENGINE, .fn = image_load,
};

const struct cmd cmd_image_save = {
	.path = "image save", .alias = "save", .args = "IMAGE [IMAGE...]",
	.help = "write images to an archive",
	.opts = transfer_save_opts, .args_size = sizeof(struct transfer_save),
	.min_args = 1, .max_args = -1, .needs = NEED_ENGINE, .fn = image_save,
};

const struct cmd cmd_image_import = {
	.path = "image import", .alias = "import", .args = "FILE|URL|- [NAME]",
	.help = "make an image of a tar archive of a file system",
	.opts = transfer_import_opts, .args_size = sizeof(struct transfer_import),
	.min_args = 1, .max_args = 2, .needs = NEED_ENGINE, .fn = image_import,
};
