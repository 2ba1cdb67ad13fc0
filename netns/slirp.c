/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * slirp4netns is two things in turn: a child that enters the container's network namespace, makes the
 * tap device and sends its descriptor back, and a user-mode TCP/IP stack on that descriptor in the
 * host's network namespace. We run as root of the session's user namespace, which owns the network
 * namespace: no user namespace is entered, unless the container has one of its own.
 *
 * Measured, from exec to "ready": 3.1 ms. --enable-sandbox (its own mount namespace with /etc and /run
 * only) adds 0.3 ms, --enable-seccomp 0.5 ms: it parses what the container sends, so both are on, and
 * the time passes while init mounts the root file system. IPv6, the MTU and the API socket cost
 * nothing measurable, but the socket is a thing to clean up: only with ports.
 *
 * It ends when exit_fd is closed, by us or by our death, and reports through ready_fd, which it closes
 * when it dies early. The kernel takes 20 to 50 ms to tear the tap device down, and sockets of
 * published ports would stay bound until then: so they are taken back through the API first.
 */
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "base/sys.h"
#include "netns/netns_priv.h"
#include "netns/udp_relay.h"

#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET_NAME "slirp4netns.sock"
#define REPLY_MAX (64 * 1024)

/* ---- the API: one JSON request and one answer a connection ---- */

/* The runtime directory's path may be longer than sun_path: it is named by its descriptor. */
static int api_connect(int dirfd)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	autoclose int fd = fd_socket(AF_UNIX, SOCK_STREAM, 0);

	if (fd < 0)
		return fd;
	snprintf(addr.sun_path, sizeof(addr.sun_path), "%s/" SOCKET_NAME, fd_path(dirfd).s);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		return -errno;
	return steal_fd(&fd);
}

static int api_call(int dirfd, const char *request, struct json **reply, struct err *e)
{
	autofree char *text = NULL;
	size_t len;
	autoclose int fd = api_connect(dirfd);
	int r = fd < 0 ? fd : fd_write_all(fd, request, strlen(request));

	if (r >= 0 && shutdown(fd, SHUT_WR) < 0)
		r = -errno;
	if (r >= 0)
		r = fd_read_all(fd, &text, &len, REPLY_MAX);
	if (r < 0)
		return err_sys(e, -r, "talk to slirp4netns");
	return json_parse(reply, text, len, e);
}

/* Returns the id under which the forward can be removed. */
static int64_t forward(struct netns *n, const struct netns_port *p, struct err *e)
{
	auto_of(json_free) struct json *reply = NULL;
	auto_of(str_clear) struct str s = { 0 };
	int r;

	/* Nothing in it needs quoting: numbers, and addresses that were parsed. */
	str_addf(&s,
		 "{\"execute\":\"add_hostfwd\",\"arguments\":{\"proto\":\"%s\",\"host_addr\":\"%s\","
		 "\"host_port\":%u,\"guest_addr\":\"%s\",\"guest_port\":%u}}",
		 netns_proto_name(p->proto), str_empty(p->host_ip) ? "0.0.0.0" : p->host_ip, p->host_port,
		 n->address, p->container_port);
	r = api_call(n->dirfd, s.p, &reply, e);
	if (r < 0)
		return err_wrap(e, "cannot publish %s", netns_port_text(p).s);
	if (json_get(reply, "return"))
		return json_int(json_path(reply, "return.id"), 0);
	/* Its error has no reason: the port tells. */
	r = netns_port_test(p);
	if (r < 0)
		return netns_port_refused(p, -r, e);
	return err_set(e, EIO, "cannot publish %s: slirp4netns: %s", netns_port_text(p).s,
		       json_str(json_path(reply, "error.desc")) ?: "it gave no reason");
}

