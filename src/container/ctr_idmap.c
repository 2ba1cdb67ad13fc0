/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_idmap.h"

#include "base/str.h"
#include "base/units.h"

#include <stdio.h>
#include <string.h>

#define LINES_MAX 340	/* user_namespaces(7) */

void ctr_idmap_clear(struct ctr_idmap *m)
{
	free(m->v);
	*m = (struct ctr_idmap){ 0 };
}

void ctr_idmap_add(struct ctr_idmap *m, uint32_t inside, uint32_t outside, uint32_t count)
{
	if (!count)
		return;
	m->v = xreallocarray(m->v, m->n + 1, sizeof(*m->v));
	m->v[m->n++] = (struct spec_idmap){ inside, outside, count };
}

/* The parts of old that are before and behind the n ids from `at` (counted from its start). */
static void add_rest(struct ctr_idmap *to, const struct spec_idmap *old, int64_t at, int64_t n)
{
	int64_t before = at < 0 ? 0 : at < old->count ? at : old->count;
	int64_t behind = at + n < 0 ? 0 : at + n;

	if (at + n <= 0 || at >= old->count) {
		ctr_idmap_add(to, old->inside, old->outside, old->count);
		return;
	}
	ctr_idmap_add(to, old->inside, old->outside, before);
	if (behind < old->count)
		ctr_idmap_add(to, old->inside + behind, old->outside + behind, old->count - behind);
}

void ctr_idmap_put(struct ctr_idmap *m, uint32_t inside, uint32_t outside, uint32_t count)
{
	struct ctr_idmap half = { 0 }, rest = { 0 };

	for (size_t i = 0; i < m->n; i++)
		add_rest(&half, &m->v[i], (int64_t)inside - m->v[i].inside, count);
	for (size_t i = 0; i < half.n; i++)
		add_rest(&rest, &half.v[i], (int64_t)outside - half.v[i].outside, count);
	ctr_idmap_clear(&half);
	ctr_idmap_clear(m);
	*m = rest;
	ctr_idmap_add(m, inside, outside, count);
}

char *ctr_idmap_text(const struct ctr_idmap *m)
{
	struct str s = { 0 };

	for (size_t i = 0; i < m->n; i++)
		str_addf(&s, "%u %u %u\n", m->v[i].inside, m->v[i].outside, m->v[i].count);
	return str_steal(&s);
}

bool ctr_idmap_parse(struct ctr_idmap *out, const char *text)
{
	for (const char *line = text; *line; line = *line ? line + 1 : line) {
		uint32_t v[3];

		if (out->n >= LINES_MAX || sscanf(line, "%u %u %u", &v[0], &v[1], &v[2]) != 3 || !v[2])
			return false;
		ctr_idmap_add(out, v[0], v[1], v[2]);
		line = strchrnul(line, '\n');
	}
	return out->n > 0;
}

bool ctr_idmap_is_identity(const struct ctr_idmap *m, uint32_t total)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < m->n; i++) {
		if (m->v[i].inside != m->v[i].outside)
			return false;
		sum += m->v[i].count;
	}
	return sum >= total;
}

uint32_t ctr_idmap_outside(const struct spec_idmap *map, size_t n, uint32_t id)
{
	return n ? spec_idmap_outside(map, n, id) : id;
}

struct spec_idmap *ctr_idmap_on_host(const struct spec_idmap *map, size_t n,
				     const struct session_idmap *session, size_t session_n,
				     size_t *out_n)
{
	struct ctr_idmap out = { 0 };

	for (size_t i = 0; i < n; i++)
		ctr_idmap_add(&out, map[i].inside, map[i].outside, map[i].count);
	if (!n)
		ctr_idmap_add(&out, 0, 0, ctr_idmap_total(session, session_n));
	ctr_idmap_cut(&out, session, session_n);
	for (size_t i = 0; i < out.n; i++)
		for (size_t k = 0; k < session_n; k++)
			if (out.v[i].outside >= session[k].inside &&
			    out.v[i].outside - session[k].inside < session[k].count) {
				out.v[i].outside += session[k].outside - session[k].inside;
				break;
			}
	*out_n = out.n;
	return out.v;
}

