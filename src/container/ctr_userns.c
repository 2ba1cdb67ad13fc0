/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_userns.h"

#include "base/str.h"
#include "base/units.h"
#include "container/ctr_idmap.h"
#include "userns/session.h"

#include <string.h>

void ctr_userns_clear(struct ctr_userns *u)
{
	free(u->ns_text);
	idmap_clear(&u->uid_map);
	idmap_clear(&u->gid_map);
	idmap_clear(&u->uid_shift);
	idmap_clear(&u->gid_shift);
	free(u->default_user);
	*u = (struct ctr_userns){ 0 };
}

struct plan {
	struct ctr_userns *out;
	const struct session *session;	/* borrowed */
	uint32_t uids, gids;		/* how many the session has */
};

/* The user, who is 0 in the session, appears as id; all others keep their order around it. */
static void keep_map(struct idmap *m, uint32_t id, uint32_t total)
{
	uint32_t below = id < total - 1 ? id : total - 1;

	idmap_add(m, 0, 1, below);
	idmap_add(m, id, 0, 1);
	if (total - 1 > below)
		idmap_add(m, id + 1, 1 + below, total - 1 - below);
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

static int plan_keep_id(struct plan *p, const char *options, struct err *e)
{
	const struct session *s = p->session;
	struct keep_options k = { .uid = s->uid, .gid = s->gid, .size = 0 };
	uint32_t uids = p->uids, gids = p->gids;

	if (options && keep_parse(&k, options, e) < 0)
		return -e->code;
	if (k.size && ((uint32_t)k.size > uids || (uint32_t)k.size > gids))
		return err_set(e, ERANGE, "--userns keep-id: size %lld is more than the %u ids of this "
			       "user: usermod --add-subuids grants more", (long long)k.size,
			       uids < gids ? uids : gids);
	if (k.size)
		uids = gids = k.size;
	keep_map(&p->out->uid_map, k.uid, uids);
	keep_map(&p->out->gid_map, k.gid, gids);
	p->out->default_user = xasprintf("%lld:%lld", (long long)k.uid, (long long)k.gid);
	return 0;
}

/* nomap: the user's own id is not there at all. */
static int plan_nomap(struct plan *p, struct err *e)
{
	if (p->uids < 2 || p->gids < 2)
		return ctr_userns_no_ids("nomap", p->session, e);
	idmap_add(&p->out->uid_map, 0, 1, p->uids - 1);
	idmap_add(&p->out->gid_map, 0, 1, p->gids - 1);
	return 0;
}

int ctr_userns_no_ids(const char *mode, const struct session *s, struct err *e)
{
	if (s->is_narrowed)
		return err_set(e, ERANGE, "--userns %s: the file system of the store takes no files of other "
			       "owners, so containers have one id: put the store on a local disk (--root "
			       "DIR, see: rootlet doctor)", mode);
	return err_set(e, ERANGE, "--userns %s: this user has no subordinate ids: ask the administrator "
		       "for usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s (rootlet "
		       "doctor names free ones)", mode, s->user_name ? s->user_name : "USER");
}

int ctr_userns_parse_auto(struct ctr_userns_auto *out, const char *options, struct err *e)
{
	auto_of(strv_clear) struct strv parts = { 0 };

	*out = (struct ctr_userns_auto){ 0 };
	strv_split(&parts, options ? options : "", ',');
	for (size_t i = 0; i < parts.n; i++) {
		const char *value;
		uint64_t n;

		if ((value = str_after(parts.v[i], "size=")) && units_parse_uint(value, &n) >= 0 && n &&
		    n < UINT32_MAX)
			out->size = n;
		else if ((value = str_after(parts.v[i], "uidmapping=")) && *value)
			strv_add(&out->uid_lines, value);
		else if ((value = str_after(parts.v[i], "gidmapping=")) && *value)
			strv_add(&out->gid_lines, value);
		else
			return err_set(e, ERR_USAGE, "--userns auto: '%s' is none of size=N, "
				       "uidmapping=C:I[:N], gidmapping=C:I[:N]", parts.v[i]);
	}
	return 0;
}

void ctr_userns_auto_clear(struct ctr_userns_auto *a)
{
	strv_clear(&a->uid_lines);
	strv_clear(&a->gid_lines);
	*a = (struct ctr_userns_auto){ 0 };
}

/* What create has found out and the definition remembers: ids in use stay with the container's files
 * even if the user is given others later. */
static int plan_settled(struct plan *p, const struct container_config *c, const char *mode,
			struct err *e)
{
	if (!c->gid_map || idmap_parse(&p->out->uid_map, c->uid_map) < 0 || !p->out->uid_map.n ||
	    idmap_parse(&p->out->gid_map, c->gid_map) < 0 || !p->out->gid_map.n)
		return err_set(e, EBADMSG, "container %.12s: its id map is damaged", c->id ? c->id : "");
	if (str_has_prefix(mode, "container:") || str_has_prefix(mode, "ns:"))
		p->out->ns_text = xstrdup(mode);
	return 0;
}

static int plan_mode(struct plan *p, const struct container_config *c, const char *mode,
		     struct err *e)
{
	auto_of(ctr_userns_auto_clear) struct ctr_userns_auto a = { 0 };
	const char *options = strchr(mode, ':');
	size_t len = options ? (size_t)(options - mode) : strlen(mode);
	const char *rest = options ? options + 1 : NULL;
	const struct session *s = p->session;

	if (c->uid_map)
		return plan_settled(p, c, mode, e);
	if (c->uidmap.n || c->gidmap.n)
		return ctr_idmap_build(&p->out->uid_map, &p->out->gid_map, s, &c->uidmap, &c->gidmap, e);
	if (c->subuidname || c->subgidname || !*mode || str_eq(mode, "host"))
		return 0;
	if (len == 7 && str_has_prefix(mode, "keep-id"))
		return plan_keep_id(p, rest, e);
	if (str_eq(mode, "nomap"))
		return plan_nomap(p, e);
	if (str_eq(mode, "private")) {
		idmap_add(&p->out->uid_map, 0, 0, p->uids);
		idmap_add(&p->out->gid_map, 0, 0, p->gids);
		return 0;
	}
	if (len == 4 && str_has_prefix(mode, "auto"))
		return ctr_userns_parse_auto(&a, rest, e);
	if ((str_has_prefix(mode, "container:") || str_has_prefix(mode, "ns:")) && *rest)
		return 0;
	return err_set(e, ERR_USAGE, "--userns '%s' is none of host, keep-id[:uid=N,gid=N,size=N], "
		       "auto[:size=N,uidmapping=C:I:N,gidmapping=C:I:N], nomap, private, "
		       "container:NAME, ns:PATH", mode);
}

static int check_options(const struct container_config *c, const char *mode, struct err *e)
{
	bool has_maps = c->uidmap.n || c->gidmap.n, has_names = c->subuidname || c->subgidname;

	if (has_maps && *mode)
		return err_set(e, ERR_USAGE, "--userns %s and --uidmap/--gidmap exclude each other",
			       mode);
	if (has_names && *mode)
		return err_set(e, ERR_USAGE, "--userns %s and --subuidname/--subgidname exclude each "
			       "other", mode);
	if (has_names && has_maps)
		return err_set(e, ERR_USAGE, "--uidmap/--gidmap and --subuidname/--subgidname exclude "
			       "each other");
	return 0;
}

/* Where the session has one id only there is no other owner: nothing to shift. */
static bool is_shifted(const struct plan *p)
{
	if (p->session->is_single_id)
		return false;
	return !ctr_idmap_is_identity(&p->out->uid_map, p->uids) ||
	       !ctr_idmap_is_identity(&p->out->gid_map, p->gids);
}

int ctr_userns_plan(struct ctr_userns *u, const struct session *s,
		    const struct container_config *c, struct err *e)
{
	const char *mode = c->userns ? c->userns : "";
	struct plan p = { .out = u, .session = s,
			  .uids = idmap_count(&s->uid_map), .gids = idmap_count(&s->gid_map) };

	*u = (struct ctr_userns){ .mode = SPEC_NS_HOST };
	if (check_options(c, mode, e) < 0 || plan_mode(&p, c, mode, e) < 0) {
		ctr_userns_clear(u);
		return -e->code;
	}
	if (!u->uid_map.n)
		return 0;
	u->mode = u->ns_text ? SPEC_NS_PATH : SPEC_NS_NEW;
	if (is_shifted(&p)) {
		idmap_copy(&u->uid_shift, &u->uid_map);
		idmap_copy(&u->gid_shift, &u->gid_map);
	}
	ctr_idmap_cut(&u->uid_map, &s->uid_map);
	ctr_idmap_cut(&u->gid_map, &s->gid_map);
	return 0;
}
