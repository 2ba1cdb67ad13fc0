/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/columns.h"

#include "base/str.h"

#include <string.h>
#include <strings.h>

struct entry {
	const struct json *value;	/* borrowed: the list being sorted */
	bool is_descending;
	size_t place;			/* keeps equal rows in their order */
};

static int compare_values(const struct json *a, const struct json *b)
{
	if (json_is(a, JSON_ARRAY))
		a = json_at(a, 0);
	if (json_is(b, JSON_ARRAY))
		b = json_at(b, 0);
	if (json_str(a) && json_str(b))
		return strcmp(json_str(a), json_str(b));
	return (json_int(a, 0) > json_int(b, 0)) - (json_int(a, 0) < json_int(b, 0));
}

static int compare(const void *x, const void *y)
{
	const struct entry *a = x, *b = y;
	int r = compare_values(a->value, b->value);

	if (a->is_descending)
		r = -r;
	return r ? r : (a->place > b->place) - (a->place < b->place);
}

static const struct columns_sort *find(const struct columns_sort *keys, size_t n, const char *key)
{
	for (size_t i = 0; i < n; i++)
		if (strcasecmp(keys[i].key, key) == 0)
			return &keys[i];
	return NULL;
}

int columns_sort_rows(struct json *rows, const struct columns_sort *keys, size_t n,
		      const char *key, struct err *e)
{
	const struct columns_sort *by = find(keys, n, key);
	size_t count = json_len(rows);
	autofree struct entry *list = xcalloc(count, sizeof(*list));
	autofree size_t *order = xcalloc(count, sizeof(*order));

	if (!by) {
		auto_of(str_clear) struct str names = { 0 };

		for (size_t i = 0; i < n; i++)
			str_addf(&names, "%s%s", i ? ", " : "", keys[i].key);
		return err_set(e, ERR_USAGE, "--sort '%s' is none of %s", key, names.p);
	}
	for (size_t i = 0; i < count; i++)
		list[i] = (struct entry){ json_path(json_at(rows, i), by->member), by->is_descending, i };
	qsort(list, count, sizeof(*list), compare);
	for (size_t i = 0; i < count; i++)
		order[i] = list[i].place;
	json_reorder(rows, order);
	return 0;
}

char *columns_ports(const struct json *ports)
{
	struct str s = { 0 };

	for (size_t i = 0; i < json_len(ports); i++) {
		const struct json *p = json_at(ports, i);
		const char *ip = json_get_str(p, "host_ip");
		long long more = json_get_int(p, "range", 1) - 1;
		long long host = json_get_int(p, "host_port", 0), port = json_get_int(p, "container_port", 0);

		str_addf(&s, "%s%s:%lld", i ? ", " : "", str_empty(ip) ? "0.0.0.0" : ip, host);
		if (more > 0)
			str_addf(&s, "-%lld->%lld-%lld", host + more, port, port + more);
		else
			str_addf(&s, "->%lld", port);
		str_addf(&s, "/%s", json_get_str(p, "protocol"));
	}
	return str_steal(&s);
}
