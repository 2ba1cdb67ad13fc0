/* SPDX-License-Identifier: Apache-2.0 */
/* The configuration of an image, as it becomes a container's definition, which is saved and read back. */
#include "tests/fuzz/fuzz.h"

#include "container/config.h"
#include "container/ctr_image.h"
#include "container/health.h"

static void save_and_read(const struct container_config *c)
{
	auto_of(json_free) struct json *saved = config_to_json(c), *again = NULL;
	auto_of(config_clear) struct container_config back;
	auto_of(str_clear) struct str first = { 0 }, second = { 0 };
	struct err e = { 0 };

	config_init(&back);
	if (fuzz_check(config_from_json(&back, saved, &e), &e) < 0)
		abort();
	again = config_to_json(&back);
	json_write(&first, saved, 0);
	json_write(&second, again, 0);
	if (strcmp(first.p, second.p) != 0)
		abort();
}

static void merge(const struct json *image)
{
	static char secret[] = "SECRET=of the host", other[] = "PATH=/host";
	char *const env[] = { secret, other, NULL };
	auto_of(config_clear) struct container_config c;
	auto_of(health_plan_clear) struct health_plan plan = { 0 };
	auto_of(strv_clear) struct strv volumes = { 0 };
	struct err e = { 0 };

	config_init(&c);
	ctr_image_merge(&c, image, env);
	/* CVE-2026-57231: an image names no variable of the host. */
	for (size_t i = 0; i < c.env.n; i++)
		if (!strchr(c.env.v[i], '=') || strcmp(c.env.v[i], secret) == 0)
			abort();
	if (fuzz_check(ctr_image_volumes(&volumes, image, &e), &e) >= 0)
		for (size_t i = 0; i < volumes.n; i++)
			if (volumes.v[i][0] != '/' || !volumes.v[i][1] || strstr(volumes.v[i], ".."))
				abort();
	(void)fuzz_check(health_plan_load(&plan, &c, &e), &e);
	save_and_read(&c);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(json_free) struct json *j = NULL;
	auto_of(config_clear) struct container_config c;
	struct err e = { 0 };

	config_init(&c);
	if (fuzz_check(json_parse(&j, (const char *)data, size, &e), &e) < 0)
		return 0;
	merge(j);
	/* The same bytes as a record of ours that something has spoilt. */
	(void)fuzz_check(config_from_json(&c, j, &e), &e);
	return 0;
}