static void unforward(struct netns *n)
{
	struct err e;
	char request[96];

	for (size_t i = 0; i < n->forwards_n; i++) {
		auto_of(json_free) struct json *reply = NULL;

		snprintf(request, sizeof(request),
			 "{\"execute\":\"remove_hostfwd\",\"arguments\":{\"id\":%lld}}",
			 (long long)n->forwards[i]);
		if (api_call(n->dirfd, request, &reply, &e) < 0)
			break;		/* it is gone, and its sockets with it */
	}
	n->forwards_n = 0;
}

/* ---- the process ---- */

/* Its sandbox sees /etc and /run only: a resolv.conf that leads elsewhere would be lost. Where it
 * leads to the kernel says. */
static bool can_sandbox(void)
{
	char probe[1];
	char target[PATH_MAX];
	autoclose int fd = -1;
	ssize_t n;

	if (readlink("/etc/resolv.conf", probe, sizeof(probe)) < 0)
		return true;
	fd = fd_open("/etc/resolv.conf", O_PATH);
	n = fd < 0 ? -1 : readlink(fd_path(fd).s, target, sizeof(target) - 1);
	if (n < 0)
		return true;	/* dangling: nothing to lose */
	target[n] = '\0';
	return path_is_below(target, "/etc") || path_is_below(target, "/run");
}

static void build_argv(struct strv *v, const struct netns_start_args *a, int ready_fd, int exit_fd)
{
	const struct netns_config *c = a->config;

	strv_add(v, a->helper_path ?: "slirp4netns");
	strv_add(v, "--configure");
	strv_addf(v, "--mtu=%u", c->mtu);
	strv_addf(v, "--ready-fd=%d", ready_fd);
	strv_addf(v, "--exit-fd=%d", exit_fd);
	if (!c->allow_host_loopback)
		strv_add(v, "--disable-host-loopback");
	if (can_sandbox())
		strv_add(v, "--enable-sandbox");
	strv_add(v, "--enable-seccomp");
	if (c->enable_ipv6)
		strv_add(v, "--enable-ipv6");
	if (!str_empty(c->cidr))
		strv_addf(v, "--cidr=%s", c->cidr);
	if (!str_empty(c->outbound_addr))
		strv_addf(v, "--outbound-addr=%s", c->outbound_addr);
	if (!str_empty(c->outbound_addr6))
		strv_addf(v, "--outbound-addr6=%s", c->outbound_addr6);
	if (a->ports && a->ports->n)
		strv_addf(v, "--api-socket=%s/" SOCKET_NAME, fd_path(a->runtime_dirfd).s);
	strv_add(v, "--netns-type=path");
	if (a->user_fd >= 0)
		strv_addf(v, "--userns-path=%s", fd_path(a->user_fd).s);
	strv_add(v, fd_path(a->net_fd).s);
	strv_add(v, "tap0");
}

static int spawn(struct netns *n, const struct netns_start_args *a, int ready_fd, int exit_fd,
		 struct err *e)
{
	auto_of(strv_clear) struct strv argv = { 0 };
	int keep[5] = { ready_fd, exit_fd, a->net_fd };
	size_t keep_n = 3;
	struct proc_args args = {
		.stdin_fd = -1, .stdout_fd = -1, .is_env_bare = true,
		.stderr_fd = a->log_fd >= 0 ? a->log_fd : n->log_fd,
		.keep = keep,
	};
	int r;

	if (a->user_fd >= 0)
		keep[keep_n++] = a->user_fd;
	if (n->dirfd >= 0)
		keep[keep_n++] = a->runtime_dirfd;
	args.keep_n = keep_n;
	build_argv(&argv, a, ready_fd, exit_fd);
	args.argv = (const char *const *)argv.v;
	r = proc_spawn(&n->server, &args, e);
	if (r == -ENOENT)
		return err_set(e, ENOENT,
			       "slirp4netns was not found: install the package slirp4netns, or use --network=none or host");
	return r;
}

