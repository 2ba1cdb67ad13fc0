/* SPDX-License-Identifier: Apache-2.0 */
#include "netns/netns.h"

#include "base/str.h"
#include "base/units.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <string.h>

#define SLIRP_MTU 65520		/* fewer, larger frames through the tap device: 4 times the throughput of 1500 */
#define SLIRP_MTU_MAX 65521
#define SLIRP_PREFIX_MAX 25	/* the address .100 has to fit */

static const char *const mode_names[] = {
	[NETNS_NONE] = "none",
	[NETNS_HOST] = "host",
	[NETNS_SLIRP] = "slirp4netns",
	[NETNS_PASTA] = "pasta",
	[NETNS_CONTAINER] = "container",
	[NETNS_PATH] = "ns",
};
_Static_assert(ARRAY_SIZE(mode_names) == N_NETNS_MODES, "a name for every mode");

const char *netns_mode_name(enum netns_mode m)
{
	return mode_names[m];
}

void netns_config_clear(struct netns_config *c)
{
	free(c->target);
	free(c->cidr);
	free(c->outbound_addr);
	free(c->outbound_addr6);
	strv_clear(&c->pasta_options);
	*c = (struct netns_config){ 0 };
}

static int set_bool(bool *out, const char *name, const char *value, struct err *e)
{
	int b;

	if (units_parse_bool(value, &b) < 0)
		return err_set(e, ERR_USAGE, "network option %s=%s: true or false is expected", name,
			       value);
	*out = b;
	return 0;
}

static int set_mtu(struct netns_config *c, const char *value, struct err *e)
{
	uint64_t n;

	if (units_parse_uint(value, &n) < 0 || n < 68 || n > SLIRP_MTU_MAX)
		return err_set(e, ERR_USAGE, "network option mtu=%s: a number from 68 to %d is expected",
			       value, SLIRP_MTU_MAX);
	c->mtu = n;
	return 0;
}

/* slirp4netns wants a network address, wide enough for its fixed host numbers 2, 3 and 100. */
static int set_cidr(struct netns_config *c, const char *value, struct err *e)
{
	autofree char *addr = xstrdup(value);
	char *slash = strchr(addr, '/');
	struct in_addr in;
	uint64_t prefix;

	if (slash)
		*slash = '\0';
	if (!slash || inet_pton(AF_INET, addr, &in) != 1 || units_parse_uint(slash + 1, &prefix) < 0 ||
	    prefix < 1 || prefix > SLIRP_PREFIX_MAX)
		return err_set(e, ERR_USAGE,
			       "network option cidr=%s: ADDRESS/BITS with 1 to %d bits is expected, as 10.0.2.0/24",
			       value, SLIRP_PREFIX_MAX);
	if (ntohl(in.s_addr) & (0xffffffffu >> prefix))
		return err_set(e, ERR_USAGE,
			       "network option cidr=%s: the address has bits set behind its network part",
			       value);
	xreplace(&c->cidr, value);
	return 0;
}

/* An interface's name cannot be an option of the helper or hold anything a shell would like. */
static int set_outbound(char **field, const char *name, const char *value, int family, struct err *e)
{
	struct in6_addr addr;

	if (inet_pton(family, value, &addr) != 1 &&
	    (!*value || *value == '-' || strlen(value) >= IFNAMSIZ || strpbrk(value, "/ \t\n")))
		return err_set(e, ERR_USAGE, "network option %s=%s: an %s address or an interface is expected",
			       name, value, family == AF_INET ? "IPv4" : "IPv6");
	xreplace(field, value);
	return 0;
}

/* Podman's other handler, rootlesskit's proxy, is not part of rootlet. Forwarding in slirp4netns
 * does the same and keeps the client's address, so that both spellings mean it here. */
static int set_port_handler(const char *value, struct err *e)
{
	if (str_eq(value, "slirp4netns") || str_eq(value, "rootlesskit"))
		return 0;
	return err_set(e, ERR_USAGE, "network option port_handler=%s: slirp4netns is expected", value);
}

int netns_config_option(struct netns_config *c, const char *option, struct err *e)
{
	const char *eq = strchr(option, '=');
	autofree char *name = eq ? xstrndup(option, eq - option) : xstrdup(option);
	const char *value = eq ? eq + 1 : "";

	if (!eq)
		return err_set(e, ERR_USAGE, "network option '%s': NAME=VALUE is expected", option);
	if (str_eq(name, "cidr"))
		return set_cidr(c, value, e);
	if (str_eq(name, "mtu"))
		return set_mtu(c, value, e);
	if (str_eq(name, "enable_ipv6"))
		return set_bool(&c->enable_ipv6, name, value, e);
	if (str_eq(name, "allow_host_loopback"))
		return set_bool(&c->allow_host_loopback, name, value, e);
	if (str_eq(name, "outbound_addr"))
		return set_outbound(&c->outbound_addr, name, value, AF_INET, e);
	if (str_eq(name, "outbound_addr6"))
		return set_outbound(&c->outbound_addr6, name, value, AF_INET6, e);
	if (str_eq(name, "port_handler"))
		return set_port_handler(value, e);
	return err_set(e, ERR_USAGE,
		       "network option '%s' is unknown: cidr, mtu, enable_ipv6, allow_host_loopback, outbound_addr, outbound_addr6 and port_handler are",
		       name);
}

