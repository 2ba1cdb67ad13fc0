/* SPDX-License-Identifier: Apache-2.0 */
#include "image/http.h"

#include "base/file.h"
#include "base/units.h"
#include "image/cancel.h"

#include <curl/curl.h>
#include <fcntl.h>
#include <openssl/x509_vfy.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

enum { MAX_REDIRECTS = 10, MAX_HEADERS = 256 << 10, MAX_ERROR_BODY = 64 << 10,
       MAX_CHALLENGES = 16 };
enum { CONNECT_SECONDS = 30, STALL_SECONDS = 60 };

struct http {
	CURL *curl;			/* owned */
	const struct http_tls *tls;	/* borrowed */
	char *user_agent;		/* owned */
	char error[CURL_ERROR_SIZE];
	/* of the request under way */
	const struct http_request *q;
	struct http_reply *reply;
	size_t headers_len;
	bool is_too_big, is_stopped;
};

int http_global_init(struct err *e)
{
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return err_set(e, ENOMEM, "libcurl cannot be initialised");
	return 0;
}

struct http *http_new(const struct http_tls *tls, const char *user_agent)
{
	struct http *h = xcalloc(1, sizeof(*h));

	h->curl = curl_easy_init();
	if (!h->curl)
		abort();	/* out of memory is all it can be */
	h->tls = tls;
	h->user_agent = xstrdup(user_agent);
	return h;
}

void http_free(struct http *h)
{
	if (!h)
		return;
	curl_easy_cleanup(h->curl);
	free(h->user_agent);
	free(h);
}

void http_reply_clear(struct http_reply *r)
{
	free(r->content_type);
	free(r->digest);
	free(r->link);
	free(r->location);
	strv_clear(&r->challenges);
	str_clear(&r->body);
	*r = (struct http_reply){ .retry_after = -1, .length = -1 };
}

/* A CA given as bytes replaces libcurl's file, so the system's roots are put in front of it. */
static void set_ca(struct http *h)
{
	auto_of(str_clear) struct str all = { 0 };
	struct curl_blob blob = { .flags = CURL_BLOB_COPY };
	autofree char *roots = NULL;
	char *file = NULL;
	size_t len;

	if (h->tls->ca.len == 0)
		return;
#if LIBCURL_VERSION_NUM >= 0x075400
	curl_easy_getinfo(h->curl, CURLINFO_CAINFO, &file);
#endif
	if (file && file_read_at(AT_FDCWD, file, &roots, &len, FILE_MAX_CONFIG) >= 0) {
		str_addn(&all, roots, len);
		str_addc(&all, '\n');
	}
	str_addn(&all, h->tls->ca.p, h->tls->ca.len);
	blob.data = all.p;
	blob.len = all.len;
	curl_easy_setopt(h->curl, CURLOPT_CAINFO_BLOB, &blob);
}

static char *header_value(const char *p, size_t n)
{
	while (n > 0 && (*p == ' ' || *p == '\t'))
		p++, n--;
	while (n > 0 && (p[n - 1] == '\r' || p[n - 1] == '\n' || p[n - 1] == ' '))
		n--;
	return xstrndup(p, n);
}

static char *media_type(char *value)
{
	value[strcspn(value, "; \t")] = '\0';
	for (char *p = value; *p; p++)
		if (*p >= 'A' && *p <= 'Z')
			*p += 'a' - 'A';
	return value;
}

static void replace(char **to, char *value_taken)
{
	free(*to);
	*to = value_taken;
}

static void take_text(struct http_reply *r, const char *name, const char *value)
{
	if (strcasecmp(name, "Content-Type") == 0)
		replace(&r->content_type, media_type(xstrdup(value)));
	else if (strcasecmp(name, "Docker-Content-Digest") == 0)
		replace(&r->digest, xstrdup(value));
	else if (strcasecmp(name, "Link") == 0)
		replace(&r->link, xstrdup(value));
	else if (strcasecmp(name, "Location") == 0)
		replace(&r->location, xstrdup(value));
	else if (strcasecmp(name, "WWW-Authenticate") == 0 && r->challenges.n < MAX_CHALLENGES)
		strv_add(&r->challenges, value);
}

