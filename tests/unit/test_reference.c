/* SPDX-License-Identifier: Apache-2.0 */
#include "image/reference.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HEX "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define DIGEST "sha256:" HEX

static void full_is(const char *text, const char *host, const char *expected)
{
	autofree char *full = NULL;
	struct err e = { 0 };

	if (reference_full_name(text, host, &full, &e) != 0)
		fail_msg("%s: %s", text, e.msg);
	assert_string_equal(full, expected);
}

static void refuses(const char *text)
{
	struct reference r = { 0 };
	struct err e = { 0 };

	if (reference_parse(&r, text, &e) != -ERR_USAGE)
		fail_msg("'%s' was accepted as %s", text, reference_to_string(&r));
	assert_non_null(strstr(e.msg, "invalid image name"));
	assert_null(r.repo);
}

static void full_names(void **state)
{
	(void)state;
	full_is("busybox", NULL, "docker.io/library/busybox:latest");
	full_is("busybox:1.36", NULL, "docker.io/library/busybox:1.36");
	full_is("team/app", NULL, "docker.io/team/app:latest");
	full_is("docker.io/busybox", NULL, "docker.io/library/busybox:latest");
	full_is("index.docker.io/busybox", NULL, "docker.io/library/busybox:latest");
	full_is("docker://quay.io/a/b:c", NULL, "quay.io/a/b:c");
	full_is("localhost/x", NULL, "localhost/x:latest");
	full_is("localhost:5000/x:y", NULL, "localhost:5000/x:y");
	full_is("[::1]:5000/x", NULL, "[::1]:5000/x:latest");
	full_is("x:5000", NULL, "docker.io/library/x:5000");
	full_is("x", "localhost", "localhost/x:latest");
	full_is("x@" DIGEST, NULL, "docker.io/library/x@" DIGEST);
	full_is("x:tag@" DIGEST, NULL, "docker.io/library/x@" DIGEST);
	full_is("quay.io/a__b/c-d--e/f.g", NULL, "quay.io/a__b/c-d--e/f.g:latest");
	full_is("Reg/x", NULL, "Reg/x:latest");
}

static void parts(void **state)
{
	auto_of(reference_clear) struct reference r = { 0 };
	autofree char *repository = NULL, *text = NULL;
	struct err e;

	(void)state;
	assert_int_equal(reference_parse(&r, "a/b:t@" DIGEST, &e), 0);
	assert_null(r.host);
	assert_string_equal(r.repo, "a/b");
	assert_string_equal(r.tag, "t");
	assert_string_equal(r.digest, DIGEST);
	text = reference_to_string(&r);
	assert_string_equal(text, "a/b:t@" DIGEST);
	reference_set_host(&r, "quay.io");
	reference_set_host(&r, "other.io");
	repository = reference_repository(&r);
	assert_string_equal(repository, "quay.io/a/b");
}

static void bad_names(void **state)
{
	static const char *const bad[] = {
		"", ":", "/", "@", "a//b", "/a", "a/", "a:", "a@", "A", "a/B", "a b", "a\nb", "-a", "a-", "a.",
		".a", "a..b", "a___b", "_a", "a/../b", "../a", "http://x/y", "a:b:c", "a:-t", "a:.t", "a:t/b:c:d",
		"a@sha256:", "a@sha256:ABC", "a@md5:" HEX, "a@sha256:" HEX "0", "a@sha256:../" HEX, "a@" DIGEST "@x",
		HEX, "x.y:port/z", "x.y:/z", "x.y:123456/z", "-x.y/z", "x-.y/z", "x..y/z", "[::1/z", "[]:1/z",
		"user@host.x/z", "a?b", "a%2fb", "\x1b[31m", "a\xc3\xa9",
	};
	autofree char *tag = xasprintf("a:%0129d", 1), *ok = xasprintf("a:%0128d", 1);
	autofree char *longest = xasprintf("%0256d", 1);
	auto_of(reference_clear) struct reference r = { 0 };
	struct err e;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		refuses(bad[i]);
	refuses(tag);
	refuses(longest);
	assert_int_equal(reference_parse(&r, ok, &e), 0);
}

static void transports(void **state)
{
	const char *rest = NULL;

	(void)state;
	assert_string_equal(reference_transport("docker://a", &rest), "docker");
	assert_string_equal(rest, "a");
	assert_string_equal(reference_transport("oci-archive:/x:y", &rest), "oci-archive");
	assert_string_equal(rest, "/x:y");
	assert_string_equal(reference_transport("oci:/x", &rest), "oci");
	assert_string_equal(reference_transport("containers-storage:x", &rest), "containers-storage");
	assert_null(reference_transport("docker:20", &rest));
	assert_null(reference_transport("ocix:1", &rest));
	assert_null(reference_transport("quay.io/x", &rest));
}

/* What the hub's other name becomes is longer than what was typed. */
static void test_length_counts_what_it_becomes(void **state)
{
	auto_of(reference_clear) struct reference r = { 0 };
	struct err e = { 0 };
	char text[256] = "index.docker.io/";

	(void)state;
	memset(text + strlen(text), 'a', sizeof(text) - 1 - strlen(text));
	assert_int_equal(strlen(text), 255);
	assert_int_not_equal(reference_parse(&r, text, &e), 0);
	assert_non_null(strstr(e.msg, "255"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(full_names),
		cmocka_unit_test(parts),
		cmocka_unit_test(bad_names),
		cmocka_unit_test(transports),
		cmocka_unit_test(test_length_counts_what_it_becomes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
