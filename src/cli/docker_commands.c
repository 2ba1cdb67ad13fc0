/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/docker_commands.h"

#include "base/json.h"
#include "base/str.h"
#include "base/strv.h"
#include "base/template.h"
#include "cli/cmd.h"
#include "cli/objects.h"
#include "cli/show.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define NO_CLUSTER "there is no cluster: containers run on this machine, see docker run"
#define NO_BUILD "images are built by another tool: take its archive with docker load, or pull; " \
		 "docker commit makes one of a container"
#define NO_NETWORK "there are no networks with names: see --network of docker run"
#define ONE_CONTEXT "there is no remote service, and so one context: default"

static const struct {
	const char *words, *why;
} refused[] = {
	{ "build", NO_BUILD },	      { "builder", NO_BUILD },	    { "buildx", NO_BUILD },
	{ "image build", NO_BUILD },  { "network", NO_NETWORK },
	{ "swarm", NO_CLUSTER },      { "stack", NO_CLUSTER },	    { "service", NO_CLUSTER },
	{ "node", NO_CLUSTER },	      { "config", NO_CLUSTER },	    { "volume update", NO_CLUSTER },
	{ "compose", "Compose files are not read: start each container with docker run" },
	{ "plugin", "there are no plugins: the drivers are part of rootlet" },
	{ "trust", "there is no notary: what images must be signed with says docker image trust" },
	{ "checkpoint", "CRIU needs root: save files with docker commit or docker export" },
	{ "manifest", "lists of manifests are made by another tool; docker manifest inspect shows them" },
	{ "context create", ONE_CONTEXT }, { "context export", ONE_CONTEXT }, { "context import", ONE_CONTEXT },
	{ "context rm", ONE_CONTEXT },     { "context remove", ONE_CONTEXT }, { "context update", ONE_CONTEXT },
};

/* ---- contexts: there is one ---- */

struct context_args {
	char *format;
	bool quiet;
};

static char *endpoint(void)
{
	const char *host = getenv("DOCKER_HOST"), *runtime = getenv("XDG_RUNTIME_DIR");

	if (!str_empty(host))
		return xstrdup(host);
	if (!str_empty(runtime))
		return xasprintf("unix://%s/rootlet/rootlet.sock", runtime);
	return xasprintf("unix:///run/user/%u/rootlet/rootlet.sock", geteuid());
}

static int no_context(const char *name, struct err *e)
{
	return err_set(e, EINVAL, "context \"%s\" does not exist", name);
}

static int context_ls(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const struct context_args *a = args;
	auto_of(json_free) struct json *rows = json_new_array(), *heads = json_new_object();
	auto_of(str_clear) struct str out = { 0 };
	struct json *row = json_new_object();
	const char *format = a->format ? a->format
				       : "table {{.Name}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}";
	bool is_table = str_has_prefix(format, "table");

	(void)c;
	(void)rest;
	if (a->quiet)
		format = "{{.Name}}";
	json_set_bool(row, "Current", true);
	json_set_str(row, "Description", "Current DOCKER_HOST based configuration");
	json_set_str_take(row, "DockerEndpoint", endpoint());
	json_set_str(row, "Error", "");
	json_set_str(row, "Name", is_table && !a->quiet ? "default *" : "default");
	json_add(rows, row);
	json_set_str(heads, "DockerEndpoint", "DOCKER ENDPOINT");
	if (template_rows(&out, format, rows, heads, false, e) < 0)
		return -e->code;
	show_text(str_peek(&out));
	return 0;
}

static int context_show(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	(void)c;
	(void)args;
	(void)rest;
	(void)e;
	puts("default");
	return 0;
}

static int context_use(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	(void)c;
	(void)args;
	if (!str_eq(rest->v[0], "default"))
		return no_context(rest->v[0], e);
	puts("default");
	fflush(stdout);
	fputs("Current context is now \"default\"\n", stderr);
	return 0;
}

static struct json *context_object(void)
{
	struct json *j = json_new_object(), *all = json_new_object(), *docker = json_new_object();
	struct json *storage = json_new_object();

