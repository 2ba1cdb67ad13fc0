/* SPDX-License-Identifier: Apache-2.0 */
#include "container/volume_options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int parse(struct volume_options *o, const char *csv, struct err *e)
{
	auto_of(strv_clear) struct strv list = { 0 };

	strv_split(&list, csv, ';');
	return volume_options_parse(o, &list, e);
}

static void kinds(void **state)
{
	auto_of(volume_options_clear) struct volume_options dir = { 0 }, tmp = { 0 }, bind = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(parse(&dir, "o=uid=5,gid=6,nocopy", &e), 0);
	assert_int_equal(dir.kind, VOLUME_DIR);
	assert_int_equal(dir.uid, 5);
	assert_int_equal(dir.gid, 6);
	assert_true(dir.is_nocopy);
	assert_int_equal(parse(&tmp, "o=size=64m,mode=700,noexec;type=tmpfs;device=tmpfs", &e), 0);
	assert_int_equal(tmp.kind, VOLUME_TMPFS);
	assert_int_equal(tmp.words.n, 3);
	assert_int_equal(tmp.uid, -1);
	assert_int_equal(parse(&bind, "type=none;device=/srv;o=rbind,ro", &e), 0);
	assert_int_equal(bind.kind, VOLUME_BIND);
	assert_string_equal(bind.device, "/srv");
	assert_true(strv_has(&bind.words, "ro"));
}

static void refused(void **state)
{
	static const struct {
		const char *options, *part;
	} cases[] = {
		{ "type=nfs", "type=nfs" },	    { "device=/dev/sda1", "/dev/sda1" },
		{ "o=bind", "device=" },	    { "o=bind;device=rel", "device=rel" },
		{ "o=bind,uid=1;device=/x", "U" },  { "o=size=1g", "size=1g" },
		{ "type=tmpfs;o=mode=8", "octal" }, { "type=tmpfs;o=size=", "size=" },
		{ "type=tmpfs;o=size=1mm", "64m" }, { "type=tmpfs;o=nr_inodes=5%", "number" },
		{ "o=uid=x", "uid=x" },		    { "o=gid=4294967295", "gid=4294967295" },
		{ "nothing", "nothing" },	    { "o=bogus", "bogus" },
		{ "type=tmpfs;o=bind", "bind" },    { "type=tmpfs;device=/x", "/x" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct volume_options o = { 0 };
		struct err e = { 0 };

		assert_true(parse(&o, cases[i].options, &e) < 0);
		assert_non_null(strstr(e.msg, cases[i].part));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(kinds),
		cmocka_unit_test(refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
