/* SPDX-License-Identifier: Apache-2.0 */
#include "image/registries.h"

#include "base/file.h"
#include "base/str.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DIGEST "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static struct registries *parse(const char *text)
{
	struct registries *r = NULL;
	struct err e = { 0 };

	if (registries_parse(&r, "conf", text, strlen(text), &e) != 0)
		fail_msg("%s", e.msg);
	return r;
}

static void candidates_are(const struct registries *r, const char *text, const char *expected)
{
	auto_of(strv_clear) struct strv names = { 0 };
	autofree char *joined = NULL;
	struct err e = { 0 };

	if (registries_candidates(r, text, &names, &e) != 0)
		fail_msg("%s: %s", text, e.msg);
	joined = strv_join(&names, " ");
	assert_string_equal(joined, expected);
}

/* "host/repo" of every source, with ! for insecure and ~ for a mirror. */
static void sources_are(const struct registries *r, const char *full, const char *expected)
{
	auto_of(registries_sources_clear) struct registries_sources s = { 0 };
	auto_of(str_clear) struct str text = { 0 };
	struct err e = { 0 };

	if (registries_sources(r, full, &s, &e) != 0)
		fail_msg("%s: %s", full, e.msg);
	for (size_t i = 0; i < s.n; i++)
		str_addf(&text, "%s%s%s%s/%s", i ? " " : "", s.v[i].is_mirror ? "~" : "",
			 s.v[i].is_insecure ? "!" : "", s.v[i].host, s.v[i].repo);
	assert_string_equal(str_peek(&text), expected);
}

static void short_names(void **state)
{
	auto_of(registries_free) struct registries *none = parse("");
	auto_of(registries_free) struct registries *two = parse(
		"unqualified-search-registries = ['a.example', 'docker.io', 'a.example']\n"
		"[aliases]\n'alp' = 'quay.io/team/alpine'\n'x/y' = 'docker.io/z'\n'gone' = ''\n");

	(void)state;
	candidates_are(none, "busybox", "docker.io/library/busybox:latest");
	candidates_are(none, "team/x:1", "docker.io/team/x:1");
	candidates_are(two, "busybox:2", "a.example/busybox:2 docker.io/library/busybox:2");
	candidates_are(two, "quay.io/x", "quay.io/x:latest");
	candidates_are(two, "alp", "quay.io/team/alpine:latest");
	candidates_are(two, "alp:3", "quay.io/team/alpine:3");
	candidates_are(two, "alp@" DIGEST, "quay.io/team/alpine@" DIGEST);
	candidates_are(two, "x/y", "docker.io/library/z:latest");
	candidates_are(two, "gone", "a.example/gone:latest docker.io/library/gone:latest");
	assert_true(registries_is_alias(two, "alp:7"));
	assert_false(registries_is_alias(two, "gone"));
	assert_false(registries_is_alias(two, "quay.io/alp"));
}

static void no_guessing(void **state)
{
	auto_of(registries_free) struct registries *r = parse(
		"unqualified-search-registries = ['a.example', 'b.example']\nshort-name-mode = 'enforcing'\n");
	auto_of(registries_free) struct registries *odd =
		parse("unqualified-search-registries = ['team']\n[aliases]\nq = 'team/q'\n");
	auto_of(strv_clear) struct strv names = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(registries_candidates(r, "x", &names, &e), -ERR_USAGE);
	assert_non_null(strstr(e.msg, "a.example, b.example"));
	assert_int_equal(registries_candidates(odd, "x", &names, &e), -EINVAL);
	assert_int_equal(registries_candidates(odd, "q", &names, &e), -EINVAL);
	assert_int_equal(names.n, 0);
}

static const char mirrors[] =
	"[[registry]]\nprefix = 'example.com/foo'\nlocation = 'internal.example/bar'\n"
	"[[registry.mirror]]\nlocation = 'm0.local/foo'\n"
	"[[registry.mirror]]\nlocation = 'm1.local:5000/x/foo'\ninsecure = true\npull-from-mirror = 'digest-only'\n"
	"[[registry.mirror]]\nlocation = 'm2.local'\npull-from-mirror = 'tag-only'\n"
	"[[registry]]\nlocation = 'example.com/foo/deep'\ninsecure = true\n"
	"[[registry]]\nprefix = '*.wild.example'\ninsecure = true\n"
	"[[registry]]\nlocation = 'bad.example'\nblocked = true\n"
	"[[registry]]\nlocation = 'd.example'\nmirror-by-digest-only = true\n"
	"[[registry.mirror]]\nlocation = 'dm.example'\n";

