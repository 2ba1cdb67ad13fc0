/* SPDX-License-Identifier: Apache-2.0 */
#include "container/config.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_table_is_complete(void **state)
{
	unsigned char map[sizeof(struct container_config)] = { 0 };
	size_t covered = config_covered(map, sizeof(map)), run = 0;

	(void)state;
	/* What no entry covers can only be padding, which is shorter than a pointer. */
	for (size_t i = 0; i < sizeof(map); i++) {
		assert_true(map[i] <= 1);
		run = map[i] ? 0 : run + 1;
		if (run >= sizeof(void *))
			fail_msg("offset %zu is in no table entry", i);
	}
	assert_true(covered > sizeof(map) * 9 / 10);
}

static void test_defaults_are_not_written(void **state)
{
	struct container_config c;
	struct json *j;

	(void)state;
	config_init(&c);
	j = config_to_json(&c);
	assert_int_equal(json_len(json_get(j, "config")), 0);
	assert_int_equal(json_get_int(j, "version", 0), 1);
	json_free(j);
	config_clear(&c);
}

static void test_round_trip(void **state)
{
	struct container_config c, back;
	struct str a = { 0 }, b = { 0 };
	struct json *j, *k, *parsed;
	struct err e = { 0 };

	(void)state;
	config_init(&c);
	c.id = xstrdup("0123");
	c.name = xstrdup("a \"quoted\" name");
	c.sig_proxy = false;
	c.stop_timeout = 0;
	c.created = INT64_C(1764000000123456789);
	c.cpu_shares = UINT64_MAX;
	c.cpus = 1.5;
	c.pull = CONFIG_PULL_NEVER;
	c.tls_verify = 0;
	c.net.mode = NETNS_NONE;
	c.net.mtu = 1500;
	strv_add(&c.net.pasta_options, "--ipv4-only");
	strv_add(&c.env, "A=1");
	strv_add(&c.env, "");
	c.health_image = json_new_object();
	json_set_int(c.health_image, "Retries", 3);
	j = config_to_json(&c);
	json_write(&a, j, 0);
	assert_int_equal(json_parse(&parsed, a.p, a.len, &e), 0);
	assert_int_equal(config_from_json(&back, parsed, &e), 0);
	assert_string_equal(back.name, "a \"quoted\" name");
	assert_false(back.sig_proxy);
	assert_int_equal(back.stop_timeout, 0);
	assert_true(back.created == INT64_C(1764000000123456789));
	assert_true(back.cpu_shares == UINT64_MAX);
	assert_int_equal(back.net.mode, NETNS_NONE);
	assert_int_equal(back.env.n, 2);
	assert_true(back.has_passwd);	/* a default that is not zero */
	k = config_to_json(&back);
	json_write(&b, k, 0);
	assert_string_equal(a.p, b.p);
	json_free(j);
	json_free(k);
	json_free(parsed);
	str_clear(&a);
	str_clear(&b);
	config_clear(&c);
	config_clear(&back);
}

static void refuse(const char *text, const char *word)
{
	struct container_config c;
	struct json *j = NULL;
	struct err e = { 0 };

	assert_int_equal(json_parse(&j, text, strlen(text), &e), 0);
	assert_int_equal(config_from_json(&c, j, &e), -EBADMSG);
	assert_non_null(strstr(e.msg, word));
	json_free(j);
}

static void test_bad_records(void **state)
{
	(void)state;
	refuse("{\"version\":2,\"config\":{}}", "newer");
	refuse("{\"config\":{}}", "no container definition");
	refuse("{\"version\":1}", "no container definition");
	refuse("[]", "no container definition");
	refuse("{\"version\":1,\"config\":{\"name\":1}}", "name");
	refuse("{\"version\":1,\"config\":{\"env\":[\"A=1\",7]}}", "env");
	refuse("{\"version\":1,\"config\":{\"rm\":\"yes\"}}", "rm");
	refuse("{\"version\":1,\"config\":{\"net\":{\"mtu\":\"x\"}}}", "mtu");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_table_is_complete),
		cmocka_unit_test(test_defaults_are_not_written),
		cmocka_unit_test(test_round_trip),
		cmocka_unit_test(test_bad_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
