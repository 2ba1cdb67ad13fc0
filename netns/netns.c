/* SPDX-License-Identifier: Apache-2.0 */
#include "netns/netns.h"

#include "base/fd.h"
#include "netns/netns_priv.h"

#include <poll.h>

#define READY_TIMEOUT_MS 30000	/* a loaded machine, not a normal one: 4 ms */

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
