/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/docker_rows.h"

#include "base/str.h"
#include "base/timefmt.h"
#include "base/units.h"
#include "cli/docker_ports.h"
#include "image/reference.h"

#include <string.h>

#define SHORT_ID 12
#define SHORT_MOUNT 15	/* characters of a name, the last an ellipsis */
#define SHORT_COMMAND 20

static char *human_since(int64_t created)
{
	char human[40];

	return xasprintf("%s ago", time_human(human, time_now() - created));
}

/* Times are told in whole seconds. */
static void set_created(struct json *row, int64_t created, const char *since)
{
	char text[64];

	json_set_str(row, "CreatedAt", time_go_string(text, created - created % TIME_SECOND, false));
	json_set_str_take(row, since, human_since(created));
}

static char *pairs_text(const struct json *pairs)
{
	struct str s = { 0 };

	for (size_t i = 0; i < json_members(pairs); i++)
		str_addf(&s, "%s%s=%s", i ? "," : "", json_key_at(pairs, i), json_str(json_at(pairs, i)));
	return str_steal(&s);
}

static void add_cut(struct str *s, const char *text, size_t width, bool no_trunc)
{
	if (no_trunc || strlen(text) <= width)
		str_add(s, text);
	else
		str_addf(s, "%.*s…", (int)width - 1, text);
}

static char *command_text(const struct json *ps, bool no_trunc)
{
	const struct json *words = json_get(ps, "Command");
	auto_of(str_clear) struct str all = { 0 };
	struct str s = { 0 };

	for (size_t i = 0; i < json_len(words); i++) {
		const char *word = json_str(json_at(words, i));
		const char *quote = i && strchr(word, ' ') ? "'" : "";

		str_addf(&all, "%s%s%s%s", i ? " " : "", quote, word, quote);
	}
	str_addc(&s, '"');
	add_cut(&s, str_peek(&all), SHORT_COMMAND, no_trunc);
	str_addc(&s, '"');
	return str_steal(&s);
}

static char *mounts_text(const struct json *mounts, bool no_trunc)
{
	struct str s = { 0 };

	for (size_t i = 0; i < json_len(mounts); i++) {
		str_add(&s, i ? "," : "");
		add_cut(&s, json_str(json_at(mounts, i)), SHORT_MOUNT, no_trunc);
	}
	return str_steal(&s);
}

static char *size_text(const struct json *size)
{
	char rw[32], all[32];

	units_human_size_short(rw, json_get_int(size, "rwSize", 0));
	if (!json_is(size, JSON_OBJECT))
		return xstrdup(rw);
	return xasprintf("%s (virtual %s)", rw,
			 units_human_size_short(all, json_get_int(size, "rootFsSize", 0)));
}

struct json *docker_rows_container(const struct json *ps, bool no_trunc)
{
	const struct json *own = json_get(ps, "Docker"), *labels = json_get(ps, "Labels");
	bool is_alive = json_get_int(ps, "Pid", 0) > 0;
	const char *id = json_get_str(ps, "Id");
	struct json *row = json_new_object();

	json_set_str_take(row, "Command", command_text(ps, no_trunc));
	set_created(row, json_get_int(ps, "CreatedNano", 0), "RunningFor");
	json_set_str_take(row, "ID", no_trunc ? xstrdup(id) : xstrndup(id, SHORT_ID));
	json_set_str(row, "Image", json_get_str(own, "Image"));
	json_set_str_take(row, "Labels", pairs_text(labels));
	json_set_str_take(row, "LocalVolumes",
			  xasprintf("%lld", (long long)json_get_int(own, "LocalVolumes", 0)));
	json_set_str_take(row, "Mounts", mounts_text(json_get(own, "Mounts"), no_trunc));
	json_set_str(row, "Names", json_str(json_at(json_get(ps, "Names"), 0)));
	json_set_str(row, "Networks", json_get_str(own, "Networks"));
	json_set_str_take(row, "Ports", is_alive ? docker_ports_text(json_get(own, "Ports")) : xstrdup(""));
	json_set_str_take(row, "Size", size_text(json_get(ps, "Size")));
	json_set_str(row, "State", json_get_str(ps, "State"));
	json_set_str(row, "Status", json_get_str(ps, "Status"));
	json_set(row, "LabelMap", json_is(labels, JSON_OBJECT) ? json_copy(labels) : json_new_object());
	return row;
}

