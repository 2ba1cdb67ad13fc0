/* SPDX-License-Identifier: Apache-2.0 */
#include "netns/netns.h"
#include "netns/netns_priv.h"

#include "base/fd.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

/* "ip host[-end] container proto" of every port, joined by ", ". */
static char *show(const struct netns_ports *p)
{
	auto_of(str_clear) struct str s = { 0 };

	for (size_t i = 0; i < p->n; i++) {
		str_addf(&s, "%s%s %u", i ? ", " : "", *p->v[i].host_ip ? p->v[i].host_ip : "*",
			 p->v[i].host_port);
		if (p->v[i].host_port_end)
			str_addf(&s, "-%u", p->v[i].host_port_end);
		str_addf(&s, " %u %s", p->v[i].container_port, p->v[i].proto == NETNS_TCP ? "tcp" : "udp");
	}
	return str_steal(&s);
}

static void parses(const char *text, const char *expected)
{
	auto_of(netns_ports_clear) struct netns_ports p = { 0 };
	autofree char *shown = NULL;
	struct err e = { 0 };

	if (netns_port_parse(&p, text, &e) != 0)
		fail_msg("%s: %s", text, e.msg);
	shown = show(&p);
	assert_string_equal(shown, expected);
}

static void refuses(const char *text, const char *part)
{
	auto_of(netns_ports_clear) struct netns_ports p = { 0 };
	struct err e = { 0 };

	assert_true(netns_port_parse(&p, text, &e) < 0);
	if (!strstr(e.msg, part))
		fail_msg("%s: '%s' lacks '%s'", text, e.msg, part);
}

static void forms(void **state)
{
	(void)state;
	parses("80", "* 0 80 tcp");
	parses("8080:80", "* 8080 80 tcp");
	parses("8080:80/udp", "* 8080 80 udp");
	parses("8080:80/TCP", "* 8080 80 tcp");
	parses(":80", "* 0 80 tcp");
	parses("0:80", "* 0 80 tcp");
	parses("127.0.0.1:8080:80", "127.0.0.1 8080 80 tcp");
	parses("127.0.0.1::80", "127.0.0.1 0 80 tcp");
	parses("[::1]:8080:80", "::1 8080 80 tcp");
	parses("[::]::80/udp", ":: 0 80 udp");
	parses("8000-8002:80-82", "* 8000 80 tcp, * 8001 81 tcp, * 8002 82 tcp");
	parses("80-81", "* 0 80 tcp, * 0 81 tcp");
	parses("8000-8010:80", "* 8000-8010 80 tcp");
}

