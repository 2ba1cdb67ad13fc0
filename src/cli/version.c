/* SPDX-License-Identifier: Apache-2.0 */
/* rootlet version */
#include "cli/version.h"

#include "base/persona.h"
#include "base/str.h"
#include "base/template.h"
#include "cli/cmd.h"
#include "cli/host_facts.h"

#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>

#define DOCKER_API "1.51"	/* the newest interface of docker 28 */
#define DOCKER_API_MIN "1.24"

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

static void set_texts(struct json *j, const char *const (*pairs)[2], size_t n)
{
	for (size_t i = 0; i < n; i++)
		json_set_str(j, pairs[i][0], pairs[i][1]);
}

static struct json *docker_client(void)
{
	const char *const texts[][2] = {
		{ "Version", persona_version() }, { "ApiVersion", DOCKER_API }, { "DefaultAPIVersion", DOCKER_API },
		{ "GitCommit", "" }, { "GoVersion", "" }, { "Os", "linux" }, { "Arch", host_facts_arch() },
		{ "BuildTime", "" }, { "Context", "default" },
	};
	struct json *j = json_new_object(), *platform = json_new_object();

	json_set_str(platform, "Name", "rootlet " PACKAGE_VERSION);
	json_set(j, "Platform", platform);
	set_texts(j, texts, ARRAY_SIZE(texts));
	return j;
}

static struct json *docker_server(void)
{
	struct utsname u = { 0 };
	const char *const details_of[][2] = {
		{ "ApiVersion", DOCKER_API }, { "Arch", host_facts_arch() }, { "BuildTime", "" },
		{ "Experimental", "false" }, { "GitCommit", "" }, { "GoVersion", "" },
		{ "KernelVersion", u.release }, { "MinAPIVersion", DOCKER_API_MIN }, { "Os", "linux" },
	};
	const char *const texts[][2] = {
		{ "Version", persona_version() }, { "ApiVersion", DOCKER_API }, { "MinAPIVersion", DOCKER_API_MIN },
		{ "GitCommit", "" }, { "GoVersion", "" }, { "Os", "linux" }, { "Arch", host_facts_arch() },
		{ "KernelVersion", u.release }, { "BuildTime", "" },
	};
	struct json *j = json_new_object(), *platform = json_new_object(), *engine = json_new_object();
	struct json *details = json_new_object(), *list = json_new_array();

	uname(&u);
	json_set_str(platform, "Name", "rootlet " PACKAGE_VERSION);
	json_set_str(engine, "Name", "Engine");
	json_set_str(engine, "Version", persona_version());
	set_texts(details, details_of, ARRAY_SIZE(details_of));
	json_set(engine, "Details", details);
	json_add(list, engine);
	json_set(j, "Platform", platform);
	json_set(j, "Components", list);
	set_texts(j, texts, ARRAY_SIZE(texts));
	return j;
}

/* Docker's two halves; there is no server, but scripts ask for it to learn whether it answers. */
static struct json *docker_tree(void)
{
	struct json *tree = json_new_object();

	json_set(tree, "Client", docker_client());
	json_set(tree, "Server", docker_server());
	return tree;
}

/* Docker's fields of these names are spelled differently in its JSON. */
static void add_fields(struct json *tree)
{
	json_set_str(json_edit(tree, "Client"), "APIVersion", DOCKER_API);
	json_set_str(json_edit(tree, "Server"), "APIVersion", DOCKER_API);
	json_set_bool(json_edit(tree, "Server"), "Experimental", false);
}

static bool is_json(const char *format)
{
	return str_eq(format, "json") || str_eq(format, "{{json .}}") || str_eq(format, "{{ json . }}");
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
	       "  API version:      %s (minimum version " DOCKER_API_MIN ")\n"
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
	if (is_json(format)) {
		json_write(&out, tree, 0);
	} else {
		add_fields(tree);
		r = template_render(&out, format, tree, e);
	}
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
