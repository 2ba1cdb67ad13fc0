/* SPDX-License-Identifier: Apache-2.0 */
#include "image/place.h"

#include "image/certs.h"
#include "image/registries.h"
#include "image/remote.h"
#include "image/transfer.h"

void place_clear(struct place *p)
{
	http_free(p->http);
	remote_free(p->remote);
	http_tls_clear(&p->tls);
	auth_clear(&p->auth);
}

int place_open(struct place *p, const struct transfer_registry *reg, const struct registries *conf,
	       const char *host, const char *repo, struct err *e)
{
	auto_of(registries_sources_clear) struct registries_sources list = { 0 };
	autofree char *name = xasprintf("%s/%s:latest", host, *repo ? repo : "x");
	autofree char *key = *repo ? xasprintf("%s/%s", host, repo) : xstrdup(host);
	struct remote_args a = { .host = host, .repo = repo, .tls = &p->tls, .actions = "pull" };
	int r = registries_sources(conf, name, &list, e);

	if (r >= 0)
		r = certs_load(&p->tls, reg->cert_dir, host, e);
	if (r >= 0 && reg->creds)
		r = auth_parse_creds(&p->auth, reg->creds, e);
	else if (r >= 0)
		r = auth_find(&p->auth, reg->authfile, key, e);
	if (r < 0)
		return r;
	p->tls.is_insecure = reg->tls_verify >= 0 ? !reg->tls_verify : list.v[list.n - 1].is_insecure;
	a.user = p->auth.user;
	a.password = p->auth.password;
	a.identity_token = p->auth.identity_token;
	p->remote = remote_new(&a);
	p->http = remote_http(p->remote);
	return 0;
}
