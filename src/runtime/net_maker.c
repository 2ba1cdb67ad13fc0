/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/net_maker.h"

#include "base/fd.h"
#include "base/mem.h"
#include "base/sys.h"
#include "runtime/namespaces.h"

#include <sys/wait.h>

#define STACK (32 * 1024)

struct net_maker_work {
	int result;		/* the descriptor or -errno */
	_Alignas(16) char stack[STACK];
};

/* System calls only (sys_clone_beside). */
static int make(void *arg)
{
	struct net_maker_work *w = arg;
	int r = sys_unshare(CLONE_NEWNET);

	if (r >= 0)
		r = namespaces_raise_loopback();
	if (r >= 0)
		r = fd_open("/proc/self/ns/net", O_RDONLY);
	w->result = r;
	return 0;
}

int net_maker_start(struct net_maker *m)
{
	m->work = xmalloc(sizeof(*m->work));
	m->work->result = -ECHILD;
	m->pid = sys_clone_beside(make, m->work, m->work->stack + STACK);
	if (m->pid < 0) {
		int r = m->pid;

		free(m->work);
		*m = (struct net_maker){ 0 };
		return r;
	}
	return 0;
}

bool net_maker_is_started(const struct net_maker *m)
{
	return m->pid > 0;
}

int net_maker_finish(struct net_maker *m)
{
	int r;

	while (waitpid(m->pid, NULL, 0) < 0 && errno == EINTR)
		;
	r = m->work->result;
	free(m->work);
	*m = (struct net_maker){ 0 };
	return r;
}

void net_maker_clear(struct net_maker *m)
{
	int fd = net_maker_is_started(m) ? net_maker_finish(m) : -1;

	fd_close(&fd);
}
