/* SPDX-License-Identifier: Apache-2.0 */
#include "base/opt.h"

#include "base/mem.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct inner {
	char *network;
	struct strv publish;
	int init;
};

struct args {
	bool detach, tty, interactive;
	int tristate;
	char *name;
	int64_t count, memory, interval;
	uint64_t size;
	double cpus;
	struct strv volumes, devices;
	struct inner inner;
	char seen[100];
};

static int take_seen(void *args, const struct opt *o, const char *value, struct err *e)
{
	struct args *a = args;

	if (strcmp(value, "bad") == 0)
		return err_set(e, ERR_USAGE, "this is bad");
	if (strcmp(value, "named") == 0)
		return err_set(e, ERR_USAGE, "--%s is bad", o->name);
	snprintf(a->seen, sizeof(a->seen), "%.90s", value);
	return 0;
}

static const struct opt inner_opts[] = {
	OPT_STR('n', "network", struct inner, network, "NAME", "the network"),
	OPT_LIST('p', "publish", struct inner, publish, "PORT", "a port"),
	OPT_TRISTATE(0, "init", struct inner, init, "run an init"),
	OPT_ALIAS(0, "net", "network"),
	OPT_END,
};

static const struct opt opts[] = {
	OPT_FLAG('d', "detach", struct args, detach, "in the background"),
	OPT_FLAG('t', "tty", struct args, tty, "a terminal"),
	OPT_FLAG('i', "interactive", struct args, interactive, "keep stdin"),
	OPT_TRISTATE(0, "tls-verify", struct args, tristate, "check certificates"),
	OPT_STR(0, "name", struct args, name, "NAME", "its name"),
	OPT_INT('c', "count", struct args, count, "N", "how many"),
	OPT_UINT(0, "size", struct args, size, "N", "how large"),
	OPT_DOUBLE(0, "cpus", struct args, cpus, "N", "how many"),
	OPT_BYTES('m', "memory", struct args, memory, "SIZE", "how much"),
	OPT_DURATION(0, "interval", struct args, interval, "TIME", "how long"),
	OPT_LIST('v', "volume", struct args, volumes, "SRC:DST", "a volume"),
	OPT_CSV(0, "device", struct args, devices, "LIST", "devices"),
	OPT_FN('s', "seen", take_seen, "TEXT", "calls a function"),
	OPT_GROUP(inner_opts, struct args, inner),
	OPT_ALIAS('x', "label", "name"),
	OPT_LATER(0, "blkio", "N", "it needs work"),
	OPT_NEVER('k', "kernel-memory", "SIZE", "the kernel dropped it"),
	OPT_END,
};

static void args_clear(struct args *a)
{
	opt_clear(opts, a);
}
DEFINE_AUTO_VALUE(struct args, args_clear)

#define WORDS(...)                \
	(const char *const[])     \
	{                         \
		__VA_ARGS__, NULL \
	}

static int parse(struct args *a, const char *const *words, unsigned int mode, struct strv *rest,
		 struct err *e)
{
	int n = 0;

	while (words[n])
		n++;
	*a = (struct args){ 0 };
	opt_defaults(opts, a);
	return opt_parse(opts, a, n, (char *const *)words, mode, rest, e);
}

static void assert_parses(struct args *a, const char *const *words)
{
	auto_of(strv_clear) struct strv rest = { 0 };
	struct err e;

	if (parse(a, words, 0, &rest, &e) < 0)
		fail_msg("%s: %s", words[0], e.msg);
	assert_int_equal(rest.n, 0);
}

static void every_spelling_of_a_value(void **state)
{
	const char *const *const spellings[] = {
		WORDS("--volume", "a:b"), WORDS("--volume=a:b"), WORDS("-v", "a:b"),
		WORDS("-va:b"),		  WORDS("-v=a:b"),	 WORDS("-itva:b"),
		WORDS("-itv", "a:b"),
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(spellings); i++) {
		auto_of(args_clear) struct args a;

		assert_parses(&a, spellings[i]);
		assert_int_equal(a.volumes.n, 1);
		assert_string_equal(a.volumes.v[0], "a:b");
		assert_int_equal(a.tty, i >= 5);
		assert_int_equal(a.interactive, i >= 5);
		assert_false(a.detach);
	}
}

