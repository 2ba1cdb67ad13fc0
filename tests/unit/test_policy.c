/* SPDX-License-Identifier: Apache-2.0 */
#include "image/policy.h"

#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define ACCEPT "[{\"type\":\"insecureAcceptAnything\"}]"
#define REJECT "[{\"type\":\"reject\"}]"
#define SIGNED "[{\"type\":\"signedBy\",\"keyType\":\"GPGKeys\",\"keyPath\":\"/k\"}]"

static int decide(const char *text, const char *transport, const char *scope)
{
	auto_of(json_free) struct json *j = NULL;
	struct err e = { 0 };

	assert_int_equal(json_parse(&j, text, strlen(text), &e), 0);
	return policy_decide(j, "policy.json", transport, scope, &e);
}

static const char scopes[] =
	"{\"default\":" REJECT ",\"transports\":{\"docker\":{"
	"\"quay.io\":" ACCEPT ","
	"\"quay.io/bad\":" REJECT ","
	"\"quay.io/bad/good\":" ACCEPT ","
	"\"quay.io/bad/good:evil\":" REJECT ","
	"\"*.example.com\":" ACCEPT ","
	"\"localhost:5000\":" SIGNED "},"
	"\"oci-archive\":{\"/srv/images\":" ACCEPT "}}}";

static void the_most_specific_scope_counts(void **state)
{
	(void)state;
	assert_int_equal(decide(scopes, "docker", "quay.io/x/y:latest"), 0);
	assert_int_equal(decide(scopes, "docker", "quay.io/bad/y:latest"), -EACCES);
	assert_int_equal(decide(scopes, "docker", "quay.io/bad/good:v1"), 0);
	assert_int_equal(decide(scopes, "docker", "quay.io/bad/good:evil"), -EACCES);
	assert_int_equal(decide(scopes, "docker", "quay.io/badly/y:1"), 0);
	assert_int_equal(decide(scopes, "docker", "docker.io/library/x:1"), -EACCES);
	assert_int_equal(decide(scopes, "docker", "a.example.com/x:1"), 0);
	assert_int_equal(decide(scopes, "docker", "a.b.example.com:80/x:1"), 0);
	assert_int_equal(decide(scopes, "docker", "example.com/x:1"), -EACCES);
}

static void signatures_are_not_waved_through(void **state)
{
	(void)state;
	assert_int_equal(decide(scopes, "docker", "localhost:5000/x:1"), -ENOTSUP);
	assert_int_equal(decide("{\"default\":[{\"type\":\"sigstoreSigned\"}]}", "docker", "a/b"), -ENOTSUP);
	assert_int_equal(decide("{\"default\":[{\"type\":\"insecureAcceptAnything\"},{\"type\":\"reject\"}]}",
				"docker", "a/b"), -EACCES);
}

static void paths_have_scopes_too(void **state)
{
	(void)state;
	assert_int_equal(decide(scopes, "oci-archive", "/srv/images/a/b.tar"), 0);
	assert_int_equal(decide(scopes, "oci-archive", "/srv/image"), -EACCES);
	assert_int_equal(decide(scopes, "docker-archive", "/srv/images/a.tar"), -EACCES);
}

static void a_policy_that_says_nothing_is_an_error(void **state)
{
	(void)state;
	assert_int_equal(decide("{}", "docker", "a/b"), -EINVAL);
	assert_int_equal(decide("{\"default\":[]}", "docker", "a/b"), -EINVAL);
	assert_int_equal(decide("{\"default\":[{\"type\":\"trustMe\"}]}", "docker", "a/b"), -EINVAL);
	assert_int_equal(decide("{\"default\":[{}]}", "docker", "a/b"), -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_specific_scope_counts),
		cmocka_unit_test(signatures_are_not_waved_through),
		cmocka_unit_test(paths_have_scopes_too),
		cmocka_unit_test(a_policy_that_says_nothing_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
