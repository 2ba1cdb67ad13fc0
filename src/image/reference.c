/* SPDX-License-Identifier: Apache-2.0 */
#include "image/reference.h"

#include "base/ident.h"
#include "base/persona.h"
#include "base/str.h"

#include <ctype.h>
#include <string.h>

#define NAME_MAX_LEN 255	/* of host and path together, as registries accept */
#define TAG_MAX_LEN 128

void reference_clear(struct reference *r)
{
	free(r->host);
	free(r->repo);
	free(r->tag);
	free(r->digest);
	*r = (struct reference){ 0 };
}

static bool is_lower_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static bool is_alnum(char c)
{
	return is_lower_alnum(c) || (c >= 'A' && c <= 'Z');
}

/* ---- the parts ---- */

/* [a-z0-9]+ joined by '.', '_', "__" or any number of '-'. */
static bool is_path_component(const char *s, size_t n)
{
	size_t i = 0;

	while (i < n) {
		size_t start = i;

		while (i < n && is_lower_alnum(s[i]))
			i++;
		if (i == start)
			return false;
		if (i == n)
			return true;
		if (s[i] == '.')
			i++;
		else if (s[i] == '_')
			i += i + 1 < n && s[i + 1] == '_' ? 2 : 1;
		else if (s[i] == '-')
			while (i < n && s[i] == '-')
				i++;
		else
			return false;
	}
	return false;		/* empty, or ends in a separator */
}

static bool is_port(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n >= 1 && n <= 5 && !s[n];
}

/* A host goes into URLs: only what can stand there. */
static bool is_host(const char *s)
{
	const char *p = s;

	if (*p == '[') {
		p++;
		p += strspn(p, "0123456789abcdefABCDEF:.");
		if (p - s < 3 || *p++ != ']')
			return false;
	} else {
		while (true) {
			if (!is_alnum(*p))
				return false;
			while (is_alnum(*p) || *p == '-')
				p++;
			if (p[-1] == '-')
				return false;
			if (*p != '.')
				break;
			p++;
		}
	}
	return !*p || (*p == ':' && is_port(p + 1));
}

static bool is_tag(const char *s)
{
	size_t n;

	if (!is_alnum(*s) && *s != '_')
		return false;
	for (n = 0; s[n]; n++)
		if (!is_alnum(s[n]) && !strchr("_.-", s[n]))
			return false;
	return n <= TAG_MAX_LEN;
}

/* "busybox/x" has no host, "localhost/x", "a.b/x", "a:5000/x" and "Host/x" have one. */
static bool looks_like_host(const char *s)
{
	if (str_eq(s, "localhost") || strpbrk(s, ".:"))
		return true;
	for (; *s; s++)
		if (isupper((unsigned char)*s))
			return true;
	return false;
}

/* ---- parsing ---- */

static int bad(const char *text, const char *why, struct err *e)
{
	return err_set(e, ERR_USAGE, "invalid image name '%.300s': %s", text, why);
}

static int take_digest(struct reference *r, char *name, const char *text, struct err *e)
{
	char *at = strchr(name, '@');
	const char *hex;

	if (!at)
		return 0;
	*at++ = '\0';
	hex = str_after(at, "sha256:");
	if (!hex || !ident_is_id(hex))
		return bad(text, "a digest is sha256: and 64 lower-case hex digits", e);
	r->digest = xstrdup(at);
	return 0;
}

static int take_tag(struct reference *r, char *name, const char *text, struct err *e)
{
	char *slash = strrchr(name, '/');
	char *colon = strchr(slash ? slash : name, ':');

	if (!colon)
		return 0;
	*colon++ = '\0';
	if (!is_tag(colon))
		return bad(text, "a tag is up to 128 letters, digits and _ . -", e);
	r->tag = xstrdup(colon);
	return 0;
}

static int check_path(const char *path, const char *text, struct err *e)
{
	const char *p = path;

	while (true) {
		size_t n = strcspn(p, "/");

		if (!is_path_component(p, n)) {
			for (const char *c = path; *c; c++)
				if (isupper((unsigned char)*c))
					return bad(text, "it has to be lower case", e);
			return bad(text, "a name is lower-case letters, digits and single separators . _ - /", e);
		}
		if (!p[n])
			return 0;
		p += n + 1;
	}
}

