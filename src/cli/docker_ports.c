/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/docker_ports.h"

#include "base/json.h"
#include "base/str.h"
#include "base/strv.h"

#include <stdlib.h>
#include <string.h>

struct port {
	unsigned int inside, outside;	/* outside 0: only exposed */
	const char *ip, *type;		/* borrowed; ip NULL: only exposed */
};

static int compare(const void *a, const void *b)
{
	const struct port *x = a, *y = b;
	int n;

	if (x->inside != y->inside)
		return x->inside < y->inside ? -1 : 1;
	n = strcmp(x->ip ? x->ip : "", y->ip ? y->ip : "");
	if (n == 0 && x->outside != y->outside)
		return x->outside < y->outside ? -1 : 1;
	return n ? n : strcmp(x->type, y->type);
}

static void add(struct port *list, size_t *n, const char *key, const struct json *bound)
{
	const char *host = json_get_str(bound, "HostPort"), *ip = json_get_str(bound, "HostIp");
	const char *slash = strchr(key, '/');

	list[(*n)++] = (struct port){
		.inside = (unsigned int)strtoul(key, NULL, 10),
		.outside = host ? (unsigned int)strtoul(host, NULL, 10) : 0,
		.ip = host ? str_empty(ip) ? "0.0.0.0" : ip : NULL,
		.type = slash ? slash + 1 : "tcp",
	};
}

static struct port *collect(const struct json *ports, size_t *n)
{
	size_t all = 0;
	struct port *list;

	for (size_t i = 0; i < json_members(ports); i++)
		all += json_len(json_at(ports, i)) + 1;
	list = xcalloc(all + 1, sizeof(*list));
	for (size_t i = 0; i < json_members(ports); i++) {
		const struct json *bound = json_at(ports, i);

		if (!json_len(bound))
			add(list, n, json_key_at(ports, i), NULL);
		for (size_t k = 0; k < json_len(bound); k++)
			add(list, n, json_key_at(ports, i), json_at(bound, k));
	}
	if (*n)
		qsort(list, *n, sizeof(*list), compare);
	return list;
}

/* Neighbours of the same address and protocol, and the same number on both sides. */
struct group {
	const struct port *first;	/* borrowed */
	unsigned int last;
};

static void add_mapping(struct strv *out, const struct port *p, const char *outside, const char *inside)
{
	bool is_v6 = p->ip && strchr(p->ip, ':');

	if (p->ip)
		strv_addf(out, "%s%s%s:%s->%s/%s", is_v6 ? "[" : "", p->ip, is_v6 ? "]" : "", outside, inside, p->type);
	else
		strv_addf(out, "%s/%s", inside, p->type);
}

static void add_group(struct strv *out, const struct group *g)
{
	autofree char *range = g->last == g->first->inside ? xasprintf("%u", g->last)
							   : xasprintf("%u-%u", g->first->inside, g->last);

	add_mapping(out, g->first, range, range);
}

/* "0.0.0.0/tcp" before "127.0.0.1/tcp" before "tcp", what is only exposed. */
static int compare_groups(const void *a, const void *b)
{
	const struct port *x = ((const struct group *)a)->first, *y = ((const struct group *)b)->first;
	int n = strcmp(x->ip ? x->ip : x->type, y->ip ? y->ip : y->type);

	return n ? n : strcmp(x->type, y->type);
}

/* A port joins the open group of its kind, or ends it and begins another. */
static void join(struct strv *out, struct group *groups, size_t *n, const struct port *p)
{
	for (size_t i = 0; i < *n; i++) {
		if (!str_eq(groups[i].first->ip, p->ip) || !str_eq(groups[i].first->type, p->type))
			continue;
		if (p->inside != groups[i].last + 1) {
			add_group(out, &groups[i]);
			groups[i].first = p;
		}
		groups[i].last = p->inside;
		return;
	}
	groups[(*n)++] = (struct group){ p, p->inside };
}

char *docker_ports_text(const struct json *ports)
{
	auto_of(strv_clear) struct strv out = { 0 }, others = { 0 };
	size_t n = 0, groups_n = 0;
	autofree struct port *list = collect(ports, &n);
	autofree struct group *groups = xcalloc(n + 1, sizeof(*groups));

	for (size_t i = 0; i < n; i++) {
		autofree char *outside = xasprintf("%u", list[i].outside), *inside = xasprintf("%u", list[i].inside);

		if (list[i].ip && list[i].inside != list[i].outside)
			add_mapping(&others, &list[i], outside, inside);
		else
			join(&out, groups, &groups_n, &list[i]);
	}
	if (groups_n)
		qsort(groups, groups_n, sizeof(*groups), compare_groups);
	for (size_t i = 0; i < groups_n; i++)
		add_group(&out, &groups[i]);
	strv_add_all(&out, &others);
	return strv_join(&out, ", ");
}
