/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_secrets.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "container/ctr_idmap.h"
#include "container/secret.h"
#include "storage/store.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIR_NAME "secrets"
#define MODE_DEFAULT 0444

void ctr_secret_clear(struct ctr_secret *s)
{
	free(s->name);
	free(s->target);
	*s = (struct ctr_secret){ 0 };
}

static int parse_number(const char *text, int base, uint32_t max, uint32_t *out)
{
	char *end;
	unsigned long long n;

	if (*text < '0' || *text > '9')
		return -EINVAL;
	n = strtoull(text, &end, base);
	if (*end || n > max)
		return -EINVAL;
	*out = n;
	return 0;
}

static int parse_option(struct ctr_secret *s, const char *option)
{
	const char *v;
	uint32_t mode;

	if ((v = str_after(option, "source=")) || (v = str_after(option, "src="))) {
		xreplace(&s->name, v);
		return 0;
	}
	if ((v = str_after(option, "type="))) {
		s->is_env = str_eq(v, "env");
		return s->is_env || str_eq(v, "mount") ? 0 : -EINVAL;
	}
	if ((v = str_after(option, "target="))) {
		xreplace(&s->target, v);
		return *v ? 0 : -EINVAL;
	}
	if ((v = str_after(option, "uid="))) {
		s->has_owner = true;
		return parse_number(v, 10, UINT32_MAX - 1, &s->uid);
	}
	if ((v = str_after(option, "gid="))) {
		s->has_owner = true;
		return parse_number(v, 10, UINT32_MAX - 1, &s->gid);
	}
	if ((v = str_after(option, "mode="))) {
		if (parse_number(v, 8, 07777, &mode) < 0)
			return -EINVAL;
		s->mode = mode;
		return 0;
	}
	return -EINVAL;
}

/* Below /run/secrets unless it is absolute; never above it. */
static int settle_target(struct ctr_secret *s)
{
	autofree char *full = NULL;
	char *clean;

	if (!s->target)
		s->target = xstrdup(s->name);
	if (s->is_env)
		return strchr(s->target, '=') ? -EINVAL : 0;
	full = path_join("/run/secrets", s->target);
	clean = path_clean(full);
	if (str_eq(clean, "/") ||
	    (s->target[0] != '/' && (!path_is_below(clean, "/run/secrets") ||
				     str_eq(clean, "/run/secrets")))) {
		free(clean);
		return -EINVAL;
	}
	free(s->target);
	s->target = clean;
	return 0;
}

int ctr_secret_parse(struct ctr_secret *out, const char *text, struct err *e)
{
	auto_of(ctr_secret_clear) struct ctr_secret s = { .mode = MODE_DEFAULT };
	auto_of(strv_clear) struct strv parts = { 0 };
	bool has_mode = false;
	int r = 0;

	strv_split(&parts, text, ',');
	for (size_t i = 0; i < parts.n && r >= 0; i++) {
		if (i == 0 && !strchr(parts.v[i], '='))
			s.name = xstrdup(parts.v[i]);
		else
			r = parse_option(&s, parts.v[i]);
		if (r < 0)
			return err_set(e, ERR_USAGE, "--secret '%s': %s is invalid: parsing secret: expected "
				       "NAME[,type=mount|env][,target=TARGET][,uid=UID][,gid=GID][,mode=OCTAL]",
				       text, parts.v[i]);
		has_mode |= str_has_prefix(parts.v[i], "mode=");
	}
	if (str_empty(s.name))
		return err_set(e, ERR_USAGE, "--secret '%s': no source found: parsing secret: expected a name", text);
	if (settle_target(&s) < 0)
		return err_set(e, ERR_USAGE, "--secret '%s': the target %s is invalid: parsing secret", text,
			       s.target);
	if (s.is_env && (s.has_owner || has_mode))
		return err_set(e, ERR_USAGE, "--secret '%s': UID, GID, Mode options cannot be set with secret "
			       "type env: parsing secret", text);
	*out = s;
	s = (struct ctr_secret){ 0 };
	return 0;
}

static int load(struct engine *g, const char *text, char **data, size_t *len, struct err *e)
{
	auto_of(ctr_secret_clear) struct ctr_secret s = { 0 };
	auto_of(secret_free) struct secret *secret = NULL;

	if (ctr_secret_parse(&s, text, e) < 0 || secret_load(&secret, g, s.name, e) < 0 ||
	    secret_read(g, secret, data, len, e) < 0)
		return -e->code;
	if (s.is_env && memchr(*data, 0, *len))
		return err_set(e, EINVAL, "secret %s has a zero byte: it cannot be a variable", s.name);
	return 0;
}

int ctr_secrets_check(struct engine *g, const struct container_config *c, struct err *e)
{
	for (size_t i = 0; i < c->secrets.n; i++) {
		autofree char *data = NULL;
		size_t len;

		if (load(g, c->secrets.v[i], &data, &len, e) < 0)
			return -e->code;
	}
	return 0;
}

