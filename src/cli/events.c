/* SPDX-License-Identifier: Apache-2.0 */
/* events: what has happened and what happens. */
#include "container/events.h"

#include "base/str.h"
#include "base/table.h"
#include "base/template.h"
#include "base/timefmt.h"
#include "cli/cmd.h"
#include "cli/docker_events.h"
#include "cli/period.h"

#include <stdio.h>

struct events_args {
	struct strv filters;
	char *format, *since, *until;
	int no_trunc, stream;
};

static const struct opt events_opts[] = {
	OPT_LIST('f', "filter", struct events_args, filters, "KEY=VALUE", "only those that match"),
	OPT_STR(0, "format", struct events_args, format, "FORMAT", "json or a Go template, for each line"),
	OPT_TRISTATE(0, "no-trunc", struct events_args, no_trunc, "whole ids (default true)"),
	OPT_STR(0, "since", struct events_args, since, "TIME", "from this time on (or 10m: since then)"),
	OPT_TRISTATE(0, "stream", struct events_args, stream, "wait for more (default true)"),
	OPT_STR(0, "until", struct events_args, until, "TIME", "up to this time"),
	OPT_END,
};

static const char *text_of(const struct json *event, const char *key)
{
	const char *s = json_get_str(event, key);

	return s ? s : "";
}

static void set_if_any(struct json *j, const char *key, const struct json *event, const char *from)
{
	if (*text_of(event, from))
		json_set_str(j, key, text_of(event, from));
}

/* The members that podman's --format json has: what an event has not is left out. */
static struct json *make_row(const struct json *event)
{
	struct json *j = json_new_object();
	const struct json *attributes = json_get(event, "attributes");
	bool is_container = str_eq(text_of(event, "type"), "container");
	int64_t time = json_get_int(event, "time", 0);
	char buf[40];

	if (json_get(event, "code"))
		json_set_int(j, "ContainerExitCode", json_get_int(event, "code", 0));
	set_if_any(j, "ID", event, "id");
	set_if_any(j, "Image", event, "image");
	json_set_str(j, "Name", text_of(event, "name"));
	json_set_str(j, "Status", text_of(event, "status"));
	json_set(j, "Time", json_new_time(time_rfc3339(buf, time, false)));
	json_set_int(j, "time", time / TIME_SECOND);
	json_set_int(j, "timeNano", time);
	json_set_str(j, "Type", text_of(event, "type"));
	set_if_any(j, "HealthStatus", event, "health");
	set_if_any(j, "Error", event, "error");
	json_set(j, "Attributes", attributes ? json_copy(attributes)
				  : is_container ? json_new_object() : json_new_null());
	return j;
}

/* What templates see: every placeholder of podman-events(1), whatever the event. */
static struct json *template_row(const struct json *event)
{
	static const char *const always[] = { "ID", "Image", "HealthStatus", "Error", "Network", "PodID",
					      "ContainerInspectData" };
	struct json *j = make_row(event);
	int64_t time = json_get_int(event, "time", 0);

	for (size_t i = 0; i < ARRAY_SIZE(always); i++)
		if (!json_get(j, always[i]))
			json_set_str(j, always[i], "");
	if (!json_get(j, "ContainerExitCode"))
		json_set_int(j, "ContainerExitCode", 0);
	if (json_is(json_get(j, "Attributes"), JSON_NULL))
		json_set(j, "Attributes", json_new_object());
	json_set_bool(j, "OOMKilled", str_eq(text_of(event, "status"), "oom"));
	json_set_int(j, "TimeNano", time);
	return j;
}

static void add_human(struct str *out, const struct json *event, bool no_trunc)
{
	const struct json *attributes = json_get(event, "attributes");
	const char *type = text_of(event, "type"), *id = text_of(event, "id");
	char buf[64];

	str_addf(out, "%s %s %s", time_go_string(buf, json_get_int(event, "time", 0), false), type,
		 text_of(event, "status"));
	if (*id)
		str_addf(out, no_trunc ? " %s" : " %.12s", id);
	if (!str_eq(type, "container")) {
		str_addf(out, " %s", text_of(event, "name"));
		return;
	}
	str_addf(out, " (image=%s, name=%s", text_of(event, "image"), text_of(event, "name"));
	if (*text_of(event, "health"))
		str_addf(out, ", health_status=%s", text_of(event, "health"));
	for (size_t i = 0; i < json_members(attributes); i++)
		str_addf(out, ", %s=%s", json_key_at(attributes, i), json_str(json_at(attributes, i)));
	str_addc(out, ')');
}

struct printer {
	const struct events_args *args;
	bool is_docker;
	struct err *e;
	int result;
};

static int print_event(void *arg, const struct json *event)
{
	struct printer *p = arg;
	auto_of(str_clear) struct str text = { 0 }, shown = { 0 };
	const char *format = p->args->format;

	if (p->is_docker && !docker_events_has(event))
		return 0;
	if (!format) {
		if (p->is_docker)
			docker_events_line(&text, event);
		else
			add_human(&text, event, p->args->no_trunc != 0);
		/* A label of an image with a line break forges no event. */
		table_sanitize_line(&shown, str_peek(&text));
		str_addc(&shown, '\n');
	} else {
		bool is_json = str_eq(format, "json");
		auto_of(json_free) struct json *row = p->is_docker ? docker_events_object(event) :
						      is_json ? make_row(event) : template_row(event);

		if (is_json) {
			json_write(&text, row, 0);
			str_addc(&text, '\n');
		} else if ((p->result = template_line(&text, format, row, p->e)) < 0) {
			return 1;
		}
	}
	if (format)
		table_sanitize(&shown, str_peek(&text));
	fputs(str_peek(&shown), stdout);
	/* A reader that went away ends it. */
	return fflush(stdout) != 0;
}

/* A template is refused before the first event comes, and not after. */
static int check_format(const char *format, bool is_docker, struct err *e)
{
	auto_of(json_free) struct json *row = NULL;
	auto_of(str_clear) struct str text = { 0 };

	if (!format || str_eq(format, "json"))
		return 0;
	row = is_docker ? docker_events_object(NULL) : template_row(NULL);
	return template_line(&text, format, row, e);
}

static int events_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct events_args *a = args;
	struct printer p = { .args = a, .is_docker = c->globals->is_docker, .e = e };
	struct events_query q = { .filters = &a->filters, .event = print_event, .arg = &p };
	int r;

	(void)rest;
	if (period_parse(a->since, a->until, p.is_docker, &q.since, &q.until, e) < 0 ||
	    events_check_filters(&a->filters, e) < 0 || check_format(a->format, p.is_docker, e) < 0)
		return -e->code;
	if (!events_are_wanted(c->engine))
		return err_set(e, ENOTSUP, "events are switched off: by --events-backend=none, or by "
			       "events_logger in containers.conf");
	q.follow = a->stream != 0;
	q.has_history = q.since || q.until || !q.follow;
	r = events_read(c->engine, &q, e);
	return r < 0 ? r : p.result;
}

const struct cmd cmd_system_events = {
	.path = "system events", .alias = "events", .help = "show what happens to containers and images",
	.opts = events_opts, .args_size = sizeof(struct events_args), .needs = NEED_ENGINE,
	.fn = events_main,
};
