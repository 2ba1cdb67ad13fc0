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
#include <sys/utsname.h>

#define DOCKER_API "1.51"	/* the newest interface of docker 28 */

struct version_args {
	char *format;
};

struct json *version_tree(void)
{
	struct json *v = json_new_object();
	autofree char *arch = xasprintf("linux/%s", host_facts_arch());

	json_set_str(v, "APIVersion", persona_get() == PERSONA_DOCKER ? DOCKER_API : persona_version());
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

static struct json *component(const char *name, const struct json *client)
{
	static const char *const same[] = { "APIVersion", "Os", "Arch", "GitCommit", "BuildTime", "GoVersion",
					    "KernelVersion", "Experimental", "MinAPIVersion" };
	struct json *c = json_new_object(), *details = json_new_object();

	json_set_str(c, "Name", name);
	json_set_str(c, "Version", json_get_str(client, "Version"));
	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		json_set_str(details, same[i], json_get_str(client, same[i]) ? json_get_str(client, same[i]) : "");
	json_set(c, "Details", details);
	return c;
}

/* Docker's two halves; there is no server, but scripts ask for it to learn whether it answers. */
static struct json *docker_tree(void)
{
	struct json *tree = json_new_object(), *client = json_new_object(), *server, *list = json_new_array();
	struct json *platform = json_new_object();
	struct utsname u = { 0 };

	uname(&u);
	json_set_str(platform, "Name", "rootlet " PACKAGE_VERSION);
	json_set(client, "Platform", platform);
	json_set_str(client, "Version", persona_version());
	json_set_str(client, "ApiVersion", DOCKER_API);
	json_set_str(client, "DefaultAPIVersion", DOCKER_API);
	json_set_str(client, "GitCommit", "");
	json_set_str(client, "GoVersion", "");
	json_set_str(client, "Os", "linux");
	json_set_str(client, "Arch", host_facts_arch());
	json_set_str(client, "BuildTime", "");
	json_set_str(client, "Context", "default");
	server = json_copy(client);
	json_remove(server, "Context");
	json_remove(server, "DefaultAPIVersion");
	json_set_str(server, "MinAPIVersion", "1.24");
	json_set_str(server, "KernelVersion", u.release);
	json_set_bool(server, "Experimental", false);
	json_set_str(client, "APIVersion", DOCKER_API);
	json_add(list, component("Engine", client));
	json_remove(client, "APIVersion");
	json_set_str(server, "APIVersion", DOCKER_API);
	json_remove(server, "ApiVersion");
	json_set(server, "Components", list);
	json_set(tree, "Client", client);
	json_set(tree, "Server", server);
	return tree;
}

static void print_docker(const struct json *tree)
{
	const struct json *c = json_get(tree, "Client");

	printf("Client: rootlet " PACKAGE_VERSION "\n"
	       " Version:           %s\n"
	       " API version:       %s\n"
	       " OS/Arch:           linux/%s\n"
	       " Context:           default\n"
	       "\n"
	       "Server: rootlet " PACKAGE_VERSION "\n"
	       " Engine:\n"
	       "  Version:          %s\n"
	       "  API version:      %s (minimum version 1.24)\n"
	       "  OS/Arch:          linux/%s\n"
	       "  Experimental:     false\n",
	       json_get_str(c, "Version"), DOCKER_API, json_get_str(c, "Arch"), json_get_str(c, "Version"),
	       DOCKER_API, json_get_str(c, "Arch"));
}

static int docker_version(const char *format, struct err *e)
{
	auto_of(json_free) struct json *tree = docker_tree();
	auto_of(str_clear) struct str out = { 0 };
	int r = 0;

	if (!format) {
		print_docker(tree);
		return 0;
	}
	if (strcmp(format, "json") == 0)
		json_write(&out, tree, 0);
	else
		r = template_render(&out, format, tree, e);
	if (r >= 0)
		puts(str_peek(&out));
	return r < 0 ? r : 0;
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

	(void)rest;
	if (c->globals->is_docker)
		return docker_version(format, e);
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
