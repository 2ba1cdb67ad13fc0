/* SPDX-License-Identifier: Apache-2.0 */
#include "image_fixture.h"

#include "base/persona.h"
#include "image/resolve.h"

static void finds(struct fixture *f, const char *text, char digit, const char *full)
{
	autofree char *id = NULL, *name = NULL;
	struct err e = { 0 };

	if (resolve_local_image(f->s, text, &id, &name, &e) != 0)
		fail_msg("%s: %s", text, e.msg);
	assert_int_equal(id[0], digit);
	if (full)
		assert_string_equal(name, full);
	else
		assert_string_equal(name, id);
}

static void misses(struct fixture *f, const char *text, int code)
{
	char *id = NULL, *name = NULL;
	struct err e = { 0 };

	assert_int_equal(resolve_local_image(f->s, text, &id, &name, &e), -code);
	assert_null(id);
	assert_null(name);
}

static void names(void **state)
{
	struct fixture *f = *state;

	image_conf(f, "");
	image_put(f, 'a', 1, "{}", IMAGE_NAMES("docker.io/library/bb:latest", "quay.io/t/x:1"));
	image_put(f, 'b', 2, "{}", IMAGE_NAMES("localhost/own:latest"));
	finds(f, "bb", 'a', "docker.io/library/bb:latest");
	finds(f, "docker.io/bb", 'a', "docker.io/library/bb:latest");
	finds(f, "docker://bb:latest", 'a', "docker.io/library/bb:latest");
	finds(f, "quay.io/t/x:1", 'a', "quay.io/t/x:1");
	finds(f, "own", 'b', "localhost/own:latest");
	misses(f, "quay.io/t/x", ERR_NO_SUCH);
	misses(f, "bb:2", ERR_NO_SUCH);
	misses(f, "Bad", ERR_USAGE);
	misses(f, "", ERR_USAGE);
}

/* The end of one image's name is enough, where there is nothing better; not for docker. */
static void suffixes(void **state)
{
	struct fixture *f = *state;

	image_conf(f, "");
	image_put(f, 'a', 1, "{}", IMAGE_NAMES("quay.io/t/x:1", "r.example/t/x:1", "r.example/y:latest"));
	image_put(f, 'b', 2, "{}", IMAGE_NAMES("q.example/y:latest"));
	finds(f, "x:1", 'a', "quay.io/t/x:1");
	finds(f, "t/x:1", 'a', "quay.io/t/x:1");
	misses(f, "x", ERR_NO_SUCH);
	misses(f, "y", ERR_NO_SUCH);		/* two images */
	persona_set("docker");
	misses(f, "x:1", ERR_NO_SUCH);
	persona_set("rootlet");
}

/* Where a short name would be pulled from is where it is looked for. */
static void precedence(void **state)
{
	struct fixture *f = *state;

	image_conf(f, "unqualified-search-registries = ['r.example']\n[aliases]\nal = 'q.example/al'\n");
	image_put(f, 'a', 1, "{}", IMAGE_NAMES("docker.io/library/x:latest", "docker.io/library/al:latest",
					       "docker.io/library/hub:latest"));
	image_put(f, 'b', 1, "{}", IMAGE_NAMES("r.example/x:latest", "localhost/al:latest"));
	image_put(f, 'c', 1, "{}", IMAGE_NAMES("q.example/al:latest"));
	finds(f, "x", 'b', "r.example/x:latest");
	finds(f, "al", 'c', "q.example/al:latest");
	finds(f, "hub", 'a', "docker.io/library/hub:latest");
	image_put(f, 'd', 1, "{}", IMAGE_NAMES("localhost/x:latest"));
	finds(f, "x", 'd', "localhost/x:latest");
}

static void ids(void **state)
{
	struct fixture *f = *state;
	autofree char *id = fixture_id('a'), *text = xasprintf("sha256:%s", id), *none = fixture_id('9');
	autofree char *twin = fixture_id('a');

	image_conf(f, "");
	image_put(f, 'a', 1, "{}", IMAGE_NAMES("localhost/c:latest"));
	image_put(f, 'c', 1, "{}", IMAGE_NAMES());
	finds(f, "aaaaaa", 'a', NULL);
	finds(f, id, 'a', NULL);
	finds(f, text, 'a', NULL);
	finds(f, "sha256:aaa", 'a', NULL);
	/* A name goes before the beginning of an id. */
	finds(f, "c", 'a', "localhost/c:latest");
	finds(f, "cc", 'c', NULL);
	misses(f, none, ERR_NO_SUCH);
	misses(f, "sha256:9", ERR_NO_SUCH);
	misses(f, "99", ERR_NO_SUCH);
}

static void digests(void **state)
{
	struct fixture *f = *state;
	autofree char *a = fixture_id('a'), *b = fixture_id('b');
	autofree char *text = xasprintf("da@sha256:%s", a), *full = xasprintf("docker.io/library/%s", text);
	autofree char *other = xasprintf("da@sha256:%s", b), *repo = xasprintf("quay.io/da@sha256:%s", a);
	autofree char *renamed = xasprintf("localhost/new@sha256:%s", a);
	autofree char *tagged = xasprintf("da:sometag@sha256:%s", a);

	image_conf(f, "");
	image_put(f, 'a', 1, "{}", IMAGE_NAMES("docker.io/library/da:latest"));
	finds(f, text, 'a', full);
	finds(f, tagged, 'a', full);
	assert_int_equal(names_set(f->s->image_names_dirfd, "localhost/new:3", a, NULL), 0);
	finds(f, renamed, 'a', renamed);
	misses(f, other, ERR_NO_SUCH);
	misses(f, repo, ERR_NO_SUCH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(names, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(suffixes, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(precedence, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(ids, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(digests, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