static void sources(void **state)
{
	auto_of(registries_free) struct registries *r = parse(mirrors);
	auto_of(registries_sources_clear) struct registries_sources s = { 0 };
	struct err e;

	(void)state;
	sources_are(r, "quay.io/a/b:c", "quay.io/a/b");
	sources_are(r, "example.com/foo/image:latest",
		    "~m0.local/foo/image ~m2.local/image internal.example/bar/image");
	sources_are(r, "example.com/foo/image@" DIGEST,
		    "~m0.local/foo/image ~!m1.local:5000/x/foo/image internal.example/bar/image");
	sources_are(r, "example.com/foobar:x", "example.com/foobar");
	sources_are(r, "example.com/foo/deep/er:x", "!example.com/foo/deep/er");
	sources_are(r, "a.wild.example/x:y", "!a.wild.example/x");
	sources_are(r, "a.b.wild.example/x:y", "!a.b.wild.example/x");
	sources_are(r, "wild.example/x:y", "wild.example/x");
	sources_are(r, "d.example/x:y", "d.example/x");
	sources_are(r, "d.example/x@" DIGEST, "~dm.example/x d.example/x");
	sources_are(r, "bad.example:5000/x:y", "bad.example:5000/x");
	assert_int_equal(registries_sources(r, "bad.example/x:y", &s, &e), -EACCES);
	assert_non_null(strstr(e.msg, "registry bad.example is blocked"));
	assert_int_equal(s.n, 0);
}

static void version1(void **state)
{
	auto_of(registries_free) struct registries *r = parse(
		"[registries.search]\nregistries = ['r1.example']\n[registries.insecure]\nregistries = ['r3.example']\n"
		"[registries.block]\nregistries = ['r4.example']\n");
	auto_of(registries_sources_clear) struct registries_sources s = { 0 };
	struct err e;

	(void)state;
	candidates_are(r, "x", "r1.example/x:latest");
	sources_are(r, "r3.example/x:y", "!r3.example/x");
	assert_int_equal(registries_sources(r, "r4.example/x:y", &s, &e), -EACCES);
}

static void bad_files(void **state)
{
	static const char *const bad[] = { "[[registry]]\ninsecure = true\n", "[[registry]]\nprefix = 'x.y'\n",
					   "short-name-mode = 'magic'\n", "x = " };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct registries *r = NULL;
		struct err e;

		if (registries_parse(&r, "conf", bad[i], strlen(bad[i]), &e) >= 0)
			fail_msg("accepted: %s", bad[i]);
		assert_non_null(strstr(e.msg, "conf"));
		assert_null(r);
	}
}

static void put(const char *path, const char *text)
{
	assert_int_equal(file_write_at(AT_FDCWD, path, text, strlen(text), 0600, 0), 0);
}

static void files(void **state)
{
	char dir[] = "/tmp/test_registries.XXXXXX";
	autofree char *conf = NULL, *drop = NULL, *a = NULL, *b = NULL, *cache = NULL, *recorded = NULL;
	auto_of(registries_free) struct registries *r = NULL;
	struct err e = { 0 };

	(void)state;
	assert_non_null(mkdtemp(dir));
	conf = xasprintf("%s/containers/registries.conf", dir);
	drop = xasprintf("%s/containers/registries.conf.d", dir);
	a = xasprintf("%s/10-a.conf", drop);
	b = xasprintf("%s/20-b.conf", drop);
	cache = xasprintf("%s/cache/containers", dir);
	recorded = xasprintf("%s/short-name-aliases.conf", cache);
	file_mkdirs(drop, 0700);
	file_mkdirs(cache, 0700);
	put(conf, "unqualified-search-registries = ['one.example']\n"
		  "[[registry]]\nlocation = 'r.example'\ninsecure = true\n");
	put(a, "unqualified-search-registries = ['two.example']\n[aliases]\nq = 'a.example/q'\np = 'a.example/p'\n");
	put(b, "[[registry]]\nlocation = 'r.example'\n[aliases]\nq = 'b.example/q'\n");
	put(recorded, "[aliases]\np = 'c.example/p'\n");
	setenv("XDG_CONFIG_HOME", dir, 1);
	cache[strlen(cache) - strlen("/containers")] = '\0';
	setenv("XDG_CACHE_HOME", cache, 1);
	if (registries_load(&r, &e) != 0)
		fail_msg("%s", e.msg);
	candidates_are(r, "zzz", "two.example/zzz:latest");
	candidates_are(r, "q", "b.example/q:latest");
	candidates_are(r, "p", "c.example/p:latest");
	sources_are(r, "r.example/x:y", "r.example/x");
	file_remove_tree(AT_FDCWD, dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(short_names), cmocka_unit_test(no_guessing), cmocka_unit_test(sources),
		cmocka_unit_test(version1),    cmocka_unit_test(bad_files),   cmocka_unit_test(files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
