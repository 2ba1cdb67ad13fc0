/* SPDX-License-Identifier: Apache-2.0 */
#include "container/volumes.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "container/events.h"
#include "container/volume_mount.h"
#include "container/volume_options.h"
#include "container/volume_users.h"
#include "storage/store.h"

#include <sys/stat.h>
#include <unistd.h>

#define VOLUME_VERSION 1

void volume_free(struct volume *v)
{
	if (!v)
		return;
	free(v->name);
	free(v->driver);
	free(v->mountpoint);
	strv_clear(&v->labels);
	strv_clear(&v->options);
	free(v);
}

static struct json *volume_json(const struct volume *v)
{
	struct json *j = json_new_object();

	json_set_int(j, "version", VOLUME_VERSION);
	json_set_str(j, "name", v->name);
	json_set_str(j, "driver", v->driver ? v->driver : "local");
	json_set_strv(j, "labels", &v->labels);
	json_set_strv(j, "options", &v->options);
	json_set_int(j, "created", v->created);
	json_set_bool(j, "anonymous", v->is_anonymous);
	json_set_bool(j, "needs-copy-up", v->needs_copy_up);
	json_set_bool(j, "needs-chown", v->needs_chown);
	json_set_int(j, "uid", v->uid);
	json_set_int(j, "gid", v->gid);
	return j;
}

static int write_record(int dirfd, const struct volume *v, unsigned int flags, struct err *e)
{
	auto_of(json_free) struct json *j = volume_json(v);
	auto_of(str_clear) struct str text = { 0 };
	int r;

	json_write(&text, j, 0);
	r = file_write_at(dirfd, "volume.json", text.p, text.len, 0600, flags);
	return r < 0 ? err_sys(e, -r, "volume %s: volume.json", v->name) : 0;
}

/* What -o says decides about the rest of the record. */
static int settle(struct volume *v, struct err *e)
{
	auto_of(volume_options_clear) struct volume_options o = { 0 };

	if (volume_options_parse(&o, &v->options, e) < 0)
		return -e->code;
	if (v->uid < 0)
		v->uid = o.uid;
	if (v->gid < 0)
		v->gid = o.gid;
	if (o.kind == VOLUME_BIND && (v->uid >= 0 || v->gid >= 0))
		return err_set(e, ERR_USAGE, "volume %s: --uid and --gid: the directory %s keeps its owner",
			       v->name, o.device);
	v->needs_copy_up &= !o.is_nocopy;
	v->needs_chown = o.kind == VOLUME_DIR && v->uid < 0 && v->gid < 0;
	return 0;
}

static int make_data(int dirfd, const struct volume *v, struct err *e)
{
	if (mkdirat(dirfd, "_data", 0755) < 0 || fchmodat(dirfd, "_data", 0755, 0) < 0)
		return err_sys(e, errno, "volume %s: _data", v->name);
	if ((v->uid < 0 && v->gid < 0) || fchownat(dirfd, "_data", v->uid, v->gid, 0) == 0)
		return 0;
	if (errno == EINVAL)
		return err_set(e, EINVAL, "volume %s: owner %lld:%lld is not among the ids of this user: "
			       "see /etc/subuid and /etc/subgid, and rootlet doctor", v->name,
			       (long long)v->uid, (long long)v->gid);
	return err_sys(e, errno, "volume %s: owner %lld:%lld", v->name, (long long)v->uid,
		       (long long)v->gid);
}

/* In tmp/ first, then one rename: half a volume is never seen. */
int volume_create(struct engine *g, struct volume *v, bool ignore_existing, struct err *e)
{
	autofree char *tmp = NULL;
	autoclose int dirfd = -1;
	int r;

	if (!v->name)
		v->name = xstrdup(ident_random().s);
	if (ident_check_name(v->name) < 0)
		return err_set(e, EINVAL, "volume name '%s': names must match "
			       "[a-zA-Z0-9][a-zA-Z0-9_.-]*: invalid argument", v->name);
	if (settle(v, e) < 0)
		return -e->code;
	v->created = time_now();
	free(v->mountpoint);
	v->mountpoint = xasprintf("%s/volumes/%s/_data", g->store->root, v->name);
	if (ignore_existing && file_exists_at(g->store->volumes_dirfd, v->name))
		return 0;
	r = store_tmp_dir(g->store, &tmp, &dirfd, e);
	if (r < 0)
		return err_wrap(e, "volume %s", v->name);
	r = make_data(dirfd, v, e);
	if (r >= 0)
		r = write_record(dirfd, v, v->is_volatile ? 0 : FILE_SYNC, e);
	if (r < 0) {
		file_remove_tree(g->store->root_dirfd, tmp);
		return r;
	}
	r = store_publish(g->store, tmp, g->store->volumes_dirfd, v->name, e);
	if (r >= 0)
		events_add(g, "volume", "create", NULL, v->name);
	if (r != -EEXIST)
		return r;
	file_remove_tree(g->store->root_dirfd, tmp);
	if (ignore_existing)
		return 0;
	return err_set(e, EEXIST, "volume with name %s already exists: volume already exists",
		       v->name);
}

int volume_save(struct engine *g, const struct volume *v, struct err *e)
{
	autoclose int dirfd = fd_opendirat(g->store->volumes_dirfd, v->name);

	if (dirfd < 0)
		return err_sys(e, -dirfd, "volume %s", v->name);
	return write_record(dirfd, v, 0, e);
}