int ctr_secrets_store(struct engine *g, const struct container_config *c, struct err *e)
{
	autofree char *path = xasprintf("%s/" DIR_NAME, c->id);
	autoclose int dirfd = -1;

	if (!c->secrets.n)
		return 0;
	if (mkdirat(g->store->containers_dirfd, path, 0700) < 0)
		return err_sys(e, errno, "container %.12s: " DIR_NAME, c->id);
	dirfd = fd_openat(g->store->containers_dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
	if (dirfd < 0)
		return err_sys(e, -dirfd, "container %.12s: " DIR_NAME, c->id);
	for (size_t i = 0; i < c->secrets.n; i++) {
		autofree char *data = NULL;
		char name[24];
		size_t len;
		int r;

		if (load(g, c->secrets.v[i], &data, &len, e) < 0)
			return -e->code;
		snprintf(name, sizeof(name), "%zu", i);
		r = file_write_at(dirfd, name, data, len, 0600, c->rm ? 0 : FILE_SYNC);
		if (r < 0)
			return err_sys(e, -r, "container %.12s: secret %s", c->id, c->secrets.v[i]);
	}
	return 0;
}

static int read_copy(const struct record *r, size_t i, const struct ctr_secret *s, char **data,
		     size_t *len, struct err *e)
{
	char path[40];
	int ret;

	snprintf(path, sizeof(path), DIR_NAME "/%zu", i);
	ret = file_read_at(r->dirfd, path, data, len, SECRET_MAX);
	return ret < 0 ? err_sys(e, -ret, "its copy of secret %s", s->name) : 0;
}

static int write_mounted(const struct spec *spec, int dirfd, const char *name,
			 const struct ctr_secret *s, const char *data, size_t len, struct err *e)
{
	autoclose int fd = -1;
	uint32_t uid = ctr_idmap_outside(&spec->uid_map, s->uid);
	uint32_t gid = ctr_idmap_outside(&spec->gid_map, s->gid);
	int r;

	(void)unlinkat(dirfd, name, 0);	/* of a start that failed */
	fd = fd_createat(dirfd, name, O_WRONLY | O_EXCL | O_NOFOLLOW, 0600);
	r = fd < 0 ? fd : fd_write_all(fd, data, len);
	if (r < 0)
		return err_sys(e, -r, "secret %s", s->name);
	/* Root's own where the container has no root: then it stays the user's, who may read it. */
	if ((uid == UINT32_MAX || gid == UINT32_MAX || fchown(fd, uid, gid) < 0) && s->has_owner)
		return err_set(e, EINVAL, "secret %s: uid %u, gid %u is not among the ids of the container",
			       s->name, s->uid, s->gid);
	if (fchmod(fd, s->mode) < 0)
		return err_sys(e, errno, "secret %s", s->name);
	return 0;
}

int ctr_secrets_apply(struct spec *spec, const struct record *r, int runtime_dirfd,
		      const char *runtime_path, struct err *e)
{
	const struct strv *list = &r->config.secrets;

	for (size_t i = 0; i < list->n; i++) {
		auto_of(ctr_secret_clear) struct ctr_secret s = { 0 };
		autofree char *data = NULL, *source = NULL;
		struct spec_mount *m;
		char name[40];
		size_t len;

		if (ctr_secret_parse(&s, list->v[i], e) < 0)
			return -e->code;
		if (s.is_env)
			continue;
		snprintf(name, sizeof(name), "secret-%zu", i);
		if (read_copy(r, i, &s, &data, &len, e) < 0 ||
		    write_mounted(spec, runtime_dirfd, name, &s, data, len, e) < 0)
			return -e->code;
		source = path_join(runtime_path, name);
		m = spec_add_mount(spec, "bind", source, s.target,
				   "bind,ro,nosuid,nodev,noexec,rprivate");
		m->is_file_made = true;
	}
	return ctr_secrets_env(&spec->process.env, r, e);
}

int ctr_secrets_env(struct strv *env, const struct record *r, struct err *e)
{
	const struct strv *list = &r->config.secrets;

	for (size_t i = 0; i < list->n; i++) {
		auto_of(ctr_secret_clear) struct ctr_secret s = { 0 };
		autofree char *data = NULL;
		size_t len;

		if (ctr_secret_parse(&s, list->v[i], e) < 0)
			return -e->code;
		if (!s.is_env)
			continue;
		if (read_copy(r, i, &s, &data, &len, e) < 0)
			return -e->code;
		strv_env_set(env, s.target, data);
	}
	return 0;
}

struct json *ctr_secrets_describe(struct engine *g, const struct container_config *c)
{
	struct json *list = json_new_array();

	for (size_t i = 0; i < c->secrets.n; i++) {
		auto_of(ctr_secret_clear) struct ctr_secret s = { 0 };
		auto_of(secret_free) struct secret *secret = NULL;
		struct err gone = { 0 };
		struct json *j;

		if (ctr_secret_parse(&s, c->secrets.v[i], &gone) < 0)
			continue;
		j = json_new_object();
		json_set_str(j, "Name", s.name);
		json_set_str(j, "ID", secret_load(&secret, g, s.name, &gone) < 0 ? "" : secret->id);
		json_set_int(j, "UID", s.uid);
		json_set_int(j, "GID", s.gid);
		json_set_int(j, "Mode", s.is_env ? 0 : s.mode);
		json_add(list, j);
	}
	return list;
}