/* "bytes 100-199/200": the first of them. */
static bool parse_range(const char *value, uint64_t *start)
{
	autofree char *first = NULL;

	if (strncasecmp(value, "bytes ", strlen("bytes ")) != 0)
		return false;
	value += strlen("bytes ");
	first = xstrndup(value, strcspn(value, "-"));
	return units_parse_uint(first, start) == 0;
}

static void take_number(struct http_reply *r, const char *name, const char *value)
{
	uint64_t u;

	if (strcasecmp(name, "Retry-After") == 0 && units_parse_uint(value, &u) == 0 && u < 3600)
		r->retry_after = u;
	else if (strcasecmp(name, "Content-Length") == 0 && units_parse_uint(value, &u) == 0 && u < INT64_MAX)
		r->length = u;
	else if (strcasecmp(name, "Content-Range") == 0 && parse_range(value, &u))
		r->range_start = u;
}

static size_t on_header(char *line, size_t size, size_t n, void *arg)
{
	struct http *h = arg;
	const char *colon;

	n *= size;
	h->headers_len += n;
	if (h->headers_len > MAX_HEADERS)
		return 0;
	if (n > 5 && strncasecmp(line, "HTTP/", 5) == 0) {	/* also after a 100 or a proxy's 200 */
		http_reply_clear(h->reply);
		return n;
	}
	colon = memchr(line, ':', n);
	if (colon) {
		autofree char *name = xstrndup(line, colon - line);
		autofree char *value = header_value(colon + 1, line + n - colon - 1);

		take_text(h->reply, name, value);
		take_number(h->reply, name, value);
	}
	return n;
}

static size_t on_data(char *data, size_t size, size_t n, void *arg)
{
	struct http *h = arg;
	struct http_reply *r = h->reply;
	size_t max = h->q->max_body;

	n *= size;
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &r->status);
	if (h->q->sink && r->status >= 200 && r->status < 300) {
		if (h->q->sink(h->q->sink_arg, r, data, n) == 0)
			return n;
		h->is_stopped = true;
		return 0;
	}
	if (r->status < 200 || r->status >= 300)
		max = MAX_ERROR_BODY;
	if (r->body.len + n > max) {
		h->is_too_big = true;
		return 0;
	}
	str_addn(&r->body, data, n);
	return n;
}

struct upload {
	const struct http_request *q;
	uint64_t at;
};

static size_t on_upload(char *to, size_t size, size_t n, void *arg)
{
	struct upload *u = arg;
	const struct http_file *f = u->q->file;
	ssize_t got;

	n *= size;
	if (!f) {
		if (n > u->q->body_len - u->at)
			n = u->q->body_len - u->at;
		memcpy(to, u->q->body + u->at, n);
		u->at += n;
		return n;
	}
	if (n > f->size - u->at)
		n = f->size - u->at;
	got = n ? pread(f->fd, to, n, (off_t)u->at) : 0;
	if (got < 0 || (n && !got))
		return CURL_READFUNC_ABORT;
	u->at += got;
	if (f->counter)
		atomic_store_explicit(f->counter, u->at, memory_order_relaxed);
	return got;
}

/* What is wrong with a certificate; in the words that scripts know from other clients. */
static const char *certificate_error(struct http *h, const char *why)
{
	long verify = 0;

	curl_easy_getinfo(h->curl, CURLINFO_SSL_VERIFYRESULT, &verify);
	switch (verify) {
	case X509_V_ERR_CERT_NOT_YET_VALID:
	case X509_V_ERR_CERT_HAS_EXPIRED:
		return "x509: certificate has expired or is not yet valid";
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		return "x509: certificate signed by unknown authority";
	default:
		return why;
	}
}

static int certificate_refused(struct http *h, const char *origin, const char *why, struct err *e)
{
	return err_set(e, EKEYREJECTED, "%s: tls: failed to verify certificate: %s: put the registry's "
		       "authority into certs.d or use --tls-verify=false", origin,
		       certificate_error(h, why));
}

static int connection_refused(struct http *h, const char *origin, const char *why, struct err *e)
{
	long code = 0;

	curl_easy_getinfo(h->curl, CURLINFO_OS_ERRNO, &code);
	if (code > 0)
		err_sys(e, (int)code, "%s: connect", origin);
	else
		err_set(e, ECONNREFUSED, "%s: %s", origin, why);
	e->code = ECONNREFUSED;
	return -e->code;
}

static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
	(void)arg;
	(void)a;
	(void)b;
	(void)c;
	(void)d;
	return cancel_is_wanted();
}

