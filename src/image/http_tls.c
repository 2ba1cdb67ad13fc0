/* SPDX-License-Identifier: Apache-2.0 */
/* Certificates of certs.d: whom to trust, and what to show. */
#include "image/http.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"

#include <string.h>

void http_tls_clear(struct http_tls *t)
{
	str_clear(&t->ca);
	free(t->cert);
	free(t->key);
	*t = (struct http_tls){ 0 };
}

static int add_pem(struct str *ca, int dirfd, const char *name)
{
	autofree char *text = NULL;
	size_t len;
	int r = file_read_at(dirfd, name, &text, &len, FILE_MAX_CONFIG);

	if (r < 0)
		return r;
	str_addn(ca, text, len);
	str_addc(ca, '\n');
	return 0;
}

int http_tls_add_dir(struct http_tls *t, const char *dir, struct err *e)
{
	auto_of(strv_clear) struct strv names = { 0 };
	autoclose int dirfd = fd_opendir(dir);
	int r;

	if (dirfd == -ENOENT || dirfd == -ENOTDIR || dirfd == -EACCES)
		return 0;
	if (dirfd < 0)
		return err_sys(e, -dirfd, "open %s", dir);
	r = file_list_dir(dirfd, ".", &names, true);
	if (r < 0)
		return err_sys(e, -r, "read %s", dir);
	for (size_t i = 0; i < names.n; i++) {
		autofree char *key = NULL, *path = path_join(dir, names.v[i]);

		if (str_has_suffix(names.v[i], ".crt")) {
			r = add_pem(&t->ca, dirfd, names.v[i]);
			if (r < 0)
				return err_sys(e, -r, "read %s", path);
		} else if (str_has_suffix(names.v[i], ".cert")) {
			key = xstrdup(path);
			strcpy(key + strlen(key) - strlen(".cert"), ".key");
			if (!file_exists_at(AT_FDCWD, key))
				return err_set(e, ENOENT, "%s has no key: %s is missing", path, key);
			free(t->cert);
			free(t->key);
			t->cert = steal_ptr(&path);
			t->key = steal_ptr(&key);
		}
	}
	return 0;
}
