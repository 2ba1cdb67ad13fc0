/* SPDX-License-Identifier: Apache-2.0 */
/* One repository on one registry: what all its requests share. */
#include "image/remote_priv.h"

#include <string.h>

static const char user_agent[] = "rootlet/" PACKAGE_VERSION;

struct remote *remote_new(const struct remote_args *args)
{
	struct remote *r = xcalloc(1, sizeof(*r));
	const char *host = args->host;

	if (strcmp(host, "docker.io") == 0 || strcmp(host, "index.docker.io") == 0)
		host = "registry-1.docker.io";
	r->host = xstrdup(host);
	r->name = xstrdup(args->host);
	r->repo = xstrdup(args->repo);
	r->tls = args->tls;
	r->user = xstrdup_or_null(args->user);
	r->password = xstrdup_or_null(args->password);
	r->identity_token = str_empty(args->identity_token) ? NULL : xstrdup(args->identity_token);
	r->actions = xstrdup(args->actions);
	if (args->mount_from)
		strv_copy(&r->mount_from, args->mount_from);
	r->retries = args->retries;
	r->is_patient = args->is_patient;
	r->retry_delay = args->retry_delay;
	r->say = args->say;
	r->say_arg = args->say_arg;
	r->scheme = "https";
	r->is_scheme_open = args->tls->is_insecure;
	pthread_mutex_init(&r->lock, NULL);
	return r;
}

void remote_free(struct remote *r)
{
	if (!r)
		return;
	free(r->host);
	free(r->name);
	free(r->repo);
	free(r->user);
	free(r->password);
	free(r->identity_token);
	free(r->actions);
	strv_clear(&r->mount_from);
	free(r->token);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

struct http *remote_http(const struct remote *r)
{
	return http_new(r->tls, user_agent);
}
