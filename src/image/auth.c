/* SPDX-License-Identifier: Apache-2.0 */
#include "image/auth.h"

#include "base/persona.h"
#include "base/str.h"
#include "image/auth_file.h"

#include <string.h>

#define TOKEN_USER "<token>"	/* a helper's way to say that the secret is an identity token */

static void wipe(char **p)
{
	if (*p)
		explicit_bzero(*p, strlen(*p));
	free(*p);
	*p = NULL;
}

void auth_clear(struct auth *a)
{
	wipe(&a->user);
	wipe(&a->password);
	wipe(&a->identity_token);
}

/* ---- base64 (RFC 4648, with or without padding) ---- */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *base64_decode(const char *text)
{
	size_t n = strlen(text), len = 0;
	char *out = xmalloc(n + 1);
	uint32_t bits = 0;
	unsigned int have = 0;

	while (n && text[n - 1] == '=')
		n--;
	for (size_t i = 0; i < n; i++) {
		const char *at = strchr(alphabet, text[i]);

		if (!at || !*at) {
			free(out);
			return NULL;
		}
		bits = bits << 6 | (uint32_t)(at - alphabet);
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[len++] = bits >> have & 0xff;
		}
	}
	out[len] = '\0';
	return out;
}

static char *base64_encode(const char *text)
{
	auto_of(str_clear) struct str s = { 0 };
	size_t n = strlen(text);

	for (size_t i = 0; i < n; i += 3) {
		size_t left = n - i;
		uint32_t v = (uint32_t)(unsigned char)text[i] << 16;

		if (left > 1)
			v |= (uint32_t)(unsigned char)text[i + 1] << 8;
		if (left > 2)
			v |= (unsigned char)text[i + 2];
		str_addc(&s, alphabet[v >> 18]);
		str_addc(&s, alphabet[v >> 12 & 63]);
		str_addc(&s, left > 1 ? alphabet[v >> 6 & 63] : '=');
		str_addc(&s, left > 2 ? alphabet[v & 63] : '=');
	}
	return str_steal(&s);
}

/* ---- finding ---- */

int auth_parse_creds(struct auth *out, const char *creds, struct err *e)
{
	const char *colon = strchr(creds, ':');

	if (!*creds || colon == creds)
		return err_set(e, ERR_USAGE, "--creds: USER[:PASSWORD] is expected");
	auth_clear(out);
	out->user = colon ? xstrndup(creds, colon - creds) : xstrdup(creds);
	out->password = xstrdup(colon ? colon + 1 : "");
	return 0;
}

/* How well a key fits name ("host/repo"): its length when it is name or a directory above it. The host
 * is compared whole: a key for "reg" says nothing about "reg.example" or "reg:5000". */
static size_t match(const char *key, const char *name)
{
	const char *rest = str_after(name, key);

	return *key && rest && (!*rest || *rest == '/') ? strlen(key) : 0;
}

static int decode_entry(struct auth *out, const struct json *entry, const char *path, const char *key,
			struct err *e)
{
	const char *encoded = json_get_str(entry, "auth");
	const char *token = json_get_str(entry, "identitytoken");
	char *plain = NULL;
	int r = 0;

	if (!str_empty(token))
		out->identity_token = xstrdup(token);
	if (!str_empty(encoded)) {
		plain = base64_decode(encoded);
		if (!plain || !strchr(plain, ':'))
			r = err_set(e, EINVAL, "%s: the entry of %s is damaged: log in again", path, key);
		else
			r = auth_parse_creds(out, plain, e);
		wipe(&plain);
	} else if (json_get_str(entry, "username")) {
		out->user = xstrdup(json_get_str(entry, "username"));
		out->password = xstrdup_or_null(json_get_str(entry, "password"));
	}
	if (r < 0)
		return r;
	return out->user || out->identity_token ? 1 : 0;
}

static int from_auths(struct auth *out, const struct json *j, const char *path, const char *name,
		      struct err *e)
{
	const struct json *auths = json_get(j, "auths"), *best = NULL;
	autofree char *best_key = NULL;
	size_t best_len = 0;

