/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * A running container's end comes over the wire from its monitor, exit code included: the only way that
 * also works for --rm, where nothing is left to read afterwards. Everything else is seen in the
 * container's directory: state.json is renamed into place at each change, and the directory itself is
 * moved away by rm. The watch is set before the state is read, so that no change falls between.
 */
#include "container/lifecycle.h"

#include "base/fd.h"
#include "base/json.h"
#include "base/str.h"
#include "container/attach.h"
#include "container/lifecycle_priv.h"
#include "userns/session.h"

#include <sys/inotify.h>
#include <unistd.h>

static bool is_met(const struct state *s, enum lifecycle_condition until)
{
	const char *health = json_get_str(s->health, "Status");

	switch (until) {
	case LIFECYCLE_STOPPED:
	case LIFECYCLE_EXITED:
		return s->status == STATE_EXITED;
	case LIFECYCLE_RUNNING:
		return s->status == STATE_RUNNING;
	case LIFECYCLE_HEALTHY:
		return str_eq(health, "healthy");
	case LIFECYCLE_UNHEALTHY:
		return str_eq(health, "unhealthy");
	case LIFECYCLE_CREATED:
		return s->status == STATE_CREATED;
	case LIFECYCLE_PAUSED:
		return s->status == STATE_PAUSED;
	case LIFECYCLE_INITIALIZED:
		return s->status == STATE_INITIALIZED;
	case LIFECYCLE_STOPPING:
		return s->status == STATE_STOPPING;
	default:
		return false;
	}
}

#define BIT(condition) (1u << (condition))
#define ENDS (BIT(LIFECYCLE_STOPPED) | BIT(LIFECYCLE_EXITED) | BIT(LIFECYCLE_REMOVED))

static bool is_any_met(const struct state *s, unsigned int until)
{
	for (int c = 0; c <= LIFECYCLE_STOPPING; c++)
		if ((until & BIT(c)) && is_met(s, c))
			return true;
	return false;
}

static int watch(const struct record *r, int *fd)
{
	int inotify = inotify_init1(IN_CLOEXEC);

	if (inotify < 0)
		return -errno;
	if (inotify_add_watch(inotify, fd_path(r->dirfd).s,
			      IN_MOVED_TO | IN_MOVE_SELF | IN_DELETE_SELF) < 0) {
		int ret = -errno;

		close(inotify);
		return ret;
	}
	*fd = inotify;
	return 0;
}

/* One look and, if that does not settle it, one wait. 1: settled; 0: look again. */
static int step(struct engine *g, const char *id, unsigned int until, int *exit_code, bool *has_code,
		struct err *e)
{
	auto_of(record_free) struct record *r = NULL;
	auto_of(state_clear) struct state s = { 0 };
	autoclose int inotify = -1, sock = -1;
	char events[1024];
	int ret = record_open(&r, g, id, e);

	if (ret >= 0) {
		ret = watch(r, &inotify);
		if (ret < 0)
			return err_sys(e, -ret, "watch container %s", id);
		ret = lifecycle_state(&s, g, r, e);
	}
	if (ret < 0 && e->code == ERR_NO_SUCH && ((until & BIT(LIFECYCLE_REMOVED)) || *has_code))
		return 1;
	if (ret < 0)
		return ret;
	if (s.status == STATE_EXITED) {
		*exit_code = s.exit_code;
		*has_code = true;
	}
	if (is_any_met(&s, until)) {
		/* As podman: what has not ended has no exit code. */
		if (!is_any_met(&s, until & ENDS))
			*exit_code = -1;
		return 1;
	}
	/* Only ends are waited for: the monitor says when. */
	if (!(until & ~ENDS) && state_is_alive(&s)) {
		sock = attach_connect(g->session->runtime_dirfd, r->id, 0);
		if (lifecycle_wait_end(&s, sock, -1, exit_code) == 1) {
			*has_code = true;
			return until != BIT(LIFECYCLE_REMOVED);
		}
		return 0;
	}
	if (read(inotify, events, sizeof(events)) < 0 && errno != EINTR)
		return err_sys(e, errno, "watch container %s", id);
	return 0;
}

int lifecycle_wait(struct engine *g, const char *id, unsigned int until, int *exit_code, struct err *e)
{
	autofree char *full = NULL;
	bool has_code = false;
	int r;

	/* By id from here on: the name may pass to another container meanwhile. */
	r = record_find(&full, g, id, e);
	if (r < 0)
		return (until & BIT(LIFECYCLE_REMOVED)) && e->code == ERR_NO_SUCH ? 0 : r;
	*exit_code = 0;
	do
		r = step(g, full, until, exit_code, &has_code, e);
	while (r == 0);
	return r < 0 ? r : 0;
}