static int no_such(const char *name, struct err *e)
{
	return err_set(e, ERR_NO_SUCH, "no volume with name \"%s\" found: no such volume", name);
}

int volume_load(struct volume **out, struct engine *g, const char *name, struct err *e)
{
	auto_of(volume_free) struct volume *v = NULL;
	auto_of(json_free) struct json *j = NULL;
	autofree char *path = xasprintf("%s/volume.json", name);
	int r;

	if (ident_check_name(name) < 0)
		return no_such(name, e);
	r = json_load_record_at(&j, g->store->volumes_dirfd, path, NULL, e);
	if (r == -ENOENT)
		return no_such(name, e);
	if (r < 0)
		return err_wrap(e, "volume %s", name);
	if (json_get_int(j, "version", 0) > VOLUME_VERSION)
		return err_set(e, EBADMSG, "volume %s was made by a newer rootlet", name);
	v = xcalloc(1, sizeof(*v));
	v->name = xstrdup(name);
	v->driver = xstrdup_or_null(json_get_str(j, "driver"));
	json_get_strv(j, "labels", &v->labels);
	json_get_strv(j, "options", &v->options);
	v->created = json_get_int(j, "created", 0);
	v->is_anonymous = json_get_bool(j, "anonymous", false);
	v->needs_copy_up = json_get_bool(j, "needs-copy-up", false);
	v->needs_chown = json_get_bool(j, "needs-chown", false);
	v->uid = json_get_int(j, "uid", -1);
	v->gid = json_get_int(j, "gid", -1);
	v->mountpoint = xasprintf("%s/volumes/%s/_data", g->store->root, name);
	*out = steal_ptr(&v);
	return 0;
}

int volume_remove(struct engine *g, const char *name, struct err *e)
{
	auto_of(strv_clear) struct strv users = { 0 };

	if (ident_check_name(name) < 0 || !file_exists_at(g->store->volumes_dirfd, name))
		return no_such(name, e);
	if (volume_users(g, name, &users, e) < 0)
		return -e->code;
	if (users.n) {
		autofree char *list = strv_join(&users, ", ");

		return err_set(e, ERR_IN_USE, "volume %s is being used by the following container(s): %s: "
			       "volume is being used", name, list);
	}
	if (volume_mount_end(g, name, e) < 0 ||
	    store_discard(g->store, g->store->volumes_dirfd, name, e) < 0)
		return -e->code;
	events_add(g, "volume", "remove", NULL, name);
	return 0;
}

int volume_list(struct engine *g, struct strv *names, struct err *e)
{
	int r = file_list_dir(g->store->volumes_dirfd, ".", names, true);

	return r < 0 ? err_sys(e, -r, "volumes") : 0;
}

bool volume_is_tmpfs(const struct volume *v)
{
	return strv_has(&v->options, "type=tmpfs");
}

char *volume_path(const struct volume *v, struct err *e)
{
	auto_of(volume_options_clear) struct volume_options o = { 0 };

	if (!v->options.n)
		return xstrdup(v->mountpoint);
	if (volume_options_parse(&o, &v->options, e) < 0)
		return NULL;
	if (o.kind == VOLUME_TMPFS) {
		err_set(e, ENOTSUP, "volume %s is a tmpfs and has no files while nothing runs with it",
			v->name);
		return NULL;
	}
	return xstrdup(o.kind == VOLUME_BIND ? o.device : v->mountpoint);
}

int volume_open_data(struct engine *g, const char *name, struct err *e)
{
	auto_of(volume_free) struct volume *v = NULL;
	autofree char *path = NULL;
	int fd;

	if (volume_load(&v, g, name, e) < 0)
		return -e->code;
	path = volume_path(v, e);
	if (!path)
		return -e->code;
	fd = fd_opendir(path);
	return fd < 0 ? err_sys(e, -fd, "volume %s: %s", name, path) : fd;
}

/* Docker has whole seconds, null for nothing, and no more than this. */
static void set_docker(struct json *j, const struct volume *v)
{
	static const char *const maps[] = { "Labels", "Options" };
	char buf[40];

	json_set_str(j, "CreatedAt", time_rfc3339(buf, v->created - v->created % TIME_SECOND, false));
	for (size_t i = 0; i < ARRAY_SIZE(maps); i++)
		if (!json_len(json_get(j, maps[i])))
			json_set(j, maps[i], json_new_null());
}

struct json *volume_to_json(struct engine *g, const struct volume *v)
{
	struct json *j = json_new_object();
	char buf[40];

	json_set_str(j, "Name", v->name);
	json_set_str(j, "Driver", v->driver);
	json_set_str(j, "Mountpoint", v->mountpoint);
	json_set(j, "CreatedAt", json_new_time(time_rfc3339(buf, v->created, false)));
	json_set(j, "Labels", json_new_pairs(&v->labels));
	json_set_str(j, "Scope", "local");
	json_set(j, "Options", json_new_pairs(&v->options));
	if (g->is_docker) {
		set_docker(j, v);
		return j;
	}
	json_set_int(j, "UID", v->uid > 0 ? v->uid : 0);
	json_set_int(j, "GID", v->gid > 0 ? v->gid : 0);
	json_set_bool(j, "Anonymous", v->is_anonymous);
	json_set_int(j, "MountCount", v->options.n ? volume_mount_count(g, v->name) : 0);
	json_set_bool(j, "NeedsCopyUp", v->needs_copy_up);
	json_set_bool(j, "NeedsChown", v->needs_chown);
	json_set_int(j, "LockNumber", 0);
	return j;
}
