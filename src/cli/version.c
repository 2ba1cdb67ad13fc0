/* SPDX-License-Identifier: Apache-2.0 */
/* rootlet version */
#include "cli/version.h"

#include "base/persona.h"
#include "base/str.h"
#include "base/template.h"
#include "cli/cmd.h"
#include "cli/commands.h"
#include "cli/host_facts.h"

#include <stdio.h>
#include <string.h>

struct version_args {
	char *format;
};

struct json *version_tree(void)
{
	struct json *v = json_new_object();
	autofree char *arch = xasprintf("linux/%s", host_facts_arch());

	/* The newest interface of docker 28. */
	json_set_str(v, "APIVersion",
		     persona_get() == PERSONA_DOCKER ? "1.51" : persona_version());
	json_set_int(v, "Built", 0);
	json_set_str(v, "BuiltTime", "");
	json_set_str(v, "GitCommit", "");
	json_set_str(v, "GoVersion", "");
	json_set_str(v, "Os", "linux");
	json_set_str(v, "OsArch", arch);
	json_set_str(v, "Version", persona_version());
	return v;
}

/* Scripts take the third or the last word of it and compare. */
void version_print_short(void)
{
	if (persona_get() == PERSONA_DOCKER)
		printf("Docker version %s, build rootlet-%s\n", persona_version(), PACKAGE_VERSION);
	else
		printf("%s version %s\n", persona_name(), persona_version());
}

static void print_text(const struct json *v)
{
	printf("Client:       %s\n"
	       "Version:      %s\n"
	       "API Version:  %s\n"
	       "OS/Arch:      %s\n",
	       persona_get() == PERSONA_ROOTLET ? "rootlet" : "rootlet " PACKAGE_VERSION,
	       json_get_str(v, "Version"), json_get_str(v, "APIVersion"), json_get_str(v, "OsArch"));
}

static int version_run(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const char *format = ((struct version_args *)args)->format;
	auto_of(json_free) struct json *tree = json_new_object();
	auto_of(str_clear) struct str out = { 0 };
	int r = 0;

	(void)c;
	(void)rest;
	json_set(tree, "Client", version_tree());
	if (!format) {
		print_text(json_get(tree, "Client"));
		return 0;
	}
	if (strcmp(format, "json") == 0) {
		json_write(&out, tree, 2);
	} else {
		/* There is no server; scripts for docker ask for it to learn whether it answers. */
		json_set(tree, "Server", version_tree());
		r = template_render(&out, format, tree, e);
	}
	if (r >= 0)
		puts(str_peek(&out));
	return r < 0 ? r : 0;
}

static const struct opt version_opts[] = {
	OPT_STR('f', "format", struct version_args, format, "FORMAT", "json or a Go template"),
	OPT_END,
};

const struct cmd cmd_version = {
	.path = "version",
	.help = "show the version",
	.opts = version_opts,
	.args_size = sizeof(struct version_args),
	.fn = version_run,
};
