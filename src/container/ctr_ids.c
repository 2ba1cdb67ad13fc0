/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_ids.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"
#include "container/ctr_idmap.h"
#include "container/ctr_userns.h"
#include "container/idrange.h"
#include "container/record.h"
#include "runtime/passwd.h"
#include "storage/images.h"
#include "storage/layer.h"
#include "storage/store.h"
#include "storage/whiteout.h"
#include "userns/account.h"
#include "userns/session.h"
#include "userns/subid.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define AUTO_MIN 1024u		/* what Podman gives at least */
#define NOBODY 65534u
#define FILE_MAX_BYTES (8u << 20)

void ctr_ids_default(struct engine *g, struct container_config *c)
{
	const char *text = getenv("PODMAN_USERNS");

	if (c->userns || c->uidmap.n || c->gidmap.n || c->subuidname || c->subgidname)
		return;
	if (str_empty(text))
		text = json_str(engine_conf(g, "containers.userns"));
	/* Already what happens without a word: the definition stays small. */
	if (!str_empty(text) && !str_eq(text, "host"))
		c->userns = xstrdup(text);
}

static uint32_t largest(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

uint32_t ctr_ids_largest(const char *text)
{
	uint32_t max = 0;

	for (const char *line = text; *line;) {
		const char *end = strchrnul(line, '\n');
		autofree char *copy = xstrndup(line, end - line);
		auto_of(strv_clear) struct strv f = { 0 };
		uint32_t id;

		strv_split(&f, copy, ':');
		line = *end ? end + 1 : end;
		if (f.n < 3 || str_eq(f.v[0], "nobody") || str_eq(f.v[0], "nogroup"))
			continue;
		/* passwd has the gid behind the uid, group has names there. */
		for (size_t i = 2; i < 4 && i < f.n; i++)
			if (passwd_parse_id(f.v[i], &id) >= 0 && id != NOBODY)
				max = largest(max, id);
	}
	return max;
}

/* 1: seen, *max is raised; 0: the layers below decide; -1: this layer says there is none. */
static int scan_file(int root_dirfd, const char *path, uint32_t *max)
{
	autofree char *text = NULL, *dir = path_dir(path), *hidden = NULL;
	autoclose int fd = root_open(root_dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	struct stat st;

	hidden = xasprintf("%s/" WHITEOUT_PREFIX "%s", dir, path_base(path));
	if (fd == -ENOENT && file_exists_at(root_dirfd, hidden))
		return -1;
	if (fd < 0)
		return 0;
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    fd_read_all(fd, &text, NULL, FILE_MAX_BYTES) < 0)
		return -1;
	*max = largest(*max, ctr_ids_largest(text));
	return 1;
}

static int scan_image(struct engine *g, const struct container_config *c, const char *path,
		      uint32_t *max, struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };

	if (c->rootfs) {
		autoclose int fd = fd_opendir(c->rootfs);

		if (fd >= 0)
			(void)scan_file(fd, path, max);
		return 0;
	}
	if (images_load_layers(&ids, g->store, c->image_id, e) < 0)
		return -e->code;
	for (size_t i = ids.n; i-- > 0;) {
		autoclose int fd = layer_open_diff(g->store, ids.v[i], e);

		if (fd < 0)
			return -e->code;
		if (scan_file(fd, path, max) != 0)
			break;
	}
	return 0;
}

static uint32_t largest_of_user(const char *user)
{
	const char *colon = strchrnul(user, ':');
	autofree char *first = xstrndup(user, colon - user);
	uint32_t uid = 0, gid = 0;

	if (passwd_parse_id(first, &uid) < 0)
		uid = 0;
	if (!*colon || passwd_parse_id(colon + 1, &gid) < 0)
		gid = 0;
	return largest(uid, gid);
}

/* As many as the image's users and groups and USER need. */
static int guess_size(struct engine *g, const struct container_config *c, uint32_t *size,
		      struct err *e)
{
	uint32_t max = largest_of_user(c->user ? c->user : "");

	if (scan_image(g, c, "etc/passwd", &max, e) < 0 || scan_image(g, c, "etc/group", &max, e) < 0)
		return -e->code;
	*size = largest(AUTO_MIN, max + 1);
	return 0;
}

static int put_lines(struct idmap *m, const struct strv *lines, const struct idmap *session,
		     const char *option, struct err *e)
{
	for (size_t i = 0; i < lines->n; i++) {
		struct ctr_idmap_line l;

		if (ctr_idmap_parse_line(&l, option, lines->v[i], e) < 0)
			return -e->code;
		l.is_extending = true;
		if (ctr_idmap_apply(m, &l, session, e) < 0)
			return -e->code;
	}
	return 0;
}

