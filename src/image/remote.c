/* SPDX-License-Identifier: Apache-2.0 */
/* remote: see remote.h.
 *
 * THEORY
 * Every request goes out with what we have: nothing, a token, or user and password. A 401 names
 *                                           what
 * is wanted; remote_auth.c gets it, once, however many threads ran into the same 401 (each
 * remembers the generation of the token it used). So a public registry on loopback costs no extra
 * round trip.
 *
 * An insecure registry may speak plain http. It is asked over https first, and the answer is kept
 * for all later requests; credentials are never sent before that is settled.
 *
 * A blob survives broken connections: what was handed to the sink is counted, the next request asks
 * for the rest with Range, and a server that sends everything again is skipped forward.
 */
#include "image/remote.h"

#include "base/json.h"
#include "base/persona.h"
#include "base/table.h"
#include "image/cancel.h"
#include "image/http.h"
#include "image/manifest.h"
#include "image/remote_priv.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { WAIT_STEP = 200000000 };
enum { MAX_TAG_PAGES = 1000, MAX_TAG_BODY = 8 << 20 };

static const char user_agent[] = "rootlet/" PACKAGE_VERSION;

int remote_open(struct remote **out, const struct remote_args *args, struct err *e)
{
	struct remote *r = xcalloc(1, sizeof(*r));
	const char *host = args->host;

	(void)e;
	if (strcmp(host, "docker.io") == 0 || strcmp(host, "index.docker.io") == 0)
		host = "registry-1.docker.io";
	r->host = xstrdup(host);
	r->name = xstrdup(args->host);
	r->repo = xstrdup(args->repo);
	r->tls = args->tls;
	r->user = args->user ? xstrdup(args->user) : NULL;
	r->password = args->password ? xstrdup(args->password) : NULL;
	r->identity_token = str_empty(args->identity_token) ? NULL : xstrdup(args->identity_token);
	r->actions = xstrdup(args->actions);
	if (args->mount_from)
		strv_copy(&r->mount_from, args->mount_from);
	r->retries = args->retries;
	r->is_patient = args->is_patient;
	r->retry_delay = args->retry_delay;
	r->say = args->say;
	r->say_arg = args->say_arg;
	r->scheme = "https";
	r->is_scheme_open = args->tls->is_insecure;
	pthread_mutex_init(&r->lock, NULL);
	*out = r;
	return 0;
}

