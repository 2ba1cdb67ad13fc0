/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/docker_events.h"

#include "base/str.h"
#include "base/timefmt.h"
#include "image/reference.h"

#include <stdio.h>
#include <string.h>


static const char *text_of(const struct json *event, const char *key)
{
	const char *s = json_get_str(event, key);

	return s ? s : "";
}

/* What both do has two names. */
static const char *action_of(const struct json *event)
{
	static const char *const names[][3] = {
		{ "container", "died", "die" },	      { "container", "remove", "destroy" },
		{ "container", "exec", "exec_start" }, { "container", "exec_died", "exec_die" },
		{ "image", "remove", "delete" },      { "image", "loadfromarchive", "load" },
		{ "volume", "remove", "destroy" },
	};
	const char *type = text_of(event, "type"), *status = text_of(event, "status");

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(type, names[i][0]) && str_eq(status, names[i][1]))
			return names[i][2];
	return status;
}

bool docker_events_has(const struct json *event)
{
	static const char *const ours[] = { "init", "cleanup", "sync", "mount", "unmount" };
	bool is_container = str_eq(text_of(event, "type"), "container");

	for (size_t i = 0; is_container && i < ARRAY_SIZE(ours); i++)
		if (str_eq(text_of(event, "status"), ours[i]))
			return false;
	return true;
}

/* "health_status: healthy" */
static char *full_action(const struct json *event)
{
	const char *action = action_of(event), *health = text_of(event, "health");

	return *health && str_eq(action, "health_status") ? xasprintf("%s: %s", action, health) : xstrdup(action);
}

/* A volume is its name; an image that is gone may have nothing else. */
static const char *id_of(const struct json *event)
{
	return *text_of(event, "id") ? text_of(event, "id") : text_of(event, "name");
}

static struct json *attributes_of(const struct json *event)
{
	const struct json *own = json_get(event, "attributes");
	struct json *j = json_is(own, JSON_OBJECT) ? json_copy(own) : json_new_object();
	bool is_container = str_eq(text_of(event, "type"), "container");
	char number[24];

	if (json_get(event, "code") && is_container) {
		snprintf(number, sizeof(number), "%lld", (long long)json_get_int(event, "code", 0));
		json_set_str(j, "exitCode", number);
	}
	if (is_container)
		json_set_str(j, "image", reference_familiar(text_of(event, "image")));
	if (*text_of(event, "name"))
		json_set_str(j, "name", reference_familiar(text_of(event, "name")));
	return j;
}

struct pair {
	const char *key, *value;	/* borrowed */
};

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct pair *)a)->key, ((const struct pair *)b)->key);
}

void docker_events_line(struct str *out, const struct json *event)
{
	auto_of(json_free) struct json *attributes = attributes_of(event);
	size_t n = json_members(attributes);
	autofree struct pair *pairs = xcalloc(n + 1, sizeof(*pairs));
	autofree char *action = full_action(event);
	char buf[40];

	for (size_t i = 0; i < n; i++)
		pairs[i] = (struct pair){ json_key_at(attributes, i), json_str(json_at(attributes, i)) };
	if (n)
		qsort(pairs, n, sizeof(*pairs), compare);
	str_addf(out, "%s %s %s %s", time_rfc3339(buf, json_get_int(event, "time", 0), false),
		 text_of(event, "type"), action, id_of(event));
	for (size_t i = 0; i < n; i++)
		str_addf(out, "%s%s=%s", i ? ", " : " (", pairs[i].key, pairs[i].value ? pairs[i].value : "");
	if (n)
		str_addc(out, ')');
}

struct json *docker_events_object(const struct json *event)
{
	struct json *j = json_new_object(), *actor = json_new_object();
	autofree char *action = full_action(event);
	int64_t time = json_get_int(event, "time", 0);

	json_set_str(j, "status", action);
	json_set_str(j, "id", id_of(event));
	json_set_str(j, "from", reference_familiar(text_of(event, "image")));
	json_set_str(j, "Type", text_of(event, "type"));
	json_set_str(j, "Action", action);
	json_set_str(actor, "ID", id_of(event));
	json_set(actor, "Attributes", attributes_of(event));
	json_set(j, "Actor", actor);
	json_set_str(j, "scope", "local");
	json_set_int(j, "time", time / TIME_SECOND);
	json_set_int(j, "timeNano", time);
	return j;
}
