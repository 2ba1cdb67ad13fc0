/* SPDX-License-Identifier: Apache-2.0 */
#include "storage_fixture.h"

#include <sys/wait.h>
#include <time.h>

static void makes_and_finds(void **state)
{
	struct fixture *f = *state;
	autofree char *a = fixture_id('a'), *b = fixture_id('b'), *parent = NULL;
	auto_of(json_free) struct json *info = NULL;
	auto_of(strv_clear) struct strv ids = { 0 };
	struct layer_writer *again = NULL;
	struct err e;

	layer_writer_free(fixture_layer(f->s, a, ""));
	layer_writer_free(fixture_layer(f->s, b, a));
	assert_true(layer_exists(f->s, a));
	assert_int_equal(layer_begin(&again, f->s, a, &e), 1);
	assert_null(again);
	assert_int_equal(layer_parent(f->s, b, &parent), 0);
	assert_string_equal(parent, a);
	free(steal_ptr(&parent));
	assert_int_equal(layer_parent(f->s, a, &parent), 0);
	assert_null(parent);
	assert_int_equal(layer_load(&info, f->s, b, &e), 0);
	assert_string_equal(json_get_str(info, "parent"), a);
	assert_int_equal(layer_list(f->s, &ids, &e), 0);
	assert_int_equal(ids.n, 2);
}

static void what_is_not_committed_disappears(void **state)
{
	struct fixture *f = *state;
	autofree char *a = fixture_id('a');
	auto_of(strv_clear) struct strv left = { 0 };
	struct layer_writer *w = NULL;
	struct err e;

	assert_int_equal(layer_begin(&w, f->s, a, &e), 0);
	assert_int_equal(file_write_at(w->diff_dirfd, "x", "", 0, 0600, 0), 0);
	assert_false(layer_exists(f->s, a));
	layer_writer_free(w);
	assert_int_equal(file_list_dir(f->s->root_dirfd, "tmp", &left, false), 0);
	assert_int_equal(file_list_dir(f->s->layers_dirfd, ".", &left, false), 0);
	assert_int_equal(left.n, 0);
}

static void refuses_ids_that_are_paths(void **state)
{
	struct fixture *f = *state;
	struct layer_writer *w = NULL;
	struct err e;

	assert_int_equal(layer_begin(&w, f->s, "../../x", &e), -EINVAL);
	assert_int_equal(layer_open_diff(f->s, "x/../..", &e), -EINVAL);
	assert_false(layer_exists(f->s, "."));
}

static void one_writer_at_a_time(void **state)
{
	struct fixture *f = *state;
	autofree char *a = fixture_id('a');
	struct layer_writer *w = NULL, *v = NULL;
	auto_of(json_free) struct json *info = json_new_object();
	struct err e;
	int status;
	pid_t pid;

	assert_int_equal(layer_begin(&w, f->s, a, &e), 0);
	assert_int_equal(layer_try_begin(&v, f->s, a, &e), 2);
	pid = fork();
	if (pid == 0) {
		/* Waits here until the layer is there. */
		_exit(layer_begin(&v, f->s, a, &e));
	}
	nanosleep(&(struct timespec){ .tv_nsec = 30000000 }, NULL);
	assert_int_equal(waitpid(pid, &status, WNOHANG), 0);
	assert_int_equal(layer_commit(w, info, &e), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(WEXITSTATUS(status), 1);
	layer_writer_free(w);
}

static void a_held_layer_stays(void **state)
{
	struct fixture *f = *state;
	autofree char *a = fixture_id('a');
	auto_of(strv_clear) struct strv ids = { 0 }, removed = { 0 };
	struct layer_writer *w = fixture_layer(f->s, a, "");
	autoclose int hold = -1;
	struct err e;

	strv_add(&ids, a);
	/* The writer itself holds it after the commit. */
	assert_int_equal(layer_remove(f->s, a, &e), -ERR_IN_USE);
	layer_writer_free(w);
	assert_int_equal(layer_hold(f->s, a, &hold, &e), 1);
	assert_int_equal(layer_remove_unused(f->s, &ids, &removed, &e), 0);
	assert_int_equal(removed.n, 0);
	assert_true(layer_exists(f->s, a));
	fd_close(&hold);
	assert_int_equal(layer_remove_unused(f->s, &ids, &removed, &e), 0);
	assert_int_equal(removed.n, 1);
	assert_false(layer_exists(f->s, a));
	assert_int_equal(layer_hold(f->s, a, &hold, &e), 0);
}

static void users_keep_whole_chains(void **state)
{
	struct fixture *f = *state;
	autofree char *a = fixture_id('a'), *b = fixture_id('b'), *c = fixture_id('c');
	autofree char *link = NULL;
	auto_of(strv_clear) struct strv ids = { 0 }, removed = { 0 };
	struct err e;

	layer_writer_free(fixture_layer(f->s, a, ""));
	layer_writer_free(fixture_layer(f->s, b, a));
	layer_writer_free(fixture_layer(f->s, c, b));
	assert_int_equal(layer_list(f->s, &ids, &e), 0);
	/* A container over b: c may go, a may not. */
	assert_int_equal(mkdirat(f->s->containers_dirfd, c, 0700), 0);
	link = xasprintf("%s/lower", c);
	assert_int_equal(symlinkat(b, f->s->containers_dirfd, link), 0);
	assert_int_equal(layer_remove_unused(f->s, &ids, &removed, &e), 0);
	assert_int_equal(removed.n, 1);
	assert_string_equal(removed.v[0], c);
	assert_true(layer_exists(f->s, a) && layer_exists(f->s, b));
	assert_int_equal(store_discard(f->s, f->s->containers_dirfd, c, &e), 0);
	assert_int_equal(layer_remove_unused(f->s, &ids, &removed, &e), 0);
	assert_int_equal(removed.n, 3);
	assert_string_equal(removed.v[1], b);	/* uppermost first */
	assert_string_equal(removed.v[2], a);
}

static void removes_more_than_it_has_descriptors_for(void **state)
{
	struct fixture *f = *state;
	auto_of(strv_clear) struct strv ids = { 0 }, removed = { 0 };
	char id[65];
	struct err e;

	for (int i = 0; i < 1200; i++) {
		snprintf(id, sizeof(id), "%064x", i);
		assert_int_equal(mkdirat(f->s->layers_dirfd, id, 0700), 0);
	}
	assert_int_equal(layer_list(f->s, &ids, &e), 0);
	assert_int_equal(layer_remove_unused(f->s, &ids, &removed, &e), 0);
	assert_int_equal(removed.n, 1200);
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(makes_and_finds),
		T(what_is_not_committed_disappears),
		T(refuses_ids_that_are_paths),
		T(one_writer_at_a_time),
		T(a_held_layer_stays),
		T(users_keep_whole_chains),
		T(removes_more_than_it_has_descriptors_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
