/* SPDX-License-Identifier: Apache-2.0 */
/* netns_priv: what the providers of a network share; for netns/ only.
 *
 * Runs in:  the monitor, in the session's user namespace and the host's network namespace.
 * Owns:     see struct netns.
 * Needs:    see netns.h.
 * Fails:    see netns.h.
 * Not here: the interface (see netns.h).
 */
#pragma once

#include "netns/netns.h"

#define NETNS_PASTA_DNS "169.254.1.1"	/* link-local: what pasta takes for the host's name server */

struct netns_ops {
	const char *name;
	int (*start)(struct netns *n, const struct netns_start_args *a, struct err *e);
	int (*wait)(struct netns *n, const struct netns_ports *ports, struct err *e);
	void (*stop)(struct netns *n);
	/* A port that this provider cannot publish: says why. */
	int (*check)(const struct netns_port *p, struct err *e);
};
extern const struct netns_ops slirp_ops;
extern const struct netns_ops pasta_ops;

/* netns_addresses without the host's, which costs a look at the routing table. */
int netns_addresses_own(struct netns_addresses *out, const struct netns_config *c, struct err *e);
const char *netns_proto_name(enum netns_proto p);

/* "port 8080/tcp on 0.0.0.0", for messages. */
struct netns_port_text {
	char s[96];
};
struct netns_port_text netns_port_text(const struct netns_port *p);
/* 0 when the port can be bound now, else -errno. */
int netns_port_test(const struct netns_port *p);
/* "cannot publish ...", with the remedy; returns -code. */
int netns_port_refused(const struct netns_port *p, int code, struct err *e);

/* A descriptor for the helper's stderr, or -errno. */
int netns_helper_log(void);
/* "slirp4netns WHAT: " and the helper's last words; always an error. */
int netns_helper_failed(struct netns *n, const char *what, struct err *e);
