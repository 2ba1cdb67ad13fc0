/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_idmap.h"

#include "base/strv.h"
#include "base/units.h"

#include <string.h>

/* The parts of old that are before and behind the n ids from `at` (counted from its start). */
static void add_rest(struct idmap *to, const struct idmap_line *old, int64_t at, int64_t n)
{
	int64_t before = at < 0 ? 0 : at < old->count ? at : old->count;
	int64_t behind = at + n < 0 ? 0 : at + n;

	if (at + n <= 0 || at >= old->count) {
		idmap_add(to, old->inside, old->outside, old->count);
		return;
	}
	idmap_add(to, old->inside, old->outside, before);
	if (behind < old->count)
		idmap_add(to, old->inside + behind, old->outside + behind, old->count - behind);
}

void ctr_idmap_put(struct idmap *m, uint32_t inside, uint32_t outside, uint32_t count)
{
	struct idmap half = { 0 }, rest = { 0 };

	for (size_t i = 0; i < m->n; i++)
		add_rest(&half, &m->v[i], (int64_t)inside - m->v[i].inside, count);
	for (size_t i = 0; i < half.n; i++)
		add_rest(&rest, &half.v[i], (int64_t)outside - half.v[i].outside, count);
	idmap_clear(&half);
	idmap_clear(m);
	*m = rest;
	idmap_add(m, inside, outside, count);
}

bool ctr_idmap_is_identity(const struct idmap *m, uint32_t total)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].inside != m->v[i].outside)
			return false;
	return idmap_count(m) >= total;
}

uint32_t ctr_idmap_outside(const struct idmap *m, uint32_t id)
{
	return m->n ? idmap_outside(m, id) : id;
}

void ctr_idmap_on_host(struct idmap *out, const struct idmap *m, const struct idmap *session)
{
	idmap_copy(out, m);
	if (!m->n)
		idmap_add(out, 0, 0, idmap_count(session));
	ctr_idmap_cut(out, session);
	for (size_t i = 0; i < out->n; i++) {
		uint32_t outside = idmap_outside(session, out->v[i].outside);

		if (outside != IDMAP_NONE)
			out->v[i].outside = outside;
	}
}

void ctr_idmap_cut(struct idmap *m, const struct idmap *session)
{
	struct idmap out = { 0 };

	for (size_t i = 0; i < m->n; i++) {
		struct idmap_line rest = m->v[i];

		for (size_t k = 0; k < session->n && rest.count; k++) {
			const struct idmap_line *s = &session->v[k];
			uint64_t end = (uint64_t)s->inside + s->count;
			uint32_t part;

			if (rest.outside < s->inside || rest.outside >= end)
				continue;
			part = end - rest.outside < rest.count ? end - rest.outside : rest.count;
			idmap_add(&out, rest.inside, rest.outside, part);
			rest = (struct idmap_line){ rest.inside + part, rest.outside + part,
						    rest.count - part };
			k = (size_t)-1;
		}
		/* Ids that the session does not have (any more): the kernel says so. */
		idmap_add(&out, rest.inside, rest.outside, rest.count);
	}
	idmap_clear(m);
	*m = out;
}

int ctr_idmap_parse_line(struct ctr_idmap_line *out, const char *option, const char *text,
			 struct err *e)
{
	auto_of(strv_clear) struct strv parts = { 0 };
	uint64_t v[3] = { 0, 0, 1 };
	const char *p = text;

	*out = (struct ctr_idmap_line){ .option = option, .text = text };
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
	out->line = (struct idmap_line){ v[0], v[1], v[2] };
	return 0;
bad:
	return err_set(e, ERR_USAGE, "%s %s: expected [+][u][g]CONTAINER-ID:[@]INTERMEDIATE-ID[:COUNT]",
		       option, text);
}

