/* SPDX-License-Identifier: Apache-2.0 */
#include "image/policy.h"

#include "base/file.h"
#include "base/json.h"
#include "base/path.h"

#include <fcntl.h>
#include <string.h>

/* "*.example.com", "*.com" for the host of scope. */
static const struct json *find_wildcard(const struct json *scopes, const char *scope)
{
	autofree char *host = xstrndup(scope, strcspn(scope, "/:"));

	for (const char *dot = strchr(host, '.'); dot; dot = strchr(dot + 1, '.')) {
		autofree char *key = xasprintf("*%s", dot);
		const struct json *found = json_get(scopes, key);

		if (found)
			return found;
	}
	return NULL;
}

/* The most specific scope counts alone: the name, then what is left when its end is cut off at
 * '@', ':' (of a tag) and each '/'. */
static const struct json *find_scope(const struct json *scopes, const char *scope, bool is_docker)
{
	autofree char *name = xstrdup(scope);
	const struct json *found;

	for (;;) {
		char *cut = strrchr(name, '@');
		char *slash = strrchr(name, '/'), *colon = strrchr(name, ':');

		found = json_get(scopes, name);
		if (found)
			return found;
		if (!cut && is_docker && colon && slash && colon > slash)
			cut = colon;
		if (!cut)
			cut = slash;
		if (!cut || cut == name)
			break;
		*cut = '\0';
	}
	found = is_docker ? find_wildcard(scopes, scope) : json_get(scopes, "/");
	return found ? found : json_get(scopes, "");
}

int policy_decide(const struct json *policy, const char *name, const char *transport,
		  const char *scope, struct err *e)
{
	const struct json *scopes = json_get(json_get(policy, "transports"), transport);
	const struct json *rules = NULL;

	if (scopes)
		rules = find_scope(scopes, scope, strcmp(transport, "docker") == 0);
	if (!rules)
		rules = json_get(policy, "default");
	if (!json_is(rules, JSON_ARRAY) || json_len(rules) == 0)
		return err_set(e, EINVAL, "%s: no requirement for %s:%s and no default", name,
			       transport, scope);
	for (size_t i = 0; i < json_len(rules); i++) {
		const char *type = json_get_str(json_at(rules, i), "type");

		if (str_eq(type, "insecureAcceptAnything"))
			continue;
		if (str_eq(type, "reject"))
			return err_set(e, EACCES, "%s rejects images from %s:%s", name, transport,
				       scope);
		if (str_eq(type, "signedBy") || str_eq(type, "sigstoreSigned") ||
		    str_eq(type, "signedBaseLayer"))
			return err_set(e, ENOTSUP, "%s asks for a signature (%s) of %s:%s, which is "
				       "not supported yet", name, type, transport, scope);
		return err_set(e, EINVAL, "%s: unknown requirement '%.60s'", name,
			       type ? type : "");
	}
	return 0;
}

static int load(struct json **out, const char *file, struct err *e)
{
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(AT_FDCWD, file, &text, &len, FILE_MAX_CONFIG);

	if (r < 0)
		return err_sys(e, -r, "read %s", file);
	r = json_parse(out, text, len, e);
	return r < 0 ? err_wrap(e, "%s", file) : 0;
}

char *policy_file(void)
{
	autofree char *own = path_config("containers/policy.json");

	if (own && file_exists_at(AT_FDCWD, own))
		return steal_ptr(&own);
	return file_exists_at(AT_FDCWD, "/etc/containers/policy.json") ? xstrdup("/etc/containers/policy.json")
								       : NULL;
}

int policy_check(const char *file, const char *transport, const char *scope, struct err *e)
{
	auto_of(json_free) struct json *policy = NULL;
	autofree char *usual = file ? NULL : policy_file();
	int r;

	if (!file)
		file = usual;
	if (!file)
		return 0;
	r = load(&policy, file, e);
	return r < 0 ? r : policy_decide(policy, file, transport, scope, e);
}
