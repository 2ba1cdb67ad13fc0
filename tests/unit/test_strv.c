/* SPDX-License-Identifier: Apache-2.0 */
#include "base/strv.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_is(const struct strv *l, const char *joined)
{
	autofree char *s = strv_join(l, "|");

	assert_string_equal(s, joined);
	if (l->n)
		assert_null(l->v[l->n]);
}

static void adds_and_removes(void **state)
{
	auto_of(strv_clear) struct strv l = { 0 }, copy = { 0 };

	(void)state;
	assert_null(strv_vec(&l)[0]);
	strv_add(&l, "a");
	strv_addf(&l, "%d", 5);
	strv_add_take(&l, xstrdup("c"));
	assert_is(&l, "a|5|c");
	assert_true(strv_has(&l, "5"));
	assert_false(strv_has(&l, "6"));
	strv_copy(&copy, &l);
	strv_add_all(&copy, &l);
	strv_remove_at(&l, 1);
	assert_is(&l, "a|c");
	assert_is(&copy, "a|5|c|a|5|c");
	strv_sort(&copy);
	assert_is(&copy, "5|5|a|a|c|c");
	strv_copy(&copy, &l);
	assert_is(&copy, "a|c");
}

/* Against a plain array: the capacity is derived from the length, which removal changes. */
static void any_order_of_changes(void **state)
{
	auto_of(strv_clear) struct strv l = { 0 };
	int model[200], n = 0;

	(void)state;
	for (int step = 0; step < 20000; step++) {
		if (n < 200 && (n == 0 || random() % 100 < 50 + (step / 1000 % 2) * 20 - 10)) {
			model[n++] = step;
			strv_addf(&l, "%d", step);
		} else {
			int at = random() % n;

			memmove(model + at, model + at + 1, (n - at - 1) * sizeof(*model));
			n--;
			strv_remove_at(&l, at);
		}
		assert_int_equal(l.n, n);
		assert_null(strv_vec(&l)[n]);
		for (int i = 0; i < n; i++)
			assert_int_equal(atoi(l.v[i]), model[i]);
	}
}

static void splits(void **state)
{
	static const struct {
		const char *text;
		size_t n;
	} cases[] = { { "", 0 }, { "a", 1 }, { ",", 2 }, { "a,,b", 3 }, { "a,", 2 } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		auto_of(strv_clear) struct strv l = { 0 };
		autofree char *back = NULL;

		strv_split(&l, cases[i].text, ',');
		assert_int_equal(l.n, cases[i].n);
		back = strv_join(&l, ",");
		assert_string_equal(back, cases[i].text);
	}
}

static void csv(void **state)
{
	static const char *const wrong[] = { "\"a", "a,\"b", "\"a\"b" };
	auto_of(strv_clear) struct strv l = { 0 }, again = { 0 };
	autofree char *text = NULL;

	(void)state;
	assert_int_equal(strv_csv(&l, ""), 0);
	assert_int_equal(l.n, 0);
	assert_int_equal(strv_csv(&l, "a,\"b,c\",\"d\"\"e\",f\"g,"), 0);
	assert_int_equal(l.n, 5);
	assert_string_equal(l.v[1], "b,c");
	assert_string_equal(l.v[2], "d\"e");
	assert_string_equal(l.v[3], "f\"g");
	assert_string_equal(l.v[4], "");
	text = strv_csv_join(&l);
	assert_int_equal(strv_csv(&again, text), 0);
	assert_int_equal(again.n, l.n);
	for (size_t i = 0; i < l.n; i++)
		assert_string_equal(again.v[i], l.v[i]);
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(strv_csv(&l, wrong[i]), -EINVAL);
	assert_int_equal(l.n, 5);
}

static void environment(void **state)
{
	auto_of(strv_clear) struct strv l = { 0 };

	(void)state;
	strv_env_set(&l, "A", "1");
	strv_env_put(&l, "AB=2");
	strv_env_put(&l, "A=x=y");
	assert_is(&l, "A=x=y|AB=2");
	assert_string_equal(strv_env_get(&l, "A"), "x=y");
	assert_string_equal(strv_env_get(&l, "AB"), "2");
	assert_null(strv_env_get(&l, "B"));
	strv_env_unset(&l, "A");
	strv_env_unset(&l, "nope");
	assert_is(&l, "AB=2");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(adds_and_removes),
		cmocka_unit_test(any_order_of_changes),
		cmocka_unit_test(splits),
		cmocka_unit_test(csv),
		cmocka_unit_test(environment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