	for (size_t i = 0; json_is(auths, JSON_OBJECT) && i < json_len(auths); i++) {
		autofree char *key = auth_file_key(json_key_at(auths, i));
		size_t n = match(key, name);

		if (n > best_len) {
			best = json_at(auths, i);
			best_len = n;
			free(best_key);
			best_key = steal_ptr(&key);
		}
	}
	return best ? decode_entry(out, best, path, best_key, e) : 0;
}

static int from_helper(struct auth *out, const char *helper, const char *host, struct err *e)
{
	auto_of(json_free) struct json *answer = NULL;
	char *text = NULL;
	const char *user, *secret;
	int r = auth_file_run_helper(helper, "get", auth_file_server(host), &text, e);

	if (r <= 0)
		return r;
	r = json_parse(&answer, text, strlen(text), e);
	wipe(&text);
	if (r < 0)
		return err_wrap(e, "docker-credential-%s", helper);
	user = json_get_str(answer, "Username");
	secret = json_get_str(answer, "Secret");
	if (str_empty(secret))
		return 0;
	if (str_eq(user, TOKEN_USER)) {
		out->identity_token = xstrdup(secret);
	} else {
		out->user = xstrdup(user ? user : "");
		out->password = xstrdup(secret);
	}
	return 1;
}

static int from_file(struct auth *out, const char *path, const char *host, const char *name,
		     struct err *e)
{
	auto_of(json_free) struct json *j = NULL;
	const char *helper;
	int r = auth_file_load(&j, path, e);

	if (r < 0 || !j)
		return r;
	helper = auth_file_helper(j, host);
	r = str_empty(helper) ? 0 : from_helper(out, helper, host, e);
	return r ? r : from_auths(out, j, path, name, e);
}

static char *host_of(const char *name)
{
	return xstrndup(name, strcspn(name, "/"));
}

int auth_find(struct auth *out, const char *authfile, const char *name, struct err *e)
{
	auto_of(strv_clear) struct strv paths = { 0 };
	auto_of(auth_clear) struct auth a = { 0 };
	autofree char *key = auth_file_key(name);
	autofree char *host = host_of(key);
	int r = 0;

	auth_file_paths(&paths, authfile);
	for (size_t i = 0; r == 0 && i < paths.n; i++)
		r = from_file(&a, paths.v[i], host, key, e);
	if (r <= 0)
		return r;
	auth_clear(out);
	*out = a;
	a = (struct auth){ 0 };
	return 1;
}

/* ---- changing ---- */

static int store_in_helper(const char *helper, const char *host, const struct auth *a, struct err *e)
{
	auto_of(json_free) struct json *j = json_new_object();
	auto_of(str_clear) struct str text = { 0 };
	autofree char *answer = NULL;
	int r;

	json_set_str(j, "ServerURL", auth_file_server(host));
	json_set_str(j, "Username", a->identity_token ? TOKEN_USER : a->user);
	json_set_str(j, "Secret", a->identity_token ? a->identity_token : a->password);
	json_write(&text, j, 0);
	r = auth_file_run_helper(helper, "store", text.p, &answer, e);
	explicit_bzero(text.p, text.len);
	return r < 0 ? r : 0;
}

/* Every spelling of the same key. */
static bool remove_key(struct json *j, const char *key)
{
	struct json *auths = json_edit(j, "auths");
	bool any = false;

	for (size_t i = 0; json_is(auths, JSON_OBJECT) && i < json_len(auths);) {
		autofree char *spelled = xstrdup(json_key_at(auths, i));
		autofree char *other = auth_file_key(spelled);

		if (str_eq(other, key)) {
			json_remove(auths, spelled);
			any = true;
		} else {
			i++;
		}
	}
	return any;
}

