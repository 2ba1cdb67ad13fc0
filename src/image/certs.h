/* SPDX-License-Identifier: Apache-2.0 */
/* certs: which certificates count when a registry is spoken to.
 *
 * Runs in:  rootlet-image.
 * Owns:     nothing; what is added belongs to the struct http_tls.
 * Needs:    nothing; directories that do not exist are empty.
 * Fails:    as http_tls_add_dir.
 * Not here: how they are used (http.h).
 * Source:   containers-certs.d(5). Without --cert-dir: HOST below /etc/docker/certs.d,
 *           /etc/containers/certs.d and ~/.config/containers/certs.d.
 */
#pragma once

#include "base/err.h"

struct http_tls;

/* cert_dir: --cert-dir, or NULL. */
int certs_load(struct http_tls *tls, const char *cert_dir, const char *host, struct err *e);
