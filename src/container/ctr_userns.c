/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_userns.h"

#include "base/str.h"
#include "base/units.h"
#include "userns/session.h"

#include <string.h>

void ctr_userns_clear(struct ctr_userns *u)
{
	free(u->ns_text);
	free(u->uid_map);
	free(u->gid_map);
	free(u->uid_text);
	free(u->gid_text);
	free(u->default_user);
	*u = (struct ctr_userns){ 0 };
}

static uint32_t ids_in(const struct session_idmap *map, size_t n)
{
	uint32_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += map[i].count;
	return sum;
}

static void add_line(struct spec_idmap **map, size_t *n, uint32_t inside, uint32_t outside,
		     uint32_t count)
{
	if (!count)
		return;
	*map = xreallocarray(*map, *n + 1, sizeof(**map));
	(*map)[(*n)++] = (struct spec_idmap){ inside, outside, count };
}

static char *map_text(const struct spec_idmap *map, size_t n)
{
	struct str s = { 0 };

	for (size_t i = 0; i < n; i++)
		str_addf(&s, "%u %u %u\n", map[i].inside, map[i].outside, map[i].count);
	return str_steal(&s);
}

/* The user, who is 0 in the session, appears as id; all others keep their order around it. */
static void keep_map(struct spec_idmap **map, size_t *n, uint32_t id, uint32_t total)
{
	uint32_t below = id < total - 1 ? id : total - 1;

	add_line(map, n, 0, 1, below);
	add_line(map, n, id, 0, 1);
	if (total - 1 > below)
		add_line(map, n, id + 1, 1 + below, total - 1 - below);
}

struct keep_options {
	int64_t uid, gid, size;
};

static int keep_parse(struct keep_options *k, const char *text, struct err *e)
{
	auto_of(strv_clear) struct strv parts = { 0 };

	strv_split(&parts, text, ',');
	for (size_t i = 0; i < parts.n; i++) {
		const char *eq = strchr(parts.v[i], '=');
		int64_t *to = NULL;

		if (str_has_prefix(parts.v[i], "uid="))
			to = &k->uid;
		else if (str_has_prefix(parts.v[i], "gid="))
			to = &k->gid;
		else if (str_has_prefix(parts.v[i], "size="))
			to = &k->size;
		if (!to || units_parse_int(eq + 1, to) < 0 || *to < 0 || *to > UINT32_MAX - 1)
			return err_set(e, ERR_USAGE, "--userns keep-id: '%s' is none of uid=N, gid=N, "
				       "size=N", parts.v[i]);
	}
	return 0;
}

static int plan_keep_id(struct ctr_userns *u, const struct session *s, const char *options,
			struct err *e)
{
	struct keep_options k = { .uid = s->uid, .gid = s->gid, .size = 0 };
	uint32_t uids = ids_in(s->uid_map, s->uid_map_n), gids = ids_in(s->gid_map, s->gid_map_n);

	if (options && keep_parse(&k, options, e) < 0)
		return -e->code;
	if (k.size && ((uint32_t)k.size > uids || (uint32_t)k.size > gids))
		return err_set(e, ERANGE, "--userns keep-id: size %lld is more than the %u ids of this "
			       "user: usermod --add-subuids grants more", (long long)k.size,
			       uids < gids ? uids : gids);
	if (k.size)
		uids = gids = k.size;
	u->mode = SPEC_NS_NEW;
	keep_map(&u->uid_map, &u->uid_map_n, k.uid, uids);
	keep_map(&u->gid_map, &u->gid_map_n, k.gid, gids);
	u->default_user = xasprintf("%lld:%lld", (long long)k.uid, (long long)k.gid);
	return 0;
}

