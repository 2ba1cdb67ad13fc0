/* SPDX-License-Identifier: Apache-2.0 */
#include "image/digest.h"

#include <openssl/evp.h>
#include <stdio.h>

static void check(int ok)
{
	/* libcrypto fails here only when it cannot allocate or has no SHA-256 at all. */
	if (ok != 1) {
		fputs("rootlet: sha256 is not available in libcrypto\n", stderr);
		abort();
	}
}

void digest_init(struct digest *d)
{
	if (!d->ctx)
		d->ctx = EVP_MD_CTX_new();
	check(d->ctx != NULL);
	check(EVP_DigestInit_ex(d->ctx, EVP_sha256(), NULL));
	d->bytes = 0;
}

void digest_update(struct digest *d, const void *data, size_t n)
{
	check(EVP_DigestUpdate(d->ctx, data, n));
	d->bytes += n;
}

void digest_final(struct digest *d, char hex[DIGEST_HEX + 1])
{
	static const char digits[] = "0123456789abcdef";
	unsigned char raw[EVP_MAX_MD_SIZE];
	unsigned int n = 0;

	check(EVP_DigestFinal_ex(d->ctx, raw, &n));
	for (unsigned int i = 0; i < DIGEST_HEX / 2 && i < n; i++) {
		hex[2 * i] = digits[raw[i] >> 4];
		hex[2 * i + 1] = digits[raw[i] & 15];
	}
	hex[DIGEST_HEX] = '\0';
}

void digest_clear(struct digest *d)
{
	EVP_MD_CTX_free(d->ctx);
	d->ctx = NULL;
}

void digest_of(char hex[DIGEST_HEX + 1], const void *data, size_t n)
{
	auto_of(digest_clear) struct digest d = { 0 };

	digest_init(&d);
	digest_update(&d, data, n);
	digest_final(&d, hex);
}
