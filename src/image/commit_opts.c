/* SPDX-License-Identifier: Apache-2.0 */
#include "image/commit_opts.h"

static int read_fd(void *args, const struct opt *o, const char *value, struct err *e);

/* As text, because transfer_argv passes on no numbers. */
const struct opt commit_opts_table[] = {
	OPT_FN(0, "tree-fd", read_fd, "N", ""),
	OPT_STR(0, "base", struct commit_opts, base, "ID", ""),
	OPT_STR(0, "inherit", struct commit_opts, inherit, "ID", ""),
	OPT_STR(0, "format", struct commit_opts, format, "FORMAT", ""),
	OPT_STR(0, "author", struct commit_opts, author, "TEXT", ""),
	OPT_STR(0, "message", struct commit_opts, message, "TEXT", ""),
	OPT_LIST(0, "change", struct commit_opts, changes, "INSTRUCTION", ""),
	OPT_FLAG(0, "frozen", struct commit_opts, is_frozen, ""),
	OPT_END,
};

static int read_fd(void *args, const struct opt *o, const char *value, struct err *e)
{
	struct commit_opts *c = args;
	char *end;
	long n = strtol(value, &end, 10);

	if (*end || n < 3 || n > 1 << 20)
		return err_set(e, ERR_USAGE, "--%s: '%s' is no descriptor", o->name, value);
	c->tree_fd = n;
	return 0;
}