/* nomap: the user's own id is not there at all. */
static int plan_nomap(struct ctr_userns *u, const struct session *s, struct err *e)
{
	uint32_t uids = ids_in(s->uid_map, s->uid_map_n), gids = ids_in(s->gid_map, s->gid_map_n);

	if (uids < 2 || gids < 2)
		return err_set(e, ERANGE, "--userns nomap: this user has no subordinate ids: "
			       "usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s",
			       s->user_name ? s->user_name : "USER");
	u->mode = SPEC_NS_NEW;
	add_line(&u->uid_map, &u->uid_map_n, 0, 1, uids - 1);
	add_line(&u->gid_map, &u->gid_map_n, 0, 1, gids - 1);
	return 0;
}

/* "container:host[:count]"; "+" and "@" prefixes are podman's extended syntax. */
static int map_line(struct spec_idmap **map, size_t *n, const char *option, const char *text,
		    uint32_t total, struct err *e)
{
	auto_of(strv_clear) struct strv parts = { 0 };
	uint64_t v[3] = { 0, 0, 1 };

	strv_split(&parts, text, ':');
	if (parts.n < 2 || parts.n > 3)
		goto bad;
	for (size_t i = 0; i < parts.n; i++)
		if (units_parse_uint(parts.v[i], &v[i]) < 0 || v[i] > UINT32_MAX)
			goto bad;
	if (!v[2])
		goto bad;
	if (v[1] + v[2] > total)
		return err_set(e, ERANGE, "%s %s: ids up to %llu are asked for, this user has %u",
			       option, text, (unsigned long long)(v[1] + v[2] - 1), total);
	add_line(map, n, v[0], v[1], v[2]);
	return 0;
bad:
	return err_set(e, ERR_USAGE, "%s %s: expected CONTAINER-ID:INTERMEDIATE-ID[:COUNT]", option,
		       text);
}

static int plan_maps(struct ctr_userns *u, const struct session *s,
		     const struct container_config *c, struct err *e)
{
	const struct strv *gids = c->gidmap.n ? &c->gidmap : &c->uidmap;
	const struct strv *uids = c->uidmap.n ? &c->uidmap : &c->gidmap;

	u->mode = SPEC_NS_NEW;
	for (size_t i = 0; i < uids->n; i++)
		if (map_line(&u->uid_map, &u->uid_map_n, "--uidmap", uids->v[i],
			     ids_in(s->uid_map, s->uid_map_n), e) < 0)
			return -e->code;
	for (size_t i = 0; i < gids->n; i++)
		if (map_line(&u->gid_map, &u->gid_map_n, "--gidmap", gids->v[i],
			     ids_in(s->gid_map, s->gid_map_n), e) < 0)
			return -e->code;
	return 0;
}

int ctr_userns_plan(struct ctr_userns *u, const struct session *s,
		    const struct container_config *c, struct err *e)
{
	const char *mode = c->userns ? c->userns : "";
	const char *options = strchr(mode, ':');
	int r = 0;

	*u = (struct ctr_userns){ .mode = SPEC_NS_HOST };
	if (c->uidmap.n || c->gidmap.n) {
		if (*mode)
			return err_set(e, ERR_USAGE, "--userns %s and --uidmap/--gidmap exclude each other",
				       mode);
		r = plan_maps(u, s, c, e);
	} else if (str_eq(mode, "keep-id") || str_has_prefix(mode, "keep-id:")) {
		r = plan_keep_id(u, s, options ? options + 1 : NULL, e);
	} else if (str_eq(mode, "nomap")) {
		r = plan_nomap(u, s, e);
	} else if (str_has_prefix(mode, "container:") || str_has_prefix(mode, "ns:")) {
		u->mode = SPEC_NS_PATH;
		u->ns_text = xstrdup(mode);
	} else if (*mode && !str_eq(mode, "host")) {
		return err_set(e, ERR_USAGE, "--userns '%s' is none of host, keep-id[:uid=N,gid=N,size=N], "
			       "nomap, container:NAME, ns:PATH", mode);
	}
	if (r >= 0 && u->mode == SPEC_NS_NEW) {
		u->uid_text = map_text(u->uid_map, u->uid_map_n);
		u->gid_text = map_text(u->gid_map, u->gid_map_n);
	}
	if (r < 0)
		ctr_userns_clear(u);
	return r;
}
