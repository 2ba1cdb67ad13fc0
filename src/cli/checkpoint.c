/* SPDX-License-Identifier: Apache-2.0 */
/* container checkpoint and restore: CRIU needs privileges in the initial user namespace. What there is
 * instead is said. */
#include "cli/cmd.h"

#define ROOT_ONLY "CRIU checkpoints and restores as root only: keep files with commit or a volume"

static int refuse(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	(void)args;
	(void)rest;
	return err_set(e, ENOTSUP, "%s: " ROOT_ONLY, c->cmd->path);
}

static const struct opt checkpoint_opts[] = {
	OPT_NEVER('a', "all", NULL, ROOT_ONLY),
	OPT_NEVER('c', "compress", "FORMAT", ROOT_ONLY),
	OPT_NEVER(0, "create-image", "NAME", ROOT_ONLY),
	OPT_NEVER('e', "export", "FILE", ROOT_ONLY),
	OPT_NEVER(0, "file-locks", NULL, ROOT_ONLY),
	OPT_NEVER(0, "ignore-rootfs", NULL, ROOT_ONLY),
	OPT_NEVER(0, "ignore-volumes", NULL, ROOT_ONLY),
	OPT_NEVER('k', "keep", NULL, ROOT_ONLY),
	OPT_NEVER('l', "latest", NULL, ROOT_ONLY),
	OPT_NEVER('R', "leave-running", NULL, ROOT_ONLY),
	OPT_NEVER('P', "pre-checkpoint", NULL, ROOT_ONLY),
	OPT_NEVER(0, "print-stats", NULL, ROOT_ONLY),
	OPT_NEVER(0, "tcp-established", NULL, ROOT_ONLY),
	OPT_NEVER(0, "with-previous", NULL, ROOT_ONLY),
	OPT_END,
};

const struct cmd cmd_container_checkpoint = {
	.path = "container checkpoint", .args = "CONTAINER...", .help = "refused: CRIU needs root",
	.opts = checkpoint_opts, .max_args = -1, .fn = refuse,
};

static const struct opt restore_opts[] = {
	OPT_NEVER('a', "all", NULL, ROOT_ONLY),
	OPT_NEVER(0, "file-locks", NULL, ROOT_ONLY),
	OPT_NEVER(0, "ignore-rootfs", NULL, ROOT_ONLY),
	OPT_NEVER(0, "ignore-static-ip", NULL, ROOT_ONLY),
	OPT_NEVER(0, "ignore-static-mac", NULL, ROOT_ONLY),
	OPT_NEVER(0, "ignore-volumes", NULL, ROOT_ONLY),
	OPT_NEVER('i', "import", "FILE", ROOT_ONLY),
	OPT_NEVER(0, "import-previous", "FILE", ROOT_ONLY),
	OPT_NEVER('k', "keep", NULL, ROOT_ONLY),
	OPT_NEVER('l', "latest", NULL, ROOT_ONLY),
	OPT_NEVER('n', "name", "NAME", ROOT_ONLY),
	OPT_NEVER(0, "pod", "NAME", ROOT_ONLY),
	OPT_NEVER(0, "print-stats", NULL, ROOT_ONLY),
	OPT_NEVER('p', "publish", "PORT", ROOT_ONLY),
	OPT_NEVER(0, "tcp-close", NULL, ROOT_ONLY),
	OPT_NEVER(0, "tcp-established", NULL, ROOT_ONLY),
	OPT_END,
};

const struct cmd cmd_container_restore = {
	.path = "container restore", .args = "CONTAINER...", .help = "refused: CRIU needs root",
	.opts = restore_opts, .max_args = -1, .fn = refuse,
};
