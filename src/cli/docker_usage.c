/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/docker_usage.h"

#include "base/str.h"
#include "cli/cmd.h"

#include <limits.h>

#define ANY INT_MAX

static const struct usage {
	const char *path, *args;
	int min, max;
} usages[] = {
	{ "container attach", "CONTAINER", 1, 1 },
	{ "container commit", "CONTAINER [REPOSITORY[:TAG]]", 1, 2 },
	{ "container cp", "CONTAINER:SRC_PATH DEST_PATH|-", 2, 2 },
	{ "container create", "IMAGE [COMMAND] [ARG...]", 1, ANY },
	{ "container diff", "CONTAINER", 1, 1 },
	{ "diff", "CONTAINER", 1, 1 },
	{ "container exec", "CONTAINER COMMAND [ARG...]", 2, ANY },
	{ "container export", "CONTAINER", 1, 1 },
	{ "container inspect", "CONTAINER [CONTAINER...]", 1, ANY },
	{ "container kill", "CONTAINER [CONTAINER...]", 1, ANY },
	{ "container logs", "CONTAINER", 1, 1 },
	{ "container pause", "CONTAINER [CONTAINER...]", 1, ANY },
	{ "container port", "CONTAINER [PRIVATE_PORT[/PROTO]]", 1, 2 },
	{ "container prune", NULL, 0, 0 },
	{ "container ps", NULL, 0, 0 },
	{ "container rename", "CONTAINER NEW_NAME", 2, 2 },
	{ "container restart", "CONTAINER [CONTAINER...]", 1, ANY },
	{ "container rm", "CONTAINER [CONTAINER...]", 1, ANY },
	{ "container run", "IMAGE [COMMAND] [ARG...]", 1, ANY },
	{ "container start", "CONTAINER [CONTAINER...]", 1, ANY },
	{ "container stats", "[CONTAINER...]", 0, ANY },
	{ "container stop", "CONTAINER [CONTAINER...]", 1, ANY },
	{ "container top", "CONTAINER [ps OPTIONS]", 1, ANY },
	{ "container unpause", "CONTAINER [CONTAINER...]", 1, ANY },
	{ "container update", "CONTAINER [CONTAINER...]", 1, ANY },
	{ "container wait", "CONTAINER [CONTAINER...]", 1, ANY },
	{ "image history", "IMAGE", 1, 1 },
	{ "image import", "file|URL|- [REPOSITORY[:TAG]]", 1, 2 },
	{ "image inspect", "IMAGE [IMAGE...]", 1, ANY },
	{ "image load", NULL, 0, 0 },
	{ "image ls", "[REPOSITORY[:TAG]]", 0, 1 },
	{ "image prune", NULL, 0, 0 },
	{ "image pull", "NAME[:TAG|@DIGEST]", 1, 1 },
	{ "image push", "NAME[:TAG]", 1, 1 },
	{ "image rm", "IMAGE [IMAGE...]", 1, ANY },
	{ "image save", "IMAGE [IMAGE...]", 1, ANY },
	{ "image search", "TERM", 1, 1 },
	{ "image tag", "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]", 2, 2 },
	{ "context inspect", "[CONTEXT] [CONTEXT...]", 0, ANY },
	{ "context ls", NULL, 0, 0 },
	{ "context show", NULL, 0, 0 },
	{ "context use", "CONTEXT", 1, 1 },
	{ "inspect", "NAME|ID [NAME|ID...]", 1, ANY },
	{ "system df", NULL, 0, 0 },
	{ "system events", NULL, 0, 0 },
	{ "system info", NULL, 0, 0 },
	{ "system prune", NULL, 0, 0 },
	{ "login", "[SERVER]", 0, 1 },
	{ "logout", "[SERVER]", 0, 1 },
	{ "version", NULL, 0, 0 },
	{ "volume create", "[VOLUME]", 0, 1 },
	{ "volume inspect", "VOLUME [VOLUME...]", 1, ANY },
	{ "volume ls", NULL, 0, 0 },
	{ "volume prune", NULL, 0, 0 },
	{ "volume rm", "VOLUME [VOLUME...]", 1, ANY },
};

static bool has_options(const struct cmd *c)
{
	static const char *const plain[] = {
		"container diff", "container pause", "container port", "container rename", "container top",
		"container unpause", "container wait", "context show", "context use", "diff", "image tag", "logout",
	};

	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		if (str_eq(plain[i], c->path))
			return false;
	return true;
}

static const struct usage *find(const struct cmd *c)
{
	for (size_t i = 0; i < ARRAY_SIZE(usages); i++)
		if (str_eq(usages[i].path, c->path))
			return &usages[i];
	return NULL;
}

void docker_usage_line(struct str *out, const struct cmd *c)
{
	const struct usage *u = find(c);
	const char *args = u ? u->args : c->args;

	str_add(out, "docker ");
	cmd_short_name(c, out);
	str_addf(out, "%s%s%s", has_options(c) ? " [OPTIONS]" : "", args ? " " : "", args ? args : "");
}

int docker_usage_check(const struct cmd *c, size_t operands, struct err *e)
{
	const struct usage *u = find(c);
	auto_of(str_clear) struct str name = { 0 };
	int n = operands < ANY ? (int)operands : ANY, bound;

	if (!u || (n >= u->min && n <= u->max))
		return 0;
	cmd_short_name(c, &name);
	if (u->max == 0)
		return err_set(e, ERR_USAGE, "docker: 'docker %s' accepts no arguments", name.p);
	bound = n < u->min ? u->min : u->max;
	return err_set(e, ERR_USAGE, "docker: 'docker %s' requires %s %d argument%s", name.p,
		       u->min == u->max ? "exactly" : n < u->min ? "at least" : "at most", bound,
		       bound == 1 ? "" : "s");
}
