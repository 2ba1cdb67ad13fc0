/* SPDX-License-Identifier: Apache-2.0 */
/* volumes: named directories that outlive containers.
 *
 * Runs in:  the session's user namespace.
 * Owns:     struct volume (volume_free).
 * Needs:    the store.
 * Fails:    ERR_NO_SUCH "... no such volume", EEXIST, ERR_IN_USE with the containers.
 * Not here: how -v is written (mount_args.h), mounting (runtime/).
 *
 * store volumes/<name>/{volume.json,_data/}. volume.json: {"version":1,"name","driver","labels",
 * "options","created","anonymous","needs-copy-up","needs-chown","uid","gid"}. What options say is
 * read by volume_options.h; a tmpfs is mounted by volume_mount.h.
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/strv.h"
#include "container/engine.h"

struct volume {
	char *name, *driver;		/* owned */
	struct strv labels, options;	/* owned; "k=v" */
	int64_t created;
	bool is_anonymous, needs_copy_up;
	bool needs_chown;		/* its first container gives it an owner */
	bool is_volatile;		/* goes with a --rm container: need not survive power loss */
	int64_t uid, gid;		/* -1: as the image's directory */
	char *mountpoint;		/* owned; host path of _data */
};
int volume_create(struct engine *g, struct volume *v, bool ignore_existing, struct err *e);	/* name NULL: random */
int volume_load(struct volume **out, struct engine *g, const char *name, struct err *e);
int volume_save(struct engine *g, const struct volume *v, struct err *e);
int volume_remove(struct engine *g, const char *name, struct err *e);	/* ERR_IN_USE */
int volume_list(struct engine *g, struct strv *names, struct err *e);
/* Where its files are on the host (owned): _data, or the directory it stands for. NULL: a tmpfs, whose
 * files have no path here. */
char *volume_path(const struct volume *v, struct err *e);
bool volume_is_tmpfs(const struct volume *v);
int volume_open_data(struct engine *g, const char *name, struct err *e);		/* O_PATH dirfd */
/* Podman's volume inspect object. */
struct json *volume_to_json(struct engine *g, const struct volume *v);
void volume_free(struct volume *v);
DEFINE_AUTO(struct volume, volume_free)
