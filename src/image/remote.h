/* SPDX-License-Identifier: Apache-2.0 */
/* remote: one repository on one registry: its manifests, blobs and tags.
 *
 * Runs in:  rootlet-image. A struct remote may be used by several threads at once, each with a
 *           struct http of its own (remote_http); the token is shared under a lock.
 * Owns:     struct remote (remote_free); bodies returned are the caller's.
 * Needs:    the network.
 * Fails:    EACCES not logged in or not allowed, ERR_NO_SUCH no such name or tag, EBADMSG bytes
 *           that are not what the digest says, and what http.h lists, after the tries are used up.
 * Not here: which registry is meant (registries.h), where credentials come from (auth.h).
 * Source:   OCI distribution-spec; Docker Registry "Token Authentication Specification"; RFC 6750,
 *           RFC 7617.
 */
#pragma once

#include "base/err.h"
#include "base/mem.h"
#include "base/str.h"
#include "base/strv.h"
#include "image/digest.h"

struct http;
struct json;
struct http_tls;
struct remote;

struct remote_args {
	const char *host;		/* "quay.io", "localhost:5000"; docker.io is known */
	const char *repo;		/* "library/busybox" */
	const struct http_tls *tls;	/* borrowed for the life of the remote */
	const char *user, *password;	/* NULL: anonymous */
	const char *identity_token;	/* instead of a password; NULL */
	const char *actions;		/* of the token asked for: "pull", "pull,push" */
	const struct strv *mount_from;	/* further repositories to read from; NULL */
	unsigned int retries;
	bool is_patient;		/* also with a host that has never answered */
	int64_t retry_delay;		/* nanoseconds; 0: 1 s, doubled each time */
	void (*say)(void *arg, const char *text);	/* "... trying again"; any thread; NULL */
	void *say_arg;
};

/* Nothing is asked yet. */
struct remote *remote_new(const struct remote_args *args);
void remote_free(struct remote *r);
DEFINE_AUTO(struct remote, remote_free)
struct http *remote_http(const struct remote *r);

/* Asks the registry itself (repo may be ""), with the user's name and password if it wants one. */
int remote_log_in(struct remote *r, struct http *h, struct err *e);

struct remote_manifest {
	struct str bytes;		/* owned */
	char *media_type;		/* owned; NULL when the server did not say */
	char digest[7 + DIGEST_HEX + 1];	/* "sha256:..." of bytes */
};
void remote_manifest_clear(struct remote_manifest *m);
DEFINE_AUTO_VALUE(struct remote_manifest, remote_manifest_clear)

/* what: a tag or "sha256:..."; the latter is verified. */
int remote_get_manifest(struct remote_manifest *out, struct remote *r, struct http *h,
			const char *what, struct err *e);
/* Calls sink with the blob's bytes in order, each once, over as many connections as it takes. Not 0
 * from sink stops: ECANCELED. size is exact. The digest is the caller's to check. */
int remote_get_blob(struct remote *r, struct http *h, const char *digest, uint64_t size,
		    int (*sink)(void *arg, const void *data, size_t n), void *arg, struct err *e);
int remote_list_tags(struct strv *tags, struct remote *r, struct http *h, struct err *e);
/* Every repository of the registry (repo is ""). */
int remote_list_repositories(struct strv *names, struct remote *r, struct http *h, struct err *e);
/* A document of the registry's that is neither manifest nor blob. path: may be a whole URL. */
int remote_get_json(struct json **out, struct remote *r, struct http *h, const char *what,
		    const char *path, struct err *e);