static int put_entry(struct json *j, const char *key, const struct auth *a, const char *path, struct err *e)
{
	struct json *entry;
	char *plain, *encoded;

	if (!json_get(j, "auths"))
		json_set(j, "auths", json_new_object());
	if (!json_is(json_get(j, "auths"), JSON_OBJECT))
		return err_set(e, EINVAL, "%s: \"auths\" is not an object", path);
	entry = json_new_object();
	if (a->user) {
		plain = xasprintf("%s:%s", a->user, a->password ? a->password : "");
		encoded = base64_encode(plain);
		json_set_str(entry, "auth", encoded);
		wipe(&plain);
		wipe(&encoded);
	}
	if (a->identity_token)
		json_set_str(entry, "identitytoken", a->identity_token);
	json_set(json_edit(j, "auths"), key, entry);
	return 0;
}

static int load_to_write(struct json **j, char **path, const char *authfile, struct err *e)
{
	auto_of(strv_clear) struct strv paths = { 0 };
	int r;

	auth_file_paths(&paths, authfile);
	if (!paths.n)
		return err_set(e, ENOENT, "no place for credentials: neither HOME nor XDG_RUNTIME_DIR is set");
	*path = xstrdup(paths.v[0]);
	r = auth_file_load(j, *path, e);
	if (r >= 0 && !*j)
		*j = json_new_object();
	return r;
}

int auth_store(const char *authfile, const char *key, const struct auth *a, struct err *e)
{
	auto_of(json_free) struct json *j = NULL;
	autofree char *path = NULL, *plain_key = auth_file_key(key), *host = host_of(plain_key);
	const char *helper;
	int r = load_to_write(&j, &path, authfile, e);

	if (r < 0)
		return r;
	helper = auth_file_helper(j, host);
	if (!str_empty(helper))
		return store_in_helper(helper, host, a, e);
	remove_key(j, plain_key);
	/* Docker's own clients look for the Hub under its address. */
	r = put_entry(j, persona_get() == PERSONA_DOCKER ? auth_file_server(plain_key) : plain_key, a, path, e);
	return r < 0 ? r : auth_file_save(path, j, e);
}

int auth_remove(const char *authfile, const char *key, struct err *e)
{
	auto_of(json_free) struct json *j = NULL;
	autofree char *path = NULL, *plain_key = auth_file_key(key), *host = host_of(plain_key);
	autofree char *answer = NULL;
	const char *helper;
	int r = load_to_write(&j, &path, authfile, e);

	if (r < 0)
		return r;
	helper = auth_file_helper(j, host);
	if (!str_empty(helper))
		return auth_file_run_helper(helper, "erase", auth_file_server(host), &answer, e);
	if (!remove_key(j, plain_key))
		return 0;
	r = auth_file_save(path, j, e);
	return r < 0 ? r : 1;
}

static int erase(const char *helper, const char *server, struct err *e)
{
	autofree char *answer = NULL;

	return auth_file_run_helper(helper, "erase", server, &answer, e);
}

/* What the store of all registries holds, then the hosts that have a helper of their own. */
static int empty_helpers(const struct json *j, struct err *e)
{
	const struct json *own = json_get(j, "credHelpers");
	const char *store = json_get_str(j, "credsStore");
	auto_of(json_free) struct json *held = NULL;
	autofree char *text = NULL;
	int r = str_empty(store) ? 0 : auth_file_run_helper(store, "list", "", &text, e);

	if (r > 0)
		r = json_parse(&held, text, strlen(text), e);
	for (size_t i = 0; r >= 0 && json_is(held, JSON_OBJECT) && i < json_len(held); i++)
		r = erase(store, json_key_at(held, i), e);
	for (size_t i = 0; r >= 0 && json_is(own, JSON_OBJECT) && i < json_len(own); i++) {
		const char *helper = json_str(json_at(own, i));

		if (!str_empty(helper))
			r = erase(helper, auth_file_server(json_key_at(own, i)), e);
	}
	return r < 0 ? r : 0;
}

int auth_remove_all(const char *authfile, struct err *e)
{
	auto_of(json_free) struct json *j = NULL;
	autofree char *path = NULL;
	int r = load_to_write(&j, &path, authfile, e);

	/* The file first: a helper that fails must not keep what needs none. */
	if (r >= 0 && json_len(json_get(j, "auths"))) {
		json_set(j, "auths", json_new_object());
		r = auth_file_save(path, j, e);
	}
	return r < 0 ? r : empty_helpers(j, e);
}