static int curl_error(struct http *h, CURLcode c, const char *url, struct err *e)
{
	const char *why = h->error[0] ? h->error : curl_easy_strerror(c);
	autofree char *known = http_origin(url);
	const char *origin = known ? known : url;
	int code;

	switch (c) {
	case CURLE_COULDNT_RESOLVE_HOST:
		return err_set(e, EHOSTUNREACH, "%s: no such host: %s", origin, why);
	case CURLE_COULDNT_RESOLVE_PROXY:
		code = EHOSTUNREACH;
		break;
	case CURLE_COULDNT_CONNECT:
		return connection_refused(h, origin, why, e);
	case CURLE_OPERATION_TIMEDOUT:
		code = ETIMEDOUT;
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_ISSUER_ERROR:
		return certificate_refused(h, origin, why, e);
	case CURLE_SSL_CERTPROBLEM:
		code = EKEYREJECTED;
		break;
	case CURLE_SSL_CONNECT_ERROR:
		if (strstr(why, "wrong version number"))
			return err_set(e, EPROTOTYPE, "%s: http: server gave HTTP response to HTTPS client: "
				       "for a registry without TLS use --tls-verify=false", origin);
		code = EPROTO;
		break;
	case CURLE_ABORTED_BY_CALLBACK:
		return err_set(e, ECANCELED, "interrupted");
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
	case CURLE_SSL_CACERT_BADFILE:
		code = EINVAL;
		break;
	default:
		code = ECONNRESET;
	}
	return err_set(e, code, "%s: %s", origin, why);
}

