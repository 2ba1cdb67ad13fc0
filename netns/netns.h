/* SPDX-License-Identifier: Apache-2.0 */
/* netns: the network of a container: what the user asked for, and the process that provides it.
 *
 * Runs in:  netns_config_*, netns_port*: the command line, and the ports at every start in the monitor.
 *           netns_start, netns_stop: the monitor, in the session's user namespace. No thread, no
 *           blocking beyond netns_wait.
 * Owns:     struct netns (netns_clear): the provider's pidfd and descriptors; clear does not kill.
 * Needs:    slirp4netns (or pasta) in PATH, /dev/net/tun.
 * Fails:    EADDRINUSE naming the port, EACCES a port below net.ipv4.ip_unprivileged_port_start with
 *           the remedy, ENOENT the helper with its package.
 * Not here: who shares whose namespace (container/), resolv.conf and hosts (resolv.h).
 * Source:   slirp4netns(1), its API (add_hostfwd); podman-run(1) --network.
 */
#pragma once

#include "base/err.h"
#include "base/json.h"
#include "base/mem.h"
#include "base/proc.h"
#include "base/strv.h"

#include <stdint.h>

enum netns_mode { NETNS_NONE, NETNS_HOST, NETNS_SLIRP, NETNS_PASTA, NETNS_CONTAINER, NETNS_PATH, N_NETNS_MODES };

/* --network MODE[:opt=value,...] */
struct netns_config {
	enum netns_mode mode;
	char *target;			/* owned; container name or path */
	char *cidr;			/* owned; slirp: "10.0.2.0/24" default */
	uint32_t mtu;			/* 65520 */
	bool enable_ipv6, allow_host_loopback;
	char *outbound_addr, *outbound_addr6;	/* owned; address or interface */
	struct strv pasta_options;
};

enum netns_proto { NETNS_TCP, NETNS_UDP };

/* One published port; ranges are expanded. */
struct netns_port {
	char *host_ip;			/* owned; "" all addresses */
	uint16_t host_port;		/* 0 until chosen */
	uint16_t host_port_end;		/* not 0: one free port of host_port..host_port_end, until chosen */
	uint16_t container_port;
	enum netns_proto proto;
};
struct netns_ports {
	struct netns_port *v;		/* owned */
	size_t n;
};

/* NULL, "", "default", "private" and "bridge" are the default, slirp4netns. */
int netns_config_parse(struct netns_config *out, const char *text, struct err *e);
/* One "name=value" of slirp4netns, also for network_cmd_options of containers.conf. */
int netns_config_option(struct netns_config *c, const char *option, struct err *e);
void netns_config_clear(struct netns_config *c);
DEFINE_AUTO_VALUE(struct netns_config, netns_config_clear)
const char *netns_mode_name(enum netns_mode m);

/* "-p" in every form: [[ip:][hostPort]:]containerPort[/proto], ranges on both sides. Appends. */
int netns_port_parse(struct netns_ports *out, const char *text, struct err *e);
/* "80/tcp", "8000-8010/udp" of EXPOSE and --expose; for --publish-all: host port 0. */
int netns_expose_parse(struct netns_ports *out, const char *text, struct err *e);
void netns_ports_clear(struct netns_ports *p);
DEFINE_AUTO_VALUE(struct netns_ports, netns_ports_clear)
struct json *netns_ports_to_json(const struct netns_ports *p);
int netns_ports_from_json(struct netns_ports *out, const struct json *j, struct err *e);
/* Drops exact duplicates, chooses random host ports for 0. In the host's network namespace, when the
 * container is made; whether the ports can be bound is tested, and told with their name, at each start. */
int netns_ports_choose(struct netns_ports *p, struct err *e);
/* What the network's provider cannot publish: says which port and why. */
int netns_ports_check(const struct netns_ports *p, const struct netns_config *c, struct err *e);

struct netns_ops;

struct netns {
	const struct netns_ops *ops;	/* NULL: nothing was started */
	struct proc server;	/* slirp4netns or pasta */
	int ready_fd;		/* owned; readable when the network is up, or when that failed */
	int exit_fd;		/* owned; closing it ends slirp4netns, also when we are killed */
	int log_fd;		/* owned; the first words of the helper's stderr, bounded */
	int dirfd;		/* owned; the container's runtime directory; -1 without ports */
	int net_fd;		/* owned; the container's namespace; -1 when nobody needs it */
	struct proc relay;	/* of datagrams on the host's loopback; pid 0: none */
	char address[46];	/* the guest's, where ports are forwarded to */
	int64_t *forwards;	/* owned; ids of what is forwarded */
	size_t forwards_n;
};
#define NETNS_NONE_STARTED                                                                         \
	((struct netns){ .server = { 0, -1 }, .relay = { 0, -1 }, .ready_fd = -1, .exit_fd = -1,   \
			 .log_fd = -1, .dirfd = -1, .net_fd = -1 })

struct netns_start_args {
	const struct netns_config *config;
	const struct netns_ports *ports;	/* may be NULL */
	int net_fd;				/* borrowed; the network namespace */
	int user_fd;				/* borrowed; the child user namespace it belongs to; -1 */
	int runtime_dirfd;			/* borrowed; of the container: the API socket lives here */
	const char *runtime_path;		/* its path, for pasta's pid file; may be NULL for slirp */
	const char *helper_path;		/* --network-cmd-path; NULL: PATH */
	int log_fd;				/* borrowed; the helper's stderr; -1 */
};
int netns_start(struct netns *out, const struct netns_start_args *a, struct err *e);
/* Waits until the network is up and the ports are forwarded. */
int netns_wait(struct netns *n, const struct netns_ports *ports, struct err *e);
/* Frees the host's ports at once and lets the helper end by itself: its exit takes tens of
 * milliseconds in the kernel (the tap device's) and nobody should wait for it. The caller reaps
 * server.pid if it outlives it. */
void netns_stop(struct netns *n);
void netns_clear(struct netns *n);
DEFINE_AUTO_VALUE(struct netns, netns_clear)
/* Addresses as seen inside, for hosts, inspect and port: of slirp's cidr .100, gateway .2, dns .3.
 * host: where the container reaches the host; "" when it cannot. Reads the routing table of the
 * current network namespace (one socket, no packet). */
struct netns_addresses {
	char address[46], gateway[46], dns[46], host[46];
	unsigned int prefix;
};
int netns_addresses(struct netns_addresses *out, const struct netns_config *c, struct err *e);
