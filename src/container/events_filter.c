/* SPDX-License-Identifier: Apache-2.0 */
/* Which events pass, and telling them to who asked. */
#include "container/events_priv.h"

#include "base/str.h"

#include <string.h>

static const char *const keys[] = { "container", "event", "image", "label", "network", "pod", "secret",
				    "volume", "type" };

static int key_of(const char *filter)
{
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *rest = str_after(filter, keys[i]);

		if (rest && *rest == '=')
			return i;
	}
	return -EINVAL;
}

int events_check_filters(const struct strv *filters, struct err *e)
{
	for (size_t i = 0; i < filters->n; i++)
		if (key_of(filters->v[i]) < 0)
			return err_set(e, ERR_USAGE, "--filter '%s': expected KEY=VALUE, KEY one of container, "
				       "event, image, label, network, pod, secret, type, volume", filters->v[i]);
	return 0;
}

/* A name, or the beginning of an id. */
static bool is_object(const struct json *event, const char *want)
{
	const char *id = json_get_str(event, "id");

	return str_eq(json_get_str(event, "name"), want) || (id && *want && str_has_prefix(id, want));
}

/* Docker's names for what we call otherwise. */
static const char *status_named(const char *want)
{
	static const char *const names[][2] = {
		{ "die", "died" }, { "destroy", "remove" }, { "delete", "remove" }, { "load", "loadfromarchive" },
		{ "exec_die", "exec_died" }, { "exec_start", "exec" }, { "exec_create", "exec" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(want, names[i][0]))
			return names[i][1];
	return want;
}

static bool term_accepts(const struct json *event, const char *key, const char *want)
{
	const char *type = json_get_str(event, "type"), *status = json_get_str(event, "status");

	if (str_eq(key, "container") || str_eq(key, "volume") || str_eq(key, "pod") ||
	    str_eq(key, "network") || str_eq(key, "secret"))
		return str_eq(type, key) && is_object(event, want);
	if (str_eq(key, "event"))
		return str_eq(status, status_named(want));
	if (str_eq(key, "type"))
		return str_eq(type, want);
	if (str_eq(key, "label"))
		return json_has_pair(json_get(event, "attributes"), want);
	return str_eq(json_get_str(event, "image"), want) ||
	       (str_eq(type, "image") && is_object(event, want));
}

bool events_accepts(const struct strv *filters, const struct json *event)
{
	bool has[ARRAY_SIZE(keys)] = { false }, ok[ARRAY_SIZE(keys)] = { false };

	/* Different keys: all must hold; the same key twice: one of them. Labels must all hold. */
	for (size_t i = 0; i < filters->n; i++) {
		int k = key_of(filters->v[i]);
		bool yes;

		if (k < 0)
			return false;
		yes = term_accepts(event, keys[k], filters->v[i] + strlen(keys[k]) + 1);
		if (!yes && str_eq(keys[k], "label"))
			return false;
		has[k] = true;
		ok[k] |= yes;
	}
	for (size_t k = 0; k < ARRAY_SIZE(keys); k++)
		if (has[k] && !ok[k])
			return false;
	return true;
}

bool events_offer(const struct events_query *q, const char *line, size_t n)
{
	auto_of(json_free) struct json *j = NULL;
	struct err broken = { 0 };
	int64_t time;

	/* A line that a full disk has cut is no event. */
	if (json_parse(&j, line, n, &broken) < 0)
		return false;
	time = json_get_int(j, "time", 0);
	if (q->has_history && time < q->since)
		return false;
	if (q->until && time > q->until)
		return true;
	return events_accepts(q->filters, j) && q->event(q->arg, j) != 0;
}