/* For the relay of datagrams, which starts when slirp4netns is ready. */
static int keep_net(struct netns *n, const struct netns_start_args *a, struct err *e)
{
	for (size_t i = 0; n->net_fd < 0 && i < a->ports->n; i++) {
		if (a->config->allow_host_loopback || udp_relay_use(&a->ports->v[i]) == UDP_RELAY_NO)
			continue;
		n->net_fd = fd_dup(a->net_fd);
		if (n->net_fd < 0)
			return err_sys(e, -n->net_fd, "start slirp4netns");
	}
	return 0;
}

static int slirp_start(struct netns *n, const struct netns_start_args *a, struct err *e)
{
	int ready[2] = { -1, -1 }, end[2] = { -1, -1 };
	struct netns_addresses addresses;
	int r = netns_addresses_own(&addresses, a->config, e);

	if (r < 0)
		return r;
	memcpy(n->address, addresses.address, sizeof(n->address));
	for (size_t i = 0; a->ports && i < a->ports->n; i++) {
		r = netns_port_test(&a->ports->v[i]);
		if (r < 0)
			return netns_port_refused(&a->ports->v[i], -r, e);
	}
	if (a->ports && a->ports->n) {
		n->dirfd = fd_dup(a->runtime_dirfd);
		if (n->dirfd < 0)
			return err_sys(e, -n->dirfd, "start slirp4netns");
		if (keep_net(n, a, e) < 0)
			return -e->code;
		unlinkat(n->dirfd, SOCKET_NAME, 0);	/* of a run that was killed */
	}
	n->log_fd = a->log_fd >= 0 ? fd_dup(a->log_fd) : netns_helper_log();
	r = fd_pipe(ready);
	if (r >= 0)
		r = fd_pipe(end);
	r = r < 0 ? err_sys(e, -r, "start slirp4netns") : spawn(n, a, ready[1], end[0], e);
	n->ready_fd = steal_fd(&ready[0]);
	n->exit_fd = steal_fd(&end[1]);
	fd_close(&ready[1]);
	fd_close(&end[0]);
	return r;
}

static int slirp_wait(struct netns *n, const struct netns_ports *ports, struct err *e)
{
	char one;
	int r;

	if (fd_read_full(n->ready_fd, &one, 1) != 1)
		return netns_helper_failed(n, "could not set up the network", e);
	fd_close(&n->ready_fd);
	if (!ports || !ports->n)
		return 0;
	n->forwards = xcalloc(ports->n, sizeof(*n->forwards));
	for (size_t i = 0; i < ports->n; i++) {
		int64_t id;

		if (n->net_fd >= 0 && udp_relay_use(&ports->v[i]) == UDP_RELAY_INSTEAD)
			continue;
		id = forward(n, &ports->v[i], e);
		if (id < 0)
			return -e->code;
		n->forwards[n->forwards_n++] = id;
	}
	if (n->net_fd < 0)
		return 0;
	r = udp_relay_start(&n->relay, ports, n->net_fd, n->address, e);
	fd_close(&n->net_fd);
	return r;
}

static void slirp_stop(struct netns *n)
{
	struct err ignored;

	if (n->relay.pid > 0) {
		sys_pidfd_send_signal(n->relay.pidfd, SIGKILL);
		proc_wait(&n->relay, &ignored);
	}
	unforward(n);
	fd_close(&n->exit_fd);
	if (n->dirfd >= 0)
		unlinkat(n->dirfd, SOCKET_NAME, 0);
}

static int slirp_check(const struct netns_port *p, struct err *e)
{
	if (!p->host_ip || !strchr(p->host_ip, ':'))
		return 0;
	return err_set(e, ERR_UNSUPPORTED,
		       "cannot publish %s: slirp4netns forwards IPv4 only: use --network=pasta",
		       netns_port_text(p).s);
}

const struct netns_ops slirp_ops = {
	.name = "slirp4netns",
	.start = slirp_start,
	.wait = slirp_wait,
	.stop = slirp_stop,
	.check = slirp_check,
};
