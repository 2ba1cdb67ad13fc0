/* SPDX-License-Identifier: Apache-2.0 */
/* Manifests, indexes and configurations as a registry sends them. */
#include "tests/fuzz/fuzz.h"

#include "image/manifest.h"
#include "image/platform.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(manifest_free) struct manifest *m = NULL;
	auto_of(strv_clear) struct strv ids = { 0 };
	struct err e = { 0 };

	if (fuzz_check(manifest_parse(&m, (const char *)data, size, NULL, &e), &e) < 0)
		return 0;
	for (size_t i = 0; i < m->layers_n; i++)
		if (strlen(m->layers[i].digest) != 71 || strchr(m->layers[i].digest, '/'))
			abort();
	fuzz_check(manifest_config_diff_ids(&ids, m->json, m->layers_n, &e), &e);
	return 0;
}
