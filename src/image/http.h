/* SPDX-License-Identifier: Apache-2.0 */
/* http: one request at a time over one kept connection.
 *
 * Runs in:  rootlet-image; a struct http belongs to one thread, its struct http_tls may be shared.
 * Owns:     struct http (http_free), struct http_reply (http_reply_clear).
 * Needs:    libcurl; proxies as the environment says (http_proxy, https_proxy, no_proxy).
 * Fails:    EPROTOTYPE a server that speaks no TLS; ECONNREFUSED, EHOSTUNREACH, ETIMEDOUT, ECONNRESET,
 *           EPROTO: worth another try (http_is_transient); EKEYREJECTED the certificate; EFBIG a body
 *           above its limit.
 *           A status of 400 and above is no error here: the caller reads reply->status.
 * Not here: what registries want to hear (see remote.h).
 *
 * Redirects are followed here and not by libcurl, because what may go along is policy: user name,
 * password and token stay with scheme, host and port they were given for, and nobody is led from
 * https to http.
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "base/strv.h"

#include <stdatomic.h>

struct http;

struct http_tls {
	bool is_insecure;	/* certificates are not verified; https may lead to http */
	struct str ca;		/* owned; PEM to trust beside the system's; empty: none */
	char *cert, *key;	/* owned; client certificate files; NULL */
};
/* Reads *.crt (to trust), *.cert with *.key (to show) from dir; a missing directory is empty. */
int http_tls_add_dir(struct http_tls *t, const char *dir, struct err *e);
void http_tls_clear(struct http_tls *t);
DEFINE_AUTO_VALUE(struct http_tls, http_tls_clear)

struct http_reply {
	long status;
	char *content_type;	/* owned; without parameters, lower case; NULL */
	char *digest;		/* owned; Docker-Content-Digest; NULL */
	char *link;		/* owned; Link; NULL */
	char *location;		/* owned; Location of an answer that is no redirect (201, 202); NULL */
	struct strv challenges;	/* owned; WWW-Authenticate */
	uint64_t range_start;	/* of a 206 answer */
	int64_t retry_after;	/* seconds; -1 */
	int64_t length;		/* Content-Length; -1 */
	struct str body;	/* owned; when no sink was given or the status is not 2xx */
};
void http_reply_clear(struct http_reply *r);
DEFINE_AUTO_VALUE(struct http_reply, http_reply_clear)

struct http_file {		/* a body too large for memory */
	int fd;			/* borrowed; read from its beginning */
	uint64_t size;
	atomic_ullong *counter;	/* bytes sent; NULL */
};

struct http_request {
	const char *method;			/* NULL: GET */
	const char *url;
	const char *const *headers;		/* NULL-terminated "Name: value"; never Authorization */
	const char *bearer;			/* token; or */
	const char *user, *password;		/* both or neither */
	const char *body;			/* POST, PUT; NULL */
	size_t body_len;
	const struct http_file *file;		/* PUT, PATCH; instead of body; NULL */
	uint64_t range_from;			/* > 0: ask for the rest */
	size_t max_body;			/* of reply->body */
	/* The bytes of a 2xx answer; reply's headers are filled in. Not 0 stops the transfer: then
	 * the request fails with ECANCELED. NULL: into reply->body. */
	int (*sink)(void *arg, const struct http_reply *reply, const void *data, size_t n);
	void *sink_arg;
};

int http_global_init(struct err *e);	/* once, before any thread */
struct http *http_new(const struct http_tls *tls, const char *user_agent);
void http_free(struct http *h);
DEFINE_AUTO(struct http, http_free)
int http_do(struct http *h, const struct http_request *q, struct http_reply *reply,
	    struct err *e);
bool http_is_transient(const struct err *e);
/* "https://host:port" of a URL, in one spelling; owned, NULL when it is none. */
char *http_origin(const char *url);
char *http_escape(const char *text);	/* for a query; owned */
