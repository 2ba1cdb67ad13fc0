/* SPDX-License-Identifier: Apache-2.0 */
/* Objects whose members come from elsewhere, so that two may have one name. */
#include "base/json_priv.h"

#include "base/mem.h"
#include "base/strv.h"

#include <stdlib.h>
#include <string.h>

/* Up to here a duplicate member is looked for by comparing all pairs; above by sorting, so that
 * a hostile object of a million members costs no quadratic time. */
#define PAIRWISE_MAX 16

/* A later member of the same name: the value moves to the first place, the later one goes. */
static void merge(struct json *j, size_t first, size_t later)
{
	json_free(j->items[first]);
	j->items[first] = steal_ptr(&j->items[later]);
	free(j->keys[later]);
	j->keys[later] = NULL;
}

static void drop_merged(struct json *j)
{
	size_t to = 0;

	for (size_t i = 0; i < j->n; i++) {
		if (!j->keys[i])
			continue;
		j->keys[to] = j->keys[i];
		j->items[to++] = j->items[i];
	}
	j->n = to;
}

struct ranked {
	const char *key;
	size_t at;
};

static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	int r = strcmp(x->key, y->key);

	if (r)
		return r;
	return x->at < y->at ? -1 : x->at > y->at;
}

static void merge_sorted(struct json *j)
{
	autofree struct ranked *rank = xcalloc(j->n, sizeof(*rank));
	size_t first = 0;

	for (size_t i = 0; i < j->n; i++)
		rank[i] = (struct ranked){ j->keys[i], i };
	qsort(rank, j->n, sizeof(*rank), compare_ranked);
	for (size_t i = 1; i < j->n; i++) {
		if (strcmp(rank[i].key, rank[first].key) == 0)
			merge(j, rank[first].at, rank[i].at);
		else
			first = i;
	}
}

void json_merge_members(struct json *j)
{
	if (j->n > PAIRWISE_MAX) {
		merge_sorted(j);
	} else {
		for (size_t i = 1; i < j->n; i++)
			for (size_t k = 0; k < i; k++)
				if (j->keys[k] && strcmp(j->keys[k], j->keys[i]) == 0) {
					merge(j, k, i);
					break;
				}
	}
	drop_merged(j);
}

struct json *json_new_pairs(const struct strv *l)
{
	struct json *j = json_new_object();

	for (size_t i = 0; i < l->n; i++) {
		const char *eq = strchrnul(l->v[i], '=');

		json_append(j, xstrndup(l->v[i], eq - l->v[i]), json_new_string(*eq ? eq + 1 : ""));
	}
	/* An image may have a hundred thousand labels: that must not take a minute of every ps. */
	json_merge_members(j);
	return j;
}