static int parse_options(struct netns_config *c, const char *text, struct err *e)
{
	auto_of(strv_clear) struct strv opts = { 0 };

	strv_split(&opts, text, ',');
	if (!opts.n)
		return err_set(e, ERR_USAGE, "network 'slirp4netns:' lacks its options");
	for (size_t i = 0; i < opts.n; i++) {
		int r = netns_config_option(c, opts.v[i], e);

		if (r < 0)
			return r;
	}
	if (c->outbound_addr6 && !c->enable_ipv6)
		return err_set(e, ERR_USAGE, "network option outbound_addr6 needs enable_ipv6=true");
	return 0;
}

/* What pasta is told is the user's choice, but it must not leave our namespace or our control. */
static int parse_pasta(struct netns_config *c, const char *text, struct err *e)
{
	static const char *const ours[] = { "--netns", "--userns", "-P", "--pid", "-f", "--foreground",
					    "--runas", "-F", "--fd", "--netns-only", "-l", "--log-file",
					    "-p", "--pcap", "--no-netns-quit" };

	strv_split(&c->pasta_options, text, ',');
	for (size_t i = 0; i < c->pasta_options.n; i++) {
		const char *o = c->pasta_options.v[i];

		/* To pasta a word that belongs to no option is a process or a command. */
		if (o[0] != '-' && (i == 0 || c->pasta_options.v[i - 1][0] != '-'))
			return err_set(e, ERR_USAGE, "pasta option '%s': expected options as pasta:-t,8080,--mtu,1500 "
				       "(see pasta(1))", o);
		for (size_t k = 0; k < ARRAY_SIZE(ours); k++) {
			const char *rest = str_after(o, ours[k]);

			if (rest && (!*rest || *rest == '=' || ours[k][1] != '-'))
				return err_set(e, ERR_USAGE, "pasta option '%s' is set by rootlet itself", o);
		}
	}
	return 0;
}

static int parse_target(struct netns_config *c, enum netns_mode mode, const char *rest, struct err *e)
{
	if (!*rest)
		return err_set(e, ERR_USAGE, "network '%s:' lacks its %s", netns_mode_name(mode),
			       mode == NETNS_PATH ? "path" : "container");
	c->mode = mode;
	c->target = xstrdup(rest);
	return 0;
}

static int unknown_network(const char *text, struct err *e)
{
	if (str_after(text, "bridge:"))
		return err_set(e, ERR_UNSUPPORTED,
			       "network '%s': static addresses and aliases are not supported yet with the network of a single container",
			       text);
	return err_set(e, ERR_UNSUPPORTED,
		       "network '%s': network not found: user-defined networks are not supported yet: none, host, slirp4netns, pasta, container:ID and ns:PATH are",
		       text);
}

static bool is_default_network(const char *text)
{
	static const char *const names[] = { "", "default", "private", "bridge" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (str_eq(text, names[i]))
			return true;
	return false;
}

static int parse_mode(struct netns_config *c, const char *text, struct err *e)
{
	const char *rest;

	c->mode = NETNS_SLIRP;
	if (is_default_network(text) || str_eq(text, "slirp4netns"))
		return 0;
	if ((rest = str_after(text, "slirp4netns:")))
		return parse_options(c, rest, e);
	if ((rest = str_after(text, "container:")))
		return parse_target(c, NETNS_CONTAINER, rest, e);
	if ((rest = str_after(text, "ns:")))
		return parse_target(c, NETNS_PATH, rest, e);
	if ((rest = str_after(text, "pasta:"))) {
		c->mode = NETNS_PASTA;
		return parse_pasta(c, rest, e);
	}
	for (int m = NETNS_NONE; m <= NETNS_PASTA; m++)
		if (str_eq(text, netns_mode_name(m))) {
			c->mode = m;
			return 0;
		}
	return unknown_network(text, e);
}

int netns_config_parse(struct netns_config *out, const char *text, struct err *e)
{
	auto_of(netns_config_clear) struct netns_config c = {
		.cidr = xstrdup("10.0.2.0/24"),
		.mtu = SLIRP_MTU,
		.enable_ipv6 = true,
	};
	int r = parse_mode(&c, text ? text : "", e);

	if (r < 0)
		return r;
	*out = c;
	c = (struct netns_config){ 0 };
	return 0;
}
