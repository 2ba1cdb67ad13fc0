/* SPDX-License-Identifier: Apache-2.0 */
/* remote_get: manifests, lists and blobs.
 *
 * THEORY
 * A blob survives broken connections: what was handed to the sink is counted, the next request asks
 * for the rest with Range, and a server that sends everything again is skipped forward.
 */
#include "image/remote_priv.h"

#include "base/json.h"
#include "image/manifest.h"

#include <string.h>

enum { MAX_TAG_PAGES = 1000, MAX_TAG_BODY = 8 << 20 };

void remote_manifest_clear(struct remote_manifest *m)
{
	str_clear(&m->bytes);
	free(m->media_type);
	m->media_type = NULL;
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
