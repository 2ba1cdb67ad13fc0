/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_userns.h"
#include "container/ctr_ids.h"
#include "container/idrange.h"
#include "userns/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "storage_fixture.h"

static struct idmap_line wide[] = { { 0, 1000, 1 }, { 1, 100000, 65536 } };
static struct idmap_line narrow[] = { { 0, 1000, 1 } };

static void assert_map(const struct idmap *m, const char *expected)
{
	autofree char *text = idmap_format(m);

	assert_string_equal(text, expected);
}

static struct session with_map(struct idmap_line *map, size_t n)
{
	return (struct session){ .uid = 1000, .gid = 1000, .uid_map = { map, n }, .gid_map = { map, n } };
}

static int plan(struct ctr_userns *u, const struct session *s, char *mode, struct err *e)
{
	struct container_config c = { .userns = mode };

	return ctr_userns_plan(u, s, &c, e);
}

static void host_has_no_map(void **state)
{
	struct session s = with_map(wide, 2);
	auto_of(ctr_userns_clear) struct ctr_userns u = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(plan(&u, &s, NULL, &e), 0);
	assert_int_equal(u.mode, SPEC_NS_HOST);
	assert_int_equal(u.uid_shift.n, 0);
}

/* Every id of the session appears once: the user as himself, the others in order around him. */
static void keep_id(void **state)
{
	struct session s = with_map(wide, 2);
	auto_of(ctr_userns_clear) struct ctr_userns u = { 0 };
	struct err e = { 0 };
	char mode[] = "keep-id";

	(void)state;
	assert_int_equal(plan(&u, &s, mode, &e), 0);
	assert_int_equal(u.mode, SPEC_NS_NEW);
	assert_map(&u.uid_shift, "0 1 1000\n1000 0 1\n1001 1001 64536\n");
	assert_string_equal(u.default_user, "1000:1000");
}

static void keep_id_options(void **state)
{
	struct session s = with_map(wide, 2);
	auto_of(ctr_userns_clear) struct ctr_userns u = { 0 }, none = { 0 };
	struct err e = { 0 };
	char mode[] = "keep-id:uid=0,gid=5,size=10", large[] = "keep-id:size=70000";
	char wrong[] = "keep-id:colour=red";

	(void)state;
	assert_int_equal(plan(&u, &s, mode, &e), 0);
	assert_map(&u.uid_shift, "0 0 1\n1 1 9\n");
	assert_map(&u.gid_shift, "0 1 5\n5 0 1\n6 6 4\n");
	assert_string_equal(u.default_user, "0:5");
	assert_int_equal(plan(&none, &s, large, &e), -ERANGE);
	assert_int_equal(plan(&none, &s, wrong, &e), -ERR_USAGE);
	assert_non_null(strstr(e.msg, "colour=red"));
}

static void keep_id_with_one_id(void **state)
{
	struct session s = with_map(narrow, 1);
	auto_of(ctr_userns_clear) struct ctr_userns u = { 0 }, none = { 0 };
	struct err e = { 0 };
	char mode[] = "keep-id", nomap[] = "nomap";

	(void)state;
	assert_int_equal(plan(&u, &s, mode, &e), 0);
	assert_map(&u.uid_shift, "1000 0 1\n");
	assert_int_equal(plan(&none, &s, nomap, &e), -ERANGE);
}

static void nomap(void **state)
{
	struct session s = with_map(wide, 2);
	auto_of(ctr_userns_clear) struct ctr_userns u = { 0 };
	struct err e = { 0 };
	char mode[] = "nomap";

	(void)state;
	assert_int_equal(plan(&u, &s, mode, &e), 0);
	assert_map(&u.uid_shift, "0 1 65536\n");
}

static void own_maps(void **state)
{
	struct session s = with_map(wide, 2);
	auto_of(ctr_userns_clear) struct ctr_userns u = { 0 }, none = { 0 };
	struct container_config c = { 0 };
	struct err e = { 0 };

	(void)state;
	strv_add(&c.uidmap, "0:1:1000");
	strv_add(&c.uidmap, "1000:0");
	assert_int_equal(ctr_userns_plan(&u, &s, &c, &e), 0);
	assert_map(&u.uid_shift, "0 1 1000\n1000 0 1\n");
	/* Groups follow the users when only these are given. */
	assert_true(idmap_equal(&u.gid_shift, &u.uid_shift));
	strv_add(&c.uidmap, "5:65530:100");
	assert_int_equal(ctr_userns_plan(&none, &s, &c, &e), -ERANGE);
	strv_clear(&c.uidmap);
	strv_add(&c.uidmap, "x:1");
	assert_int_equal(ctr_userns_plan(&none, &s, &c, &e), -ERR_USAGE);
	strv_clear(&c.uidmap);
}

