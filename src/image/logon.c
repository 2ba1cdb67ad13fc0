/* SPDX-License-Identifier: Apache-2.0 */
#include "image/logon.h"

#include "base/json.h"
#include "image/auth_file.h"
#include "image/certs.h"
#include "image/http.h"
#include "image/registries.h"
#include "image/remote.h"
#include "image/transfer.h"

#include <string.h>

/* As registries.conf has it for what lies below the key. */
static int is_insecure(const char *key, bool *out, struct err *e)
{
	auto_of(registries_free) struct registries *conf = NULL;
	auto_of(registries_sources_clear) struct registries_sources list = { 0 };
	autofree char *name = xasprintf("%s/x:latest", key);
	int r = registries_load(&conf, e);

	if (r >= 0)
		r = registries_sources(conf, name, &list, e);
	if (r >= 0)
		*out = list.v[list.n - 1].is_insecure;
	return r < 0 ? r : 0;
}

static int ask(const struct transfer_registry *args, const char *host, bool insecure,
	       const struct json *who, struct err *e)
{
	auto_of(http_tls_clear) struct http_tls tls = { .is_insecure = insecure };
	auto_of(remote_free) struct remote *remote = NULL;
	auto_of(http_free) struct http *h = NULL;
	struct remote_args a = {
		.host = host, .repo = "", .tls = &tls, .actions = "",
		.user = json_get_str(who, "user"),
		.password = json_get_str(who, "password"),
		.identity_token = json_get_str(who, "token"),
	};
	int r = certs_load(&tls, args->cert_dir, host, e);

	if (r < 0)
		return r;
	remote = remote_new(&a);
	h = remote_http(remote);
	return remote_log_in(remote, h, e);
}

int logon_check(const struct transfer_registry *args, const char *key, const char *request, size_t len,
		struct err *e)
{
	auto_of(json_free) struct json *who = NULL;
	autofree char *plain = auth_file_key(key), *host = xstrndup(plain, strcspn(plain, "/"));
	bool insecure = args->tls_verify == 0;
	int r = json_parse(&who, request, len, e);

	if (r >= 0)
		r = http_global_init(e);
	if (r >= 0 && args->tls_verify < 0)
		r = is_insecure(plain, &insecure, e);
	return r < 0 ? r : ask(args, host, insecure, who, e);
}
