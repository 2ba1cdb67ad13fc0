/* SPDX-License-Identifier: Apache-2.0 */
#include "image/manifest.h"

#include "image/platform.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DIGEST "sha256:" HEX
#define CONFIG "\"config\":{\"mediaType\":\"" MEDIA_OCI_CONFIG "\",\"digest\":\"" DIGEST "\",\"size\":7}"
#define LAYER(type) "{\"mediaType\":\"" type "\",\"digest\":\"" DIGEST "\",\"size\":12}"
#define GZIP MEDIA_OCI_LAYER "+gzip"

static int parse(const char *text, const char *type, struct manifest **m, struct err *e)
{
	return manifest_parse(m, text, strlen(text), type, e);
}

static void refused(const char *text, const char *type, int code, const char *part)
{
	auto_of(manifest_free) struct manifest *m = NULL;
	struct err e = { 0 };

	if (parse(text, type, &m, &e) != -code)
		fail_msg("%s: got %d %s", text, e.code, e.msg);
	if (!strstr(e.msg, part))
		fail_msg("'%s' does not say '%s'", e.msg, part);
}

static void reads_an_image(void **state)
{
	auto_of(manifest_free) struct manifest *m = NULL;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(parse("{\"schemaVersion\":2," CONFIG ",\"layers\":[" LAYER(GZIP) ","
			       LAYER(MEDIA_OCI_LAYER) "]}", NULL, &m, &e), 0);
	assert_false(m->is_index);
	assert_false(m->is_docker);
	assert_int_equal(m->layers_n, 2);
	assert_int_equal(m->layers[0].size, 12);
	assert_string_equal(m->layers[0].media_type, GZIP);
	assert_string_equal(m->config.digest, DIGEST);
}

static void takes_the_servers_word_for_the_kind(void **state)
{
	auto_of(manifest_free) struct manifest *m = NULL;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(parse("{\"manifests\":[]}", MEDIA_DOCKER_LIST, &m, &e), 0);
	assert_true(m->is_index);
	refused("{\"manifests\":[]}", MEDIA_OCI_MANIFEST, EINVAL, "contradict");
	refused("{\"mediaType\":\"" MEDIA_OCI_MANIFEST "\"," CONFIG ",\"layers\":[]}", MEDIA_OCI_INDEX,
		EINVAL, "the server says");
}

static void refuses_two_meanings(void **state)
{
	(void)state;
	refused("{" CONFIG ",\"layers\":[],\"manifests\":[]}", NULL, EINVAL, "at once");
	refused("{\"mediaType\":\"" MEDIA_OCI_INDEX "\"," CONFIG ",\"layers\":[]}", NULL, EINVAL,
		"contradict");
}

static void refuses_what_is_no_image(void **state)
{
	(void)state;
	refused("{\"schemaVersion\":1,\"fsLayers\":[]}", NULL, ENOTSUP, "schema 1");
	refused("{}", "application/vnd.docker.distribution.manifest.v1+prettyjws", ENOTSUP, "schema 1");
	refused("{" CONFIG ",\"layers\":[" LAYER("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip")
		"]}", NULL, ENOTSUP, "not followed");
	refused("{" CONFIG ",\"layers\":[" LAYER("application/pdf") "]}", NULL, ENOTSUP, "not a tar");
	refused("{\"config\":{\"mediaType\":\"application/vnd.cncf.helm.config.v1+json\",\"digest\":\""
		DIGEST "\",\"size\":1},\"layers\":[]}", NULL, ENOTSUP, "artifact");
	refused("[]", NULL, EINVAL, "not a JSON object");
	refused("{", NULL, EINVAL, "manifest");
	refused("{\"layers\":[]}", NULL, EINVAL, "no configuration");
	refused("{" CONFIG ",\"layers\":{}}", NULL, EINVAL, "not a list");
}