static int add_one(struct idmap *m, const struct ctr_idmap_line *l, const struct idmap_line *add,
		   struct err *e)
{
	if (m->n + 2 > IDMAP_MAX)
		return err_set(e, ERR_USAGE, "%s %s: the kernel takes no more than %d lines", l->option,
			       l->text, IDMAP_MAX);
	if (l->is_extending) {
		ctr_idmap_put(m, add->inside, add->outside, add->count);
		return 0;
	}
	for (size_t i = 0; i < m->n; i++) {
		const struct idmap_line *o = &m->v[i];

		if ((add->inside < o->inside + o->count && o->inside < add->inside + add->count) ||
		    (add->outside < o->outside + o->count && o->outside < add->outside + add->count))
			return err_set(e, ERR_USAGE, "%s %s: overlaps %u:%u:%u; a line that begins with + "
				       "takes the ids away from what was there before", l->option, l->text,
				       o->inside, o->outside, o->count);
	}
	idmap_add(m, add->inside, add->outside, add->count);
	return 0;
}

/* The line of the session's map that has an id of the host; NULL. */
static const struct idmap_line *find_host(const struct idmap *session, uint32_t id)
{
	for (size_t i = 0; i < session->n; i++)
		if (id >= session->v[i].outside && id - session->v[i].outside < session->v[i].count)
			return &session->v[i];
	return NULL;
}

/* Ids of the host: each is somewhere in the session's map, or not the user's at all. */
static int apply_host(struct idmap *m, const struct ctr_idmap_line *l, const struct idmap *session,
		      struct err *e)
{
	struct idmap_line add;

	for (uint32_t done = 0; done < l->line.count; done += add.count) {
		uint32_t id = l->line.outside + done;
		const struct idmap_line *s = find_host(session, id);

		if (!s)
			return err_set(e, ERANGE, "%s %s: %u is no id of this user: see /etc/subuid and "
				       "/etc/subgid", l->option, l->text, id);
		add = (struct idmap_line){ l->line.inside + done, s->inside + (id - s->outside),
					   s->count - (id - s->outside) };
		if (add.count > l->line.count - done)
			add.count = l->line.count - done;
		if (add_one(m, l, &add, e) < 0)
			return -e->code;
	}
	return 0;
}

int ctr_idmap_apply(struct idmap *m, const struct ctr_idmap_line *l, const struct idmap *session,
		    struct err *e)
{
	uint64_t total = idmap_count(session), end = (uint64_t)l->line.outside + l->line.count;

	if (l->is_host)
		return apply_host(m, l, session, e);
	if (end > total)
		return err_set(e, ERANGE, "%s %s: ids up to %llu are asked for, this user has %llu",
			       l->option, l->text, (unsigned long long)end - 1, (unsigned long long)total);
	return add_one(m, l, &l->line, e);
}

struct side {
	struct idmap *map;
	const struct idmap *session;
	bool is_gid, has_any;
};

/* Before the first line: "+" adds to what a container has without any option. */
static void begin(struct side *s, const struct ctr_idmap_line *l)
{
	if (!s->has_any && l->is_extending)
		idmap_add(s->map, 0, 0, idmap_count(s->session));
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
			if (ctr_idmap_apply(s->map, &l, s->session, e) < 0)
				return -e->code;
		}
	}
	return 0;
}

/* Who makes the first files of a container: its root, or else the user himself. */
static bool has_founder(const struct idmap *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (!m->v[i].inside || !m->v[i].outside)
			return true;
	return false;
}

int ctr_idmap_build(struct idmap *uids, struct idmap *gids, const struct session *s,
		    const struct strv *uidmap, const struct strv *gidmap, struct err *e)
{
	auto_of(idmap_clear) struct idmap u = { 0 }, g = { 0 };
	struct side us = { .map = &u, .session = &s->uid_map };
	struct side gs = { .map = &g, .session = &s->gid_map, .is_gid = true };

	if (apply_lines(&us, &gs, "--uidmap", uidmap, false, !gidmap->n, e) < 0 ||
	    apply_lines(&us, &gs, "--gidmap", gidmap, true, !uidmap->n, e) < 0)
		return -e->code;
	if (!us.has_any)
		idmap_add(&u, 0, 0, idmap_count(&s->uid_map));
	if (!gs.has_any)
		idmap_add(&g, 0, 0, idmap_count(&s->gid_map));
	if (!has_founder(&u) || !has_founder(&g))
		return err_set(e, ERR_USAGE, "--uidmap, --gidmap: neither id 0 of the container nor your own "
			       "(I of 0) is mapped: nobody could set the container up; add 0:1:1");
	idmap_clear(uids);
	idmap_clear(gids);
	*uids = u;
	*gids = g;
	u = g = (struct idmap){ 0 };
	return 0;
}
