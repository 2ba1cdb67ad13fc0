/* SPDX-License-Identifier: Apache-2.0 */
#include "netns/resolv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	char path[32];
	struct netns_config slirp, host, none, path_ns;
};

static int setup(void **state)
{
	struct fixture *f = xcalloc(1, sizeof(*f));
	struct err e;

	strcpy(f->path, "/tmp/test_resolv.XXXXXX");
	close(mkstemp(f->path));
	netns_config_parse(&f->slirp, "slirp4netns", &e);
	netns_config_parse(&f->host, "host", &e);
	netns_config_parse(&f->none, "none", &e);
	netns_config_parse(&f->path_ns, "ns:/x", &e);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	unlink(f->path);
	netns_config_clear(&f->slirp);
	netns_config_clear(&f->host);
	netns_config_clear(&f->none);
	netns_config_clear(&f->path_ns);
	free(f);
	return 0;
}

static void put(struct fixture *f, const char *text)
{
	FILE *file = fopen(f->path, "w");

	fputs(text, file);
	fclose(file);
}

static void conf_is(struct fixture *f, struct netns_config *c, const struct resolv_args *base,
		    const char *expected)
{
	struct resolv_args a = *base;
	auto_of(str_clear) struct str s = { 0 };
	struct err e = { 0 };

	a.config = c;
	a.host_resolv_conf = f->path;
	if (resolv_conf(&s, &a, &e) < 0)
		fail_msg("%s", e.msg);
	assert_string_equal(str_peek(&s), expected);
}

static void from_host(void **state)
{
	struct fixture *f = *state;
	struct resolv_args none = { 0 };

	put(f, "# c\nnameserver 127.0.0.1\nnameserver 9.9.9.9 # x\nnameserver fe80::1%eth0\n"
	       "nameserver\t::1\nnameserver 2001:db8::1\ndomain old.example\nsearch a.example b.example\n"
	       "options ndots:2\noptions edns0 rotate\nnonsense\n");
	conf_is(f, &f->slirp, &none, "search a.example b.example\nnameserver 10.0.2.3\nnameserver 9.9.9.9\n"
		"nameserver 2001:db8::1\noptions ndots:2 edns0 rotate\n");
	conf_is(f, &f->path_ns, &none, "search a.example b.example\nnameserver 9.9.9.9\n"
		"nameserver 2001:db8::1\noptions ndots:2 edns0 rotate\n");
	conf_is(f, &f->host, &none, "search a.example b.example\nnameserver 127.0.0.1\nnameserver 9.9.9.9\n"
		"nameserver fe80::1%eth0\nnameserver ::1\nnameserver 2001:db8::1\n"
		"options ndots:2 edns0 rotate\n");
	conf_is(f, &f->none, &none, "");
	unlink(f->path);
	conf_is(f, &f->slirp, &none, "nameserver 10.0.2.3\n");
}

static void given(void **state)
{
	struct fixture *f = *state;
	auto_of(strv_clear) struct strv dns = { 0 }, opts = { 0 }, search = { 0 }, dot = { 0 };
	struct resolv_args a = { .servers = &dns, .options = &opts, .searches = &search };

	put(f, "nameserver 9.9.9.9\nsearch a.example\noptions ndots:2\n");
	strv_add(&dns, "1.1.1.1");
	conf_is(f, &f->slirp, &a, "search a.example\nnameserver 1.1.1.1\noptions ndots:2\n");
	strv_add(&dns, "2606:4700::1");
	strv_add(&search, "x.example");
	strv_add(&opts, "timeout:1");
	conf_is(f, &f->slirp, &a, "search x.example\nnameserver 1.1.1.1\nnameserver 2606:4700::1\n"
		"options timeout:1\n");
	strv_add(&dot, ".");
	a.searches = &dot;
	conf_is(f, &f->host, &a, "nameserver 1.1.1.1\nnameserver 2606:4700::1\noptions timeout:1\n");
}

