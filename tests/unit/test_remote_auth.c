/* SPDX-License-Identifier: Apache-2.0 */
#include "image/remote_priv.h"

#include "base/str.h"
#include "image/http.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void param_is(const char *challenge, const char *name, const char *want)
{
	autofree char *got = remote_challenge_param(challenge, name);

	if (!str_eq(got, want))
		fail_msg("%s of %s: got %s", name, challenge, got ? got : "nothing");
}

static void parameters(void **state)
{
	static const char usual[] = "Bearer realm=\"https://auth.docker.io/token\","
				    "service=\"registry.docker.io\",scope=\"repository:a/b:pull,push\"";

	(void)state;
	param_is(usual, "realm", "https://auth.docker.io/token");
	param_is(usual, "service", "registry.docker.io");
	param_is(usual, "scope", "repository:a/b:pull,push");
	param_is(usual, "error", NULL);
	param_is("Bearer Realm=x , service=\"a \\\"b\\\"\"", "realm", "x");
	param_is("Bearer Realm=x , service=\"a \\\"b\\\"\"", "service", "a \"b\"");
	param_is("Bearer realm=\"open", "realm", "open");
	param_is("Bearer", "realm", NULL);
	param_is("Bearer realm", "realm", NULL);
	param_is("Bearer ,,,", "realm", NULL);
	param_is("", "realm", NULL);
}

static void origin_is(const char *url, const char *want)
{
	autofree char *got = http_origin(url);

	if (!str_eq(got, want))
		fail_msg("%s: got %s", url, got ? got : "nothing");
}

static void origins(void **state)
{
	(void)state;
	origin_is("https://Example.COM/a?b", "https://example.com:443");
	origin_is("http://h:8080/x", "http://h:8080");
	origin_is("http://h", "http://h:80");
	origin_is("https://user:pass@h/x", "https://h:443");
	origin_is("https://h:444@evil.example/", "https://evil.example:443");
	origin_is("not a url", NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parameters),
		cmocka_unit_test(origins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