struct json *docker_rows_container_headings(void)
{
	static const char *const names[][2] = { { "ID", "CONTAINER ID" }, { "RunningFor", "CREATED" } };
	struct json *j = json_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		json_set_str(j, names[i][0], names[i][1]);
	return j;
}

struct json *docker_rows_image(const struct json *image, const char *name, bool no_trunc, bool digests)
{
	const char *id = json_get_str(image, "Id"), *slash = name ? strrchr(name, '/') : NULL;
	const char *end = name ? strpbrk(slash ? slash : name, ":@") : NULL;
	struct json *row = json_new_object();
	char human[40];

	json_set_str(row, "Containers", "N/A");
	set_created(row, json_get_int(image, "Created", 0) * TIME_SECOND, "CreatedSince");
	json_set_str(row, "Digest", digests && json_get_str(image, "Digest") ? json_get_str(image, "Digest")
									     : "<none>");
	json_set_str_take(row, "ID", no_trunc ? xasprintf("sha256:%s", id) : xstrndup(id, SHORT_ID));
	json_set_str_take(row, "Repository", !name ? xstrdup("<none>")
					     : end ? xstrndup(name, end - name) : xstrdup(name));
	json_set_str(row, "SharedSize", "N/A");
	json_set_str(row, "Size", units_human_size_short(human, (double)json_get_int(image, "Size", 0)));
	json_set_str(row, "Tag", end && *end == ':' ? end + 1 : "<none>");
	json_set_str(row, "UniqueSize", "N/A");
	return row;
}

struct json *docker_rows_volume(const struct json *volume)
{
	static const char *const same[] = { "Driver", "Mountpoint", "Name", "Scope" };
	static const char *const unknown[] = { "Availability", "Group", "Links", "Size", "Status" };
	const struct json *labels = json_get(volume, "Labels");
	struct json *row = json_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		json_set_str(row, same[i], json_get_str(volume, same[i]));
	for (size_t i = 0; i < ARRAY_SIZE(unknown); i++)
		json_set_str(row, unknown[i], "N/A");
	json_set_str_take(row, "Labels", pairs_text(labels));
	json_set(row, "LabelMap", json_is(labels, JSON_OBJECT) ? json_copy(labels) : json_new_object());
	return row;
}

struct json *docker_rows_search(const struct json *found, bool is_table)
{
	static const char *const flags[][2] = { { "IsAutomated", "Automated" }, { "IsOfficial", "Official" } };
	const char *name = json_get_str(found, "Name");
	struct json *row = json_new_object();

	json_set_str(row, "Description", json_get_str(found, "Description"));
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		bool is_so = !str_empty(json_get_str(found, flags[i][1]));

		json_set_str(row, flags[i][0], is_table ? is_so ? "[OK]" : "" : is_so ? "true" : "false");
	}
	json_set_str(row, "Name", reference_familiar(name ? name : ""));
	json_set_str_take(row, "StarCount", xasprintf("%lld", (long long)json_get_int(found, "Stars", 0)));
	return row;
}

struct json *docker_rows_pick(const struct json *row, const char *const *members, size_t n)
{
	struct json *out = json_new_object();

	for (size_t i = 0; i < n; i++) {
		const struct json *value = json_get(row, members[i]);
		auto_of(str_clear) struct str text = { 0 };

		if (!json_str(value) && value)
			json_write(&text, value, 0);
		json_set_str(out, members[i], json_str(value) ? json_str(value) : str_peek(&text));
	}
	return out;
}