static int parse_name(struct reference *r, char *name, const char *text, struct err *e)
{
	char *slash;
	int rc;

	if (strlen(name) > NAME_MAX_LEN)
		return bad(text, "it is longer than 255 characters", e);
	rc = take_tag(r, name, text, e);
	if (rc < 0)
		return rc;
	slash = strchr(name, '/');
	if (slash) {
		*slash = '\0';
		if (looks_like_host(name)) {
			if (!is_host(name))
				return bad(text, "its registry is not HOST or HOST:PORT", e);
			r->host = xstrdup(name);
			name = slash + 1;
		} else {
			*slash = '/';
		}
	}
	if (!r->host && ident_is_id(name))
		return bad(text, "64 hex digits are an image id", e);
	rc = check_path(name, text, e);
	if (rc < 0)
		return rc;
	r->repo = xstrdup(name);
	return 0;
}

/* Docker Hub has three names and a directory that nobody types. */
static void normalise_hub(struct reference *r)
{
	if (str_eq(r->host, "index.docker.io") || str_eq(r->host, "registry-1.docker.io"))
		xreplace(&r->host, "docker.io");
	if (str_eq(r->host, "docker.io") && !strchr(r->repo, '/')) {
		char *repo = xasprintf("library/%s", r->repo);

		free(r->repo);
		r->repo = repo;
	}
}

/* The host and "library/", which the user may not have typed, count too: or the result would be no
 * name. */
static bool is_too_long(const struct reference *r)
{
	return (r->host ? strlen(r->host) + 1 : 0) + strlen(r->repo) +
		       (r->tag ? 1 + strlen(r->tag) : 0) > NAME_MAX_LEN;
}

int reference_parse(struct reference *out, const char *text, struct err *e)
{
	auto_of(reference_clear) struct reference r = { 0 };
	const char *plain = str_after(text, "docker://");
	autofree char *name = xstrdup(plain ? plain : text);
	int rc;

	if (!*name)
		return bad(text, "it is empty", e);
	rc = take_digest(&r, name, text, e);
	if (rc >= 0)
		rc = parse_name(&r, name, text, e);
	if (rc < 0)
		return rc;
	normalise_hub(&r);
	if (is_too_long(&r))
		return bad(text, "it is longer than 255 characters", e);
	*out = r;
	r = (struct reference){ 0 };
	return 0;
}

void reference_set_host(struct reference *r, const char *host)
{
	if (r->host)
		return;
	r->host = xstrdup(host);
	normalise_hub(r);
}

void reference_default_tag(struct reference *r)
{
	if (!r->tag && !r->digest)
		r->tag = xstrdup("latest");
}

char *reference_repository(const struct reference *r)
{
	return r->host ? xasprintf("%s/%s", r->host, r->repo) : xstrdup(r->repo);
}

char *reference_to_string(const struct reference *r)
{
	auto_of(str_clear) struct str s = { 0 };

	if (r->host)
		str_addf(&s, "%s/", r->host);
	str_add(&s, r->repo);
	if (r->tag)
		str_addf(&s, ":%s", r->tag);
	if (r->digest)
		str_addf(&s, "@%s", r->digest);
	return str_steal(&s);
}

int reference_full_name(const char *text, const char *default_host, char **full, struct err *e)
{
	auto_of(reference_clear) struct reference r = { 0 };
	int rc = reference_parse(&r, text, e);

	if (rc < 0)
		return rc;
	reference_set_host(&r, default_host ? default_host : "docker.io");
	reference_default_tag(&r);
	if (r.digest)
		free(steal_ptr(&r.tag));
	if (is_too_long(&r))
		return bad(text, "it is longer than 255 characters", e);
	*full = reference_to_string(&r);
	return 0;
}

const char *reference_own_host(void)
{
	return persona_get() == PERSONA_DOCKER ? "docker.io" : "localhost";
}

const char *reference_familiar(const char *full)
{
	const char *rest = persona_get() == PERSONA_DOCKER ? str_after(full, "docker.io/") : NULL;
	const char *name = rest ? str_after(rest, "library/") : NULL;

	/* "docker.io/library/a/b" would be another image without its "library/". */
	if (name && !strchr(name, '/'))
		return name;
	return rest && strchr(rest, '/') ? rest : full;
}

const char *reference_transport(const char *text, const char **rest)
{
	static const char *const names[] = { "docker", "docker-archive", "oci-archive", "oci", "dir",
					     "containers-storage", "docker-daemon" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		const char *behind = str_after(text, names[i]);

		if (!behind || *behind != ':')
			continue;
		behind++;
		/* "docker:20.10" is an image of that name: only "//" makes it the transport. */
		if (i == 0 && !str_after(behind, "//"))
			return NULL;
		*rest = i == 0 ? behind + 2 : behind;
		return names[i];
	}
	return NULL;
}
