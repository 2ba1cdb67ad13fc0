/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_image.h"

#include "base/path.h"
#include "base/persona.h"
#include "base/str.h"

#include <string.h>

#define ENV_MAX 10000		/* each is compared with all before it; no image needs a tenth */
#define VOLUMES_MAX 1000
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

static void merge_command(struct container_config *c, const struct json *config)
{
	/* An entrypoint of the user's own makes the image's command meaningless. */
	if (!c->has_entrypoint) {
		json_get_strv(config, "Entrypoint", &c->entrypoint);
		if (!c->command.n)
			json_get_strv(config, "Cmd", &c->command);
	}
}

static const char *host_value(char *const *host_env, const char *name, size_t n)
{
	for (size_t i = 0; host_env[i]; i++)
		if (strncmp(host_env[i], name, n) == 0 && host_env[i][n] == '=')
			return host_env[i] + n + 1;
	return NULL;
}

/* --env NAME takes the host's value; --env "PRE*" every variable that starts so. */
static void put_user_env(struct strv *env, const char *text, char *const *host_env)
{
	size_t n = strlen(text);

	if (strchr(text, '=')) {
		strv_env_put(env, text);
	} else if (n && text[n - 1] == '*') {
		for (size_t i = 0; host_env[i]; i++)
			if (strncmp(host_env[i], text, n - 1) == 0)
				strv_env_put(env, host_env[i]);
	} else {
		const char *value = host_value(host_env, text, n);

		if (value)
			strv_env_set(env, text, value);
	}
}

void ctr_image_add_env(struct strv *env, const struct strv *given, char *const *host_env)
{
	for (size_t i = 0; i < given->n; i++)
		put_user_env(env, given->v[i], host_env);
}

/* "$NAME" and "${NAME}" of --env-merge stand for what the image says. */
static void put_merged(struct strv *env, const char *text)
{
	const char *eq = strchr(text, '=');
	auto_of(str_clear) struct str out = { 0 };
	autofree char *key = NULL;

	if (!eq)
		return;
	key = xstrndup(text, eq - text);
	for (const char *p = eq + 1; *p;) {
		size_t n;
		autofree char *name = NULL;
		bool braced = p[0] == '$' && p[1] == '{';
		const char *start = p + 1 + braced;

		n = p[0] == '$' ? strspn(start, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
						 "0123456789_") : 0;
		if (!n || (braced && start[n] != '}')) {
			str_addc(&out, *p++);
			continue;
		}
		name = xstrndup(start, n);
		if (strv_env_get(env, name))
			str_add(&out, strv_env_get(env, name));
		p = start + n + braced;
	}
	strv_env_set(env, key, str_peek(&out));
}

static const char *const proxy_names[] = {
	"http_proxy", "https_proxy", "ftp_proxy", "no_proxy",
	"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY",
};

static void merge_env(struct container_config *c, const struct json *config, char *const *host_env)
{
	auto_of(strv_clear) struct strv env = { 0 }, image = { 0 };

	if (!c->unsetenv_all) {
		strv_add(&env, "PATH=" DEFAULT_PATH);
		if (persona_get() != PERSONA_DOCKER)
			strv_add(&env, "container=podman");
		if (c->has_tty)
			strv_add(&env, "TERM=xterm");
		json_get_strv(config, "Env", &image);
		/* Without '=' an entry would name a variable of the host (CVE-2026-57231). */
		for (size_t i = 0; i < image.n; i++)
			if (strchr(image.v[i], '=') && image.v[i][0] != '=')
				strv_env_put(&env, image.v[i]);
	}
	for (size_t i = 0; c->http_proxy && i < ARRAY_SIZE(proxy_names); i++) {
		const char *value = host_value(host_env, proxy_names[i], strlen(proxy_names[i]));

		if (value)
			strv_env_set(&env, proxy_names[i], value);
	}
	/* ROOTLET_WORDS is a word to rootlet-image. */
	for (size_t i = 0; c->env_host && host_env[i]; i++)
		if (!str_has_prefix(host_env[i], "ROOTLET_WORDS="))
			strv_env_put(&env, host_env[i]);
	for (size_t i = 0; i < c->unsetenv.n; i++)
		strv_env_unset(&env, c->unsetenv.v[i]);
	for (size_t i = 0; i < c->env.n; i++)
		put_user_env(&env, c->env.v[i], host_env);
	for (size_t i = 0; i < c->env_merge.n; i++)
		put_merged(&env, c->env_merge.v[i]);
	strv_clear(&c->env);
	c->env = env;
	env = (struct strv){ 0 };
}

static bool has_label(const struct strv *labels, size_t labels_n, const char *key)
{
	size_t n = strlen(key);

	for (size_t i = 0; i < labels_n; i++)
		if (strncmp(labels->v[i], key, n) == 0 &&
		    (labels->v[i][n] == '=' || labels->v[i][n] == 0))
			return true;
	return false;
}

static void merge_labels(struct container_config *c, const struct json *labels)
{
	size_t given = c->labels.n;	/* those of the image are not twice among themselves */

	for (size_t i = 0; i < json_members(labels); i++) {
		const char *key = json_key_at(labels, i), *value = json_str(json_at(labels, i));

		if (!has_label(&c->labels, given, key))
			strv_addf(&c->labels, "%s=%s", key, value ? value : "");
	}
}

static void take_string(char **field, const struct json *config, const char *key)
{
	const char *value = json_get_str(config, key);

	if (!*field && !str_empty(value))
		*field = xstrdup(value);
}

void ctr_image_merge(struct container_config *c, const struct json *image, char *const *host_env)
{
	const struct json *config = json_get(image, "config");
	const struct json *exposed = json_get(config, "ExposedPorts");
	const struct json *health = json_get(config, "Healthcheck");

	merge_command(c, config);
	merge_env(c, config, host_env);
	merge_labels(c, json_get(config, "Labels"));
	take_string(&c->workdir, config, "WorkingDir");
	take_string(&c->user, config, "User");
	take_string(&c->stop_signal, config, "StopSignal");
	for (size_t i = 0; i < json_members(exposed); i++)
		strv_add(&c->expose, json_key_at(exposed, i));
	if (health && !c->health_image)
		c->health_image = json_copy(health);
}

int ctr_image_check(const struct json *image, struct err *e)
{
	const struct json *config = json_get(image, "config");
	size_t env = json_len(json_get(config, "Env")), volumes = json_members(json_get(config, "Volumes"));

	if (env > ENV_MAX)
		return err_set(e, E2BIG, "the image sets %zu variables: more than %d are not taken", env,
			       ENV_MAX);
	if (volumes > VOLUMES_MAX)
		return err_set(e, E2BIG, "the image wants %zu volumes: more than %d are not made", volumes,
			       VOLUMES_MAX);
	return 0;
}

int ctr_image_volumes(struct strv *out, const struct json *image, struct err *e)
{
	const struct json *volumes = json_path(image, "config.Volumes");

	for (size_t i = 0; i < json_members(volumes); i++) {
		const char *path = json_key_at(volumes, i);
		autofree char *clean = path_clean(path);

		/* CVE-2022-23648: the path is the image author's text. */
		if (path[0] != '/' || strstr(path, "..") || strcmp(clean, "/") == 0)
			return err_set(e, EBADMSG, "the image's VOLUME '%s' is not an absolute path below /",
				       path);
		if (!strv_has(out, clean))
			strv_add(out, clean);
	}
	return 0;
}