static void refuses_bad_digests(void **state)
{
	static const char *const bad[] = {
		"", "sha256", "sha256:", "sha256:../../etc/passwd", "sha256:" HEX "0", "md5:" HEX,
		"sha256:0123456789ABCDEF0123456789abcdef0123456789abcdef0123456789abcdef", HEX,
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		autofree char *text = xasprintf("{\"config\":{\"digest\":\"%s\",\"size\":1},\"layers\":[]}",
						bad[i]);

		assert_null(manifest_hex(bad[i]));
		refused(text, NULL, EINVAL, "digest");
	}
	refused("{\"config\":{\"digest\":\"sha512:00\",\"size\":1},\"layers\":[]}", NULL, ENOTSUP, "sha256");
	refused("{\"config\":{\"digest\":\"" DIGEST "\"},\"layers\":[]}", NULL, EINVAL, "no size");
	refused("{\"config\":{\"digest\":\"" DIGEST "\",\"size\":-1},\"layers\":[]}", NULL, EINVAL,
		"no size");
	refused("{\"config\":{\"digest\":\"" DIGEST "\",\"size\":99999999},\"layers\":[]}", NULL, EFBIG,
		"said to have");
	assert_string_equal(manifest_hex(DIGEST), HEX);
}

static int diff_ids(const char *text, size_t layers, struct err *e)
{
	auto_of(json_free) struct json *j = NULL;
	auto_of(strv_clear) struct strv ids = { 0 };

	assert_int_equal(json_parse(&j, text, strlen(text), e), 0);
	return manifest_config_diff_ids(&ids, j, layers, e);
}

static void counts_diff_ids(void **state)
{
	struct err e = { 0 };

	(void)state;
	assert_int_equal(diff_ids("{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" DIGEST "\"]}}", 1, &e),
			 0);
	assert_int_equal(diff_ids("{\"rootfs\":{\"diff_ids\":[]}}", 0, &e), 0);
	assert_int_equal(diff_ids("{\"rootfs\":{\"diff_ids\":[\"" DIGEST "\"]}}", 2, &e), -EINVAL);
	assert_int_equal(diff_ids("{\"rootfs\":{\"diff_ids\":[\"x\"]}}", 1, &e), -EINVAL);
	assert_int_equal(diff_ids("{}", 0, &e), -EINVAL);
	assert_int_equal(diff_ids("[]", 0, &e), -EINVAL);
	assert_int_equal(diff_ids("{\"rootfs\":{\"type\":\"other\",\"diff_ids\":[]}}", 0, &e), -ENOTSUP);
}

static void chooses_a_platform(void **state)
{
	static const char text[] = "{\"manifests\":[{\"digest\":\"" DIGEST "\",\"size\":5,"
				   "\"platform\":{\"os\":\"linux\",\"architecture\":\"arm64\"}}]}";
	auto_of(platform_clear) struct platform arm = { 0 }, s390 = { 0 };
	auto_of(manifest_blob_clear) struct manifest_blob b = { 0 };
	auto_of(json_free) struct json *j = NULL;
	struct err e = { 0 };

	(void)state;
	assert_int_equal(json_parse(&j, text, strlen(text), &e), 0);
	assert_int_equal(platform_parse(&arm, "linux/arm64", NULL, NULL, NULL, &e), 0);
	assert_int_equal(platform_parse(&s390, "linux/s390x", NULL, NULL, NULL, &e), 0);
	assert_int_equal(manifest_choose(&b, j, &arm, &e), 0);
	assert_int_equal(b.size, 5);
	assert_int_equal(manifest_choose(&b, j, &s390, &e), -ERR_NO_SUCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_an_image),
		cmocka_unit_test(takes_the_servers_word_for_the_kind),
		cmocka_unit_test(refuses_two_meanings),
		cmocka_unit_test(refuses_what_is_no_image),
		cmocka_unit_test(refuses_bad_digests),
		cmocka_unit_test(counts_diff_ids),
		cmocka_unit_test(chooses_a_platform),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
