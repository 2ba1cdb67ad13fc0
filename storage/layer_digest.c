/* SPDX-License-Identifier: Apache-2.0 */
#include "storage/layer.h"

#include "base/str.h"

#include <openssl/evp.h>
#include <string.h>

/* image-spec: ChainID(L0) = DiffID(L0); ChainID(L0|...|Ln) = SHA256(ChainID(L0|...) " "
 * DiffID(Ln)). */
char *layer_chain_id(const char *parent_chain_id, const char *diff_id)
{
	const char *hex = str_has_prefix(diff_id, "sha256:") ? diff_id + 7 : diff_id;
	autofree char *text = NULL;
	auto_of(str_clear) struct str out = { 0 };
	unsigned char sum[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	if (str_empty(parent_chain_id))
		return xstrdup(hex);
	if (str_has_prefix(parent_chain_id, "sha256:"))
		parent_chain_id += 7;
	text = xasprintf("sha256:%s sha256:%s", parent_chain_id, hex);
	if (!EVP_Digest(text, strlen(text), sum, &n, EVP_sha256(), NULL))
		abort();
	for (unsigned int i = 0; i < n; i++)
		str_addf(&out, "%02x", sum[i]);
	return str_steal(&out);
}
