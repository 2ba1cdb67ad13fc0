/* SPDX-License-Identifier: Apache-2.0 */
#include "image/certs.h"

#include "base/str.h"
#include "image/http.h"

int certs_load(struct http_tls *tls, const char *cert_dir, const char *host, struct err *e)
{
	static const char *const dirs[] = { "/etc/docker/certs.d", "/etc/containers/certs.d" };
	const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
	autofree char *own = NULL;
	int r = 0;

	if (cert_dir)
		return http_tls_add_dir(tls, cert_dir, e);
	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(dirs); i++) {
		autofree char *dir = xasprintf("%s/%s", dirs[i], host);

		r = http_tls_add_dir(tls, dir, e);
	}
	if (!str_empty(config))
		own = xasprintf("%s/containers/certs.d/%s", config, host);
	else if (!str_empty(home))
		own = xasprintf("%s/.config/containers/certs.d/%s", home, host);
	return r < 0 || !own ? r : http_tls_add_dir(tls, own, e);
}
