/* SPDX-License-Identifier: Apache-2.0 */
#include "image/auth_file.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/persona.h"
#include "base/proc.h"
#include "base/str.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define HELPER_OUTPUT_MAX (1u << 20)

static void add_docker_path(struct strv *out)
{
	const char *docker = getenv("DOCKER_CONFIG"), *home = getenv("HOME");

	if (!str_empty(docker))
		strv_addf(out, "%s/config.json", docker);
	else if (!str_empty(home))
		strv_addf(out, "%s/.docker/config.json", home);
}

void auth_file_paths(struct strv *out, const char *given)
{
	const char *env = getenv("REGISTRY_AUTH_FILE"), *runtime = getenv("XDG_RUNTIME_DIR");
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");

	if (!str_empty(given) || !str_empty(env)) {
		strv_add(out, !str_empty(given) ? given : env);
		return;
	}
	/* Docker has its own only, and keeps it. */
	if (persona_get() == PERSONA_DOCKER)
		add_docker_path(out);
	if (!str_empty(runtime))
		strv_addf(out, "%s/containers/auth.json", runtime);
	if (!str_empty(config))
		strv_addf(out, "%s/containers/auth.json", config);
	else if (!str_empty(home))
		strv_addf(out, "%s/.config/containers/auth.json", home);
	if (persona_get() != PERSONA_DOCKER)
		add_docker_path(out);
}

int auth_file_check(const char *given, struct err *e)
{
	if (!str_empty(given) && faccessat(AT_FDCWD, given, F_OK, AT_EACCESS) < 0)
		return err_sys(e, errno, "credential file is not accessible: stat %s", given);
	return 0;
}

int auth_file_load(struct json **out, const char *path, struct err *e)
{
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(AT_FDCWD, path, &text, &len, FILE_MAX_CONFIG);

	if (r == -ENOENT || r == -ENOTDIR || (r >= 0 && !text[strspn(text, " \t\r\n")]))
		return 0;
	if (r < 0)
		return err_sys(e, -r, "read %s", path);
	r = json_parse(out, text, len, e);
	explicit_bzero(text, len);
	if (r >= 0 && !json_is(*out, JSON_OBJECT)) {
		json_free(steal_ptr(out));
		r = err_set(e, EINVAL, "not a JSON object");
	}
	return r < 0 ? err_wrap(e, "%s", path) : 0;
}

int auth_file_save(const char *path, const struct json *j, struct err *e)
{
	autofree char *dir = path_dir(path);
	auto_of(str_clear) struct str text = { 0 };
	autoclose int dirfd = -1;
	int r = file_mkdirs(dir, 0700);

	if (r >= 0)
		r = dirfd = fd_opendir(dir);
	if (r >= 0) {
		json_write(&text, j, 8);
		str_addc(&text, '\n');
		r = file_write_at(dirfd, path_base(path), text.p, text.len, 0600, FILE_SYNC);
		explicit_bzero(text.p, text.len);
	}
	return r < 0 ? err_sys(e, -r, "write %s", path) : 0;
}

char *auth_file_key(const char *key)
{
	const char *rest = str_after(key, "https://");
	bool is_url;
	char *out;
	size_t n;

	if (!rest)
		rest = str_after(key, "http://");
	is_url = rest != NULL;
	if (!rest)
		rest = key;
	n = strlen(rest);
	while (n && rest[n - 1] == '/')
		n--;
	/* Docker writes URLs: what follows the host is a version of the protocol. */
	if (is_url)
		n = strcspn(rest, "/");
	out = xstrndup(rest, n);
	n = strcspn(out, "/");
	if ((n == 15 && strncmp(out, "index.docker.io", n) == 0) ||
	    (n == 20 && strncmp(out, "registry-1.docker.io", n) == 0)) {
		char *hub = xasprintf("docker.io%s", out + n);

		free(out);
		out = hub;
	}
	return out;
}

const char *auth_file_helper(const struct json *j, const char *host)
{
	const struct json *helpers = json_get(j, "credHelpers");

	for (size_t i = 0; i < json_len(helpers) && json_is(helpers, JSON_OBJECT); i++) {
		autofree char *key = auth_file_key(json_key_at(helpers, i));

		if (str_eq(key, host))
			return json_str(json_at(helpers, i));
	}
	return json_get_str(j, "credsStore");
}

const char *auth_file_server(const char *host)
{
	return str_eq(host, "docker.io") ? "https://index.docker.io/v1/" : host;
}

/* The name becomes part of a program's: no way out of PATH. */
static bool is_helper_name(const char *s)
{
	return *s && *s != '-' &&
	       !s[strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-")];
}

int auth_file_run_helper(const char *helper, const char *verb, const char *input, char **out,
			 struct err *e)
{
	autofree char *program = NULL, *answer = NULL;
	struct err failed = { 0 };
	int r;

	if (!is_helper_name(helper))
		return err_set(e, EINVAL, "credential helper '%s': not a name of letters, digits and _ . -",
			       helper);
	program = xasprintf("docker-credential-%s", helper);
	r = proc_capture((const char *const[]){ program, verb, NULL }, input, &answer, HELPER_OUTPUT_MAX,
			 &failed);
	if (r == 0) {
		*out = steal_ptr(&answer);
		return 1;
	}
	if (r > 0 && answer && strstr(answer, "credentials not found"))
		return 0;
	if (r > 0 && answer && *answer)
		answer[strcspn(answer, "\r\n")] = '\0';
	return err_set(e, r == -ENOENT ? ENOENT : EIO, "%s %s: %s", program, verb,
		       r > 0 && answer && *answer ? answer : *failed.msg ? failed.msg : "it failed");
}