void remote_free(struct remote *r)
{
	if (!r)
		return;
	free(r->host);
	free(r->name);
	free(r->repo);
	free(r->user);
	free(r->password);
	free(r->identity_token);
	free(r->actions);
	strv_clear(&r->mount_from);
	free(r->token);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

struct http *remote_http(const struct remote *r)
{
	return http_new(r->tls, user_agent);
}

void remote_manifest_clear(struct remote_manifest *m)
{
	str_clear(&m->bytes);
	free(m->media_type);
	m->media_type = NULL;
}

/* --- one request, with whatever authority it takes ------------------------ */

/* "name unknown: repository not known" from {"errors":[{"code","message"}]}. */
static void add_reason(struct str *text, const struct http_reply *reply)
{
	auto_of(json_free) struct json *j = NULL;
	auto_of(str_clear) struct str raw = { 0 };
	struct err ignored;
	const char *s;

	if (reply->body.len == 0 ||
	    json_parse(&j, reply->body.p, reply->body.len, &ignored) < 0)
		return;
	s = json_get_str(json_at(json_get(j, "errors"), 0), "message");
	if (!s)
		s = json_get_str(j, "details");
	if (!s)
		return;
	str_addf(&raw, ": %.200s", s);
	for (char *p = raw.p; *p; p++)
		if (*p == '\n' || *p == '\t')
			*p = ' ';
	table_sanitize(text, raw.p);
}

int remote_refused(const struct remote *r, const char *what, const char *why, struct err *e)
{
	return err_set(e, EACCES, "%s%sunauthorized: %s: run: %s login %s", what, *what ? ": " : "", why,
		       persona_name(), r->name);
}

int remote_status_error(const struct remote *r, const char *what, const struct http_reply *reply,
			struct err *e)
{
	auto_of(str_clear) struct str why = { 0 };

	add_reason(&why, reply);
	switch (reply->status) {
	case 401:
		return remote_refused(r, what, r->is_basic ? "invalid username/password" :
				      "authentication required", e);
	case 403:
		return err_set(e, EACCES, "%s: denied%s", what, str_peek(&why));
	case 404:
		return err_set(e, ERR_NO_SUCH, "%s%s", what, why.len ? why.p : ": not found");
	case 429:
		return err_set(e, ECONNRESET, "%s: toomanyrequests%s", what, str_peek(&why));
	default:
		return err_set(e, reply->status >= 500 ? ECONNRESET : EPROTO,
			       "%s: received unexpected HTTP status: %ld%s", what, reply->status,
			       str_peek(&why));
	}
}

static int send_once(struct remote *r, struct http *h, const char *path, struct http_request *q,
		     struct http_reply *reply, unsigned int *generation, struct err *e)
{
	auto_of(str_clear) struct str url = { 0 };
	autofree char *token = NULL;
	bool is_basic;
	int ret;

	pthread_mutex_lock(&r->lock);
	token = r->token ? xstrdup(r->token) : NULL;
	is_basic = r->is_basic;
	*generation = r->generation;
	if (strncmp(path, "https:", 6) == 0 || strncmp(path, "http:", 5) == 0)
		str_add(&url, path);
	else
		str_addf(&url, "%s://%s%s", r->scheme, r->host, path);
	pthread_mutex_unlock(&r->lock);
	q->url = url.p;
	q->bearer = token;
	q->user = is_basic ? r->user : NULL;
	q->password = is_basic ? r->password : NULL;
	ret = http_do(h, q, reply, e);
	if (ret >= 0)
		atomic_store(&r->has_answered, true);
	return ret;
}

/* A name that has never led anywhere is most likely a wrong one; one that did is worth waiting for.
 * */
bool remote_is_worth_retrying(struct remote *r, const struct err *e)
{
	bool is_unknown = e->code == EHOSTUNREACH || e->code == ECONNREFUSED;

	return http_is_transient(e) &&
	       (!is_unknown || r->is_patient || atomic_load(&r->has_answered));
}

/* The first request of an insecure registry finds out whether it speaks TLS. */
static int settle_scheme(struct remote *r, struct http *h, struct err *e)
{
	auto_of(http_reply_clear) struct http_reply reply = { 0 };
	struct http_request q = { .max_body = MANIFEST_MAX_BYTES };
	unsigned int generation;
	int ret;

	if (!r->is_scheme_open)
		return 0;
	ret = send_once(r, h, "/v2/", &q, &reply, &generation, e);
	if (ret < 0 && (e->code == EPROTO || e->code == EPROTOTYPE || e->code == ECONNREFUSED || e->code == ECONNRESET)) {
		struct err again;

		r->scheme = "http";
		if (send_once(r, h, "/v2/", &q, &reply, &generation, &again) < 0) {
			r->scheme = "https";
			return ret;	/* the first error says more */
		}
		ret = 0;
	}
	if (ret >= 0)
		r->is_scheme_open = false;
	return ret;
}

/* Sends q; a 401 is answered once. The caller reads the status of all else. */
int remote_send(struct remote *r, struct http *h, const char *path, struct http_request *q,
		struct http_reply *reply, struct err *e)
{
	unsigned int generation = 0;
	int ret = settle_scheme(r, h, e);

	for (int tries = 0; ret >= 0 && tries < 2; tries++) {
		ret = send_once(r, h, path, q, reply, &generation, e);
		if (ret < 0 || reply->status != 401 || tries == 1)
			break;
		ret = remote_authorise(r, &reply->challenges, generation, e);
	}
	return ret;
}

void remote_wait(const struct remote *r, unsigned int tries, int64_t retry_after,
			      const char *what, const struct err *e)
{
	int64_t ns = r->retry_delay;
	struct timespec t;

	if (ns <= 0)
		ns = 1000000000LL << (tries < 5 ? tries : 5);
	if (retry_after > 0 && retry_after <= 60)
		ns = retry_after * 1000000000LL;
	if (r->say) {
		char text[700];

		snprintf(text, sizeof(text), "%s: %s: trying again in %.1f s", what, e->msg,
			 ns / 1e9);
		r->say(r->say_arg, text);
	}
	for (; ns > 0 && !cancel_is_wanted(); ns -= WAIT_STEP) {
		t.tv_sec = 0;
		t.tv_nsec = ns < WAIT_STEP ? ns : WAIT_STEP;
		nanosleep(&t, NULL);
	}
}

/* A request whose answer is small, with retries. */
static int get_small(struct remote *r, struct http *h, const char *what, const char *path,
		     const char *const *headers, size_t max, struct http_reply *reply,
		     struct err *e)
{
	for (unsigned int tries = 0;; tries++) {
		struct http_request q = { .headers = headers, .max_body = max };
		int ret = remote_send(r, h, path, &q, reply, e);

		if (ret >= 0 && reply->status == 200)
			return 0;
		if (ret >= 0)
			ret = remote_status_error(r, what, reply, e);
		else if (e->code == EACCES)
			err_wrap(e, "%s", what);	/* who we are was asked for, and not accepted */
		if (!remote_is_worth_retrying(r, e) || tries >= r->retries)
			return ret;
		remote_wait(r, tries, reply->retry_after, what, e);
	}
}

int remote_log_in(struct remote *r, struct http *h, struct err *e)
{
	auto_of(http_reply_clear) struct http_reply reply = { 0 };

	return get_small(r, h, "authenticating", "/v2/", NULL, MANIFEST_MAX_BYTES, &reply, e);
}

/* --- manifests and tags --------------------------------------------------- */

int remote_get_manifest(struct remote_manifest *out, struct remote *r, struct http *h,
			const char *what, struct err *e)
{
	static const char *const headers[] = {
		"Accept: " MEDIA_OCI_INDEX ", " MEDIA_DOCKER_LIST ", " MEDIA_OCI_MANIFEST ", "
		MEDIA_DOCKER_MANIFEST,
		NULL,
	};
	auto_of(http_reply_clear) struct http_reply reply = { 0 };
	auto_of(str_clear) struct str path = { 0 }, name = { 0 };
	bool is_digest = manifest_hex(what);
	int ret;

	str_addf(&path, "/v2/%s/manifests/%s", r->repo, what);
	str_addf(&name, "reading manifest %s in %s/%s", what, r->name, r->repo);
	ret = get_small(r, h, name.p, path.p, headers, MANIFEST_MAX_BYTES, &reply, e);
	if (ret < 0)
		return ret;
	strcpy(out->digest, "sha256:");
	digest_of(out->digest + 7, str_peek(&reply.body), reply.body.len);
	if (is_digest && strcmp(what, out->digest) != 0)
		return err_set(e, EBADMSG, "manifest %s: %s sent other bytes (%s)", what, r->host,
			       out->digest);
	if (!is_digest && manifest_hex(reply.digest) && strcmp(reply.digest, out->digest) != 0)
		return err_set(e, EBADMSG, "%s: %s announced %s and sent %s", name.p,
			       r->host, reply.digest, out->digest);
	out->bytes = reply.body;
	reply.body = (struct str){ 0 };
	out->media_type = steal_ptr(&reply.content_type);
	return 0;
}

/* <URL>; rel="next" of the same host. */
static char *next_page(const struct remote *r, const char *link)
{
	const char *from, *to;
	autofree char *url = NULL;

	if (!link || !strstr(link, "rel=\"next\""))
		return NULL;
	from = strchr(link, '<');
	to = from ? strchr(from, '>') : NULL;
	if (!to)
		return NULL;
	url = xcalloc(1, to - from);
	memcpy(url, from + 1, to - from - 1);
	if (url[0] == '/' && url[1] != '/')
		return steal_ptr(&url);
	if (strstr(url, "://")) {
		const char *rest = strstr(url, "://") + 3;
		const char *path = str_after(rest, r->host);

		return path && *path == '/' ? xstrdup(path) : NULL;
	}
	return NULL;
}

/* The strings of the list called key, page by page. */
static int list_pages(struct strv *out, struct remote *r, struct http *h, const char *what,
		      const char *first, const char *key, struct err *e)
{
	autofree char *path = xstrdup(first);

	for (int page = 0; path && page < MAX_TAG_PAGES; page++) {
		auto_of(http_reply_clear) struct http_reply reply = { 0 };
		auto_of(json_free) struct json *j = NULL;
		int ret = get_small(r, h, what, path, NULL, MAX_TAG_BODY, &reply, e);

		if (ret >= 0)
			ret = json_parse(&j, str_peek(&reply.body), reply.body.len, e);
		if (ret < 0)
			return err_wrap(e, "list the %s of %s", key, *r->repo ? r->repo : r->host);
		json_get_strv(j, key, out);
		free(path);
		path = next_page(r, reply.link);
	}
	return 0;
}

int remote_list_tags(struct strv *tags, struct remote *r, struct http *h, struct err *e)
{
	autofree char *first = xasprintf("/v2/%s/tags/list", r->repo);

	return list_pages(tags, r, h, r->repo, first, "tags", e);
}

int remote_list_repositories(struct strv *names, struct remote *r, struct http *h, struct err *e)
{
	return list_pages(names, r, h, "the catalog", "/v2/_catalog?n=1000", "repositories", e);
}

int remote_get_json(struct json **out, struct remote *r, struct http *h, const char *what,
		    const char *path, struct err *e)
{
	auto_of(http_reply_clear) struct http_reply reply = { 0 };
	int ret = get_small(r, h, what, path, NULL, MAX_TAG_BODY, &reply, e);

	return ret < 0 ? ret : json_parse(out, str_peek(&reply.body), reply.body.len, e);
}

/* --- blobs ---------------------------------------------------------------- */

struct blob {
	int (*sink)(void *arg, const void *data, size_t n);
	void *arg;
	uint64_t size, got;	/* handed over */
	uint64_t at;		/* where in the blob the next byte of this answer is */
	bool is_started, is_too_long, is_misplaced;
};

static int on_blob(void *arg, const struct http_reply *reply, const void *data, size_t n)
{
	struct blob *b = arg;
	size_t skip = 0;

	if (!b->is_started) {
		b->is_started = true;
		b->at = reply->status == 206 ? reply->range_start : 0;
		b->is_misplaced = b->at > b->got;
	}
	if (b->is_misplaced)
		return -1;
	if (n > b->size - b->at) {
		b->is_too_long = true;
		return -1;
	}
	if (b->at < b->got)
		skip = b->got - b->at < n ? b->got - b->at : n;
	b->at += n;
	if (skip == n)
		return 0;
	b->got += n - skip;
	return b->sink(b->arg, (const char *)data + skip, n - skip);
}

static int get_blob_once(struct remote *r, struct http *h, const char *digest, const char *path,
			 struct blob *b, int64_t *retry_after, struct err *e)
{
	auto_of(http_reply_clear) struct http_reply reply = { 0 };
	struct http_request q = {
		.range_from = b->got,
		.max_body = MANIFEST_MAX_BYTES,
		.sink = on_blob,
		.sink_arg = b,
	};
	int ret;

	b->is_started = false;
	ret = remote_send(r, h, path, &q, &reply, e);
	*retry_after = reply.retry_after;
	if (b->is_too_long)
		return err_set(e, EBADMSG, "blob %s: %s sends more than the %llu bytes of the manifest",
			       digest, r->host, (unsigned long long)b->size);
	if (b->is_misplaced)
		return err_set(e, EBADMSG, "blob %s: %s sends another range than asked for", digest,
			       r->host);
	if (ret < 0)
		return ret;
	if (reply.status < 200 || reply.status >= 300)
		return remote_status_error(r, digest, &reply, e);
	if (b->got < b->size)
		return err_set(e, ECONNRESET, "%s sent %llu of %llu bytes", r->host,
			       (unsigned long long)b->got, (unsigned long long)b->size);
	return 0;
}

int remote_get_blob(struct remote *r, struct http *h, const char *digest, uint64_t size,
		    int (*sink)(void *arg, const void *data, size_t n), void *arg, struct err *e)
{
	struct blob b = { .sink = sink, .arg = arg, .size = size };
	auto_of(str_clear) struct str path = { 0 };
	unsigned int tries = 0;

	str_addf(&path, "/v2/%s/blobs/%s", r->repo, digest);
	for (;;) {
		uint64_t before = b.got;
		int64_t retry_after = -1;
		int ret = get_blob_once(r, h, digest, path.p, &b, &retry_after, e);

		if (ret >= 0 || !remote_is_worth_retrying(r, e))
			return ret;
		if (b.got > before)
			tries = 0;	/* it moves: patience starts anew */
		if (tries >= r->retries)
			return ret;
		remote_wait(r, tries++, retry_after, digest, e);
	}
}
