/* SPDX-License-Identifier: Apache-2.0 */
#include "image/search.h"

#include "base/str.h"
#include "base/units.h"
#include "image/http.h"
#include "image/place.h"
#include "image/reference.h"
#include "image/registries.h"
#include "image/remote.h"
#include "image/transfer.h"

#include <string.h>

enum { DEFAULT_LIMIT = 25, MAX_LIMIT = 10000 };

struct filters {
	int64_t stars;
	int official, automated;	/* -1: either */
};

struct search {
	const struct transfer_search *args;
	struct registries *conf;	/* owned */
	struct filters filters;
	uint64_t limit;
	struct json *rows;
};

static int parse_filters(struct search *s, struct err *e)
{
	const struct strv *list = &s->args->filters;

	s->filters = (struct filters){ 0, -1, -1 };
	for (size_t i = 0; i < list->n; i++) {
		const char *text = list->v[i], *value;
		int r = -EINVAL;

		if ((value = str_after(text, "stars=")))
			r = units_parse_int(value, &s->filters.stars);
		else if ((value = str_after(text, "is-official=")))
			r = units_parse_bool(value, &s->filters.official);
		else if ((value = str_after(text, "is-automated=")))
			r = units_parse_bool(value, &s->filters.automated);
		else if (str_eq(text, "is-official") || str_eq(text, "is-automated"))
			r = *(text[3] == 'o' ? &s->filters.official : &s->filters.automated) = 1;
		if (r < 0)
			return err_set(e, ERR_USAGE, "--filter '%s': expected stars=N, is-official=BOOL or "
				       "is-automated=BOOL", text);
	}
	return 0;
}

static struct json *add_row(struct search *s, const char *host, const char *name)
{
	static const char *const texts[] = { "Description", "Official", "Automated", "Tag" };
	struct json *row = json_new_object();

	json_set_str(row, "Index", host);
	json_set_str(row, "Name", name);
	json_set_int(row, "Stars", 0);
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		json_set_str(row, texts[i], "");
	json_add(s->rows, row);
	return row;
}

static bool passes(const struct search *s, const struct json *result)
{
	const struct filters *f = &s->filters;

	return json_get_int(result, "star_count", 0) >= f->stars &&
	       (f->official < 0 || json_get_bool(result, "is_official", false) == f->official) &&
	       (f->automated < 0 || json_get_bool(result, "is_automated", false) == f->automated);
}

static void take_result(struct search *s, const char *host, const struct json *result)
{
	const char *name = json_get_str(result, "name"), *text = json_get_str(result, "description");
	autofree char *full = NULL;
	struct json *row;

	if (str_empty(name) || !passes(s, result))
		return;
	/* Docker Hub's own images stand in "library", which its search leaves out. */
	full = xasprintf("%s/%s%s", host, str_eq(host, "docker.io") && !strchr(name, '/') ? "library/" : "",
			 name);
	row = add_row(s, host, full);
	json_set_str(row, "Description", text ? text : "");
	json_set_int(row, "Stars", json_get_int(result, "star_count", 0));
	json_set_str(row, "Official", json_get_bool(result, "is_official", false) ? "[OK]" : "");
	json_set_str(row, "Automated", json_get_bool(result, "is_automated", false) ? "[OK]" : "");
}

/* 0: the registry has no such search. */
static int ask_search(struct search *s, struct place *p, const char *host, const char *word,
		      struct err *e)
{
	auto_of(json_free) struct json *reply = NULL;
	autofree char *escaped = http_escape(word);
	autofree char *path = xasprintf("%s/v1/search?q=%s&n=%llu",
					str_eq(host, "docker.io") ? "https://index.docker.io" : "",
					escaped, (unsigned long long)s->limit);
	const struct json *results;
	int r = remote_get_json(&reply, p->remote, p->http, "search", path, e);

	if (r < 0)
		return e->code == ERR_NO_SUCH || e->code == EACCES || e->code == EPROTO ||
				       e->code == EINVAL ? 0 : r;
	results = json_get(reply, "results");
	for (size_t i = 0; i < json_len(results) && i < s->limit; i++)
		take_result(s, host, json_at(results, i));
	return 1;
}