/* userns_size of containers.conf; 0: none. */
static int conf_size(struct engine *g, uint32_t *size, struct err *e)
{
	const struct json *n = engine_conf(g, "containers.userns_size");

	if (!n)
		return 0;
	if (!json_is(n, JSON_NUMBER) || json_int(n, 0) < 1 || json_int(n, 0) >= UINT32_MAX)
		return err_set(e, EINVAL, "containers.conf: userns_size: expected a number of ids");
	*size = json_int(n, 0);
	return 0;
}

/* Id 0 of the session is the user: no container of this mode has it unless it is asked for. */
static int settle_auto(struct engine *g, struct container_config *c, const char *options,
		       int *lock_fd, struct err *e)
{
	auto_of(ctr_userns_auto_clear) struct ctr_userns_auto a = { 0 };
	auto_of(idmap_clear) struct idmap u = { 0 }, gr = { 0 };
	const struct session *s = g->session;
	uint32_t uids = idmap_count(&s->uid_map), gids = idmap_count(&s->gid_map);
	uint32_t total = uids < gids ? uids : gids;
	uint32_t start;

	if (total < 2)
		return ctr_userns_no_ids("auto", s, e);
	if (ctr_userns_parse_auto(&a, options, e) < 0)
		return -e->code;
	if (!a.size && conf_size(g, &a.size, e) < 0)
		return -e->code;
	if (!a.size && guess_size(g, c, &a.size, e) < 0)
		return -e->code;
	if (idrange_take(g->store, c->id, 1, total - 1, a.size, &start, lock_fd, e) < 0)
		return -e->code;
	idmap_add(&u, 0, start, a.size);
	idmap_add(&gr, 0, start, a.size);
	if (put_lines(&u, &a.uid_lines, &s->uid_map, "--userns auto:uidmapping=", e) < 0 ||
	    put_lines(&gr, &a.gid_lines, &s->gid_map, "--userns auto:gidmapping=", e) < 0)
		return -e->code;
	c->uid_map = idmap_format(&u);
	c->gid_map = idmap_format(&gr);
	return 0;
}

/* The ranges that subuid(5) gives to name, as ids of the session. */
static int map_named(char **text, const struct session *s, enum subid_kind kind, const char *name,
		     struct err *e)
{
	static const char *const options[] = { "--subuidname", "--subgidname" };
	const struct idmap *session = kind == SUBID_UID ? &s->uid_map : &s->gid_map;
	auto_of(subid_clear) struct subid_ranges ranges = { 0 };
	auto_of(idmap_clear) struct idmap m = { 0 };
	uint32_t inside = 0;

	if (subid_load(&ranges, kind, UINT32_MAX, name, e) < 0)
		return -e->code;
	if (!ranges.n)
		return err_set(e, ENOENT, "%s %s: %s has no line for it", options[kind], name,
			       subid_file(kind));
	for (size_t i = 0; i < ranges.n; i++) {
		struct ctr_idmap_line l = {
			.line = { inside, ranges.v[i].start, ranges.v[i].count }, .is_host = true,
			.option = options[kind], .text = name,
		};

		if (ctr_idmap_apply(&m, &l, session, e) < 0)
			return -e->code;
		inside += ranges.v[i].count;
	}
	*text = idmap_format(&m);
	return 0;
}

static int settle_names(struct engine *g, struct container_config *c, struct err *e)
{
	const char *uid_name = c->subuidname ? c->subuidname : c->subgidname;
	const char *gid_name = c->subgidname ? c->subgidname : c->subuidname;

	if (map_named(&c->uid_map, g->session, SUBID_UID, uid_name, e) < 0)
		return -e->code;
	return map_named(&c->gid_map, g->session, SUBID_GID, gid_name, e);
}

static int take_plan(struct engine *g, struct container_config *c,
		     const struct container_config *from, struct err *e)
{
	auto_of(ctr_userns_clear) struct ctr_userns u = { 0 };

	if (ctr_userns_plan(&u, g->session, from, e) < 0)
		return -e->code;
	if (u.mode == SPEC_NS_HOST)
		return 0;
	c->uid_map = idmap_format(&u.uid_map);
	c->gid_map = idmap_format(&u.gid_map);
	return 0;
}

static int settle_container(struct engine *g, struct container_config *c, const char *name,
			    struct err *e)
{
	auto_of(record_free) struct record *other = NULL;

	if (record_open(&other, g, name, e) < 0 || take_plan(g, c, &other->config, e) < 0)
		return err_wrap(e, "--userns container:%s", name);
	return 0;
}

