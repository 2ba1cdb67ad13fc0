/* SPDX-License-Identifier: Apache-2.0 */
#include "image/catalog.h"

#include "base/persona.h"
#include "base/timefmt.h"
#include "base/units.h"
#include "image/reference.h"
#include "image/resolve.h"
#include "storage/images.h"
#include "storage/names.h"
#include "storage/store.h"

#include <fnmatch.h>
#include <string.h>


/* ---- all names, by image ---- */

struct name_of {
	const char *id, *name;	/* borrowed */
};

struct names {
	struct strv names, ids;	/* owned */
	struct name_of *by_id;	/* owned; sorted */
};

static void names_clear(struct names *n)
{
	strv_clear(&n->names);
	strv_clear(&n->ids);
	free(n->by_id);
}
DEFINE_AUTO_VALUE(struct names, names_clear)

static int compare_names(const void *a, const void *b)
{
	const struct name_of *x = a, *y = b;
	int r = strcmp(x->id, y->id);

	return r ? r : strcmp(x->name, y->name);
}

static int load_names(struct names *n, struct store *s, struct err *e)
{
	int r = names_list(s->image_names_dirfd, &n->names, &n->ids);

	if (r < 0)
		return err_sys(e, -r, "list the names of images");
	n->by_id = xcalloc(n->names.n, sizeof(*n->by_id));
	for (size_t i = 0; i < n->names.n; i++)
		n->by_id[i] = (struct name_of){ n->ids.v[i], n->names.v[i] };
	qsort(n->by_id, n->names.n, sizeof(*n->by_id), compare_names);
	return 0;
}

