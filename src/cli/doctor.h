/* SPDX-License-Identifier: Apache-2.0 */
/* doctor: what is known about the machine while it is examined, and the list of findings.
 *
 * Runs in:  the command line process; outside the session's user namespace till doctor_store.c.
 * Owns:     struct doctor: findings, session and store.
 * Needs:    nothing; every check works on a machine where nothing else does.
 * Fails:    never; what cannot be found out is a finding.
 * Not here: repairs.
 */
#pragma once

#include "base/err.h"
#include "base/json.h"

struct session;
struct store;
struct cmd_globals;

enum doctor_status {
	DOCTOR_OK,
	DOCTOR_DEGRADED,	/* containers run, something is lost */
	DOCTOR_BROKEN,		/* containers do not run */
	N_DOCTOR_STATUS
};

struct doctor {
	const struct cmd_globals *globals;	/* borrowed */
	struct json *findings;			/* owned; array of objects, see doctor_add */
	char *user;				/* owned; "USER" when the account has no name */
	struct session *session;		/* owned; NULL when it could not be loaded */
	struct store *store;			/* owned; NULL until doctor_store_check */
	enum doctor_status worst;
};

struct doctor_finding {
	const char *name;
	enum doctor_status status;
	const char *found;	/* what is there */
	const char *cost;	/* NULL when ok: what one does without */
	const char *remedy;	/* NULL when ok: the exact command */
};
void doctor_add(struct doctor *d, const struct doctor_finding *f);
/* format: NULL text, "json", or a template for each finding. */
int doctor_print(const struct doctor *d, const char *format, struct err *e);

void doctor_kernel_check(struct doctor *d);	/* kernel, user namespaces, seccomp, limits */
void doctor_ids_check(struct doctor *d);	/* subordinate ids, newuidmap */
void doctor_host_check(struct doctor *d);	/* devices, cgroups, runtime directory, helpers */
/* Joins the session, so it comes last. */
void doctor_store_check(struct doctor *d);