static void kinds(void **state)
{
	auto_of(args_clear) struct args a;

	(void)state;
	assert_parses(&a, WORDS("--name", "one", "--name=two", "-c-5", "--size=7", "--cpus", "1.5",
				"-m64m", "--interval", "1m30s", "--device", "a,\"b,\"\"c\",",
				"--device=d", "-s", "text", "--volume=", "--init=false"));
	assert_string_equal(a.name, "two");
	assert_int_equal(a.count, -5);
	assert_int_equal(a.size, 7);
	assert_true(a.cpus == 1.5);
	assert_int_equal(a.memory, 64 << 20);
	assert_true(a.interval == INT64_C(90000000000));
	assert_int_equal(a.devices.n, 4);
	assert_string_equal(a.devices.v[1], "b,\"c");
	assert_string_equal(a.devices.v[2], "");
	assert_string_equal(a.devices.v[3], "d");
	assert_string_equal(a.seen, "text");
	assert_string_equal(a.volumes.v[0], "");
	assert_int_equal(a.inner.init, 0);
	assert_int_equal(a.tristate, -1);
}

static void flags_take_values_only_behind_equals(void **state)
{
	auto_of(strv_clear) struct strv rest = { 0 };
	auto_of(args_clear) struct args a;
	struct err e;

	(void)state;
	assert_int_equal(parse(&a, WORDS("-d", "false", "--tty=false", "-i=0", "--tls-verify=T"), 0,
			       &rest, &e),
			 0);
	assert_true(a.detach);
	assert_false(a.tty || a.interactive);
	assert_int_equal(a.tristate, 1);
	assert_int_equal(rest.n, 1);
	assert_string_equal(rest.v[0], "false");
}

static void operands(void **state)
{
	auto_of(strv_clear) struct strv mixed = { 0 }, stopped = { 0 }, dashes = { 0 };
	auto_of(args_clear) struct args a, b, c;
	struct err e;

	(void)state;
	assert_int_equal(parse(&a, WORDS("x", "-d", "-", "--", "-t", "--"), 0, &mixed, &e), 0);
	assert_true(a.detach);
	assert_false(a.tty);
	assert_int_equal(mixed.n, 4);
	assert_string_equal(mixed.v[2], "-t");
	assert_int_equal(parse(&b, WORDS("-d", "image", "-t", "--", "-i"), OPT_STOP_AT_ARG,
			       &stopped, &e),
			 0);
	assert_true(b.detach);
	assert_false(b.tty);
	assert_int_equal(stopped.n, 4);
	assert_string_equal(stopped.v[2], "--");
	assert_int_equal(parse(&c, WORDS("--name", "--", "--", "--name"), OPT_STOP_AT_ARG, &dashes,
			       &e),
			 0);
	assert_string_equal(c.name, "--");
	assert_int_equal(dashes.n, 1);
}

static void groups_and_aliases(void **state)
{
	auto_of(args_clear) struct args a;

	(void)state;
	assert_parses(&a, WORDS("--net=none", "-p80", "-p", "81", "-xlabelled"));
	assert_string_equal(a.inner.network, "none");
	assert_int_equal(a.inner.publish.n, 2);
	assert_string_equal(a.name, "labelled");
	assert_string_equal(opt_find(opts, "net")->name, "network");
	assert_string_equal(opt_find(opts, "publish")->name, "publish");
	assert_null(opt_find(opts, "nope"));
	assert_null(opt_find(NULL, "nope"));
}

static void count(const struct opt *o, void *arg)
{
	assert_int_not_equal(o->kind, OPT_KIND_GROUP);
	++*(size_t *)arg;
}

static void each_goes_into_groups(void **state)
{
	size_t n = 0;

	(void)state;
	opt_each(opts, count, &n);
	assert_int_equal(n, ARRAY_SIZE(opts) - 2 + ARRAY_SIZE(inner_opts) - 1);
}

