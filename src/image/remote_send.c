/* SPDX-License-Identifier: Apache-2.0 */
/* remote_send: one request, with whatever authority it takes.
 *
 * THEORY
 * Every request goes out with what we have: nothing, a token, or user and password. A 401 names what
 * is wanted; remote_auth.c gets it, once, however many threads ran into the same 401 (each remembers
 * the generation of the token it used). So a public registry on loopback costs no extra round trip.
 *
 * An insecure registry may speak plain http. It is asked over https first, and the answer is kept
 * for all later requests; credentials are never sent before that is settled.
 */
#include "image/remote_priv.h"

#include "base/json.h"
#include "base/table.h"
#include "base/timefmt.h"
#include "image/cancel.h"
#include "image/manifest.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { WAIT_STEP = 200000000 };

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
	token = xstrdup_or_null(r->token);
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

/* A name that has never led anywhere is most likely a wrong one; one that did is worth waiting for. */
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

void remote_wait(const struct remote *r, unsigned int tries, int64_t retry_after, const char *what,
		 const struct err *e)
{
	int64_t ns = r->retry_delay;
	struct timespec t;

	if (ns <= 0)
		ns = TIME_SECOND << (tries < 5 ? tries : 5);
	if (retry_after > 0 && retry_after <= 60)
		ns = retry_after * TIME_SECOND;
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
