/* SPDX-License-Identifier: Apache-2.0 */
#include "container/query.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"
#include "base/persona.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "container/inspect_docker.h"
#include "container/inspect_priv.h"
#include "container/lifecycle.h"
#include "container/listing.h"
#include "container/mount_args.h"
#include "container/query_filter.h"
#include "container/state.h"
#include "netns/netns.h"
#include "storage/images.h"
#include "storage/rootfs.h"
#include "storage/store.h"
#include "userns/session.h"

#include <stdio.h>
#include <sys/stat.h>

#define GO_ZERO_TIME INT64_C(-62135596800)	/* time.Time{} as unix seconds */

char *query_status_text(const struct state *st, int64_t now)
{
	char human[40];

	if (st->status == STATE_PAUSED && persona_get() != PERSONA_DOCKER)
		return xstrdup("Paused");
	switch (st->status) {
	case STATE_RUNNING:
	case STATE_PAUSED: {
		const char *health = json_get_str(st->health, "Status");

		/* Docker has one remark, and a word more for a check that has no result yet. */
		if (persona_get() == PERSONA_DOCKER && st->status == STATE_PAUSED)
			health = NULL;
		else if (persona_get() == PERSONA_DOCKER && str_eq(health, "starting"))
			health = "health: starting";
		return xasprintf("Up %s%s%s%s%s%s%s", time_human(human, now - st->started),
				 st->is_elsewhere ? " on " : "", st->is_elsewhere ? st->host : "",
				 st->status == STATE_PAUSED ? " (Paused)" : "", health ? " (" : "",
				 health ? health : "", health ? ")" : "");
	}
	case STATE_EXITED:
		return xasprintf("Exited (%d) %s ago", st->exit_code,
				 time_human(human, now - st->finished));
	case STATE_CREATED:
		return xstrdup("Created");
	case STATE_INITIALIZED:
		return xstrdup("Initialized");
	case STATE_STOPPING:
		return xstrdup("Stopping");
	default:
		return xstrdup("Removing");
	}
}

static struct json *mounts_json(const struct container_config *c)
{
	auto_of(mount_args_clear) struct mount_args args = { 0 };
	struct json *list = json_new_array();
	struct err ignored = { 0 };

	if (mount_args_all(&args, c, &ignored) >= 0)
		for (size_t i = 0; i < args.n; i++)
			json_add_str(list, args.v[i].target);
	return list;
}

/* The command as ps shows it: entrypoint and arguments. */
static struct json *command_json(const struct container_config *c)
{
	struct strv all = { 0 };
	struct json *j;

	strv_add_all(&all, &c->entrypoint);
	strv_add_all(&all, &c->command);
	j = json_new_strv(&all);
	strv_clear(&all);
	return j;
}

int query_sizes(uint64_t *rw, uint64_t *all, struct engine *g, const struct record *r, struct err *e)
{
	auto_of(images_record_free) struct images_record *image = NULL;
	autofree char *rootfs = NULL;
	autoclose int fd = -1;
	uint64_t inodes = 0, base = 0;
	struct err gone = { 0 };

	*rw = *all = 0;
	if (r->config.image_id && images_load(&image, g->store, r->config.image_id, &gone) >= 0)
		base = json_get_int(image->record, "size", 0);
	if (rootfs_upper(g->store, r->id, &fd, e) >= 0) {
		file_tree_size(fd, ".", rw, &inodes);
		*all = base + *rw;
		return 0;
	}
	if (e->code != ENOTSUP)
		return -e->code;
	/* vfs: a whole copy, of which the container's own part can only be told by size. */
	rootfs = xasprintf("%s/rootfs", r->id);
	file_tree_size(g->store->containers_dirfd, rootfs, all, &inodes);
	*rw = *all > base ? *all - base : 0;
	return 0;
}

static int add_size(struct json *row, struct engine *g, const struct record *r, struct err *e)
{
	uint64_t rw, all;
	struct json *size;

	if (query_sizes(&rw, &all, g, r, e) < 0)
		return -e->code;
	size = json_new_object();
	json_set_int(size, "rootFsSize", all);
	json_set_int(size, "rwSize", rw);
	json_set(row, "Size", size);
	return 0;
}