static int ask_catalog(struct search *s, struct place *p, const char *host, const char *word,
		       struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	auto_of(json_free) struct json *result = json_new_object();
	uint64_t n = 0;
	int r = remote_list_repositories(&names, p->remote, p->http, e);

	for (size_t i = 0; r >= 0 && i < names.n && n < s->limit; i++) {
		if (!strstr(names.v[i], word))
			continue;
		n++;
		json_set_str(result, "name", names.v[i]);
		take_result(s, host, result);
	}
	return r;
}

static int search_registry(struct search *s, const char *host, const char *word, struct err *e)
{
	auto_of(place_clear) struct place p = { 0 };
	int r = place_open(&p, &s->args->registry, s->conf, host, "", e);

	if (r >= 0)
		r = ask_search(s, &p, host, word, e);
	if (r == 0)
		r = ask_catalog(s, &p, host, word, e);
	return r < 0 ? err_wrap(e, "couldn't search registry \"%s\"", host) : 0;
}

/* With one registry its error is the answer; of several each has its own. */
static int search_all(struct search *s, const struct strv *hosts, const char *word, struct err *e)
{
	for (size_t i = 0; i < hosts->n; i++) {
		struct err one = { 0 };
		struct json *row;

		if (search_registry(s, hosts->v[i], word, &one) >= 0)
			continue;
		if (hosts->n == 1) {
			*e = one;
			return -e->code;
		}
		row = json_new_object();
		json_set_str(row, "Error", one.msg);
		json_add(s->rows, row);
	}
	return 0;
}

static int list_tags(struct search *s, const char *name, struct err *e)
{
	auto_of(reference_clear) struct reference ref = { 0 };
	auto_of(place_clear) struct place p = { 0 };
	auto_of(strv_clear) struct strv names = { 0 }, tags = { 0 };
	autofree char *repo = NULL;
	int r = registries_candidates(s->conf, name, &names, e);

	if (r >= 0)
		r = reference_parse(&ref, names.v[0], e);
	if (r >= 0)
		r = place_open(&p, &s->args->registry, s->conf, ref.host, ref.repo, e);
	if (r >= 0)
		r = remote_list_tags(&tags, p.remote, p.http, e);
	if (r < 0)
		return r;
	repo = reference_repository(&ref);
	for (size_t i = 0; i < tags.n && i < s->limit; i++)
		json_set_str(add_row(s, ref.host, repo), "Tag", tags.v[i]);
	return 0;
}

static bool is_host(const char *first, size_t n)
{
	return memchr(first, '.', n) || memchr(first, ':', n) || (n == 9 && strncmp(first, "localhost", 9) == 0);
}

static int search_init(struct search *s, struct err *e)
{
	const struct transfer_search *a = s->args;
	int r = parse_filters(s, e);

	s->limit = DEFAULT_LIMIT;
	if (r >= 0 && a->limit && (units_parse_uint(a->limit, &s->limit) < 0 || s->limit > MAX_LIMIT))
		return err_set(e, ERR_USAGE, "--limit: '%s' is not a number up to %d", a->limit, MAX_LIMIT);
	if (s->limit == 0)
		s->limit = DEFAULT_LIMIT;
	if (r >= 0)
		r = http_global_init(e);
	return r < 0 ? r : registries_load(&s->conf, e);
}

int search_images(const struct transfer_search *args, const char *term, struct json **rows,
		  struct err *e)
{
	auto_of(json_free) struct json *list = json_new_array();
	auto_of(strv_clear) struct strv hosts = { 0 };
	struct search s = { .args = args, .rows = list };
	size_t first = strcspn(term, "/");
	int r = search_init(&s, e);

	if (r >= 0 && args->list_tags) {
		r = list_tags(&s, term, e);
	} else if (r >= 0) {
		if (term[first] && is_host(term, first)) {
			strv_add_take(&hosts, xstrndup(term, first));
			term += first + 1;
		} else {
			strv_copy(&hosts, registries_search_peek(s.conf));
		}
		if (!hosts.n)
			strv_add(&hosts, "docker.io");
		r = search_all(&s, &hosts, term, e);
	}
	registries_free(s.conf);
	if (r < 0)
		return r;
	*rows = steal_ptr(&list);
	return 0;
}
