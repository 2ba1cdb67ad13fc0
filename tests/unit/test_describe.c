/* SPDX-License-Identifier: Apache-2.0 */
#include "image_fixture.h"

#include "image/describe.h"

static const char config[] =
	"{\"created\":\"2024-01-02T03:04:05Z\",\"author\":\"me\",\"architecture\":\"arm64\",\"variant\":\"v8\","
	"\"os\":\"linux\",\"config\":{\"User\":\"u\",\"Labels\":{\"k\":\"v\"},\"Cmd\":[\"sh\"]},"
	"\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:1\"]},"
	"\"history\":[{\"created_by\":\"ADD x\",\"created\":\"2024-01-01T00:00:00Z\"},"
	"{\"created_by\":\"CMD sh\",\"empty_layer\":true,\"comment\":\"c\"}]}";

static void inspect(void **state)
{
	struct fixture *f = *state;
	autofree char *id = fixture_id('a'), *none = fixture_id('b');
	auto_of(json_free) struct json *j = NULL;
	struct err e = { 0 };

	image_put(f, 'a', 1, config, IMAGE_NAMES("localhost/x:1", "localhost/x@sha256:0"));
	if (describe_image(&j, f->s, id, &e) != 0)
		fail_msg("%s", e.msg);
	assert_string_equal(json_get_str(j, "Id"), id);
	assert_int_equal(json_len(json_get(j, "RepoTags")), 1);
	assert_int_equal(json_len(json_get(j, "RepoDigests")), 2);
	assert_int_equal(strncmp(json_str(json_at(json_get(j, "RepoDigests"), 1)), "localhost/x@sha256:aaa", 22), 0);
	assert_string_equal(json_get_str(j, "Author"), "me");
	assert_string_equal(json_get_str(j, "Variant"), "v8");
	assert_string_equal(json_get_str(j, "User"), "u");
	assert_string_equal(json_str(json_path(j, "Labels.k")), "v");
	assert_int_equal(json_len(json_path(j, "RootFS.Layers")), 1);
	assert_int_equal(json_len(json_path(j, "Config.Cmd")), 1);
	assert_non_null(strstr(json_str(json_path(j, "GraphDriver.Data.UpperDir")), id));
	assert_null(json_path(j, "GraphDriver.Data.LowerDir"));
	assert_string_equal(json_get_str(j, "ManifestType"), "application/vnd.oci.image.manifest.v1+json");
	assert_int_equal(describe_image(&j, f->s, none, &e), -ERR_NO_SUCH);
}

static void history(void **state)
{
	struct fixture *f = *state;
	autofree char *id = fixture_id('a'), *bare = fixture_id('b');
	auto_of(json_free) struct json *j = NULL, *k = NULL;
	struct err e;

	image_put(f, 'a', 1, config, IMAGE_NAMES("localhost/x:1"));
	assert_int_equal(describe_history(&j, f->s, id, &e), 0);
	assert_int_equal(json_len(j), 2);
	assert_string_equal(json_get_str(json_at(j, 0), "id"), id);
	assert_string_equal(json_get_str(json_at(j, 0), "CreatedBy"), "CMD sh");
	assert_int_equal(json_get_int(json_at(j, 0), "size", -1), 0);
	assert_int_equal(json_len(json_get(json_at(j, 0), "tags")), 1);
	assert_string_equal(json_get_str(json_at(j, 1), "id"), "<missing>");
	assert_int_equal(json_get_int(json_at(j, 1), "size", -1), 1000);
	/* Without a history there is still a line for each layer. */
	image_put(f, 'b', 1, "{\"created\":\"2024-01-02T03:04:05Z\"}", IMAGE_NAMES());
	assert_int_equal(describe_history(&k, f->s, bare, &e), 0);
	assert_int_equal(json_len(k), 1);
	assert_int_equal(json_get_int(json_at(k, 0), "size", -1), 1000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(inspect, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(history, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