static void bad_given(void **state)
{
	struct fixture *f = *state;
	auto_of(strv_clear) struct strv dns = { 0 }, opts = { 0 };
	struct resolv_args a = { .config = &f->slirp, .servers = &dns, .host_resolv_conf = f->path };
	auto_of(str_clear) struct str s = { 0 };
	struct err e;

	strv_add(&dns, "none");
	assert_true(resolv_is_off(&dns));
	strv_add(&dns, "dns.example");
	assert_false(resolv_is_off(&dns));
	assert_int_equal(resolv_conf(&s, &a, &e), -ERR_USAGE);
	a.servers = NULL;
	a.options = &opts;
	strv_add(&opts, "x\nnameserver 6.6.6.6");
	assert_int_equal(resolv_conf(&s, &a, &e), -ERR_USAGE);
	assert_string_equal(str_peek(&s), "");
}

static void hosts_is(struct fixture *f, struct netns_config *c, const struct strv *add,
		     const char *expected)
{
	struct resolv_hosts_args a = {
		.config = c, .hostname = "web", .container_name = "joe", .add_hosts = add,
		.base_hosts = f->path,
	};
	auto_of(str_clear) struct str s = { 0 };
	struct err e = { 0 };

	if (resolv_hosts(&s, &a, &e) < 0)
		fail_msg("%s", e.msg);
	assert_string_equal(str_peek(&s), expected);
}

static void hosts(void **state)
{
	struct fixture *f = *state;
	auto_of(strv_clear) struct strv add = { 0 };

	put(f, "127.0.0.1 localhost\n# 1.1.1.1 comment\n10.1.1.1 db db.example # c\n127.0.1.1 web\nbad line\n"
	       "10.1.1.2 host.containers.internal other\n");
	f->slirp.allow_host_loopback = true;
	hosts_is(f, &f->slirp, NULL, "127.0.0.1\tlocalhost\n10.1.1.1\tdb db.example\n10.1.1.2\tother\n"
		 "::1\tlocalhost\n10.0.2.100\tweb joe\n"
		 "10.0.2.2\thost.containers.internal host.docker.internal\n");
	hosts_is(f, &f->none, NULL, "127.0.0.1\tlocalhost\n10.1.1.1\tdb db.example\n10.1.1.2\tother\n"
		 "::1\tlocalhost\n127.0.0.1\tweb joe\n");
	strv_add(&add, "db:1.2.3.4");
	strv_add(&add, "x;y:[2001:db8::2]");
	strv_add(&add, "gw:host-gateway");
	strv_add(&add, "eq=5.6.7.8");
	hosts_is(f, &f->slirp, &add, "1.2.3.4\tdb\n2001:db8::2\tx y\n10.0.2.2\tgw\n5.6.7.8\teq\n"
		 "127.0.0.1\tlocalhost\n10.1.1.1\tdb.example\n10.1.1.2\tother\n::1\tlocalhost\n"
		 "10.0.2.100\tweb joe\n10.0.2.2\thost.containers.internal host.docker.internal\n");
}

static void bad_hosts(void **state)
{
	static const char *const bad[] = { "x", "x:", ":1.2.3.4", "x:1.2.3", "x y:1.2.3.4", "x;:1.2.3.4",
					   "x\n1.1.1.1 y:1.2.3.4", "x:1.2.3.4\n6.6.6.6 y" };
	struct fixture *f = *state;
	struct resolv_hosts_args a = { .config = &f->none, .base_hosts = "none" };
	struct err e;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		auto_of(strv_clear) struct strv add = { 0 };
		auto_of(str_clear) struct str s = { 0 };

		strv_add(&add, bad[i]);
		a.add_hosts = &add;
		if (resolv_hosts(&s, &a, &e) != -ERR_USAGE)
			fail_msg("%s was accepted", bad[i]);
	}
	auto_of(strv_clear) struct strv add = { 0 };
	auto_of(str_clear) struct str s = { 0 };

	strv_add(&add, "x:host-gateway");
	a.add_hosts = &add;
	assert_int_equal(resolv_hosts(&s, &a, &e), -ENETUNREACH);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(from_host, setup, teardown),
		cmocka_unit_test_setup_teardown(given, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_given, setup, teardown),
		cmocka_unit_test_setup_teardown(hosts, setup, teardown),
		cmocka_unit_test_setup_teardown(bad_hosts, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
