/* SPDX-License-Identifier: Apache-2.0 */
/* remote_priv: what remote.c and remote_auth.c share.
 *
 * Runs in:  as remote.h.
 * Owns:     nothing.
 * Needs:    nothing.
 * Fails:    see remote.h.
 * Not here: the interface (see remote.h).
 */
#pragma once

#include "image/remote.h"

#include <pthread.h>
#include <stdatomic.h>

struct remote {
	char *host, *repo, *actions;			/* owned */
	char *user, *password, *identity_token;		/* owned */
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
