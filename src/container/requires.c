/* SPDX-License-Identifier: Apache-2.0 */
#include "container/requires.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/str.h"

#include <sys/stat.h>
#include <unistd.h>

#define DEPENDENTS "dependents"

static int find(struct engine *g, const char *option, const char *name, char **id, struct err *e)
{
	int r = record_find(id, g, name, e);

	return r < 0 ? err_wrap(e, "%s %s", option, name) : 0;
}

/* "container:NAME" becomes "container:ID": a name may pass to another container. */
static int settle_namespace(struct engine *g, struct container_config *c, const char *option, char **text,
			    struct err *e)
{
	const char *name = *text ? str_after(*text, "container:") : NULL;
	autofree char *id = NULL;

	if (!name)
		return 0;
	if (find(g, option, name, &id, e) < 0)
		return -e->code;
	if (!strv_has(&c->requires, id))
		strv_add(&c->requires, id);
	free(*text);
	*text = xasprintf("container:%s", id);
	return 0;
}

int requires_settle(struct engine *g, struct container_config *c, struct err *e)
{
	auto_of(strv_clear) struct strv named = { 0 };

	strv_copy(&named, &c->requires);
	strv_clear(&c->requires);
	for (size_t i = 0; i < named.n; i++) {
		autofree char *id = NULL;

		if (record_find(&id, g, named.v[i], e) < 0)
			return err_wrap(e, "\"%s\" is not a valid container, cannot be used as a dependency",
					named.v[i]);
		if (!strv_has(&c->requires, id))
			strv_add(&c->requires, id);
	}
	for (size_t i = 0; i < c->networks.n; i++)
		if (settle_namespace(g, c, "--network", &c->networks.v[i], e) < 0)
			return -e->code;
	if (settle_namespace(g, c, "--pid", &c->pidns, e) < 0 ||
	    settle_namespace(g, c, "--ipc", &c->ipcns, e) < 0 ||
	    settle_namespace(g, c, "--uts", &c->utsns, e) < 0 ||
	    settle_namespace(g, c, "--cgroupns", &c->cgroupns, e) < 0)
		return -e->code;
	return settle_namespace(g, c, "--userns", &c->userns, e);
}

static int note(struct engine *g, const char *id, const char *dependent, struct err *e)
{
	auto_of(record_free) struct record *r = NULL;
	autoclose int dirfd = -1, fd = -1;

	if (record_open(&r, g, id, e) < 0)
		return -e->code;
	if (mkdirat(r->dirfd, DEPENDENTS, 0700) < 0 && errno != EEXIST)
		return err_sys(e, errno, "container %s: make " DEPENDENTS, r->config.name);
	dirfd = fd_opendirat(r->dirfd, DEPENDENTS);
	fd = dirfd < 0 ? dirfd : fd_createat(dirfd, dependent, O_WRONLY, 0600);
	return fd < 0 ? err_sys(e, -fd, "container %s: " DEPENDENTS, r->config.name) : 0;
}

int requires_note(struct engine *g, const struct container_config *c, struct err *e)
{
	for (size_t i = 0; i < c->requires.n; i++)
		if (note(g, c->requires.v[i], c->id, e) < 0)
			return -e->code;
	return 0;
}

void requires_forget(struct engine *g, const struct container_config *c)
{
	for (size_t i = 0; i < c->requires.n; i++) {
		auto_of(record_free) struct record *r = NULL;
		autoclose int dirfd = -1;
		struct err gone = { 0 };

		if (record_open(&r, g, c->requires.v[i], &gone) < 0)
			continue;
		dirfd = fd_opendirat(r->dirfd, DEPENDENTS);
		if (dirfd >= 0)
			(void)unlinkat(dirfd, c->id, 0);
	}
}

int requires_list(struct engine *g, const struct record *r, struct strv *ids, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	int ret = file_list_dir(r->dirfd, DEPENDENTS, &names, true);

	if (ret == -ENOENT)
		return 0;
	if (ret < 0)
		return err_sys(e, -ret, "container %s: " DEPENDENTS, r->config.name);
	for (size_t i = 0; i < names.n; i++) {
		auto_of(record_free) struct record *other = NULL;
		struct err gone = { 0 };

		/* A command that was killed may have left its mark and no container. */
		if (record_open(&other, g, names.v[i], &gone) >= 0)
			strv_add(ids, names.v[i]);
	}
	return 0;
}

int requires_check_unused(struct engine *g, const struct record *r, struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	autofree char *all = NULL;

	if (requires_list(g, r, &ids, e) < 0)
		return -e->code;
	if (!ids.n)
		return 0;
	for (size_t i = 0; i < ids.n; i++)
		ids.v[i][12] = 0;
	all = strv_join(&ids, ", ");
	return err_set(e, EBUSY, "container %s has dependent containers which must be removed before it: %s "
		       "(or use rm --depend)", r->config.name, all);
}
