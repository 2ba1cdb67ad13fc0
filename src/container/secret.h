/* SPDX-License-Identifier: Apache-2.0 */
/* secret: small sensitive blobs, kept outside images and definitions.
 *
 * Runs in:  the session's user namespace.
 * Owns:     struct secret (secret_free).
 * Needs:    the store. With the driver file the data lies unencrypted in a file only the user can read.
 * Fails:    ERR_NO_SUCH, EEXIST, EINVAL a name or a size that is not allowed.
 * Not here: giving them to containers (ctr_secrets.h), drivers (secret_driver.h).
 *
 * store secrets/<name>/{secret.json,data}: {"version":1,"id","name","created","updated","labels":[],
 * "driver","driver-opts":[]}; data: of the driver file.
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/strv.h"
#include "container/engine.h"

#include <stdint.h>

#define SECRET_MAX 512000	/* bytes, as podman's */

struct secret {
	char *id, *name;		/* owned */
	int64_t created, updated;
	struct strv labels;		/* owned; "k=v" */
	char *driver;			/* owned; file, pass, shell */
	struct strv driver_opts;	/* owned; "k=v" */
};
struct secret_new {			/* all borrowed */
	const char *name, *data;
	size_t len;
	const struct strv *labels;
	const char *driver;		/* NULL: containers.conf's, or file */
	const struct strv *driver_opts;
	bool replaces, ignores;		/* what has the name already */
};
int secret_create(struct engine *g, const struct secret_new *n, char **id, struct err *e);
/* By name, full id or a unique prefix of an id. */
int secret_load(struct secret **out, struct engine *g, const char *name_or_id, struct err *e);
int secret_read(struct engine *g, const struct secret *s, char **data, size_t *len, struct err *e);
int secret_remove(struct engine *g, const char *name_or_id, char **id, struct err *e);
int secret_list(struct engine *g, struct strv *names, struct err *e);
struct json *secret_to_json(const struct secret *s);		/* podman's inspect object */
void secret_free(struct secret *s);
DEFINE_AUTO(struct secret, secret_free)
