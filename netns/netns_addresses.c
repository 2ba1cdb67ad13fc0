/* SPDX-License-Identifier: Apache-2.0 */
/* The addresses that the container and the host have for each other. */
#include "netns/netns_priv.h"

#include "base/fd.h"
#include "base/str.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/socket.h>

static void format(char out[46], uint32_t network, unsigned int host)
{
	struct in_addr in = { .s_addr = htonl(network + host) };

	inet_ntop(AF_INET, &in, out, 46);
}

/* The source address of the route to the world: connect(2) on a datagram socket sends nothing. The
 * destination is of the block for documentation (RFC 5737), which only the default route has. */
static void host_address(char out[46])
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(9) };
	socklen_t len = sizeof(a);
	autoclose int fd = fd_socket(AF_INET, SOCK_DGRAM, 0);

	*out = '\0';
	inet_pton(AF_INET, "192.0.2.1", &a.sin_addr);
	if (fd < 0 || connect(fd, (struct sockaddr *)&a, len) < 0 ||
	    getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		return;
	if (ntohl(a.sin_addr.s_addr) >> 24 != 127)
		inet_ntop(AF_INET, &a.sin_addr, out, 46);
}

static void slirp_addresses(struct netns_addresses *out, const struct netns_config *c)
{
	const char *slash = strchr(c->cidr, '/');
	autofree char *addr = xstrndup(c->cidr, slash ? slash - c->cidr : 0);
	struct in_addr in = { 0 };
	uint32_t network;

	inet_pton(AF_INET, addr, &in);
	network = ntohl(in.s_addr);
	out->prefix = slash ? strtoul(slash + 1, NULL, 10) : 24;
	format(out->gateway, network, 2);
	format(out->dns, network, 3);
	format(out->address, network, 100);
}

/* pasta gives the container the host's own address; the gateway's address leads to the host. */
static void pasta_addresses(struct netns_addresses *out)
{
	host_address(out->address);
	out->prefix = 24;
}

int netns_addresses_own(struct netns_addresses *out, const struct netns_config *c, struct err *e)
{
	*out = (struct netns_addresses){ 0 };
	if (c->mode == NETNS_PASTA)
		pasta_addresses(out);
	if (c->mode != NETNS_SLIRP)
		return 0;
	if (str_empty(c->cidr))
		return err_set(e, EINVAL, "the network's definition lacks its cidr");
	slirp_addresses(out, c);
	return 0;
}

int netns_addresses(struct netns_addresses *out, const struct netns_config *c, struct err *e)
{
	int r = netns_addresses_own(out, c, e);

	if (r < 0)
		return r;
	if (c->mode == NETNS_HOST)
		memcpy(out->host, "127.0.0.1", sizeof("127.0.0.1"));
	else if (c->mode == NETNS_SLIRP && c->allow_host_loopback)
		memcpy(out->host, out->gateway, sizeof(out->host));
	else if (c->mode == NETNS_SLIRP)
		host_address(out->host);
	return 0;
}
