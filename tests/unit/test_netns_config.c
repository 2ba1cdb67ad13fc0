/* SPDX-License-Identifier: Apache-2.0 */
#include "netns/netns.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void accepts(const char *text, enum netns_mode mode, const char *target)
{
	auto_of(netns_config_clear) struct netns_config c = { 0 };
	struct err e = { 0 };

	if (netns_config_parse(&c, text, &e) != 0)
		fail_msg("%s: %s", text, e.msg);
	assert_int_equal(c.mode, mode);
	if (target)
		assert_string_equal(c.target, target);
	else
		assert_null(c.target);
}

static void refuses(const char *text, int code, const char *part)
{
	struct netns_config c = { 0 };
	struct err e = { 0 };

	assert_int_equal(netns_config_parse(&c, text, &e), -code);
	assert_int_equal(e.code, code);
	if (!strstr(e.msg, part))
		fail_msg("'%s' lacks '%s'", e.msg, part);
	assert_null(c.cidr);
}

static void modes(void **state)
{
	(void)state;
	accepts(NULL, NETNS_SLIRP, NULL);
	accepts("", NETNS_SLIRP, NULL);
	accepts("default", NETNS_SLIRP, NULL);
	accepts("private", NETNS_SLIRP, NULL);
	accepts("bridge", NETNS_SLIRP, NULL);
	accepts("slirp4netns", NETNS_SLIRP, NULL);
	accepts("none", NETNS_NONE, NULL);
	accepts("host", NETNS_HOST, NULL);
	accepts("pasta", NETNS_PASTA, NULL);
	accepts("container:web", NETNS_CONTAINER, "web");
	accepts("ns:/run/netns/x", NETNS_PATH, "/run/netns/x");
	refuses("container:", ERR_USAGE, "container");
	refuses("ns:", ERR_USAGE, "path");
	refuses("container", ERR_UNSUPPORTED, "user-defined");
	refuses("mynet", ERR_UNSUPPORTED, "'mynet'");
	refuses("bridge:ip=10.88.0.10", ERR_UNSUPPORTED, "static");
	refuses("none:x", ERR_UNSUPPORTED, "none:x");
}

static void slirp_options(void **state)
{
	auto_of(netns_config_clear) struct netns_config c = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(netns_config_parse(&c, "slirp4netns:mtu=1500,cidr=10.9.0.0/16,enable_ipv6=false,"
					    "allow_host_loopback=true,outbound_addr=eth0,"
					    "port_handler=slirp4netns", &e), 0);
	assert_int_equal(c.mtu, 1500);
	assert_string_equal(c.cidr, "10.9.0.0/16");
	assert_false(c.enable_ipv6);
	assert_true(c.allow_host_loopback);
	assert_string_equal(c.outbound_addr, "eth0");
	refuses("slirp4netns:mtu=9", ERR_USAGE, "68");
	refuses("slirp4netns:mtu=65522", ERR_USAGE, "65521");
	refuses("slirp4netns:cidr=10.0.2.0", ERR_USAGE, "ADDRESS/BITS");
	refuses("slirp4netns:cidr=10.0.2.0/26", ERR_USAGE, "25");
	refuses("slirp4netns:cidr=10.0.2.1/24", ERR_USAGE, "bits set");
	refuses("slirp4netns:cidr=::/24", ERR_USAGE, "cidr");
	refuses("slirp4netns:enable_ipv6=maybe", ERR_USAGE, "true or false");
	refuses("slirp4netns:port_handler=magic", ERR_USAGE, "magic");
	refuses("slirp4netns:outbound_addr=", ERR_USAGE, "outbound_addr");
	refuses("slirp4netns:outbound_addr=--help", ERR_USAGE, "outbound_addr");
	refuses("slirp4netns:outbound_addr6=eth0,enable_ipv6=false", ERR_USAGE, "enable_ipv6");
	refuses("slirp4netns:speed=11", ERR_USAGE, "speed");
	refuses("slirp4netns:mtu", ERR_USAGE, "NAME=VALUE");
}

static void pasta_options(void **state)
{
	auto_of(netns_config_clear) struct netns_config c = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(netns_config_parse(&c, "pasta:-T,8080,--map-gw", &e), 0);
	assert_int_equal(c.pasta_options.n, 3);
	refuses("pasta:eth0", ERR_USAGE, "'eth0'");
	refuses("pasta:-t,8080,1234", ERR_USAGE, "'1234'");
	refuses("slirp4netns:", ERR_USAGE, "lacks its options");
	refuses("pasta:--netns,/proc/1/ns/net", ERR_USAGE, "--netns");
	refuses("pasta:--pid=/etc/x", ERR_USAGE, "--pid");
	refuses("pasta:-P/etc/x", ERR_USAGE, "-P");
}

static void addresses(void **state)
{
	auto_of(netns_config_clear) struct netns_config c = { 0 };
	struct netns_addresses a;
	struct err e;

	(void)state;
	assert_int_equal(netns_config_parse(&c, "slirp4netns:cidr=10.9.0.0/16,allow_host_loopback=true",
					    &e), 0);
	assert_int_equal(netns_addresses(&a, &c, &e), 0);
	assert_string_equal(a.address, "10.9.0.100");
	assert_string_equal(a.gateway, "10.9.0.2");
	assert_string_equal(a.dns, "10.9.0.3");
	assert_string_equal(a.host, "10.9.0.2");
	assert_int_equal(a.prefix, 16);
	netns_config_clear(&c);
	assert_int_equal(netns_config_parse(&c, "none", &e), 0);
	assert_int_equal(netns_addresses(&a, &c, &e), 0);
	assert_string_equal(a.address, "");
	assert_string_equal(a.host, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(modes),
		cmocka_unit_test(slirp_options),
		cmocka_unit_test(pasta_options),
		cmocka_unit_test(addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