static int read_map(pid_t pid, const char *file, char **out)
{
	auto_of(idmap_clear) struct idmap m = { 0 };
	autofree char *path = xasprintf("/proc/%d/%s", pid, file);
	int r = idmap_load(&m, path);

	if (r < 0)
		return r;
	if (!m.n)
		return -EINVAL;
	*out = idmap_format(&m);
	return 0;
}

/* A user namespace says its maps only to who looks at a process in it: a child that joins. */
static int settle_path(struct container_config *c, const char *path, struct err *e)
{
	autoclose int fd = fd_open(path, O_RDONLY), ready_fd = -1, told_fd = -1;
	struct stat ours, theirs;
	char byte = 0;
	int p[2], r;
	pid_t pid;

	if (fd < 0 || fstat(fd, &theirs) < 0 || stat("/proc/self/ns/user", &ours) < 0)
		return err_sys(e, fd < 0 ? -fd : errno, "--userns ns:%s", path);
	if (ours.st_ino == theirs.st_ino && ours.st_dev == theirs.st_dev)
		return 0;
	r = fd_pipe(p);
	if (r < 0)
		return err_sys(e, -r, "pipe");
	ready_fd = p[0];
	told_fd = p[1];
	pid = sys_clone(0, NULL, -1);
	if (pid < 0)
		return err_sys(e, -pid, "clone");
	if (pid == 0) {
		byte = -sys_setns(fd, CLONE_NEWUSER);
		(void)fd_write_all(told_fd, &byte, 1);
		for (;;)
			pause();
	}
	r = fd_read_full(ready_fd, &byte, 1) == 1 ? -byte : -EIO;
	if (r >= 0)
		r = read_map(pid, "uid_map", &c->uid_map);
	if (r >= 0)
		r = read_map(pid, "gid_map", &c->gid_map);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	return r < 0 ? err_sys(e, -r, "--userns ns:%s: join it (it has to be one of this user's "
			       "session)", path) : 0;
}

/* The user whom the image or --user names, from the uppermost layer that has an /etc/passwd. */
static int find_user(struct engine *g, const struct container_config *c, struct passwd_user *u,
		     struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	uint32_t max = 0;

	if (images_load_layers(&ids, g->store, c->image_id, e) < 0)
		return -e->code;
	for (size_t i = ids.n; i-- > 0;) {
		autoclose int fd = layer_open_diff(g->store, ids.v[i], e);

		if (fd < 0)
			return -e->code;
		if (scan_file(fd, "etc/passwd", &max) == 0 && i)
			continue;
		return passwd_resolve(u, fd, c->user, NULL, e);
	}
	return 0;
}

/* A session of one id can be anybody, but one at a time: the user of the container. */
static int settle_single(struct engine *g, struct container_config *c, struct err *e)
{
	auto_of(passwd_user_clear) struct passwd_user u = { 0 };

	if (str_empty(c->user) || c->rootfs)
		return 0;
	if (find_user(g, c, &u, e) < 0)
		return -e->code;
	if (!u.uid && !u.gid)
		return 0;
	c->userns = xasprintf("keep-id:uid=%u,gid=%u", u.uid, u.gid);
	return take_plan(g, c, c, e);
}

int ctr_ids_settle(struct engine *g, struct container_config *c, int *lock_fd, struct err *e)
{
	const char *mode = c->userns ? c->userns : "", *rest;

	*lock_fd = -1;
	if (c->subuidname || c->subgidname)
		return settle_names(g, c, e);
	if (str_eq(mode, "auto"))
		return settle_auto(g, c, NULL, lock_fd, e);
	if ((rest = str_after(mode, "auto:")))
		return settle_auto(g, c, rest, lock_fd, e);
	if ((rest = str_after(mode, "container:")))
		return settle_container(g, c, rest, e);
	if ((rest = str_after(mode, "ns:")))
		return settle_path(c, rest, e);
	if (!*mode && !c->uidmap.n && !c->gidmap.n)
		return g->session->is_single_id ? settle_single(g, c, e) : 0;
	return take_plan(g, c, c, e);
}

int ctr_ids_host_users(struct container_config *c, struct err *e)
{
	for (size_t i = 0; i < c->hostusers.n; i++) {
		char *line = NULL;

		if (strchr(c->hostusers.v[i], ':'))	/* a line already: the definition of another one */
			continue;
		if (account_line(c->hostusers.v[i], &line) < 0)
			return err_set(e, ENOENT, "--hostuser %s: this host has no such user",
				       c->hostusers.v[i]);
		free(c->hostusers.v[i]);
		c->hostusers.v[i] = line;
	}
	return 0;
}