static void bad_forms(void **state)
{
	static const char *const bad[] = { "", ":", "0", "65536", "80:", "a", "80:a", "80-79", "-80", "80-",
					   "80/", "1.2.3.4:80", "[::1]:80", "[::1", "[x]:1:2", "::1:80:80",
					   "300.1.1.1:1:2", " 80", "+80", "1:2:3:4", "0x50", "0-5:1-6",
					   "80 ", "8080:80/tcp/udp", "99999999999999999999:1" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		refuses(bad[i], "port");
	refuses("1-3:1-2", "port ranges have different lengths: 3 vs 2");
	refuses("80/sctp", "sctp");
	refuses("80/icmp", "'icmp' is unknown");
}

static void exposed(void **state)
{
	auto_of(netns_ports_clear) struct netns_ports p = { 0 };
	autofree char *shown = NULL;
	struct err e;

	(void)state;
	assert_int_equal(netns_expose_parse(&p, "80/tcp", &e), 0);
	assert_int_equal(netns_expose_parse(&p, "53-54/udp", &e), 0);
	shown = show(&p);
	assert_string_equal(shown, "* 0 80 tcp, * 0 53 udp, * 0 54 udp");
	assert_true(netns_expose_parse(&p, "80:80", &e) < 0);
	assert_true(netns_expose_parse(&p, "0", &e) < 0);
}

static void json(void **state)
{
	auto_of(netns_ports_clear) struct netns_ports p = { 0 }, q = { 0 };
	autofree char *a = NULL, *b = NULL;
	auto_of(str_clear) struct str text = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(netns_port_parse(&p, "8000-8002:80-82", &e), 0);
	assert_int_equal(netns_port_parse(&p, "127.0.0.1:9000:90/udp", &e), 0);
	assert_int_equal(netns_port_parse(&p, "70-71", &e), 0);
	auto_of(json_free) struct json *j = netns_ports_to_json(&p);
	assert_int_equal(json_len(j), 4);
	json_write(&text, json_at(j, 0), 0);
	assert_string_equal(text.p, "{\"host_ip\":\"\",\"container_port\":80,\"host_port\":8000,"
			    "\"range\":3,\"protocol\":\"tcp\"}");
	assert_int_equal(netns_ports_from_json(&q, j, &e), 0);
	a = show(&p);
	b = show(&q);
	assert_string_equal(a, b);
}

static void bad_json(void **state)
{
	static const char *const bad[] = {
		"[{\"host_port\":1,\"container_port\":0}]",
		"[{\"host_port\":65535,\"container_port\":1,\"range\":2}]",
		"[{\"host_port\":1,\"container_port\":65530,\"range\":9999}]",
		"[{\"host_port\":-1,\"container_port\":1}]",
		"[{\"host_port\":1,\"container_port\":1,\"protocol\":\"sctp\"}]",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		auto_of(json_free) struct json *j = NULL;
		struct netns_ports p = { 0 };
		struct err e;

		assert_int_equal(json_parse(&j, bad[i], strlen(bad[i]), &e), 0);
		assert_int_equal(netns_ports_from_json(&p, j, &e), -EBADMSG);
		assert_int_equal(p.n, 0);
	}
}

static int take_port(uint16_t *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	int fd = fd_socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(listen(fd, 1), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static void choosing(void **state)
{
	auto_of(netns_ports_clear) struct netns_ports p = { 0 };
	uint16_t taken;
	autoclose int fd = take_port(&taken);
	autofree char *text = xasprintf("127.0.0.1:%u:80", taken);
	autofree char *want = xasprintf("port %u/tcp on 127.0.0.1", taken);
	struct err e;

	(void)state;
	assert_int_equal(netns_port_parse(&p, "127.0.0.1::80-89", &e), 0);
	assert_int_equal(netns_ports_choose(&p, &e), 0);
	for (size_t i = 0; i < p.n; i++) {
		assert_int_not_equal(p.v[i].host_port, 0);
		for (size_t k = 0; k < i; k++)
			assert_int_not_equal(p.v[i].host_port, p.v[k].host_port);
	}
	assert_int_equal(netns_port_parse(&p, text, &e), 0);
	/* That a fixed one is taken matters to the start alone. */
	assert_int_equal(netns_ports_choose(&p, &e), 0);
	for (size_t i = 0; i < p.n; i++)
		if (p.v[i].host_port == taken)
			assert_int_equal(netns_port_refused(&p.v[i], -netns_port_test(&p.v[i]), &e), -EADDRINUSE);
	assert_non_null(strstr(e.msg, want));
}

static void one_of_a_range(void **state)
{
	auto_of(netns_ports_clear) struct netns_ports p = { 0 };
	uint16_t taken;
	autoclose int fd = take_port(&taken);
	autofree char *text = NULL;
	struct err e;

	(void)state;
	if (taken > 65000)
		skip();
	text = xasprintf("127.0.0.1:%u-%u:80", taken, taken + 20);
	assert_int_equal(netns_port_parse(&p, text, &e), 0);
	assert_int_equal(netns_ports_choose(&p, &e), 0);
	assert_in_range(p.v[0].host_port, taken + 1, taken + 20);
	assert_int_equal(p.v[0].host_port_end, 0);
}

static void duplicates(void **state)
{
	auto_of(netns_ports_clear) struct netns_ports p = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(netns_port_parse(&p, "127.0.0.1:40080:80", &e), 0);
	assert_int_equal(netns_port_parse(&p, "127.0.0.1:40081:81", &e), 0);
	assert_int_equal(netns_port_parse(&p, "127.0.0.1:40080:80", &e), 0);
	assert_int_equal(netns_port_parse(&p, "127.0.0.1:40080:80/udp", &e), 0);
	netns_ports_choose(&p, &e);
	assert_int_equal(p.n, 3);
	assert_int_equal(netns_port_parse(&p, "127.0.0.1:40080:99", &e), 0);
	assert_int_equal(netns_ports_choose(&p, &e), -EADDRINUSE);
	assert_non_null(strstr(e.msg, "twice"));
}

static void not_by_slirp(void **state)
{
	auto_of(netns_ports_clear) struct netns_ports p = { 0 };
	auto_of(netns_config_clear) struct netns_config slirp = { 0 }, pasta = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(netns_port_parse(&p, "[::1]:8080:80", &e), 0);
	assert_int_equal(netns_config_parse(&slirp, "slirp4netns", &e), 0);
	assert_int_equal(netns_config_parse(&pasta, "pasta", &e), 0);
	assert_int_equal(netns_ports_check(&p, &pasta, &e), 0);
	assert_int_equal(netns_ports_check(&p, &slirp, &e), -ERR_UNSUPPORTED);
	assert_non_null(strstr(e.msg, "8080/tcp on [::1]"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forms),
		cmocka_unit_test(bad_forms),
		cmocka_unit_test(exposed),
		cmocka_unit_test(json),
		cmocka_unit_test(bad_json),
		cmocka_unit_test(choosing),
		cmocka_unit_test(one_of_a_range),
		cmocka_unit_test(duplicates),
		cmocka_unit_test(not_by_slirp),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
