/* SPDX-License-Identifier: Apache-2.0 */
/* Which members of a row a template looks at, so that the others need not be made. */
#include "base/template.h"
#include "base/template_priv.h"

#include <string.h>

static bool walk_pipe(const struct template_pipe *pipe, struct strv *out);

static bool walk_arg(const struct template_arg *arg, struct strv *out)
{
	switch (arg->kind) {
	case ARG_DOT:
		/* The whole row, or a method that reads another member. */
		if (!arg->fields || strcmp(arg->fields->name, "Label") == 0)
			return false;
		/* Inside of "with" and "range" it is no member of the row: one name too many, then. */
		strv_add(out, arg->fields->name);
		return true;
	case ARG_VARIABLE:
		return *arg->name;
	case ARG_PIPE:
		return walk_pipe(arg->pipe, out);
	default:
		return true;
	}
}

static bool walk_pipe(const struct template_pipe *pipe, struct strv *out)
{
	for (const struct template_cmd *cmd = pipe ? pipe->cmds : NULL; cmd; cmd = cmd->next)
		for (const struct template_arg *arg = cmd->args; arg; arg = arg->next)
			if (!walk_arg(arg, out))
				return false;
	return true;
}

static bool walk(const struct template_node *node, struct strv *out)
{
	for (; node; node = node->next)
		if (!walk_pipe(node->pipe, out) || !walk(node->body, out) || !walk(node->otherwise, out))
			return false;
	return true;
}

bool template_members(const char *format, struct strv *out)
{
	auto_of(template_clear) struct template t = { 0 };
	struct err ignored = { 0 };

	return strcmp(format, "json") != 0 && template_parse(&t, format, &ignored) >= 0 && walk(t.root, out);
}
