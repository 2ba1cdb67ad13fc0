/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * sd_notify(3) from the monitor, which outlives the command and is the one that systemd should watch:
 * it is named as MAINPID in every mode but ignore. Who says READY=1 is what --sdnotify is about:
 *
 *   conmon      the monitor, when the payload runs
 *   healthy     the monitor, after the first good health check
 *   container   the payload, through a socket of ours that is bound into it; what it says of itself is
 *               passed on line by line. Lines that name processes or descriptors are not: they mean
 *               other things outside. A barrier's descriptor is dropped when it is received, which is
 *               the answer it waits for.
 *
 * systemd takes MAINPID only for a process of the service's own cgroup: the monitor stays in it
 * (monitor_notify_open), and the container's cgroup is made beside it.
 */
#include "container/monitor_priv.h"

#include "base/fd.h"
#include "base/str.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET "notify"
#define TARGET "/run/notify/notify.sock"
#define NOTIFY_AT_ONCE 16

struct monitor_notify {
	enum config_sdnotify mode;
	int fd;				/* owned; what the payload says; -1 */
	bool is_ready;			/* READY=1 was sent */
};

static void send_text(const struct monitor *m, const char *text, size_t n)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	size_t len = strlen(m->a.notify_socket);
	autoclose int fd = -1;

	if (len >= sizeof(a.sun_path) || (*m->a.notify_socket != '/' && *m->a.notify_socket != '@'))
		return;
	memcpy(a.sun_path, m->a.notify_socket, len);
	if (a.sun_path[0] == '@')
		a.sun_path[0] = 0;
	fd = fd_socket(AF_UNIX, SOCK_DGRAM, 0);
	if (fd >= 0)
		(void)sendto(fd, text, n, MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&a,
			     offsetof(struct sockaddr_un, sun_path) + len);
}

/* Below a directory whose path may be longer than a socket's name can be. */
static int listen_in(int dirfd)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	autoclose int fd = fd_socket(AF_UNIX, SOCK_DGRAM, 0);

	if (fd < 0)
		return fd;
	snprintf(a.sun_path, sizeof(a.sun_path), "%s/" SOCKET, fd_path(dirfd).s);
	/* The payload's user may be any. */
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || fchmodat(dirfd, SOCKET, 0666, 0) < 0)
		return -errno;
	return steal_fd(&fd);
}

static int give_socket(struct monitor *m, struct err *e)
{
	autofree char *source = xasprintf("%s/" SOCKET, m->runtime_path);
	struct spec_mount *mount;

	m->notify->fd = listen_in(m->runtime_dirfd);
	if (m->notify->fd < 0)
		return err_sys(e, -m->notify->fd, "--sdnotify: socket %s", source);
	mount = spec_add_mount(&m->spec, "bind", source, TARGET, "bind,ro,rprivate");
	mount->is_file_made = true;
	strv_env_set(&m->spec.process.env, "NOTIFY_SOCKET", TARGET);
	return 0;
}

int monitor_notify_open(struct monitor *m, struct err *e)
{
	struct container_config *c = &m->a.record->config;
	enum config_sdnotify mode = config_sdnotify(c->sdnotify);

	if (str_empty(m->a.notify_socket) || mode == CONFIG_SDNOTIFY_IGNORE)
		return 0;
	m->notify = xcalloc(1, sizeof(*m->notify));
	m->notify->mode = mode;
	m->notify->fd = -1;
	/* In our copy of the definition only. */
	if (str_empty(c->cgroup_parent) && (!c->cgroups || str_eq(c->cgroups, "enabled")))
		xreplace(&c->cgroups, "no-conmon");
	return mode == CONFIG_SDNOTIFY_CONTAINER ? give_socket(m, e) : 0;
}

void monitor_notify_close(struct monitor *m)
{
	if (m->notify)
		fd_close(&m->notify->fd);
	free(m->notify);
	m->notify = NULL;
}

void monitor_notify_started(struct monitor *m)
{
	char text[64];
	bool is_ready;
	int n;

	if (!m->notify)
		return;
	is_ready = m->notify->mode == CONFIG_SDNOTIFY_CONMON;
	n = snprintf(text, sizeof(text), "MAINPID=%d%s", getpid(), is_ready ? "\nREADY=1" : "");
	m->notify->is_ready = is_ready;
	send_text(m, text, n);
}

void monitor_notify_healthy(struct monitor *m)
{
	if (!m->notify || m->notify->mode != CONFIG_SDNOTIFY_HEALTHY || m->notify->is_ready)
		return;
	m->notify->is_ready = true;
	send_text(m, "READY=1", 7);
}

int monitor_notify_fd(const struct monitor *m)
{
	return m->notify ? m->notify->fd : -1;
}

static bool is_passed_on(const char *line)
{
	static const char *const keys[] = {
		"READY=", "RELOADING=", "STOPPING=", "STATUS=", "ERRNO=", "BUSERROR=", "EXIT_STATUS=",
		"WATCHDOG=", "EXTEND_TIMEOUT_USEC=", "MONOTONIC_USEC=",
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++)
		if (str_has_prefix(line, keys[i]))
			return true;
	return false;
}

void monitor_notify_handle(struct monitor *m)
{
	char in[4096], out[4096], *save = NULL;
	ssize_t n;

	/* A payload that never stops talking gets its turn like everything else of the loop. */
	for (int i = 0; i < NOTIFY_AT_ONCE; i++) {
		size_t len = 0;

		n = recv(m->notify->fd, in, sizeof(in) - 1, MSG_DONTWAIT);
		if (n <= 0)
			break;
		in[n] = 0;
		for (char *line = strtok_r(in, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
			if (is_passed_on(line))
				len += snprintf(out + len, sizeof(out) - len, "%s%s", len ? "\n" : "",
						line);
		if (len)
			send_text(m, out, len);
	}
}
