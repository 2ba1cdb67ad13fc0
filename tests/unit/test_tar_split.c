/* SPDX-License-Identifier: Apache-2.0 */
#include "storage_fixture.h"

#include "storage/tar_split.h"

static void unpack(struct layer_writer *w, const struct str *tar, bool *is_broken)
{
	auto_of(tar_split_free) struct tar_split *split = NULL;
	auto_of(tar_extract_free) struct tar_extract *x = NULL;
	struct tar_extract_args args = { .dirfd = w->diff_dirfd, .is_layer = true };
	struct err e;

	assert_int_equal(tar_split_new(&split, w->dirfd, &e), 0);
	args.sink = tar_split_sink(split);
	assert_int_equal(tar_extract_new(&x, &args, &e), 0);
	for (size_t i = 0; i < tar->len; i += 1000)
		assert_int_equal(tar_extract_write(x, tar->p + i,
						   tar->len - i < 1000 ? tar->len - i : 1000, &e), 0);
	assert_int_equal(tar_extract_finish(x, &e), 0);
	assert_int_equal(tar_split_finish(split, &e), 0);
	*is_broken = tar_extract_stats(x)->is_record_broken;
}

static void makes_the_same_bytes_again(void **state)
{
	struct fixture *f = *state;
	autofree char *a = fixture_id('a'), *big = xmalloc(3000001);
	auto_of(layer_writer_free) struct layer_writer *w = NULL;
	auto_of(str_clear) struct str tar = { 0 }, again = { 0 };
	bool is_broken;
	struct err e;

	memset(big, 'b', 3000000);
	big[3000000] = 0;
	fixture_add(&tar, '0', "d/small", NULL, "text");
	fixture_add(&tar, '0', "d/big", NULL, big);
	fixture_add(&tar, '0', "d/empty", NULL, NULL);
	fixture_add(&tar, '0', ".wh..wh.aufs", NULL, "kept as raw bytes");
	fixture_add(&tar, '2', "l", "d", NULL);
	fixture_add(&tar, '0', "l/through", NULL, "a link");
	for (int i = 0; i < 4 * TAR_BLOCK; i++)
		str_addc(&tar, 0);
	str_add(&tar, "trailing garbage is the archive's too");
	assert_int_equal(layer_begin(&w, f->s, a, &e), 0);
	unpack(w, &tar, &is_broken);
	assert_false(is_broken);
	assert_int_equal(tar_split_read(w->dirfd, fixture_append, &again, &e), 0);
	assert_int_equal(again.len, tar.len);
	assert_memory_equal(again.p, tar.p, tar.len);
	/* A file that lost bytes is noticed. */
	assert_int_equal(file_write_at(w->diff_dirfd, "d/big", "short", 5, 0600, 0), 0);
	assert_int_equal(tar_split_read(w->dirfd, fixture_append, &again, &e), -EBADMSG);
}

/* Three times the same file, a directory that makes room for a file, and a file for a directory. */
static void remembers_what_was_replaced(void **state)
{
	struct fixture *f = *state;
	autofree char *a = fixture_id('a'), *now = NULL;
	auto_of(layer_writer_free) struct layer_writer *w = NULL;
	auto_of(str_clear) struct str tar = { 0 }, again = { 0 };
	bool is_broken;
	struct err e;

	fixture_add(&tar, '0', "d/twice", NULL, "one");
	fixture_add(&tar, '0', "d/twice", NULL, "two!");
	fixture_add(&tar, '0', "d/twice", NULL, "three");
	fixture_add(&tar, '0', "d/deep/below", NULL, "below");
	fixture_add(&tar, '0', "d/deep", NULL, "a file now");
	fixture_add(&tar, '0', "x", NULL, "a file yet");
	fixture_add(&tar, '5', "x", NULL, NULL);
	fixture_add(&tar, '0', "x/y", NULL, "and a directory");
	for (int i = 0; i < 2 * TAR_BLOCK; i++)
		str_addc(&tar, 0);
	assert_int_equal(layer_begin(&w, f->s, a, &e), 0);
	unpack(w, &tar, &is_broken);
	assert_false(is_broken);
	assert_true(file_read_at(w->diff_dirfd, "d/twice", &now, NULL, 100) >= 0);
	assert_string_equal(now, "three");
	/* Its mode is that of a file; where root is one of a session it can look into it. */
	assert_int_equal(fchmodat(w->diff_dirfd, "x", 0755, 0), 0);
	if (tar_split_read(w->dirfd, fixture_append, &again, &e) < 0)
		fail_msg("%s", e.msg);
	assert_int_equal(again.len, tar.len);
	assert_memory_equal(again.p, tar.p, tar.len);
}

static void knows_when_it_cannot(void **state)
{
	struct fixture *f = *state;
	autofree char *a = fixture_id('a');
	auto_of(layer_writer_free) struct layer_writer *w = NULL;
	auto_of(str_clear) struct str tar = { 0 }, again = { 0 };
	bool is_broken;
	struct err e;

	fixture_add(&tar, '0', "twice", NULL, "one");
	assert_int_equal(layer_begin(&w, f->s, a, &e), 0);
	unpack(w, &tar, &is_broken);
	assert_int_equal(file_write_at(w->dirfd, "tar-split.gz", "junk", 4, 0600, 0), 0);
	assert_int_equal(tar_split_read(w->dirfd, fixture_append, &again, &e), -EBADMSG);
	assert_int_equal(unlinkat(w->dirfd, "tar-split.gz", 0), 0);
	assert_int_equal(tar_split_read(w->dirfd, fixture_append, &again, &e), -ENOENT);
}

static void chains_digests(void **state)
{
	autofree char *one = layer_chain_id(NULL, "sha256:1111"), *two = layer_chain_id(one, "2222");

	(void)state;
	assert_string_equal(one, "1111");
	/* printf 'sha256:1111 sha256:2222' | sha256sum */
	assert_string_equal(two,
			    "8a5f562ca739136d680300679c08c98cb940e94d04b0ac0063c6fcaddf427fbb");
}

int main(void)
{
#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		T(makes_the_same_bytes_again),
		T(remembers_what_was_replaced),
		T(knows_when_it_cannot),
		cmocka_unit_test(chains_digests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
