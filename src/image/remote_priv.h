/* SPDX-License-Identifier: Apache-2.0 */
/* remote_priv: what remote*.c share.
 *
 * Runs in:  as remote.h.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    see remote.h.
 * Not here: the interface (see remote.h).
 */
#pragma once

#include "image/remote.h"

#include "image/http.h"

#include <pthread.h>
#include <stdatomic.h>

struct remote {
	char *host, *repo, *actions;			/* owned */
	char *name;	/* owned; of the registry, as people call it */
	char *user, *password, *identity_token;		/* owned */
	struct strv mount_from;				/* owned */
	const struct http_tls *tls;			/* borrowed */
	unsigned int retries;
	bool is_patient;
	int64_t retry_delay;
	void (*say)(void *arg, const char *text);
	void *say_arg;
	bool is_scheme_open;	/* https or http is not settled yet; only before threads start */
	const char *scheme;	/* constant */
	atomic_bool has_answered;	/* anything, ever */
	pthread_mutex_t lock;	/* of what follows */
	char *token;		/* owned */
	bool is_basic;		/* user and password go along */
	unsigned int generation;	/* counts changes of the two above */
};

/* Gets what the challenges of a 401 ask for, unless another thread has done so since generation. */
int remote_authorise(struct remote *r, const struct strv *challenges,
		     unsigned int generation, struct err *e);
/* The parameter of a challenge 'Bearer realm="...",service="..."': owned, NULL. */
char *remote_challenge_param(const char *challenge, const char *name);
/* The registry does not know the user, or has not been told of one. */
int remote_refused(const struct remote *r, const char *what, const char *why, struct err *e);

/* Sends q; a 401 is answered once. The caller reads the status of all else. */
int remote_send(struct remote *r, struct http *h, const char *path, struct http_request *q,
		struct http_reply *reply, struct err *e);
/* The error that a status of 400 and above means; what: the object asked for. */
int remote_status_error(const struct remote *r, const char *what, const struct http_reply *reply,
			struct err *e);
bool remote_is_worth_retrying(struct remote *r, const struct err *e);
/* Waits before try number tries + 1, and says so. */
void remote_wait(const struct remote *r, unsigned int tries, int64_t retry_after, const char *what,
		 const struct err *e);