static void set_common(struct http *h)
{
	CURL *c = h->curl;

	curl_easy_reset(c);	/* keeps connections, sessions and names */
	curl_easy_setopt(c, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(c, CURLOPT_ERRORBUFFER, h->error);
	curl_easy_setopt(c, CURLOPT_USERAGENT, h->user_agent);
	curl_easy_setopt(c, CURLOPT_FOLLOWLOCATION, 0L);
#if LIBCURL_VERSION_NUM >= 0x075500
	curl_easy_setopt(c, CURLOPT_PROTOCOLS_STR, "http,https");
#else
	curl_easy_setopt(c, CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS);
#endif
	curl_easy_setopt(c, CURLOPT_CONNECTTIMEOUT, (long)CONNECT_SECONDS);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_LIMIT, 1L);
	curl_easy_setopt(c, CURLOPT_LOW_SPEED_TIME, (long)STALL_SECONDS);
	curl_easy_setopt(c, CURLOPT_BUFFERSIZE, 256L << 10);
	curl_easy_setopt(c, CURLOPT_TCP_KEEPALIVE, 1L);
	curl_easy_setopt(c, CURLOPT_HEADERFUNCTION, on_header);
	curl_easy_setopt(c, CURLOPT_HEADERDATA, h);
	curl_easy_setopt(c, CURLOPT_NOPROGRESS, 0L);
	curl_easy_setopt(c, CURLOPT_XFERINFOFUNCTION, on_progress);
	curl_easy_setopt(c, CURLOPT_WRITEFUNCTION, on_data);
	curl_easy_setopt(c, CURLOPT_WRITEDATA, h);
	curl_easy_setopt(c, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(c, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
	if (h->tls->is_insecure) {
		curl_easy_setopt(c, CURLOPT_SSL_VERIFYPEER, 0L);
		curl_easy_setopt(c, CURLOPT_SSL_VERIFYHOST, 0L);
	}
	set_ca(h);
}

static void set_credentials(struct http *h)
{
	const struct http_request *q = h->q;

	if (q->bearer) {
		curl_easy_setopt(h->curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
		curl_easy_setopt(h->curl, CURLOPT_XOAUTH2_BEARER, q->bearer);
	} else if (q->user) {
		curl_easy_setopt(h->curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		curl_easy_setopt(h->curl, CURLOPT_USERNAME, q->user);
		curl_easy_setopt(h->curl, CURLOPT_PASSWORD, q->password);
	}
	if (h->tls->cert) {
		curl_easy_setopt(h->curl, CURLOPT_SSLCERT, h->tls->cert);
		curl_easy_setopt(h->curl, CURLOPT_SSLKEY, h->tls->key);
	}
}

static void set_body(struct http *h, struct upload *u)
{
	const struct http_request *q = h->q;

	if (q->method && strcmp(q->method, "HEAD") == 0) {
		curl_easy_setopt(h->curl, CURLOPT_NOBODY, 1L);
	} else if (q->body && q->method && strcmp(q->method, "POST") == 0) {
		curl_easy_setopt(h->curl, CURLOPT_POST, 1L);
		curl_easy_setopt(h->curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)q->body_len);
		curl_easy_setopt(h->curl, CURLOPT_POSTFIELDS, q->body);
	} else if (q->body || q->file) {
		curl_easy_setopt(h->curl, CURLOPT_UPLOAD, 1L);
		curl_easy_setopt(h->curl, CURLOPT_INFILESIZE_LARGE,
				 (curl_off_t)(q->file ? q->file->size : q->body_len));
		curl_easy_setopt(h->curl, CURLOPT_READFUNCTION, on_upload);
		curl_easy_setopt(h->curl, CURLOPT_READDATA, u);
	}
	if (q->method && strcmp(q->method, "HEAD") != 0)
		curl_easy_setopt(h->curl, CURLOPT_CUSTOMREQUEST, q->method);
}

/* One exchange with one server. */
static int exchange(struct http *h, const char *url, bool has_credentials, struct err *e)
{
	const struct http_request *q = h->q;
	struct upload u = { .q = q };
	struct curl_slist *headers = NULL;
	char range[32];
	CURLcode c;

	set_common(h);
	curl_easy_setopt(h->curl, CURLOPT_URL, url);
	if (has_credentials)
		set_credentials(h);
	for (size_t i = 0; q->headers && q->headers[i]; i++)
		headers = curl_slist_append(headers, q->headers[i]);
	curl_easy_setopt(h->curl, CURLOPT_HTTPHEADER, headers);
	if (q->range_from > 0) {
		snprintf(range, sizeof(range), "%llu-", (unsigned long long)q->range_from);
		curl_easy_setopt(h->curl, CURLOPT_RANGE, range);
	}
	set_body(h, &u);
	h->headers_len = 0;
	h->is_too_big = h->is_stopped = false;
	h->error[0] = '\0';
	http_reply_clear(h->reply);
	c = curl_easy_perform(h->curl);
	curl_slist_free_all(headers);
	curl_easy_getinfo(h->curl, CURLINFO_RESPONSE_CODE, &h->reply->status);
	if (h->is_stopped)
		return err_set(e, ECANCELED, "the transfer was stopped");
	if (h->is_too_big)
		return err_set(e, EFBIG, "%s: the answer is larger than %zu bytes", url,
			       q->max_body);
	if (c != CURLE_OK)
		return curl_error(h, c, url, e);
	return 0;
}

static bool is_redirect(long status)
{
	return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

int http_do(struct http *h, const struct http_request *q, struct http_reply *reply,
	    struct err *e)
{
	autofree char *url = xstrdup(q->url), *home = http_origin(q->url);
	bool has_credentials = true;

	if (!home)
		return err_set(e, EINVAL, "'%s' is not a URL", q->url);
	h->q = q;
	h->reply = reply;
	for (int hops = 0; hops <= MAX_REDIRECTS; hops++) {
		autofree char *origin = NULL;
		char *next = NULL;
		int r = exchange(h, url, has_credentials, e);

		if (r < 0)
			return r;
		if (!is_redirect(reply->status))
			return 0;
		curl_easy_getinfo(h->curl, CURLINFO_REDIRECT_URL, &next);
		origin = next ? http_origin(next) : NULL;
		if (!origin)
			return err_set(e, EPROTO, "%s: redirected to nowhere", url);
		if (str_has_prefix(url, "https:") && !str_has_prefix(origin, "https:") &&
		    !h->tls->is_insecure)
			return err_set(e, EACCES, "%s: redirected from https to %s: refused", home,
				       origin);
		/* Once away, always away: the way back may be forged by the host in between. */
		has_credentials = has_credentials && strcmp(origin, home) == 0;
		replace(&url, xstrdup(next));
	}
	return err_set(e, EPROTO, "%s: more than %d redirects", home, MAX_REDIRECTS);
}

bool http_is_transient(const struct err *e)
{
	return e->code == ECONNREFUSED || e->code == EHOSTUNREACH || e->code == ETIMEDOUT ||
	       e->code == ECONNRESET || e->code == EPROTO;
}