	json_set_str(j, "Name", "default");
	json_set(j, "Metadata", json_new_object());
	json_set_str_take(docker, "Host", endpoint());
	json_set_bool(docker, "SkipTLSVerify", false);
	json_set(all, "docker", docker);
	json_set(j, "Endpoints", all);
	json_set(j, "TLSMaterial", json_new_object());
	json_set_str(storage, "MetadataPath", "<IN MEMORY>");
	json_set_str(storage, "TLSPath", "<IN MEMORY>");
	json_set(j, "Storage", storage);
	return j;
}

static int context_inspect(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	const struct context_args *a = args;
	auto_of(json_free) struct json *rows = json_new_array();
	const char *missing = NULL;

	(void)c;
	for (size_t i = 0; i < rest->n; i++) {
		if (str_eq(rest->v[i], "default"))
			json_add(rows, context_object());
		else if (!missing)
			missing = rest->v[i];
	}
	if (!rest->n)
		json_add(rows, context_object());
	if (objects_print(rows, a->format, e) < 0)
		return -e->code;
	return missing ? no_context(missing, e) : 0;
}

static const struct opt ls_opts[] = {
	OPT_STR(0, "format", struct context_args, format, "FORMAT", "json, table TEMPLATE or a Go template"),
	OPT_FLAG('q', "quiet", struct context_args, quiet, "only names"),
	OPT_END,
};

static const struct opt inspect_opts[] = {
	OPT_STR('f', "format", struct context_args, format, "FORMAT", "json or a Go template"),
	OPT_END,
};

static const struct cmd cmd_context_ls = {
	.path = "context ls", .alias = "context list", .help = "list contexts", .opts = ls_opts,
	.args_size = sizeof(struct context_args), .fn = context_ls,
};

static const struct cmd cmd_context_show = {
	.path = "context show", .help = "print the name of the current context", .fn = context_show,
};

static const struct cmd cmd_context_use = {
	.path = "context use", .args = "CONTEXT", .help = "set the current context",
	.min_args = 1, .max_args = 1, .fn = context_use,
};

static const struct cmd cmd_context_inspect = {
	.path = "context inspect", .args = "[CONTEXT] [CONTEXT...]", .help = "show all about contexts, as JSON",
	.opts = inspect_opts, .args_size = sizeof(struct context_args), .max_args = -1, .fn = context_inspect,
};

const struct cmd *const docker_commands_table[] = {
	&cmd_context_inspect, &cmd_context_ls, &cmd_context_show, &cmd_context_use, NULL,
};

/* ---- finding ---- */

const struct cmd *docker_commands_find(int argc, char *const *argv, int *used)
{
	return cmd_find_in(docker_commands_table, argc, argv, used);
}

bool docker_commands_is_group(const char *word)
{
	return str_eq(word, "context");
}

int docker_commands_unknown(int argc, char *const *argv, struct err *e)
{
	autofree char *two = argc > 1 ? xasprintf("%s %s", argv[0], argv[1]) : xstrdup(argv[0]);
	bool is_group = cmd_is_group(argv[0]) || docker_commands_is_group(argv[0]);

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		if (str_eq(refused[i].words, argv[0]) || str_eq(refused[i].words, two))
			return err_set(e, ERR_USAGE, "docker: unknown command: docker %s: %s",
				       refused[i].words, refused[i].why);
	return err_set(e, ERR_USAGE, "unknown command '%s'", is_group ? two : argv[0]);
}

/* ---- other engines ---- */

int docker_commands_check_host(const struct cmd *c, struct err *e)
{
	const char *host = getenv("DOCKER_HOST"), *context = getenv("DOCKER_CONTEXT");

	if (str_has_prefix(c->path, "context "))
		return 0;
	/* The socket of an engine of this machine: we are in its place. */
	if (!str_empty(host) && !str_has_prefix(host, "unix://"))
		return err_set(e, EINVAL, "DOCKER_HOST=%s is refused: there is no remote service: unset it for "
			       "the containers of this machine", host);
	if (!str_empty(context) && !str_eq(context, "default"))
		return no_context(context, e);
	return 0;
}