static struct json *brief_row(const struct record *r, const struct state *st)
{
	struct json *j = json_new_object();

	json_set_str(j, "Id", r->id);
	json_set_str(j, "ImageID", r->config.image_id ? r->config.image_id : "");
	json_set_str(j, "State", state_name(st->status));
	json_set_int(j, "CreatedNano", r->config.created);
	return j;
}

static struct json *ps_row(const struct record *r, const struct state *st)
{
	const struct container_config *c = &r->config;
	struct json *j = brief_row(r, st), *names = json_new_array();
	int64_t now = time_now();
	char human[40];
	autofree char *status = query_status_text(st, now);
	autofree char *ago = xasprintf("%s ago", time_human(human, now - c->created));

	json_set_bool(j, "AutoRemove", c->rm);
	json_set(j, "Command", command_json(c));
	json_set_str(j, "CreatedAt", ago);
	json_set_str(j, "CIDFile", c->cidfile ? c->cidfile : "");
	json_set_bool(j, "Exited", st->status == STATE_EXITED);
	json_set_int(j, "ExitedAt", st->finished ? st->finished / TIME_SECOND : GO_ZERO_TIME);
	json_set_int(j, "ExitCode", st->status == STATE_EXITED ? st->exit_code : 0);
	json_set(j, "ExposedPorts", json_new_null());
	json_set_str(j, "Image", c->image_full ? c->image_full : c->rootfs ? "" : c->image_name);
	json_set_bool(j, "IsInfra", false);
	json_set(j, "Labels", c->labels.n ? json_new_pairs(&c->labels) : json_new_null());
	json_set(j, "Mounts", mounts_json(c));
	json_add_str(names, c->name);
	json_set(j, "Names", names);
	json_set(j, "Namespaces", json_new_object());
	json_set(j, "Networks", json_new_array());
	json_set_int(j, "Pid", state_is_alive(st) ? st->pid : 0);
	json_set_str(j, "Pod", "");
	json_set_str(j, "PodName", "");
	json_set(j, "Ports", c->ports.n ? netns_ports_to_json(&c->ports) : json_new_null());
	json_set_int(j, "Restarts", st->restart_count);
	json_set(j, "Size", json_new_null());
	json_set_int(j, "StartedAt", st->started ? st->started / TIME_SECOND : GO_ZERO_TIME);
	json_set_str(j, "Status", status);
	json_set_int(j, "Created", c->created / TIME_SECOND);
	return j;
}

/* What Docker's list tells otherwise or more: the image as it was asked for, the name of the network, the
 * volumes by their names and binds by their sources. */
static void add_docker(struct json *row, const struct container_config *c)
{
	struct json *j = json_new_object(), *mounts = json_new_array();
	auto_of(mount_args_clear) struct mount_args args = { 0 };
	struct err ignored = { 0 };
	int64_t volumes = 0;

	if (mount_args_all(&args, c, &ignored) < 0)
		args.n = 0;
	for (size_t i = 0; i < args.n; i++) {
		if (args.v[i].type == MOUNT_ARG_TMPFS || !args.v[i].source)
			continue;
		volumes += args.v[i].type == MOUNT_ARG_VOLUME;
		json_add_str(mounts, args.v[i].source);
	}
	json_set_str(j, "Image", c->image_name && !c->rootfs ? c->image_name : "");
	json_set_str(j, "Networks", inspect_docker_network(c));
	json_set(j, "Mounts", mounts);
	json_set(j, "Ports", inspect_ports(c, true));
	json_set_int(j, "LocalVolumes", volumes);
	json_set(row, "Docker", j);
}