static size_t first_of(const struct names *n, const char *id)
{
	size_t low = 0, high = n->names.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;

		if (strcmp(n->by_id[mid].id, id) < 0)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* ---- rows ---- */

static bool has_text(const struct json *list, const char *text)
{
	for (size_t i = 0; i < json_len(list); i++)
		if (str_eq(json_str(json_at(list, i)), text))
			return true;
	return false;
}

struct json *catalog_repo_digests(const struct json *record, const struct json *names)
{
	const struct json *list = json_get(record, "repo-digests");
	const char *digest = json_get_str(record, "digest");
	struct json *out = json_is(list, JSON_ARRAY) ? json_copy(list) : json_new_array();

	for (size_t i = 0; digest && i < json_len(names); i++) {
		const char *name = json_str(json_at(names, i));
		const char *slash = strrchr(name, '/');
		const char *colon = strchr(slash ? slash : name, ':');
		autofree char *text = xasprintf("%.*s@%s", colon ? (int)(colon - name) : (int)strlen(name),
						name, digest);

		if (!has_text(out, text))
			json_add_str(out, text);
	}
	return out;
}

static int64_t created_of(const struct images_record *rec)
{
	int64_t ns = json_get_int(rec->record, "created", 0);
	const char *text = json_get_str(rec->config, "created");

	if (!ns && text && time_parse(text, &ns) < 0)
		ns = 0;
	return ns;
}

static struct json *labels_of(const struct images_record *rec)
{
	const struct json *labels = json_path(rec->config, "config.Labels");

	return json_is(labels, JSON_OBJECT) && json_len(labels) ? json_copy(labels) : json_new_null();
}

/* Names by digest alone ("repo@sha256:...") are for lookups; lists show them as digests. */
static void add_names(struct json *row, const struct names *n, const char *id)
{
	struct json *names = json_new_array(), *tags = json_new_array();

	for (size_t i = first_of(n, id); i < n->names.n && strcmp(n->by_id[i].id, id) == 0; i++)
		if (!strchr(n->by_id[i].name, '@')) {
			json_add_str(names, reference_familiar(n->by_id[i].name));
			json_add_str(tags, reference_familiar(n->by_id[i].name));
		}
	json_set(row, "RepoTags", tags);
	json_set(row, "Names", names);
}

static struct json *make_row(const struct images_record *rec, const struct names *n,
			     const struct json *containers)
{
	struct json *row = json_new_object();
	int64_t created = created_of(rec), size = json_get_int(rec->record, "size", 0);
	const char *arch = json_get_str(rec->config, "architecture"), *os = json_get_str(rec->config, "os");
	char text[40];

	json_set_str(row, "Id", rec->id);
	json_set_str(row, "ParentId", "");
	add_names(row, n, rec->id);
	json_set(row, "RepoDigests", catalog_repo_digests(rec->record, json_get(row, "Names")));
	json_set_int(row, "Size", size);
	json_set_int(row, "SharedSize", 0);
	json_set_int(row, "VirtualSize", size);
	json_set(row, "Labels", labels_of(rec));
	json_set_int(row, "Containers", json_get_int(containers, rec->id, 0));
	if (json_len(json_get(row, "Names")) == 0)
		json_set_bool(row, "Dangling", true);
	json_set_str(row, "Arch", arch ? arch : "");
	json_set_str(row, "Os", os ? os : "");
	json_set_str(row, "Digest", json_get_str(rec->record, "digest"));
	json_set(row, "History", json_copy(json_get(row, "Names")));
	json_set_int(row, "Created", created / TIME_SECOND);
	json_set_str(row, "CreatedAt", time_rfc3339(text, created, true));
	return row;
}

/* ---- names against patterns ---- */

static bool matches(const char *text, const char *pattern)
{
	return fnmatch(pattern, text, FNM_PATHNAME) == 0;
}

bool catalog_name_matches(const char *name, const char *pattern)
{
	bool is_docker = persona_get() == PERSONA_DOCKER;
	autofree char *bare = xstrdup(name);
	char *slash = strrchr(bare, '/');
	char *colon = strchr(slash ? slash : bare, ':');
	const char *full = name, *short_form = bare;

	if (colon)
		*colon = '\0';
	if (is_docker)
		pattern = reference_familiar(pattern);
	while (true) {
		if (matches(full, pattern) || matches(short_form, pattern))
			return true;
		if (is_docker)
			return false;
		full = strchr(full, '/');
		short_form = strchr(short_form, '/');
		if (!full || !short_form)
			return false;
		full++;
		short_form++;
	}
}

static bool any_name_matches(const struct json *row, const char *pattern)
{
	static const char *const lists[] = { "Names", "RepoDigests" };
	const char *plain = str_after(pattern, "docker://");

	for (size_t l = 0; l < ARRAY_SIZE(lists); l++) {
		const struct json *names = json_get(row, lists[l]);

		for (size_t i = 0; i < json_len(names); i++)
			if (catalog_name_matches(json_str(json_at(names, i)), plain ? plain : pattern))
				return true;
	}
	return false;
}

/* ---- filters ---- */

enum filter_kind { BY_ID, BY_REFERENCE, BY_DIGEST, BY_LABEL, BY_BEFORE, BY_SINCE, BY_UNTIL, BY_DANGLING,
		   BY_INTERMEDIATE, BY_CONTAINERS, BY_READONLY, BY_MANIFEST, N_FILTERS };

static const struct {
	const char *key;
	enum filter_kind kind;
} filter_names[] = {
	{ "id", BY_ID },	   { "reference", BY_REFERENCE },	{ "digest", BY_DIGEST },
	{ "label", BY_LABEL },	   { "before", BY_BEFORE },		{ "since", BY_SINCE },
	{ "after", BY_SINCE },	   { "until", BY_UNTIL },		{ "dangling", BY_DANGLING },
	{ "intermediate", BY_INTERMEDIATE }, { "containers", BY_CONTAINERS }, { "readonly", BY_READONLY },
	{ "manifest", BY_MANIFEST },
};

struct filter {
	enum filter_kind kind;
	bool is_negated;
	char *value;	/* owned */
	int64_t time;	/* seconds: of before, since, until */
	bool flag;	/* of dangling and the like */
};

struct filters {
	struct filter *v;	/* owned */
	size_t n;
};

static void filters_clear(struct filters *f)
{
	for (size_t i = 0; i < f->n; i++)
		free(f->v[i].value);
	free(f->v);
}
DEFINE_AUTO_VALUE(struct filters, filters_clear)

/* When the image that a filter names was made. */
static int time_of_image(int64_t *out, struct store *s, const char *text, struct err *e)
{
	auto_of(images_record_free) struct images_record *rec = NULL;
	autofree char *id = NULL, *name = NULL;
	int r = resolve_local_image(s, text, &id, &name, e);

	if (r >= 0)
		r = images_load(&rec, s, id, e);
	if (r >= 0)
		*out = created_of(rec) / TIME_SECOND;
	return r;
}

static int read_value(struct filter *f, struct store *s, const char *text, struct err *e)
{
	int flag = 0;
	int64_t ns;

	switch (f->kind) {
	case BY_BEFORE:
	case BY_SINCE:
		return time_of_image(&f->time, s, f->value, e);
	case BY_UNTIL:
		if (time_parse(f->value, &ns) < 0)
			return err_set(e, ERR_USAGE, "--filter '%s': a duration, a time or seconds since 1970 is expected",
				       text);
		f->time = ns / TIME_SECOND;
		return 0;
	case BY_DANGLING:
	case BY_INTERMEDIATE:
	case BY_READONLY:
	case BY_MANIFEST:
	case BY_CONTAINERS:
		if (units_parse_bool(f->value, &flag) < 0)
			return err_set(e, ERR_USAGE, "--filter '%s': true or false is expected", text);
		f->flag = flag;
		return 0;
	default:
		return 0;
	}
}

static int parse_filter(struct filters *out, struct store *s, const char *text, struct err *e)
{
	const char *eq = strchr(text, '=');
	bool negated = eq && eq > text && eq[-1] == '!';
	size_t n = eq ? (size_t)(eq - text) - negated : 0;

	for (size_t i = 0; i < ARRAY_SIZE(filter_names); i++) {
		struct filter *f;

		if (!eq || strlen(filter_names[i].key) != n || strncmp(text, filter_names[i].key, n) != 0)
			continue;
		out->v = xreallocarray(out->v, out->n + 1, sizeof(*out->v));
		f = &out->v[out->n++];
		*f = (struct filter){ .kind = filter_names[i].kind, .is_negated = negated,
				      .value = xstrdup(eq + 1) };
		return read_value(f, s, text, e);
	}
	return err_set(e, ERR_USAGE,
		       "--filter '%s': expected id=, reference=, digest=, label=, before=, since=, until=, dangling=, intermediate=, containers=, readonly= or manifest=, also with !=",
		       text);
}

static bool fits(const struct json *row, const struct filter *f)
{
	int64_t created = json_get_int(row, "Created", 0);
	const char *value = f->value, *hex;

	switch (f->kind) {
	case BY_ID:
		hex = str_after(value, "sha256:");
		return str_has_prefix(json_get_str(row, "Id"), hex ? hex : value);
	case BY_REFERENCE:
		return any_name_matches(row, value);
	case BY_DIGEST:
		return str_has_prefix(json_get_str(row, "Digest"), value);
	case BY_LABEL:
		return json_has_pair(json_get(row, "Labels"), value);
	case BY_BEFORE:
		return created < f->time;
	case BY_SINCE:
		return created > f->time;
	case BY_UNTIL:
		return created <= f->time;
	case BY_DANGLING:
		return json_get_bool(row, "Dangling", false) == f->flag;
	case BY_CONTAINERS:
		return (json_get_int(row, "Containers", 0) > 0) == f->flag;
	default:
		/* Images have no parents here, are never read-only, and lists are not stored. */
		return !f->flag;
	}
}

/* Of several values of one key the names are alternatives, all others conditions. */
static bool is_alternative(enum filter_kind kind)
{
	return kind == BY_ID || kind == BY_REFERENCE || kind == BY_DIGEST;
}

static bool accepts(const struct filters *filters, const struct json *row)
{
	bool wanted[N_FILTERS] = { false }, found[N_FILTERS] = { false };

	for (size_t i = 0; i < filters->n; i++) {
		const struct filter *f = &filters->v[i];
		bool ok = fits(row, f) != f->is_negated;

		if (!f->is_negated && is_alternative(f->kind)) {
			wanted[f->kind] = true;
			found[f->kind] |= ok;
		} else if (!ok) {
			return false;
		}
	}
	for (size_t k = 0; k < N_FILTERS; k++)
		if (wanted[k] && !found[k])
			return false;
	return true;
}

/* ---- the list ---- */

static int newest_first(const void *a, const void *b)
{
	const struct json *x = *(struct json *const *)a, *y = *(struct json *const *)b;
	int64_t p = json_get_int(x, "Created", 0), q = json_get_int(y, "Created", 0);

	if (p != q)
		return p < q ? 1 : -1;
	return strcmp(json_get_str(x, "Id"), json_get_str(y, "Id"));
}

int catalog_list(struct json **out, struct store *s, const struct catalog_query *q, struct err *e)
{
	auto_of(names_clear) struct names names = { 0 };
	auto_of(filters_clear) struct filters filters = { 0 };
	auto_of(strv_clear) struct strv ids = { 0 };
	autofree struct json **rows = NULL;
	struct json *list;
	size_t n = 0;
	int r = 0;

	for (size_t i = 0; r >= 0 && q->filters && i < q->filters->n; i++)
		r = parse_filter(&filters, s, q->filters->v[i], e);
	if (r >= 0)
		r = load_names(&names, s, e);
	if (r >= 0)
		r = images_list(s, &ids, e);
	if (r < 0)
		return r;
	rows = xcalloc(ids.n, sizeof(*rows));
	for (size_t i = 0; i < ids.n; i++) {
		auto_of(images_record_free) struct images_record *rec = NULL;
		struct err gone;
		struct json *row;

		if (images_load(&rec, s, ids.v[i], &gone) < 0)
			continue;
		row = make_row(rec, &names, q->containers);
		if ((!q->name || any_name_matches(row, q->name)) && accepts(&filters, row))
			rows[n++] = row;
		else
			json_free(row);
	}
	qsort(rows, n, sizeof(*rows), newest_first);
	list = json_new_array();
	for (size_t i = 0; i < n; i++)
		json_add(list, rows[i]);
	*out = list;
	return 0;
}
