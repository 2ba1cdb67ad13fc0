/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/session_plan.h"

#include "base/log.h"
#include "base/proc.h"
#include "userns/account.h"
#include "userns/nsid.h"
#include "userns/session_map.h"
#include "userns/subid.h"
#include "userns/switches.h"

#include <stdlib.h>
#include <unistd.h>

void session_plan_clear(struct session_plan *p)
{
	for (int i = 0; i < N_SESSION_METHODS; i++) {
		idmap_clear(&p->uids[i]);
		idmap_clear(&p->gids[i]);
	}
	free(p->name);
	free(p->lost);
	*p = (struct session_plan){ 0 };
}
static int plan_ranges(struct session_plan *p, const struct idmap visible[2], struct err *e)
{
	auto_of(subid_clear) struct subid_ranges uids = { 0 };
	auto_of(subid_clear) struct subid_ranges gids = { 0 };
	autofree char *newuidmap = NULL;
	autofree char *newgidmap = NULL;
	const char *who;
	uint32_t free_id;
	int r;

	r = subid_load(&uids, SUBID_UID, getuid(), p->name, e);
	if (r == 0)
		r = subid_load(&gids, SUBID_GID, getuid(), p->name, e);
	if (r < 0)
		return r;
	session_map_plan(&p->uids[SESSION_HELPERS], getuid(), &uids, &visible[0]);
	session_map_plan(&p->gids[SESSION_HELPERS], getgid(), &gids, &visible[1]);
	who = p->name ? p->name : "this user";
	free_id = subid_suggest();
	if (p->is_nested && (p->uids[SESSION_HELPERS].n < 2 || p->gids[SESSION_HELPERS].n < 2)) {
		p->lost = xstrdup("the user namespace we run in has no ids for us, whatever /etc/subuid says");
	} else if (p->uids[SESSION_HELPERS].n < 2 || p->gids[SESSION_HELPERS].n < 2) {
		if (!free_id)
			free_id = 100000;
		p->lost = xasprintf(
			"%s has no subordinate ids (%s): the administrator grants them with: "
			"usermod --add-subuids %u-%u --add-subgids %u-%u %s",
			who, p->uids[SESSION_HELPERS].n < 2 ? subid_file(0) : subid_file(1), free_id,
			free_id + 65535, free_id, free_id + 65535, p->name ? p->name : "USER");
	} else if (proc_find("newuidmap", &newuidmap) < 0 || proc_find("newgidmap", &newgidmap) < 0) {
		p->lost = xstrdup("newuidmap and newgidmap are not installed: the administrator installs "
				  "the package uidmap (Debian, Ubuntu) or shadow-utils (others)");
	} else {
		p->may[SESSION_HELPERS] = true;
	}
	return 0;
}

int session_plan_make(struct session_plan *p, struct err *e)
{
	auto_of(idmap_clear) struct idmap uid_visible = { 0 };
	auto_of(idmap_clear) struct idmap gid_visible = { 0 };
	int r;

	r = idmap_load(&uid_visible, "/proc/self/uid_map");
	if (r == 0)
		r = idmap_load(&gid_visible, "/proc/self/gid_map");
	if (r < 0)
		return err_sys(e, -r, "read /proc/self/uid_map and gid_map");
	p->is_nested = nsid_of(0, "user") != NSID_INIT_USER;
	account_find(getuid(), &p->name, NULL);
	if (p->is_nested && getuid() == 0 && idmap_count(&uid_visible) > 1 &&
	    idmap_count(&gid_visible) > 1) {
		session_map_plan_visible(&p->uids[SESSION_VISIBLE], getuid(), &uid_visible);
		session_map_plan_visible(&p->gids[SESSION_VISIBLE], getgid(), &gid_visible);
		p->may[SESSION_VISIBLE] = true;
	}
	r = plan_ranges(p, (struct idmap[]){ uid_visible, gid_visible }, e);
	if (r < 0)
		return r;
	idmap_add(&p->uids[SESSION_SINGLE], 0, getuid(), 1);
	idmap_add(&p->gids[SESSION_SINGLE], 0, getgid(), 1);
	p->may[SESSION_SINGLE] = p->is_nested || !p->may[SESSION_HELPERS];
	return 0;
}

static int write_maps(const struct session_plan *p, enum session_method m, pid_t pid, struct err *e)
{
	if (m == SESSION_HELPERS)
		return session_map_write_helpers(pid, &p->uids[m], &p->gids[m], e);
	return session_map_write(pid, &p->uids[m], &p->gids[m], m == SESSION_SINGLE, e);
}

static int start_with(const struct session_plan *p, enum session_method m, const struct pause_args *how, struct pause *out,
		      struct err *e)
{
	auto_of(pause_clear) struct pause pause = { .pidfd = -1, .go_fd = -1 };
	int r = pause_fork(&pause, how, e);

	if (r < 0)
		return switches_explain(e);
	r = write_maps(p, m, pause.pid, e);
	if (r < 0)
		/* AppArmor lets the namespace be made and then refuses the map. */
		return m == SESSION_SINGLE ? switches_explain(e) : r;
	*out = pause;
	pause = (struct pause){ .pidfd = -1, .go_fd = -1 };
	return 0;
}

int session_plan_start(const struct session_plan *p, enum session_method *used, const struct pause_args *how, struct pause *out,
		       struct err *e)
{
	int r = -EPERM;

	for (int m = 0; m < N_SESSION_METHODS; m++) {
		if (!p->may[m])
			continue;
		r = start_with(p, m, how, out, e);
		*used = m;
		if (r == 0)
			return 0;
		log_debug("session with %zu id ranges: %s", p->uids[m].n, e->msg);
	}
	return err_wrap(e, "cannot make the session");
}

void session_plan_warn(const struct session_plan *p)
{
	log_warn("containers have one user id only: every file in them is yours, and a change of user or "
		 "owner succeeds without doing anything: %s", p->lost ? p->lost : "no more ids can be mapped");
}

void session_plan_describe(struct session_record *r, const struct session_plan *p, enum session_method m)
{
	session_record_read_config(r->config);
	r->uid = getuid();
	r->gid = getgid();
	r->name = xstrdup_or_null(p->name);
	r->is_nested = p->is_nested;
	r->is_single = m == SESSION_SINGLE;
	idmap_copy(&r->uids, &p->uids[m]);
	idmap_copy(&r->gids, &p->gids[m]);
}

bool session_plan_is_of(const struct session_plan *p, const struct session_record *r)
{
	for (int m = 0; m < N_SESSION_METHODS; m++)
		if (p->may[m])
			return idmap_equal(&p->uids[m], &r->uids) &&
			       idmap_equal(&p->gids[m], &r->gids);
	return false;
}
