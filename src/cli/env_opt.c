/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/env_opt.h"

int env_opt(void *args, const struct opt *o, const char *value, struct err *e)
{
	struct strv *env = (struct strv *)((char *)args + o->offset);

	if (*value == '=')
		return err_set(e, ERR_USAGE, "--%s: invalid environment variable: \"%s\": expected NAME=VALUE "
			       "or NAME", o->name, value);
	/* "" is what a script gives that has nothing to say. */
	if (*value)
		strv_add(env, value);
	return 0;
}
