/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ctr_userns.h"
#include "userns/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct session_idmap wide[] = { { 0, 1000, 1 }, { 1, 100000, 65536 } };
static struct session_idmap narrow[] = { { 0, 1000, 1 } };

static struct session with_map(struct session_idmap *map, size_t n)
{
	return (struct session){ .uid = 1000, .gid = 1000, .uid_map = map, .gid_map = map,
				 .uid_map_n = n, .gid_map_n = n };
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
	assert_null(u.uid_text);
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
	assert_string_equal(u.uid_text, "0 1 1000\n1000 0 1\n1001 1001 64536\n");
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
	assert_string_equal(u.uid_text, "0 0 1\n1 1 9\n");
	assert_string_equal(u.gid_text, "0 1 5\n5 0 1\n6 6 4\n");
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
	assert_string_equal(u.uid_text, "1000 0 1\n");
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
	assert_string_equal(u.uid_text, "0 1 65536\n");
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
	assert_string_equal(u.uid_text, "0 1 1000\n1000 0 1\n");
	/* Groups follow the users when only these are given. */
	assert_string_equal(u.gid_text, u.uid_text);
	strv_add(&c.uidmap, "5:65530:100");
	assert_int_equal(ctr_userns_plan(&none, &s, &c, &e), -ERANGE);
	strv_clear(&c.uidmap);
	strv_add(&c.uidmap, "x:1");
	assert_int_equal(ctr_userns_plan(&none, &s, &c, &e), -ERR_USAGE);
	strv_clear(&c.uidmap);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(host_has_no_map),  cmocka_unit_test(keep_id),
		cmocka_unit_test(keep_id_options),  cmocka_unit_test(keep_id_with_one_id),
		cmocka_unit_test(nomap),	    cmocka_unit_test(own_maps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
