/* SPDX-License-Identifier: Apache-2.0 */
/* ctr_secrets: --secret of a container: a file below /run/secrets, or a variable.
 *
 * Runs in:  the command line process, in the session's user namespace.
 * Owns:     struct ctr_secret (ctr_secret_clear).
 * Needs:    the secret when the container is made: its data is copied then, and neither a later
 *           removal nor a new secret of that name changes the container.
 * Fails:    ERR_NO_SUCH; ERR_USAGE naming the option.
 * Not here: secrets themselves (secret.h).
 *
 * store containers/<id>/secrets/<n>, 0600, n as in the definition's list; at a start the mounted ones
 * are copied to the container's runtime directory, with owner and mode, and bound read-only.
 */
#pragma once

#include "base/err.h"
#include "container/engine.h"
#include "container/record.h"
#include "runtime/spec.h"

struct ctr_secret {
	char *name;		/* owned */
	char *target;		/* owned; absolute path, or the name of the variable */
	bool is_env;
	uint32_t uid, gid;	/* inside */
	unsigned int mode;
	bool has_owner;
};
/* "NAME[,type=mount|env][,target=..][,uid=..][,gid=..][,mode=..]", NAME also as "source=NAME" */
int ctr_secret_parse(struct ctr_secret *out, const char *text, struct err *e);
void ctr_secret_clear(struct ctr_secret *s);
DEFINE_AUTO_VALUE(struct ctr_secret, ctr_secret_clear)

/* All of c->secrets can be had. */
int ctr_secrets_check(struct engine *g, const struct container_config *c, struct err *e);
/* Copies the data into the container just made. */
int ctr_secrets_store(struct engine *g, const struct container_config *c, struct err *e);
int ctr_secrets_apply(struct spec *s, const struct record *r, int runtime_dirfd,
		      const char *runtime_path, struct err *e);
/* The variables alone: for exec. */
int ctr_secrets_env(struct strv *env, const struct record *r, struct err *e);
/* What inspect shows of them. */
struct json *ctr_secrets_describe(struct engine *g, const struct container_config *c);
