/* SPDX-License-Identifier: Apache-2.0 */
/* inspect and port: all there is to know about a container. */
#include "base/json.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/each.h"
#include "cli/objects.h"
#include "container/inspect.h"
#include "container/record.h"
#include "container/volumes.h"
#include "image/describe.h"
#include "image/resolve.h"

#include <stdio.h>
#include <string.h>

struct inspect_args {
	bool latest, size;
	char *format, *type;
};

static const struct opt inspect_opts[] = {
	OPT_STR('f', "format", struct inspect_args, format, "FORMAT", "json or a Go template"),
	OPT_FLAG('l', "latest", struct inspect_args, latest, "the newest container"),
	OPT_FLAG('s', "size", struct inspect_args, size, "sizes too"),
	OPT_STR('t', "type", struct inspect_args, type, "TYPE", "container, image, volume or all"),
	OPT_END,
};

static int inspect_image(struct json **out, struct cmd_context *c, const char *name, struct err *e)
{
	autofree char *id = NULL, *full = NULL;

	if (resolve_local_image(c->store, name, &id, &full, e) < 0)
		return -e->code;
	return describe_image(out, c->store, id, e);
}

static int inspect_volume(struct json **out, struct cmd_context *c, const char *name, struct err *e)
{
	auto_of(volume_free) struct volume *v = NULL;

	if (volume_load(&v, c->engine, name, e) < 0)
		return -e->code;
	*out = volume_to_json(c->engine, v);
	return 0;
}

static int inspect_any(struct json **out, struct cmd_context *c, const struct inspect_args *a,
		       const char *name, struct err *e)
{
	auto_of(record_free) struct record *rec = NULL;
	bool any = !a->type || str_eq(a->type, "all");
	int r;

	if (any || str_eq(a->type, "container")) {
		r = record_open(&rec, c->engine, name, e);
		if (r >= 0)
			return inspect_container(out, c->engine, rec, a->size, e);
		if (!any || e->code != ERR_NO_SUCH)
			return r;
	}
	/* A container's name need not be a name an image could have. */
	if (any || str_eq(a->type, "image")) {
		r = inspect_image(out, c, name, e);
		if (!any || (r != -ERR_NO_SUCH && r != -ERR_USAGE))
			return r;
	}
	if (any || str_eq(a->type, "volume")) {
		r = inspect_volume(out, c, name, e);
		return any && r == -ERR_NO_SUCH ? err_set(e, ERR_NO_SUCH, "no such object: \"%s\"", name) : r;
	}
	return err_set(e, ERR_USAGE, "--type '%s' is none of container, image, volume, all", a->type);
}

struct inspect_what {
	struct cmd_context *c;			/* borrowed */
	const struct inspect_args *args;	/* borrowed */
};

static int load_any(struct json **out, void *ctx, const char *name, struct err *e)
{
	const struct inspect_what *what = ctx;

	return inspect_any(out, what->c, what->args, name, e);
}

static int inspect_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct inspect_args *a = args;
	auto_of(strv_clear) struct strv names = { 0 };
	struct each_select select = { .latest = a->latest };
	struct inspect_what what = { .c = c, .args = a };

	if (each_select(c, &select, rest, &names, e) < 0)
		return -e->code;
	return objects_print_named(&names, load_any, &what, a->format, e);
}

const struct cmd cmd_inspect = {
	.path = "inspect", .args = "NAME...", .help = "show all about containers and images, as JSON",
	.opts = inspect_opts, .args_size = sizeof(struct inspect_args), .max_args = -1,
	.needs = NEED_ENGINE, .fn = inspect_main,
};

static int container_inspect_main(struct cmd_context *c, void *args, const struct strv *rest,
				  struct err *e)
{
	struct inspect_args *a = args;

	xreplace(&a->type, "container");
	return inspect_main(c, a, rest, e);
}

const struct cmd cmd_container_inspect = {
	.path = "container inspect", .args = "CONTAINER...",
	.help = "show all about containers, as JSON", .opts = inspect_opts,
	.args_size = sizeof(struct inspect_args), .max_args = -1, .needs = NEED_ENGINE,
	.fn = container_inspect_main,
};

struct port_args {
	bool all, latest;
};

static const struct opt port_opts[] = {
	OPT_FLAG('a', "all", struct port_args, all, "of every container"),
	OPT_FLAG('l', "latest", struct port_args, latest, "the newest container"),
	OPT_END,
};

static const char *proto_name(enum netns_proto p)
{
	return p == NETNS_UDP ? "udp" : "tcp";
}

static int print_ports(const struct record *r, const char *only, bool with_id, struct err *e)
{
	autofree char *wanted = only ? xasprintf("%s%s", only, strchr(only, '/') ? "" : "/tcp") : NULL;
	bool found = false;

	for (size_t i = 0; i < r->config.ports.n; i++) {
		const struct netns_port *p = &r->config.ports.v[i];
		autofree char *key = xasprintf("%u/%s", p->container_port, proto_name(p->proto));
		const char *ip = str_empty(p->host_ip) ? "0.0.0.0" : p->host_ip;

		if (wanted && !str_eq(key, wanted))
			continue;
		found = true;
		if (only)
			printf("%s:%u\n", ip, p->host_port);
		else
			printf("%.12s%s%s -> %s:%u\n", with_id ? r->id : "", with_id ? "\t" : "", key, ip,
			       p->host_port);
	}
	if (only && !found)
		return err_set(e, ENOENT, "container %s: failed to find published port \"%s\"", r->config.name, only);
	return 0;
}

static int port_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct port_args *a = args;
	auto_of(strv_clear) struct strv given = { 0 }, names = { 0 };
	struct each_select select = { .all = a->all, .latest = a->latest };
	const char *only = rest->n > 1 ? rest->v[1] : NULL;

	if (rest->n)
		strv_add(&given, rest->v[0]);
	if (each_select(c, &select, &given, &names, e) < 0)
		return -e->code;
	for (size_t i = 0; i < names.n; i++) {
		auto_of(record_free) struct record *rec = NULL;

		if (record_open(&rec, c->engine, names.v[i], e) < 0 ||
		    print_ports(rec, only, a->all, e) < 0)
			return -e->code;
	}
	return 0;
}

const struct cmd cmd_container_port = {
	.path = "container port", .alias = "port", .args = "CONTAINER [PORT[/PROTO]]",
	.help = "show the published ports", .opts = port_opts, .args_size = sizeof(struct port_args),
	.max_args = 2, .needs = NEED_ENGINE, .fn = port_main,
};