void ctr_idmap_cut(struct ctr_idmap *m, const struct session_idmap *map, size_t n)
{
	struct ctr_idmap out = { 0 };

	for (size_t i = 0; i < m->n; i++) {
		struct spec_idmap rest = m->v[i];

		for (size_t k = 0; k < n && rest.count; k++) {
			uint64_t end = (uint64_t)map[k].inside + map[k].count;
			uint32_t part;

			if (rest.outside < map[k].inside || rest.outside >= end)
				continue;
			part = end - rest.outside < rest.count ? end - rest.outside : rest.count;
			ctr_idmap_add(&out, rest.inside, rest.outside, part);
			rest = (struct spec_idmap){ rest.inside + part, rest.outside + part,
						    rest.count - part };
			k = (size_t)-1;
		}
		/* Ids that the session does not have (any more): the kernel says so. */
		ctr_idmap_add(&out, rest.inside, rest.outside, rest.count);
	}
	ctr_idmap_clear(m);
	*m = out;
}

uint32_t ctr_idmap_total(const struct session_idmap *map, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += map[i].count;
	return sum;
}

int ctr_idmap_parse_line(struct ctr_idmap_line *out, const char *option, const char *text,
			 struct err *e)
{
	auto_of(strv_clear) struct strv parts = { 0 };
	uint64_t v[3] = { 0, 0, 1 };
	const char *p = text;

	*out = (struct ctr_idmap_line){ 0 };
	for (; *p && strchr("+ug", *p); p++) {
		out->is_extending |= *p == '+';
		out->is_uid |= *p == 'u';
		out->is_gid |= *p == 'g';
	}
	strv_split(&parts, p, ':');
	if (parts.n < 2 || parts.n > 3)
		goto bad;
	out->is_host = parts.v[1][0] == '@';
	for (size_t i = 0; i < parts.n; i++)
		if (units_parse_uint(parts.v[i] + (i == 1 && out->is_host), &v[i]) < 0 ||
		    v[i] >= UINT32_MAX)
			goto bad;
	if (!v[2] || v[0] + v[2] > UINT32_MAX || v[1] + v[2] > UINT32_MAX)
		goto bad;
	out->inside = v[0];
	out->outside = v[1];
	out->count = v[2];
	return 0;
bad:
	return err_set(e, ERR_USAGE, "%s %s: expected [+][u][g]CONTAINER-ID:[@]INTERMEDIATE-ID[:COUNT]",
		       option, text);
}

static int add_one(struct ctr_idmap *m, const struct ctr_idmap_line *l, uint32_t inside,
		   uint32_t outside, uint32_t count, const char *option, const char *text,
		   struct err *e)
{
	if (m->n + 2 > LINES_MAX)
		return err_set(e, ERR_USAGE, "%s %s: the kernel takes no more than %d lines", option,
			       text, LINES_MAX);
	if (l->is_extending) {
		ctr_idmap_put(m, inside, outside, count);
		return 0;
	}
	for (size_t i = 0; i < m->n; i++) {
		const struct spec_idmap *o = &m->v[i];

		if ((inside < o->inside + o->count && o->inside < inside + count) ||
		    (outside < o->outside + o->count && o->outside < outside + count))
			return err_set(e, ERR_USAGE, "%s %s: overlaps %u:%u:%u; a line that begins with + "
				       "takes the ids away from what was there before", option, text,
				       o->inside, o->outside, o->count);
	}
	ctr_idmap_add(m, inside, outside, count);
	return 0;
}

/* Ids of the host: each is somewhere in the session's map, or not the user's at all. */
static int apply_host(struct ctr_idmap *m, const struct ctr_idmap_line *l,
		      const struct session_idmap *map, size_t n, const char *option,
		      const char *text, struct err *e)
{
	for (uint32_t done = 0; done < l->count;) {
		uint32_t id = l->outside + done, count = 0;
		size_t i;

		for (i = 0; i < n && !count; i++)
			if (id >= map[i].outside && id - map[i].outside < map[i].count) {
				uint32_t into = id - map[i].outside;

				count = map[i].count - into;
				if (count > l->count - done)
					count = l->count - done;
				if (add_one(m, l, l->inside + done, map[i].inside + into, count,
					    option, text, e) < 0)
					return -e->code;
			}
		if (!count)
			return err_set(e, ERANGE, "%s %s: %u is no id of this user: see /etc/subuid and "
				       "/etc/subgid", option, text, id);
		done += count;
	}
	return 0;
}

