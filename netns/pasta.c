/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * pasta copies the host's addresses and routes into the container and splices connections: faster than
 * slirp4netns, IPv6 ports too, but 20 ms to start. Its way into the background would lose us the
 * process, so it stays our child (--foreground) and dies with us; that it is ready shows in its "pid
 * file", which is our pipe. It gives up the right to look into /proc/PID of others before it opens the
 * namespaces: they are handed over as open descriptors.
 */
#include "base/fd.h"
#include "base/str.h"
#include "base/sys.h"
#include "netns/netns_priv.h"

#include <signal.h>

#define STOP_TIMEOUT_MS 1000

static bool has_option(const struct netns_config *c, const char *letter, const char *name)
{
	for (size_t i = 0; i < c->pasta_options.n; i++) {
		const char *o = c->pasta_options.v[i];

		if (str_has_prefix(o, name) || (str_has_prefix(o, letter) && o[1] != '-'))
			return true;
	}
	return false;
}

/* "-t" and "-u" by our list; a direction that nobody asked for is closed. */
static void add_ports(struct strv *v, const struct netns_start_args *a, enum netns_proto proto,
		      const char *letter, const char *name)
{
	bool any = has_option(a->config, letter, name);

	for (size_t i = 0; a->ports && i < a->ports->n; i++) {
		const struct netns_port *p = &a->ports->v[i];

		if (p->proto != proto)
			continue;
		any = true;
		strv_add(v, letter);
		strv_addf(v, "%s%s%u:%u", str_empty(p->host_ip) ? "" : p->host_ip,
			  str_empty(p->host_ip) ? "" : "/", p->host_port, p->container_port);
	}
	if (!any) {
		strv_add(v, letter);
		strv_add(v, "none");
	}
}

static void build_argv(struct strv *v, const struct netns_start_args *a, int pid_fd)
{
	const struct netns_config *c = a->config;

	strv_add(v, "pasta");
	strv_add(v, "--foreground");
	strv_add(v, "--quiet");
	strv_add(v, "--config-net");
	strv_add(v, "--pid");
	strv_add(v, fd_path(pid_fd).s);
	if (!has_option(c, "--", "--map-gw"))
		strv_add(v, "--no-map-gw");
	if (!has_option(c, "--", "--dns-forward")) {
		strv_add(v, "--dns-forward");
		strv_add(v, NETNS_PASTA_DNS);
	}
	add_ports(v, a, NETNS_TCP, "-t", "--tcp-ports");
	add_ports(v, a, NETNS_UDP, "-u", "--udp-ports");
	if (!has_option(c, "-T", "--tcp-ns")) {
		strv_add(v, "-T");
		strv_add(v, "none");
	}
	if (!has_option(c, "-U", "--udp-ns")) {
		strv_add(v, "-U");
		strv_add(v, "none");
	}
	for (size_t i = 0; i < c->pasta_options.n; i++)
		if (!str_eq(c->pasta_options.v[i], "--map-gw"))	/* our word for leaving --no-map-gw out */
			strv_add(v, c->pasta_options.v[i]);
	if (a->user_fd >= 0) {
		strv_add(v, "--userns");
		strv_add(v, fd_path(a->user_fd).s);
	}
	strv_add(v, "--netns");
	strv_add(v, fd_path(a->net_fd).s);
}

static int spawn(struct netns *n, const struct netns_start_args *a, int pid_fd, struct err *e)
{
	auto_of(strv_clear) struct strv argv = { 0 };
	int keep[] = { pid_fd, a->net_fd, a->user_fd };
	struct proc_args args = {
		.stdin_fd = -1, .stdout_fd = -1, .is_env_bare = true,
		.stderr_fd = a->log_fd >= 0 ? a->log_fd : n->log_fd,
		.parent_death_signal = SIGKILL,
		.keep = keep,
		.keep_n = a->user_fd >= 0 ? 3 : 2,
	};
	int r;

	build_argv(&argv, a, pid_fd);
	args.argv = (const char *const *)argv.v;
	r = proc_spawn(&n->server, &args, e);
	if (r == -ENOENT)
		return err_set(e, ENOENT,
			       "pasta was not found: install the package passt, or use --network=slirp4netns");
	return r;
}

static int pasta_start(struct netns *n, const struct netns_start_args *a, struct err *e)
{
	int ready[2] = { -1, -1 };
	int r;

	for (size_t i = 0; a->ports && i < a->ports->n; i++) {
		r = netns_port_test(&a->ports->v[i]);
		if (r < 0)
			return netns_port_refused(&a->ports->v[i], -r, e);
	}
	n->log_fd = a->log_fd >= 0 ? fd_dup(a->log_fd) : netns_helper_log();
	r = fd_pipe(ready);
	r = r < 0 ? err_sys(e, -r, "start pasta") : spawn(n, a, ready[1], e);
	n->ready_fd = steal_fd(&ready[0]);
	fd_close(&ready[1]);
	return r;
}

static int pasta_wait(struct netns *n, const struct netns_ports *ports, struct err *e)
{
	char one;

	/* They were given on its command line; that there are any matters to pasta_stop. */
	n->forwards_n = ports ? ports->n : 0;
	if (fd_read_full(n->ready_fd, &one, 1) != 1)
		return netns_helper_failed(n, "could not set up the network", e);
	/* It keeps the other end open as its pid file: nothing more comes. */
	fd_close(&n->ready_fd);
	return 0;
}

/* Its sockets close when it is gone, 25 ms later: only who publishes ports has to wait for that. */
static void pasta_stop(struct netns *n)
{
	if (n->server.pidfd < 0)
		return;
	sys_pidfd_send_signal(n->server.pidfd, SIGKILL);
	if (n->forwards_n)
		proc_pidfd_wait(n->server.pidfd, STOP_TIMEOUT_MS);
}

static int pasta_check(const struct netns_port *p, struct err *e)
{
	(void)p;
	(void)e;
	return 0;
}

const struct netns_ops pasta_ops = {
	.name = "pasta",
	.start = pasta_start,
	.wait = pasta_wait,
	.stop = pasta_stop,
	.check = pasta_check,
};
