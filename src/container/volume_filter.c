/* SPDX-License-Identifier: Apache-2.0 */
#include "container/volume_filter.h"

#include "base/str.h"
#include "base/timefmt.h"
#include "base/units.h"
#include "container/record.h"
#include "container/volumes.h"

#include <regex.h>
#include <string.h>

/* What is read once for all volumes. */
struct context {
	struct engine *g;
	bool has_used;
	struct strv used;	/* names of volumes that containers have */
};

static int load_used(struct context *c, struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };

	if (c->has_used)
		return 0;
	if (record_list(c->g, &ids, e) < 0)
		return -e->code;
	for (size_t i = 0; i < ids.n; i++) {
		auto_of(record_free) struct record *r = NULL;
		struct err gone = { 0 };

		if (record_open(&r, c->g, ids.v[i], &gone) < 0)
			continue;
		strv_add_all(&c->used, &r->config.named_volumes);
		strv_add_all(&c->used, &r->config.anonymous_volumes);
	}
	c->has_used = true;
	return 0;
}

/* "key" or "key=value" among "k=v" pairs. */
static bool pair_matches(const struct strv *pairs, const char *want)
{
	size_t n = strlen(want);

	for (size_t i = 0; i < pairs->n; i++)
		if (str_eq(pairs->v[i], want) ||
		    (!strchr(want, '=') && strncmp(pairs->v[i], want, n) == 0 && pairs->v[i][n] == '='))
			return true;
	return false;
}

static int name_matches(const char *name, const char *pattern, struct err *e)
{
	regex_t re;
	int r;

	if (regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB) != 0)
		return err_set(e, ERR_USAGE, "--filter name=%s: not a regular expression", pattern);
	r = regexec(&re, name, 0, NULL, 0) == 0;
	regfree(&re);
	return r;
}

static int truth(const char *key, const char *value, bool is, struct err *e)
{
	int b;

	if (units_parse_bool(value, &b) < 0)
		return err_set(e, ERR_USAGE, "--filter %s=%s: \"%s\" is not a valid value for the \"%s\" "
			       "filter - must be true or false", key, value, value, key);
	return is == (b != 0);
}

static int is_older(const struct volume *v, const char *value, struct err *e)
{
	int64_t until;

	if (time_parse(value, &until) < 0)
		return err_set(e, ERR_USAGE, "--filter until=%s: expected a time such as 2026-01-02T03:04:05Z, "
			       "seconds since 1970, or an age such as 24h", value);
	return v->created <= until;
}

static int is_newer(struct context *c, const struct volume *v, const char *other, struct err *e)
{
	auto_of(volume_free) struct volume *o = NULL;

	if (volume_load(&o, c->g, other, e) < 0)
		return err_wrap(e, "--filter since=%s", other);
	return v->created > o->created;
}

/* 1 matches, 0 does not. */
static int accepts(struct context *c, const struct volume *v, const char *key, const char *value,
		   struct err *e)
{
	if (str_eq(key, "name"))
		return name_matches(v->name, value, e);
	if (str_eq(key, "label"))
		return pair_matches(&v->labels, value);
	if (str_eq(key, "label!"))
		return !pair_matches(&v->labels, value);
	if (str_eq(key, "opt"))
		return pair_matches(&v->options, value);
	if (str_eq(key, "driver"))
		return str_eq(v->driver, value);
	if (str_eq(key, "scope"))
		return str_eq("local", value);
	if (str_eq(key, "anonymous"))
		return truth(key, value, v->is_anonymous, e);
	if (str_eq(key, "until"))
		return is_older(v, value, e);
	if (str_eq(key, "since") || str_eq(key, "after"))
		return is_newer(c, v, value, e);
	if (str_eq(key, "dangling"))
		return load_used(c, e) < 0 ? -e->code
					   : truth(key, value, !strv_has(&c->used, v->name), e);
	return err_set(e, ERR_USAGE, "\"%s\" is an invalid volume filter: --filter %s=%s: expected name=, label=, label!=, opt=, driver=, scope=, "
		       "dangling=, anonymous=, until=, since= or after=", key, key, value);
}

static int split(const char *filter, char **key, const char **value, struct err *e)
{
	const char *eq = strchr(filter, '=');

	if (!eq)
		return err_set(e, ERR_USAGE, "--filter '%s': expected KEY=VALUE", filter);
	*key = xstrndup(filter, eq - filter);
	*value = eq + 1;
	return 0;
}

/* Every value of this key; the first filter of a key speaks for all of them. */
static int key_accepts(struct context *c, const struct volume *v, const struct strv *filters,
		       const char *key, struct err *e)
{
	bool wants_all = str_has_prefix(key, "label");
	int any = 0;

	for (size_t i = 0; i < filters->n; i++) {
		autofree char *own = NULL;
		const char *value = NULL;
		int r = split(filters->v[i], &own, &value, e);

		if (r < 0 || !str_eq(own, key))
			continue;
		r = accepts(c, v, key, value, e);
		if (r < 0 || (wants_all && r == 0))
			return r;
		any |= r;
	}
	return any;
}

static int passes(struct context *c, const struct volume *v, const struct strv *filters, struct err *e)
{
	for (size_t i = 0; i < filters->n; i++) {
		autofree char *key = NULL;
		const char *value = NULL;
		int r = split(filters->v[i], &key, &value, e);

		if (r >= 0)
			r = key_accepts(c, v, filters, key, e);
		if (r <= 0)
			return r;
	}
	return 1;
}

/* A wrong filter is told even where there is no volume. */
static int check(struct context *c, const struct strv *filters, struct err *e)
{
	const struct volume none = { .name = (char *)"", .driver = (char *)"" };

	for (size_t i = 0; i < filters->n; i++) {
		autofree char *key = NULL;
		const char *value = NULL;

		if (split(filters->v[i], &key, &value, e) < 0 || accepts(c, &none, key, value, e) < 0)
			return -e->code;
	}
	return 0;
}

static int list(struct context *c, const struct strv *filters, struct strv *names, struct err *e)
{
	auto_of(strv_clear) struct strv all = { 0 };

	if (check(c, filters, e) < 0 || volume_list(c->g, &all, e) < 0)
		return -e->code;
	for (size_t i = 0; i < all.n; i++) {
		auto_of(volume_free) struct volume *v = NULL;
		struct err gone = { 0 };
		int r;

		if (volume_load(&v, c->g, all.v[i], &gone) < 0)
			continue;
		r = passes(c, v, filters, e);
		if (r < 0)
			return r;
		if (r)
			strv_add(names, v->name);
	}
	return 0;
}

int volume_filter_list(struct engine *g, const struct strv *filters, struct strv *names, struct err *e)
{
	struct context c = { .g = g };
	int r = list(&c, filters, names, e);

	strv_clear(&c.used);
	return r;
}
