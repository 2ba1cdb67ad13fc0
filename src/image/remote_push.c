/* SPDX-License-Identifier: Apache-2.0 */
/* remote_push: see remote_push.h.
 *
 * THEORY
 * A blob goes up in three requests: POST opens an upload, PATCH sends the bytes, PUT gives the
 * digest. Where PATCH and PUT go the registry says (Location); it must be the registry itself,
 * because our token goes along. When a connection breaks the upload is begun again.
 */
#include "image/remote_push.h"

#include "image/http.h"
#include "image/manifest.h"
#include "image/remote_priv.h"

#include <string.h>

int remote_push_has(struct remote *r, struct http *h, const char *digest, struct err *e)
{
	auto_of(http_reply_clear) struct http_reply reply = { 0 };
	autofree char *path = xasprintf("/v2/%s/blobs/%s", r->repo, digest);
	struct http_request q = { .method = "HEAD", .max_body = MANIFEST_MAX_BYTES };
	int ret = remote_send(r, h, path, &q, &reply, e);

	if (ret >= 0 && reply.status == 401)
		ret = remote_status_error(r, "", &reply, e);
	if (ret < 0)
		return err_wrap(e, "checking whether a blob %s exists in %s/%s", digest, r->name, r->repo);
	if (reply.status == 200)
		return 1;
	/* 404 is no, and whatever else is wrong the upload will tell better. */
	return 0;
}

/* The part of an upload's address behind the host. */
static int upload_path(char **out, const struct remote *r, const char *location, struct err *e)
{
	autofree char *ours = NULL, *theirs = NULL, *base = NULL;
	const char *rest;

	if (!location)
		return err_set(e, EPROTO, "%s does not say where to upload to", r->host);
	if (location[0] == '/' && location[1] != '/') {
		*out = xstrdup(location);
		return 0;
	}
	base = xasprintf("%s://%s/", r->scheme, r->host);
	ours = http_origin(base);
	theirs = http_origin(location);
	if (!theirs || !ours || strcmp(ours, theirs) != 0)
		return err_set(e, EPROTO, "%s wants uploads sent to %s: refused, the password would "
			       "go along", r->host, theirs ? theirs : location);
	rest = strchr(strstr(location, "://") + 3, '/');
	if (!rest)
		return err_set(e, EPROTO, "%s: '%s' is no address to upload to", r->host, location);
	*out = xstrdup(rest);
	return 0;
}

static int begin_upload(char **path, struct remote *r, struct http *h, const char *query,
			struct http_reply *reply, struct err *e)
{
	autofree char *start = xasprintf("/v2/%s/blobs/uploads/%s", r->repo, query);
	struct http_request q = { .method = "POST", .body = "", .max_body = MANIFEST_MAX_BYTES };
	int ret = remote_send(r, h, start, &q, reply, e);

	if (ret < 0)
		return ret;
	if (reply->status == 201)
		return 1;	/* mounted */
	if (reply->status != 202)
		return remote_status_error(r, start, reply, e);
	return upload_path(path, r, reply->location, e);
}

int remote_push_mount(struct remote *r, struct http *h, const char *digest, const char *from,
		      struct err *e)
{
	auto_of(http_reply_clear) struct http_reply reply = { 0 };
	autofree char *escaped = http_escape(from), *path = NULL;
	autofree char *query = xasprintf("?mount=%s&from=%s", digest, escaped);
	struct http_request q = { .method = "DELETE", .max_body = MANIFEST_MAX_BYTES };
	int ret = begin_upload(&path, r, h, query, &reply, e);
	struct err ignored;

	if (ret < 0)
		return e->code == EACCES || e->code == ERR_NO_SUCH || e->code == EPROTO ? 0 : ret;
	if (ret == 0)	/* an upload was opened instead, and is not wanted */
		(void)remote_send(r, h, path, &q, &reply, &ignored);
	return ret;
}

static int send_bytes(char **path, struct remote *r, struct http *h, const struct remote_push_blob *b,
		      struct http_reply *reply, struct err *e)
{
	static const char *const headers[] = { "Content-Type: application/octet-stream", NULL };
	struct http_file file = { b->fd, b->size, b->counter };
	struct http_request q = {
		.method = "PATCH",
		.headers = headers,
		.body = b->bytes, .body_len = b->size,
		.file = b->bytes ? NULL : &file,
		.max_body = MANIFEST_MAX_BYTES,
	};
	int ret = remote_send(r, h, *path, &q, reply, e);
	char *next = NULL;

	if (ret < 0)
		return ret;
	if (reply->status < 200 || reply->status > 299)
		return remote_status_error(r, b->digest, reply, e);
	if (!reply->location)
		return 0;
	ret = upload_path(&next, r, reply->location, e);
	if (ret < 0)
		return ret;
	free(*path);
	*path = next;
	return 0;
}

static int push_once(struct remote *r, struct http *h, const struct remote_push_blob *b,
		     struct http_reply *reply, struct err *e)
{
	struct http_request q = { .method = "PUT", .body = "", .max_body = MANIFEST_MAX_BYTES };
	autofree char *path = NULL, *last = NULL;
	int ret = begin_upload(&path, r, h, "", reply, e);

	if (ret > 0)
		return err_set(e, EPROTO, "%s answers an upload with a blob", r->host);
	if (ret == 0 && b->size > 0)
		ret = send_bytes(&path, r, h, b, reply, e);
	if (ret < 0)
		return ret;
	last = xasprintf("%s%cdigest=%s", path, strchr(path, '?') ? '&' : '?', b->digest);
	ret = remote_send(r, h, last, &q, reply, e);
	if (ret >= 0 && (reply->status < 200 || reply->status > 299))
		ret = remote_status_error(r, b->digest, reply, e);
	return ret < 0 ? ret : 0;
}

int remote_push_blob(struct remote *r, struct http *h, const struct remote_push_blob *b,
		     struct err *e)
{
	for (unsigned int tries = 0;; tries++) {
		auto_of(http_reply_clear) struct http_reply reply = { 0 };
		int ret = push_once(r, h, b, &reply, e);

		if (ret >= 0 || !remote_is_worth_retrying(r, e) || tries >= r->retries)
			return ret;
		remote_wait(r, tries, reply.retry_after, b->digest, e);
	}
}

int remote_push_manifest(struct remote *r, struct http *h, const char *what, const char *media_type,
			 const char *bytes, size_t len, struct err *e)
{
	autofree char *path = xasprintf("/v2/%s/manifests/%s", r->repo, what);
	autofree char *type = xasprintf("Content-Type: %s", media_type);
	const char *const headers[] = { type, NULL };

	for (unsigned int tries = 0;; tries++) {
		auto_of(http_reply_clear) struct http_reply reply = { 0 };
		struct http_request q = {
			.method = "PUT", .headers = headers, .body = bytes, .body_len = len,
			.max_body = MANIFEST_MAX_BYTES,
		};
		int ret = remote_send(r, h, path, &q, &reply, e);

		if (ret >= 0 && reply.status >= 200 && reply.status < 300)
			return 0;
		if (ret >= 0)
			ret = remote_status_error(r, what, &reply, e);
		if (!remote_is_worth_retrying(r, e) || tries >= r->retries)
			return ret;
		remote_wait(r, tries, reply.retry_after, what, e);
	}
}
