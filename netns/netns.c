/* SPDX-License-Identifier: Apache-2.0 */
#include "netns/netns.h"

#include "base/fd.h"
#include "base/str.h"
#include "netns/netns_priv.h"

#include <arpa/inet.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define READY_TIMEOUT_MS 30000	/* a loaded machine, not a normal one: 4 ms */
#define LAST_WORDS 512

static const struct netns_ops *ops_of(enum netns_mode mode)
{
	switch (mode) {
	case NETNS_SLIRP:
		return &slirp_ops;
	case NETNS_PASTA:
		return &pasta_ops;
	default:
		return NULL;
	}
}

int netns_ports_check(const struct netns_ports *p, const struct netns_config *c, struct err *e)
{
	const struct netns_ops *ops = ops_of(c->mode);

	for (size_t i = 0; ops && i < p->n; i++) {
		int r = ops->check(&p->v[i], e);

		if (r < 0)
			return r;
	}
	return 0;
}

int netns_start(struct netns *out, const struct netns_start_args *a, struct err *e)
{
	auto_of(netns_clear) struct netns n = NETNS_NONE_STARTED;
	int r;

	n.ops = ops_of(a->config->mode);
	if (!n.ops) {
		*out = NETNS_NONE_STARTED;
		return 0;
	}
	if (a->ports && (r = netns_ports_check(a->ports, a->config, e)) < 0)
		return r;
	r = n.ops->start(&n, a, e);
	if (r < 0)
		return r;
	*out = n;
	n = NETNS_NONE_STARTED;
	return 0;
}

int netns_wait(struct netns *n, const struct netns_ports *ports, struct err *e)
{
	struct pollfd p = { .fd = n->ready_fd, .events = POLLIN };
	int r;

	if (!n->ops)
		return 0;
	do {
		r = poll(&p, 1, READY_TIMEOUT_MS);
	} while (r < 0 && errno == EINTR);
	if (r < 0)
		return err_sys(e, errno, "wait for %s", n->ops->name);
	if (r == 0)
		return err_set(e, ETIMEDOUT, "%s has not set up the network within %d seconds",
			       n->ops->name, READY_TIMEOUT_MS / 1000);
	return n->ops->wait(n, ports, e);
}

void netns_stop(struct netns *n)
{
	if (n->ops)
		n->ops->stop(n);
}

void netns_clear(struct netns *n)
{
	proc_clear(&n->server);
	proc_clear(&n->relay);
	fd_close(&n->ready_fd);
	fd_close(&n->exit_fd);
	fd_close(&n->log_fd);
	fd_close(&n->dirfd);
	fd_close(&n->net_fd);
	free(n->forwards);
	*n = NETNS_NONE_STARTED;
}

/* ---- what a helper said before it failed ---- */

/* The helper may write what the container makes it write, for ever: its stderr is a file in memory
 * that cannot grow. */
int netns_log_open(void)
{
	autoclose int fd = fd_memfd_fixed("netns-log", 4096);

	return fd < 0 ? fd : steal_fd(&fd);
}

/* The last line that is not blank, without the program's own prefix. */
static void last_line(char *text, char out[LAST_WORDS])
{
	char *line = NULL, *save = NULL;

	*out = '\0';
	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save))
		if (!str_has_prefix(l, "WARNING") && !str_has_prefix(l, "child failed"))
			line = l;
	if (line)
		snprintf(out, LAST_WORDS, "%s", line);
}

int netns_helper_failed(struct netns *n, const char *what, struct err *e)
{
	char buf[4097], words[LAST_WORDS];
	ssize_t got = n->log_fd < 0 ? 0 : pread(n->log_fd, buf, sizeof(buf) - 1, 0);

	buf[got > 0 ? got : 0] = '\0';
	last_line(buf, words);
	if (access("/dev/net/tun", R_OK | W_OK) < 0)
		return err_sys(e, errno,
			       "%s needs /dev/net/tun (load the module tun, or use --network=none or host)",
			       n->ops->name);
	if (*words)
		return err_set(e, EIO, "%s %s: %s", n->ops->name, what, words);
	return err_set(e, EIO, "%s %s", n->ops->name, what);
}

/* ---- addresses ---- */

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
