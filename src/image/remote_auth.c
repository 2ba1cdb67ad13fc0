/* SPDX-License-Identifier: Apache-2.0 */
/* remote_auth: answers to "401 Unauthorized".
 *
 * THEORY
 * The realm of a bearer challenge is an address that the registry chooses, and it gets our
 * password. So it must be https, or lie on the registry's own host when that is spoken to over
 * http. Its certificate is verified even for an insecure registry, unless it is that same host
 * (CVE-2019-10214).
 */
#include "base/json.h"
#include "base/persona.h"
#include "image/http.h"
#include "image/remote_priv.h"

#include <string.h>
#include <strings.h>

enum { MAX_TOKEN_BODY = 1 << 20, MAX_TOKEN = 64 << 10 };

static bool is_token_char(char c)
{
	return c && !strchr(" \t,=\"", c);
}

char *remote_challenge_param(const char *challenge, const char *name)
{
	const char *p = challenge + strcspn(challenge, " ");

	while (*p) {
		auto_of(str_clear) struct str value = { 0 };
		const char *key;
		size_t key_n;

		while (*p == ' ' || *p == '\t' || *p == ',')
			p++;
		key = p;
		while (is_token_char(*p))
			p++;
		key_n = p - key;
		if (*p != '=')
			return NULL;
		p++;
		if (*p == '"') {
			for (p++; *p && *p != '"'; p++) {
				if (*p == '\\' && p[1])
					p++;
				str_addc(&value, *p);
			}
			if (*p == '"')
				p++;
		} else {
			while (is_token_char(*p))
				str_addc(&value, *p++);
		}
		if (key_n == strlen(name) && strncasecmp(key, name, key_n) == 0)
			return str_steal(&value);
	}
	return NULL;
}

static const char *find_challenge(const struct strv *challenges, const char *scheme)
{
	size_t n = strlen(scheme);

	for (size_t i = 0; i < challenges->n; i++) {
		const char *c = challenges->v[i];

		if (strncasecmp(c, scheme, n) == 0 && (c[n] == ' ' || c[n] == '\0'))
			return c;
	}
	return NULL;
}

static int check_realm(const struct remote *r, const char *realm, bool *is_same_host,
		       struct err *e)
{
	auto_of(str_clear) struct str ours = { 0 };
	autofree char *origin = http_origin(realm), *mine = NULL;

	str_addf(&ours, "%s://%s/", r->scheme, r->host);
	mine = http_origin(ours.p);
	if (!origin || !mine)
		return err_set(e, EPROTO, "%s: '%.200s' is not the address of a token server",
			       r->host, realm);
	*is_same_host = strcmp(origin, mine) == 0;
	if (!*is_same_host && !str_has_prefix(origin, "https:"))
		return err_set(e, EACCES, "%s wants a token from %s, which is not encrypted: refused",
			       r->host, origin);
	return 0;
}

static int read_token(struct remote *r, const struct http_reply *reply, struct err *e)
{
	auto_of(json_free) struct json *j = NULL;
	const char *token;
	int ret = json_parse(&j, str_peek(&reply->body), reply->body.len, e);

	if (ret < 0)
		return err_wrap(e, "token of %s", r->host);
	token = json_get_str(j, "token");
	if (str_empty(token))
		token = json_get_str(j, "access_token");
	if (str_empty(token) || strlen(token) > MAX_TOKEN)
		return err_set(e, EPROTO, "the token server of %s sent no token", r->host);
	for (const char *p = token; *p; p++)
		if (*p <= ' ' || *p > '~')	/* it goes into a header line */
			return err_set(e, EPROTO, "the token server of %s sent a malformed token",
				       r->host);
	free(r->token);
	r->token = xstrdup(token);
	return 0;
}

static void add_param(struct str *s, const char *name, const char *value)
{
	autofree char *escaped = http_escape(value);

	str_addf(s, "%s%s=%s", s->len ? "&" : "", name, escaped);
}