static void add_namespaces(struct json *row, const struct state *st)
{
	static const char *const names[][2] = {
		{ "Mnt", "mnt" }, { "Cgroup", "cgroup" }, { "Ipc", "ipc" }, { "Net", "net" },
		{ "Pidns", "pid" }, { "Uts", "uts" }, { "User", "user" },
	};
	struct json *j = json_edit(row, "Namespaces");
	char path[48], number[24];
	struct stat ns;

	for (size_t i = 0; i < ARRAY_SIZE(names) && state_is_alive(st) && st->pid > 0; i++) {
		snprintf(path, sizeof(path), "/proc/%d/ns/%s", st->pid, names[i][1]);
		if (stat(path, &ns) < 0)
			continue;
		snprintf(number, sizeof(number), "%llu", (unsigned long long)ns.st_ino);
		json_set_str(j, names[i][0], number);
	}
}

int query_candidates(struct engine *g, bool all, struct strv *ids, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	int r;

	if (all)
		return record_list(g, ids, e);
	r = file_list_dir(g->session->runtime_dirfd, ".", &names, false);
	if (r < 0)
		return err_sys(e, -r, "%s", g->session->runtime_dir);
	for (size_t i = 0; i < names.n; i++)
		if (ident_is_id(names.v[i]))
			strv_add(ids, names.v[i]);
	return 0;
}

struct ps_entry {
	int64_t created;
	struct json *row;	/* owned */
};

static int newest_first(const void *a, const void *b)
{
	const struct ps_entry *x = a, *y = b;

	return (x->created < y->created) - (x->created > y->created);
}

static bool wants_status(const struct query_filter *f)
{
	for (size_t i = 0; i < f->filters.n; i++)
		if (str_has_prefix(f->filters.v[i], "status=") ||
		    str_has_prefix(f->filters.v[i], "exited="))
			return true;
	return false;
}

static bool wants_all(const struct query_filter *f)
{
	return f->all || f->latest || f->last || wants_status(f);
}

static bool accepts(const struct query_filter *f, const struct query_match *m, const struct listing_one *one)
{
	if (!wants_all(f) && (!state_is_alive(&one->state) || one->state.status == STATE_INITIALIZED))
		return false;
	return query_match_accepts(m, one->record, &one->state);
}

static int make_entry(struct ps_entry *out, struct engine *g, const struct query_filter *f,
		      const struct listing_one *one, struct err *e)
{
	const struct container_config *c = &one->record->config;

	out->created = c->created;
	out->row = f->is_brief ? brief_row(one->record, &one->state) : ps_row(one->record, &one->state);
	if (g->is_docker && !f->is_brief)
		add_docker(out->row, c);
	if (f->namespaces)
		add_namespaces(out->row, &one->state);
	return f->size ? add_size(out->row, g, one->record, e) : 0;
}

int query_ps(struct json **out, struct engine *g, const struct query_filter *f, struct err *e)
{
	auto_of(query_match_clear) struct query_match match = { 0 };
	auto_of(strv_clear) struct strv ids = { 0 };
	auto_of(listing_clear) struct listing list = { 0 };
	auto_of(json_free) struct json *rows = json_new_array();
	autofree struct ps_entry *entries = NULL;
	size_t n = 0, limit;
	int r = query_match_compile(&match, g, &f->filters, e);

	if (r >= 0)
		r = query_candidates(g, wants_all(f), &ids, e);
	if (r < 0)
		return r;
	if (f->is_brief && !f->filters.n)
		listing_glance(&list, g, &ids);
	else
		listing_read(&list, g, &ids);
	entries = xcalloc(list.n + 1, sizeof(*entries));
	for (size_t i = 0; i < list.n && r >= 0; i++) {
		struct listing_one *one = &list.v[i];
		struct err gone = { 0 };

		/* Removed by the repair: it is not there. */
		if (lifecycle_repair(&one->state, g, one->record, &gone) >= 0 && accepts(f, &match, one))
			r = make_entry(&entries[n++], g, f, one, e);
	}
	if (n)
		qsort(entries, n, sizeof(*entries), newest_first);
	limit = f->latest ? 1 : f->last ? (size_t)f->last : n;
	for (size_t i = 0; i < n; i++) {
		if (i < limit)
			json_add(rows, entries[i].row);
		else
			json_free(entries[i].row);
	}
	if (r >= 0)
		*out = steal_ptr(&rows);
	return r;
}
