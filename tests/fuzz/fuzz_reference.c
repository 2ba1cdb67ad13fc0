/* SPDX-License-Identifier: Apache-2.0 */
/* A name that is accepted has one full spelling, which means itself, has a host, and is safe in a path
 * of a URL: no empty, "." or ".." component. */
#include "base/str.h"
#include "base/strv.h"
#include "image/reference.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_full(const char *text)
{
	autofree char *full = NULL, *again = NULL;
	auto_of(reference_clear) struct reference r = { 0 };
	auto_of(strv_clear) struct strv parts = { 0 };
	struct err e;

	if (reference_full_name(text, NULL, &full, &e) < 0)
		return;		/* too long with its host */
	if (reference_full_name(full, "x.y", &again, &e) < 0 || !str_eq(full, again) ||
	    reference_parse(&r, full, &e) < 0 || !r.host)
		abort();
	strv_split(&parts, r.repo, '/');
	for (size_t i = 0; i < parts.n; i++)
		if (!*parts.v[i] || str_eq(parts.v[i], ".") || str_eq(parts.v[i], ".."))
			abort();
	if (strpbrk(r.host, "/@?#%\\ \n") || strpbrk(r.repo, ":@?#%\\ \n"))
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	autofree char *text = xstrndup((const char *)data, size);
	auto_of(reference_clear) struct reference r = { 0 }, same = { 0 };
	autofree char *back = NULL;
	const char *rest = "";
	struct err e;

	reference_transport(text, &rest);
	if (reference_parse(&r, text, &e) < 0)
		return 0;
	back = reference_to_string(&r);
	if (reference_parse(&same, back, &e) < 0 || !str_eq(r.host, same.host) ||
	    !str_eq(r.repo, same.repo) || !str_eq(r.tag, same.tag) || !str_eq(r.digest, same.digest))
		abort();
	check_full(text);
	return 0;
}