static void errors_say_what_and_why(void **state)
{
	const struct {
		const char *const *words;
		int code;
		const char *said;
	} cases[] = {
		{ WORDS("--nope"), ERR_USAGE, "unknown option '--nope'" },
		{ WORDS("--detatch"), ERR_USAGE, "did you mean --detach" },
		{ WORDS("--publsh=1"), ERR_USAGE, "did you mean --publish" },
		{ WORDS("--=x"), ERR_USAGE, "unknown option" },
		{ WORDS("-z"), ERR_USAGE, "unknown option '-z'" },
		{ WORDS("-dz"), ERR_USAGE, "'-z' in '-dz'" },
		{ WORDS("--name"), ERR_USAGE, "--name needs a value: NAME" },
		{ WORDS("-v"), ERR_USAGE, "--volume needs a value" },
		{ WORDS("--detach=maybe"), ERR_USAGE, "'maybe' for --detach: true or false" },
		{ WORDS("--count=1.5"), ERR_USAGE, "'1.5' for --count: a whole number" },
		{ WORDS("--size=-1"), ERR_USAGE, "--size: a whole number from 0" },
		{ WORDS("--cpus=x"), ERR_USAGE, "--cpus: a number" },
		{ WORDS("-m1q"), ERR_USAGE, "--memory: a size such as" },
		{ WORDS("--interval=5q"), ERR_USAGE, "--interval: a duration such as" },
		{ WORDS("--device=\"a"), ERR_USAGE, "--device: a list with closed quotes" },
		{ WORDS("--device=\"a\"b"), ERR_USAGE, "closed quotes" },
		{ WORDS("--seen=bad"), ERR_USAGE, "--seen: this is bad" },
		{ WORDS("--blkio=1"), ERR_UNSUPPORTED,
		  "--blkio is not supported yet: it needs work" },
		{ WORDS("--blkio"), ERR_UNSUPPORTED, "--blkio is not supported" },
		{ WORDS("-k5"), ERR_UNSUPPORTED,
		  "--kernel-memory is refused: the kernel" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		auto_of(strv_clear) struct strv rest = { 0 };
		auto_of(args_clear) struct args a;
		struct err e = { 0 };
		int r = parse(&a, cases[i].words, 0, &rest, &e);

		if (r != -cases[i].code || e.code != cases[i].code || !strstr(e.msg, cases[i].said))
			fail_msg("%s: %d %s", cases[i].words[0], r, e.msg);
	}
}

static void function_errors_name_the_option_once(void **state)
{
	auto_of(strv_clear) struct strv rest = { 0 };
	auto_of(args_clear) struct args a;
	struct err e;

	(void)state;
	assert_int_equal(parse(&a, WORDS("-snamed"), 0, &rest, &e), -ERR_USAGE);
	assert_string_equal(e.msg, "--seen is bad");
}

/* Any words: no crash, no leak, exact return codes; and what was accepted behind "--" and as
 * --name=VALUE comes out as it went in. */
static void any_words(void **state)
{
	static const char *const pieces[] = {
		"-",	    "--",   "=",    "d",   "v",	    "m", "name", "volume",
		"net",	    "x",    "1",    "64m", "true",  ",", "\"",	 "detach", "-x",
		"--device", "\xff", "init", "k",   "blkio", "p", " ",
	};

	(void)state;
	for (int round = 0; round < 30000; round++) {
		auto_of(strv_clear) struct strv words = { 0 }, rest = { 0 };
		auto_of(args_clear) struct args a = { 0 };
		struct err e = { 0 };
		int r, n = random() % 6;

		for (int i = 0; i < n; i++) {
			char word[128] = "";

			for (int k = random() % 6; k > 0; k--)
				strcat(word, pieces[random() % ARRAY_SIZE(pieces)]);
			strv_add(&words, word);
		}
		opt_defaults(opts, &a);
		r = opt_parse(opts, &a, words.n, strv_vec(&words),
			      random() % 2 ? OPT_STOP_AT_ARG : 0, &rest, &e);
		assert_true(r == 0 || (r == -e.code && e.msg[0] && !strchr(e.msg, '\n')));
		assert_true(rest.n <= words.n);
		for (size_t i = 0; i < rest.n; i++)
			assert_true(strv_has(&words, rest.v[i]));
	}
}

static void long_values_go_through(void **state)
{
	autofree char *word = xmalloc(100001);
	auto_of(strv_clear) struct strv rest = { 0 };
	auto_of(args_clear) struct args a, b;
	struct err e;

	(void)state;
	memset(word, 'a', 100000);
	word[100000] = 0;
	assert_parses(&a, WORDS("--name", word));
	assert_string_equal(a.name, word);
	memcpy(word, "--", 2);
	assert_int_equal(parse(&b, WORDS(word), 0, &rest, &e), -ERR_USAGE);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_of_a_value),
		cmocka_unit_test(kinds),
		cmocka_unit_test(flags_take_values_only_behind_equals),
		cmocka_unit_test(operands),
		cmocka_unit_test(groups_and_aliases),
		cmocka_unit_test(each_goes_into_groups),
		cmocka_unit_test(errors_say_what_and_why),
		cmocka_unit_test(function_errors_name_the_option_once),
		cmocka_unit_test(any_words),
		cmocka_unit_test(long_values_go_through),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