static void token_params(struct str *params, const struct remote *r, const char *challenge)
{
	autofree char *service = remote_challenge_param(challenge, "service");
	autofree char *scope = remote_challenge_param(challenge, "scope");
	auto_of(str_clear) struct str own = { 0 };

	if (service)
		add_param(params, "service", service);
	/* The challenge's scope would do for pull; asking for our own keeps the server from choosing. */
	str_addf(&own, "repository:%s:%s", r->repo, r->actions);
	if (*r->repo || scope)
		add_param(params, "scope", *r->repo ? own.p : scope);
	for (size_t i = 0; i < r->mount_from.n; i++) {
		autofree char *other = xasprintf("repository:%s:pull", r->mount_from.v[i]);

		add_param(params, "scope", other);
	}
}

int remote_refused(const struct remote *r, const char *what, const char *why, struct err *e)
{
	return err_set(e, EACCES, "%s%sunauthorized: %s: run: %s login %s", what, *what ? ": " : "", why,
		       persona_name(), r->name);
}

struct token_request {
	struct http_request q;	/* borrows from below */
	struct str params, url;	/* owned */
};

static void token_request_clear(struct token_request *t)
{
	str_clear(&t->params);
	str_clear(&t->url);
}
DEFINE_AUTO_VALUE(struct token_request, token_request_clear)

/* OAuth2 for who has an identity token, else a GET with the password. */
static void token_request_make(struct token_request *t, const struct remote *r, const char *challenge,
			       const char *realm)
{
	t->q.max_body = MAX_TOKEN_BODY;
	token_params(&t->params, r, challenge);
	if (r->identity_token) {
		add_param(&t->params, "grant_type", "refresh_token");
		add_param(&t->params, "client_id", "rootlet");
		add_param(&t->params, "refresh_token", r->identity_token);
		t->q.method = "POST";
		t->q.url = realm;
		t->q.body = t->params.p;
		t->q.body_len = t->params.len;
		return;
	}
	if (r->user)
		add_param(&t->params, "account", r->user);
	str_addf(&t->url, "%s%c%s", realm, strchr(realm, '?') ? '&' : '?', str_peek(&t->params));
	t->q.url = t->url.p;
	t->q.user = r->user;
	t->q.password = r->password;
}

static int fetch_token(struct remote *r, const char *challenge, struct err *e)
{
	static const struct http_tls strict = { 0 };
	auto_of(http_reply_clear) struct http_reply reply = { 0 };
	auto_of(http_free) struct http *h = NULL;
	autofree char *realm = remote_challenge_param(challenge, "realm");
	auto_of(token_request_clear) struct token_request t = { 0 };
	bool is_same_host = false;

	if (!realm)
		return err_set(e, EPROTO, "%s asks for a token and does not say from where", r->host);
	if (check_realm(r, realm, &is_same_host, e) < 0)
		return -e->code;
	/* A connection of its own: other certificates may be trusted there than here. */
	h = is_same_host || !r->tls->is_insecure ? remote_http(r) : http_new(&strict, "rootlet");
	token_request_make(&t, r, challenge, realm);
	if (http_do(h, &t.q, &reply, e) < 0)
		return err_wrap(e, "token server of %s", r->host);
	if (reply.status == 401 || reply.status == 403)
		return remote_refused(r, "unable to retrieve auth token", r->user || r->identity_token ?
				      "invalid username/password" : "authentication required", e);
	if (reply.status != 200)
		return err_set(e, reply.status >= 500 || reply.status == 429 ? ECONNRESET : EPROTO,
			       "the token server of %s answers with status %ld", r->host,
			       reply.status);
	return read_token(r, &reply, e);
}

static int authorise(struct remote *r, const struct strv *challenges, struct err *e)
{
	const char *bearer = find_challenge(challenges, "Bearer");
	const char *basic = find_challenge(challenges, "Basic");

	if (bearer)
		return fetch_token(r, bearer, e);
	if (!basic)
		return err_set(e, EACCES, "%s wants an authentication that rootlet does not know",
			       r->host);
	if (r->is_basic)
		return remote_refused(r, "", "invalid username/password", e);
	if (!r->user)
		return remote_refused(r, "", "authentication required", e);
	r->is_basic = true;
	return 0;
}

int remote_authorise(struct remote *r, const struct strv *challenges,
		     unsigned int generation, struct err *e)
{
	int ret = 0;

	pthread_mutex_lock(&r->lock);
	if (r->generation == generation) {
		ret = authorise(r, challenges, e);
		if (ret >= 0)
			r->generation++;
	}
	pthread_mutex_unlock(&r->lock);
	return ret;
}