int ctr_idmap_apply(struct ctr_idmap *m, const struct ctr_idmap_line *l,
		    const struct session_idmap *map, size_t n, const char *option, const char *text,
		    struct err *e)
{
	uint32_t total = ctr_idmap_total(map, n);

	if (l->is_host)
		return apply_host(m, l, map, n, option, text, e);
	if ((uint64_t)l->outside + l->count > total)
		return err_set(e, ERANGE, "%s %s: ids up to %llu are asked for, this user has %u",
			       option, text, (unsigned long long)l->outside + l->count - 1, total);
	return add_one(m, l, l->inside, l->outside, l->count, option, text, e);
}

struct side {
	struct ctr_idmap *map;
	const struct session_idmap *session;
	size_t n;
	bool is_gid, has_any;
};

/* Before the first line: "+" adds to what a container has without any option. */
static void begin(struct side *s, const struct ctr_idmap_line *l)
{
	if (!s->has_any && l->is_extending)
		ctr_idmap_add(s->map, 0, 0, ctr_idmap_total(s->session, s->n));
	s->has_any = true;
}

static int apply_lines(struct side *uids, struct side *gids, const char *option,
		       const struct strv *lines, bool is_gid, bool is_both, struct err *e)
{
	struct side *sides[] = { uids, gids };

	for (size_t i = 0; i < lines->n; i++) {
		struct ctr_idmap_line l;

		if (ctr_idmap_parse_line(&l, option, lines->v[i], e) < 0)
			return -e->code;
		if (!l.is_uid && !l.is_gid) {
			l.is_uid = !is_gid || is_both;
			l.is_gid = is_gid || is_both;
		}
		for (size_t k = 0; k < ARRAY_SIZE(sides); k++) {
			struct side *s = sides[k];

			if (!(s->is_gid ? l.is_gid : l.is_uid))
				continue;
			begin(s, &l);
			if (ctr_idmap_apply(s->map, &l, s->session, s->n, option, lines->v[i], e) < 0)
				return -e->code;
		}
	}
	return 0;
}

/* Who makes the first files of a container: its root, or else the user himself. */
static bool has_founder(const struct ctr_idmap *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (!m->v[i].inside || !m->v[i].outside)
			return true;
	return false;
}

int ctr_idmap_build(struct ctr_idmap *uids, struct ctr_idmap *gids, const struct session *s,
		    const struct strv *uidmap, const struct strv *gidmap, struct err *e)
{
	auto_of(ctr_idmap_clear) struct ctr_idmap u = { 0 }, g = { 0 };
	struct side us = { .map = &u, .session = s->uid_map, .n = s->uid_map_n };
	struct side gs = { .map = &g, .session = s->gid_map, .n = s->gid_map_n, .is_gid = true };

	if (apply_lines(&us, &gs, "--uidmap", uidmap, false, !gidmap->n, e) < 0 ||
	    apply_lines(&us, &gs, "--gidmap", gidmap, true, !uidmap->n, e) < 0)
		return -e->code;
	if (!us.has_any)
		ctr_idmap_add(&u, 0, 0, ctr_idmap_total(s->uid_map, s->uid_map_n));
	if (!gs.has_any)
		ctr_idmap_add(&g, 0, 0, ctr_idmap_total(s->gid_map, s->gid_map_n));
	if (!has_founder(&u) || !has_founder(&g))
		return err_set(e, ERR_USAGE, "--uidmap, --gidmap: neither id 0 of the container nor your own "
			       "(I of 0) is mapped: nobody could set the container up; add 0:1:1");
	ctr_idmap_clear(uids);
	ctr_idmap_clear(gids);
	*uids = u;
	*gids = g;
	u = g = (struct ctr_idmap){ 0 };
	return 0;
}
