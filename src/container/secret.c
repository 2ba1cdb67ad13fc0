/* SPDX-License-Identifier: Apache-2.0 */
#include "container/secret.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "container/events.h"
#include "container/secret_driver.h"
#include "storage/store.h"

#include <string.h>

#define SECRET_VERSION 1
#define SECRETS_DIR "secrets"
#define ID_LEN 25
#define NAME_LEN_MAX 253

void secret_free(struct secret *s)
{
	if (!s)
		return;
	free(s->id);
	free(s->name);
	strv_clear(&s->labels);
	free(s->driver);
	strv_clear(&s->driver_opts);
	free(s);
}

/* The directory of all of them; -ENOENT while there is none. */
static int open_dir(struct engine *g, bool make)
{
	if (make && mkdirat(g->store->root_dirfd, SECRETS_DIR, 0700) < 0 && errno != EEXIST)
		return -errno;
	return fd_openat(g->store->root_dirfd, SECRETS_DIR, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
}

/* Each is a directory of this name; the separators of --secret have no place in it. */
static bool is_name(const char *name)
{
	return *name && *name != '.' && strlen(name) <= NAME_LEN_MAX && !strpbrk(name, "=/,");
}

static int find_driver(const struct secret_driver **out, const char *name, struct err *e)
{
	*out = secret_driver_find(name);
	return *out ? 0 : err_set(e, ERR_USAGE, "secret driver '%s' is none of file, pass, shell: invalid driver", name);
}

/* The driver and its options: the user's, or of the table secrets in containers.conf. */
static int choose_driver(const char **driver, struct strv *opts, struct engine *g,
			 const struct secret_new *n, struct err *e)
{
	const char *configured = json_str(engine_conf(g, "secrets.driver"));
	const struct json *more = engine_conf(g, "secrets.opts");
	const struct secret_driver *d;

	*driver = n->driver ? n->driver : !str_empty(configured) ? configured : "file";
	if (str_eq(*driver, configured))
		for (size_t i = 0; i < json_members(more); i++)
			if (json_str(json_at(more, i)))
				strv_env_set(opts, json_key_at(more, i), json_str(json_at(more, i)));
	for (size_t i = 0; n->driver_opts && i < n->driver_opts->n; i++)
		strv_env_put(opts, n->driver_opts->v[i]);
	if (find_driver(&d, *driver, e) < 0)
		return -e->code;
	return secret_driver_check(d, opts, e);
}

static int write_files(int dirfd, const struct secret_new *n, const char *id, int64_t created,
		       struct err *e)
{
	auto_of(json_free) struct json *j = json_new_object();
	auto_of(str_clear) struct str text = { 0 };
	struct secret_driver_args args = { .id = id, .opts = n->driver_opts, .dirfd = dirfd,
					   .max = SECRET_MAX };
	int r;

	json_set_int(j, "version", SECRET_VERSION);
	json_set_str(j, "id", id);
	json_set_str(j, "name", n->name);
	json_set_int(j, "created", created);
	json_set_int(j, "updated", created);
	json_set_strv(j, "labels", n->labels);
	json_set_str(j, "driver", n->driver);
	json_set_strv(j, "driver-opts", n->driver_opts);
	json_write(&text, j, 0);
	r = secret_driver_store(secret_driver_find(n->driver), &args, n->data, n->len, e);
	if (r < 0)
		return err_wrap(e, "secret %s", n->name);
	r = file_write_at(dirfd, "secret.json", text.p, text.len, 0600, FILE_SYNC);
	return r < 0 ? err_sys(e, -r, "write secret %s", n->name) : 0;
}

static int remove_loaded(struct engine *g, const struct secret *s, struct err *e)
{
	autoclose int dirfd = open_dir(g, false);
	struct secret_driver_args args = { .id = s->id, .opts = &s->driver_opts, .dirfd = -1 };
	const struct secret_driver *d;

	if (find_driver(&d, s->driver, e) < 0 || secret_driver_delete(d, &args, e) < 0)
		return err_wrap(e, "secret %s", s->name);
	return store_discard(g->store, dirfd, s->name, e);
}

static void discard_old(struct engine *g, const char *name)
{
	auto_of(secret_free) struct secret *old = NULL;
	struct err none = { 0 };

	if (secret_load(&old, g, name, &none) >= 0 && str_eq(old->name, name))
		(void)remove_loaded(g, old, &none);
}

/* Made in tmp/ and renamed: half a secret is never seen. */
static int publish(struct engine *g, int secrets_fd, const struct secret_new *n, const char *id,
		   struct err *e)
{
	autofree char *tmp = NULL;
	autoclose int dirfd = -1;
	int r = store_tmp_dir(g->store, &tmp, &dirfd, e);

	if (r < 0)
		return err_wrap(e, "secret %s", n->name);
	r = write_files(dirfd, n, id, time_now(), e);
	if (r >= 0 && n->replaces)
		discard_old(g, n->name);
	if (r >= 0)
		r = store_publish(g->store, tmp, secrets_fd, n->name, e);
	if (r < 0) {
		/* What a driver keeps elsewhere would be there for ever. */
		struct secret_driver_args args = { .id = id, .opts = n->driver_opts, .dirfd = dirfd };
		struct err ignored = { 0 };

		if (file_exists_at(dirfd, "secret.json"))
			(void)secret_driver_delete(secret_driver_find(n->driver), &args, &ignored);
		file_remove_tree(g->store->root_dirfd, tmp);
	}
	return r;
}

static int in_use(const char *name, struct err *e)
{
	return err_set(e, EEXIST, "%s: secret name in use: remove that first, or use --replace", name);
}

int secret_create(struct engine *g, const struct secret_new *given, char **id, struct err *e)
{
	auto_of(strv_clear) struct strv opts = { 0 };
	struct secret_new n = *given;
	autoclose int dirfd = -1;
	autofree char *new_id = NULL;
	int r;

	if (!is_name(n.name))
		return err_set(e, EINVAL, "secret name \"%s\" can not include '=', '/' or ',', begin with a dot, "
			       "and must be between 1 and %d characters: invalid secret name", n.name,
			       NAME_LEN_MAX);
	if (n.len == 0 || n.len > SECRET_MAX)
		return err_set(e, EINVAL, "secret %s: secret data must be larger than 0 and less than %d bytes",
			       n.name, SECRET_MAX);
	if (choose_driver(&n.driver, &opts, g, given, e) < 0)
		return -e->code;
	n.driver_opts = &opts;
	dirfd = open_dir(g, true);
	if (dirfd < 0)
		return err_sys(e, -dirfd, "%s/" SECRETS_DIR, g->store->root);
	if (!n.replaces && file_exists_at(dirfd, n.name)) {
		auto_of(secret_free) struct secret *old = NULL;

		if (!n.ignores)
			return in_use(n.name, e);
		if (secret_load(&old, g, n.name, e) < 0)
			return -e->code;
		*id = steal_ptr(&old->id);
		return 0;
	}
	new_id = xstrndup(ident_random().s, ID_LEN);
	r = publish(g, dirfd, &n, new_id, e);
	if (r == -EEXIST)
		return in_use(n.name, e);
	if (r < 0)
		return r;
	events_add(g, "secret", "create", new_id, n.name);
	*id = steal_ptr(&new_id);
	return 0;
}

static int load_one(struct secret **out, int dirfd, const char *name, struct err *e)
{
	autofree char *path = xasprintf("%s/secret.json", name);
	auto_of(json_free) struct json *j = NULL;
	struct secret *s;
	int r = json_load_record_at(&j, dirfd, path, NULL, e);

	if (r < 0)
		return r == -ENOENT ? err_set(e, ERR_NO_SUCH, "no secret with name or id \"%s\": "
							     "no such secret", name)
				    : err_wrap(e, "secret %s", name);
	if (json_get_int(j, "version", 0) > SECRET_VERSION || !json_get_str(j, "id"))
		return err_set(e, EBADMSG, "secret %s: its record cannot be read", name);
	s = xcalloc(1, sizeof(*s));
	s->name = xstrdup(name);
	s->id = xstrdup(json_get_str(j, "id"));
	s->created = json_get_int(j, "created", 0);
	s->updated = json_get_int(j, "updated", 0);
	s->driver = xstrdup(json_get_str(j, "driver") ? json_get_str(j, "driver") : "file");
	json_get_strv(j, "driver-opts", &s->driver_opts);
	json_get_strv(j, "labels", &s->labels);
	*out = s;
	return 0;
}

static int find_by_id(struct secret **out, struct engine *g, int dirfd, const char *prefix,
		      struct err *e)
{
	auto_of(secret_free) struct secret *found = NULL;
	auto_of(strv_clear) struct strv names = { 0 };

	if (secret_list(g, &names, e) < 0)
		return -e->code;
	for (size_t i = 0; i < names.n && *prefix; i++) {
		auto_of(secret_free) struct secret *s = NULL;
		struct err gone = { 0 };

		if (load_one(&s, dirfd, names.v[i], &gone) < 0 || !str_has_prefix(s->id, prefix))
			continue;
		if (found)
			return err_set(e, EEXIST, "more than one secret matches id %s", prefix);
		found = steal_ptr(&s);
	}
	if (!found)
		return err_set(e, ERR_NO_SUCH, "no secret with name or id \"%s\": no such secret", prefix);
	*out = steal_ptr(&found);
	return 0;
}

int secret_load(struct secret **out, struct engine *g, const char *name_or_id, struct err *e)
{
	autoclose int dirfd = open_dir(g, false);

	if (dirfd < 0 || !is_name(name_or_id))
		return err_set(e, ERR_NO_SUCH, "no secret with name or id \"%s\": no such secret", name_or_id);
	if (file_exists_at(dirfd, name_or_id))
		return load_one(out, dirfd, name_or_id, e);
	return find_by_id(out, g, dirfd, name_or_id, e);
}

int secret_read(struct engine *g, const struct secret *s, char **data, size_t *len, struct err *e)
{
	autoclose int secrets_fd = open_dir(g, false), dirfd = fd_opendirat(secrets_fd, s->name);
	struct secret_driver_args args = { .id = s->id, .opts = &s->driver_opts, .dirfd = dirfd,
					   .max = SECRET_MAX };
	const struct secret_driver *d;

	if (dirfd < 0)
		return err_sys(e, -dirfd, "secret %s", s->name);
	if (find_driver(&d, s->driver, e) < 0 || secret_driver_lookup(d, &args, data, len, e) < 0)
		return err_wrap(e, "secret %s", s->name);
	return 0;
}

int secret_remove(struct engine *g, const char *name_or_id, char **id, struct err *e)
{
	auto_of(secret_free) struct secret *s = NULL;

	if (secret_load(&s, g, name_or_id, e) < 0 || remove_loaded(g, s, e) < 0)
		return -e->code;
	events_add(g, "secret", "remove", s->id, s->name);
	*id = steal_ptr(&s->id);
	return 0;
}

int secret_list(struct engine *g, struct strv *names, struct err *e)
{
	autoclose int dirfd = open_dir(g, false);
	int r = dirfd < 0 ? dirfd : file_list_dir(dirfd, ".", names, true);

	return r < 0 && r != -ENOENT ? err_sys(e, -r, SECRETS_DIR) : 0;
}

struct json *secret_to_json(const struct secret *s)
{
	struct json *j = json_new_object(), *spec = json_new_object(), *driver = json_new_object();
	struct json *labels = json_new_object();
	char buf[40];

	for (size_t i = 0; i < s->labels.n; i++) {
		const char *eq = strchrnul(s->labels.v[i], '=');
		autofree char *key = xstrndup(s->labels.v[i], eq - s->labels.v[i]);

		json_set_str(labels, key, *eq ? eq + 1 : "");
	}
	json_set_str(driver, "Name", s->driver);
	json_set(driver, "Options", json_new_pairs(&s->driver_opts));
	json_set_str(spec, "Name", s->name);
	json_set(spec, "Driver", driver);
	json_set(spec, "Labels", labels);
	json_set_str(j, "ID", s->id);
	json_set(j, "CreatedAt", json_new_time(time_rfc3339(buf, s->created, false)));
	json_set(j, "UpdatedAt", json_new_time(time_rfc3339(buf, s->updated, false)));
	json_set(j, "Spec", spec);
	return j;
}
