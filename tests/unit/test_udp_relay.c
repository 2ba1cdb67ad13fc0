/* SPDX-License-Identifier: Apache-2.0 */
#include "netns/udp_relay.h"

#include "base/fd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* The relay itself moves between network namespaces: tests/integration has it at work. */
static void who_needs_it(void **state)
{
	static const struct {
		const char *publish;
		enum udp_relay_use use;
	} cases[] = {
		{ "9000:90", UDP_RELAY_NO },
		{ "127.0.0.1:9000:90/tcp", UDP_RELAY_NO },
		{ "9000:90/udp", UDP_RELAY_BESIDE },
		{ "0.0.0.0:9000:90/udp", UDP_RELAY_BESIDE },
		{ "127.0.0.1:9000:90/udp", UDP_RELAY_INSTEAD },
		{ "127.3.2.1:9000:90/udp", UDP_RELAY_INSTEAD },
		{ "192.0.2.9:9000:90/udp", UDP_RELAY_NO },
		{ "[::1]:9000:90/udp", UDP_RELAY_NO },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		auto_of(netns_ports_clear) struct netns_ports p = { 0 };
		struct err e;

		assert_int_equal(netns_port_parse(&p, cases[i].publish, &e), 0);
		if (udp_relay_use(&p.v[0]) != cases[i].use)
			fail_msg("%s", cases[i].publish);
	}
}

static void nothing_to_do(void **state)
{
	auto_of(netns_ports_clear) struct netns_ports p = { 0 };
	struct proc server = { 0, -1 };
	struct err e;

	(void)state;
	assert_int_equal(netns_port_parse(&p, "9000-9003:90-93", &e), 0);
	assert_int_equal(udp_relay_start(&server, &p, -1, "10.0.2.100", &e), 0);
	assert_int_equal(server.pid, 0);
}

static void a_taken_port(void **state)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(a);
	autoclose int fd = fd_socket(AF_INET, SOCK_DGRAM, 0);
	auto_of(netns_ports_clear) struct netns_ports p = { 0 };
	struct proc server = { 0, -1 };
	autofree char *text = NULL;
	struct err e;

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&a, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	text = xasprintf("127.0.0.1:%u:90/udp", ntohs(a.sin_port));
	assert_int_equal(netns_port_parse(&p, text, &e), 0);
	assert_int_equal(udp_relay_start(&server, &p, -1, "10.0.2.100", &e), -EADDRINUSE);
	assert_non_null(strstr(e.msg, "/udp on 127.0.0.1"));
	assert_int_equal(server.pid, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_needs_it),
		cmocka_unit_test(nothing_to_do),
		cmocka_unit_test(a_taken_port),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
