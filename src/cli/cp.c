/* SPDX-License-Identifier: Apache-2.0 */
/* cp: files into and out of containers. */
#include "base/str.h"
#include "cli/cmd.h"
#include "container/copy.h"

#include <unistd.h>

struct cp_args {
	int archive;
	bool overwrite, follow, quiet, pause;
};

static const struct opt cp_opts[] = {
	OPT_TRISTATE('a', "archive", struct cp_args, archive,
		     "give the files to the container's user; false: keep their owners (default true)"),
	OPT_FLAG(0, "overwrite", struct cp_args, overwrite,
		 "let directories replace other things, and the reverse"),
	OPT_FLAG('L', "follow-link", struct cp_args, follow,
		 "follow a link that the source is, as Docker does on request (podman: always)"),
	/* There is no progress that could be left out. */
	OPT_FLAG('q', "quiet", struct cp_args, quiet, "print nothing (which is so anyway)"),
	OPT_FLAG_HIDDEN(0, "pause", struct cp_args, pause, "without meaning since Podman 1.9, and here"),
	OPT_NEVER(0, "extract", NULL, "use - as the source to unpack an archive"),
	OPT_END,
};

static int cp_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const struct cp_args *a = args;
	struct copy_args copy = {
		.src = rest->v[0], .dst = rest->v[1], .archive = a->archive,
		.is_overwriting = a->overwrite, .is_following = a->follow,
	};

	if (str_eq(copy.dst, "-") && isatty(STDOUT_FILENO))
		return err_set(e, ERR_USAGE, "cp does not write an archive to a terminal: redirect it");
	if (str_eq(copy.src, "-") && isatty(STDIN_FILENO))
		return err_set(e, ERR_USAGE, "cp - reads an archive: pipe one in");
	return copy_files(c->engine, &copy, e);
}

const struct cmd cmd_container_cp = {
	.path = "container cp", .alias = "cp", .args = "[CONTAINER:]SRC [CONTAINER:]DEST",
	.help = "copy files between a container and the host",
	.opts = cp_opts, .args_size = sizeof(struct cp_args), .min_args = 2, .max_args = 2,
	.needs = NEED_ENGINE, .fn = cp_main,
};