/* Builds both maps of a --uidmap and a --gidmap line (NULL: none). */
static int build(struct ctr_userns *u, const struct session *s, const char *uid, const char *gid,
		 struct err *e)
{
	struct container_config c = { 0 };
	int r;

	if (uid)
		strv_add(&c.uidmap, uid);
	if (gid)
		strv_add(&c.gidmap, gid);
	r = ctr_userns_plan(u, s, &c, e);
	strv_clear(&c.uidmap);
	strv_clear(&c.gidmap);
	return r;
}

static void maps_that_extend(void **state)
{
	static const struct {
		const char *uid, *gid, *want_uid, *want_gid;
	} cases[] = {
		/* The ids taken leave holes, inside and outside. */
		{ "+1000:5:10", NULL, "0 0 5\n15 15 985\n1010 1010 64527\n1000 5 10\n",
		  "0 0 5\n15 15 985\n1010 1010 64527\n1000 5 10\n" },
		/* Only users: groups stay as they are. */
		{ "u0:1:100", NULL, "0 1 100\n", "0 0 65537\n" },
		{ NULL, "g0:1:100", "0 0 65537\n", "0 1 100\n" },
		{ "g0:1:100", NULL, "0 0 65537\n", "0 1 100\n" },
		{ "ug0:1:100", NULL, "0 1 100\n", "0 1 100\n" },
		{ NULL, "0:1:7", "0 1 7\n", "0 1 7\n" },
		{ "0:1:5", "0:2:6", "0 1 5\n", "0 2 6\n" },
		/* Ids of the host: the user's own, and two lines of its map. */
		{ "1000:@1000", NULL, "1000 0 1\n", "1000 0 1\n" },
		{ "0:@100010:4", NULL, "0 11 4\n", "0 11 4\n" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct session s = with_map(wide, 2);
		auto_of(ctr_userns_clear) struct ctr_userns u = { 0 };
		struct err e = { 0 };

		assert_int_equal(build(&u, &s, cases[i].uid, cases[i].gid, &e), 0);
		assert_map(&u.uid_shift, cases[i].want_uid);
		assert_map(&u.gid_shift, cases[i].want_gid);
	}
}

static void maps_that_are_wrong(void **state)
{
	static const struct {
		const char *uid;
		int code;
		const char *says;
	} cases[] = {
		{ "", ERR_USAGE, "expected" },		{ "+", ERR_USAGE, "expected" },
		{ "0:1:0", ERR_USAGE, "expected" },	{ "0:1:2:3", ERR_USAGE, "expected" },
		{ "x0:1", ERR_USAGE, "expected" },	{ "@0:1", ERR_USAGE, "expected" },
		{ "4294967295:1", ERR_USAGE, "expected" }, { "0:@", ERR_USAGE, "expected" },
		{ "0:4294967290:4294967290", ERR_USAGE, "expected" },
		{ "0:@2000", ERANGE, "2000 is no id" },	{ "0:@999:2", ERANGE, "999 is no id" },
		{ "0:@1000:2", ERANGE, "1001 is no id" }, { "0:65537", ERANGE, "has 65537" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct session s = with_map(wide, 2);
		auto_of(ctr_userns_clear) struct ctr_userns u = { 0 };
		struct err e = { 0 };

		assert_int_equal(build(&u, &s, cases[i].uid, NULL, &e), -cases[i].code);
		assert_non_null(strstr(e.msg, "--uidmap"));
		assert_non_null(strstr(e.msg, cases[i].says));
	}
}

/* What no file's owner is shifted by is cut as the kernel wants it, and is no map for layers. */
static void private_is_the_session(void **state)
{
	struct session s = with_map(wide, 2);
	auto_of(ctr_userns_clear) struct ctr_userns u = { 0 };
	struct err e = { 0 };
	char mode[] = "private";

	(void)state;
	assert_int_equal(plan(&u, &s, mode, &e), 0);
	assert_int_equal(u.mode, SPEC_NS_NEW);
	assert_int_equal(u.uid_shift.n, 0);
	assert_int_equal(u.uid_map.n, 2);
	assert_int_equal(u.uid_map.v[0].count, 1);
	assert_int_equal(u.uid_map.v[1].inside, 1);
	assert_int_equal(u.uid_map.v[1].count, 65536);
}

/* What create has found out counts, whatever the session has by now. */
static void settled(void **state)
{
	static char mode[] = "auto", join[] = "container:x", uids[] = "0 5 7\n", gids[] = "0 6 7\n";
	static char broken[] = "0 5\n";
	struct session s = with_map(wide, 2);
	struct container_config c = { .userns = mode, .uid_map = uids, .gid_map = gids };
	auto_of(ctr_userns_clear) struct ctr_userns u = { 0 }, v = { 0 }, none = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(ctr_userns_plan(&u, &s, &c, &e), 0);
	assert_int_equal(u.mode, SPEC_NS_NEW);
	assert_map(&u.uid_shift, uids);
	assert_map(&u.gid_shift, gids);
	c.userns = join;
	assert_int_equal(ctr_userns_plan(&v, &s, &c, &e), 0);
	assert_int_equal(v.mode, SPEC_NS_PATH);
	assert_string_equal(v.ns_text, join);
	c.uid_map = broken;
	assert_int_equal(ctr_userns_plan(&none, &s, &c, &e), -EBADMSG);
}

static void auto_options(void **state)
{
	auto_of(ctr_userns_auto_clear) struct ctr_userns_auto a = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(ctr_userns_parse_auto(&a, "size=2000,uidmapping=1:2:3,gidmapping=4:5", &e), 0);
	assert_int_equal(a.size, 2000);
	assert_string_equal(a.uid_lines.v[0], "1:2:3");
	assert_string_equal(a.gid_lines.v[0], "4:5");
	for (const char *const *t = (const char *const[]){ "size=0", "size=x", "colour=1", "", NULL }; **t;
	     t++) {
		auto_of(ctr_userns_auto_clear) struct ctr_userns_auto none = { 0 };

		assert_int_equal(ctr_userns_parse_auto(&none, *t, &e), -ERR_USAGE);
		assert_non_null(strstr(e.msg, *t));
	}
}

/* As many ids as the image's files speak of; nobody does not count. */
static void largest_id(void **state)
{
	(void)state;
	assert_int_equal(ctr_ids_largest(""), 0);
	assert_int_equal(ctr_ids_largest("root:x:0:0:root:/root:/bin/sh\nx:x:999:1001::/:/bin/sh\n"
					 "nobody:x:65534:65534::/:/bin/sh\nbroken\n"), 1001);
	assert_int_equal(ctr_ids_largest("root:x:0:\nnogroup:x:70000:\nstaff:x:50:a,b"), 50);
}

/* The lowest gap each time; a range whose container and maker are gone is free again. */
static void ranges(void **state)
{
	struct fixture *f = *state;
	autofree char *a = fixture_id('a'), *b = fixture_id('b'), *c = fixture_id('c');
	autoclose int lock_a = -1, lock_b = -1, lock_c = -1;
	uint32_t start = 0;
	struct err e = { 0 };

	assert_int_equal(idrange_take(f->s, a, 1, 100, 40, &start, &lock_a, &e), 0);
	assert_int_equal(start, 1);
	assert_int_equal(idrange_take(f->s, b, 1, 100, 40, &start, &lock_b, &e), 0);
	assert_int_equal(start, 41);
	assert_int_equal(idrange_take(f->s, c, 1, 100, 21, &start, &lock_c, &e), -ERANGE);
	assert_non_null(strstr(e.msg, "2 containers"));
	/* a was never made, b was. */
	assert_int_equal(mkdirat(f->s->containers_dirfd, b, 0700), 0);
	fd_close(&lock_a);
	fd_close(&lock_b);
	assert_int_equal(idrange_take(f->s, c, 1, 100, 21, &start, &lock_c, &e), 0);
	assert_int_equal(start, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_has_no_map),  cmocka_unit_test(keep_id),
		cmocka_unit_test(keep_id_options),  cmocka_unit_test(keep_id_with_one_id),
		cmocka_unit_test(nomap),	    cmocka_unit_test(own_maps),
		cmocka_unit_test(maps_that_extend), cmocka_unit_test(maps_that_are_wrong),
		cmocka_unit_test(private_is_the_session), cmocka_unit_test(settled),
		cmocka_unit_test(auto_options),	    cmocka_unit_test(largest_id),
		cmocka_unit_test_setup_teardown(ranges, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
