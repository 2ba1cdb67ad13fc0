/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * Following reads the file to its end and waits on the store's directory: inotify tells of writes to
 * the log and of its being moved away. The watch is there before the first read, so nothing falls
 * between. When the log was moved away, the rest of the old file is read before the new one: an append
 * that raced with the move is still in the old one.
 */
#include "container/events.h"

#include "base/fd.h"
#include "base/journal.h"
#include "base/log.h"
#include "base/path.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "container/events_priv.h"
#include "storage/event_log.h"
#include "storage/store.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#define CHUNK (64 << 10)

static const char *const backends[] = {
	[ENGINE_EVENTS_UNKNOWN] = "", [ENGINE_EVENTS_FILE] = "file",
	[ENGINE_EVENTS_JOURNALD] = "journald", [ENGINE_EVENTS_NONE] = "none",
};
_Static_assert(ARRAY_SIZE(backends) == N_ENGINE_EVENTS, "a name for every backend");

int events_backend_parse(const char *name)
{
	for (int i = ENGINE_EVENTS_FILE; i < N_ENGINE_EVENTS; i++)
		if (str_eq(name, backends[i]))
			return i;
	return -EINVAL;
}

/* events_logfile_path of containers.conf. */
static void choose_file(struct engine *g)
{
	const char *path = json_str(engine_conf(g, "engine.events_logfile_path"));

	if (!g->store->event_log && path && path[0] == '/')
		g->store->event_log = xstrdup(path);
}

void events_setenv(struct engine *g)
{
	if (setenv("ROOTLET_EVENTS", events_backend_name(g), 1) < 0 ||
	    (g->store->event_log && setenv(EVENT_LOG_ENV, g->store->event_log, 1) < 0))
		log_warn("tell rootlet-image where events go: %m");
}

bool events_are_wanted(struct engine *g)
{
	choose_file(g);
	if (g->events == ENGINE_EVENTS_UNKNOWN) {
		int r = events_backend_parse(json_str(engine_conf(g, "engine.events_logger")));

		g->events = r < 0 ? ENGINE_EVENTS_FILE : r;
	}
	return g->events != ENGINE_EVENTS_NONE;
}

const char *events_backend_name(struct engine *g)
{
	(void)events_are_wanted(g);
	return backends[g->events];
}

static void tell_many(struct engine *g, const struct event_log_entry *x, size_t n)
{
	if (events_are_wanted(g))
		(void)event_log_add(g->store, g->events == ENGINE_EVENTS_JOURNALD
					      ? EVENT_LOG_TO_JOURNAL : EVENT_LOG_TO_FILE, x, n);
}

static void tell(struct engine *g, const struct event_log_entry *x)
{
	tell_many(g, x, 1);
}

static struct event_log_entry of_container(const struct container_config *c, const char *status)
{
	return (struct event_log_entry){
		.type = "container", .status = status, .id = c->id, .name = c->name,
		.image = c->image_full ? c->image_full : c->image_name, .labels = &c->labels,
	};
}

void events_container(struct engine *g, const struct container_config *c, const char *status)
{
	struct event_log_entry x = of_container(c, status);

	tell(g, &x);
}

void events_start(struct engine *g, const struct container_config *c)
{
	const struct event_log_entry x[] = { of_container(c, "init"), of_container(c, "start") };

	tell_many(g, x, ARRAY_SIZE(x));
}

void events_health(struct engine *g, const struct container_config *c, const char *status,
		   const char *log)
{
	struct event_log_entry x = of_container(c, "health_status");

	x.health = status;
	x.key = log ? "health_log" : NULL;
	x.value = log;
	tell(g, &x);
}

void events_exit(struct engine *g, const struct container_config *c, const char *status, int code,
		 const char *exec_id)
{
	struct event_log_entry x = of_container(c, status);

	x.has_code = true;
	x.code = code;
	x.key = exec_id ? "execID" : NULL;
	x.value = exec_id;
	tell(g, &x);
}

void events_exec(struct engine *g, const struct container_config *c, const char *exec_id)
{
	struct event_log_entry x = of_container(c, "exec");

	x.key = exec_id ? "execID" : NULL;
	x.value = exec_id;
	tell(g, &x);
}

void events_add(struct engine *g, const char *type, const char *status, const char *id,
		const char *name)
{
	struct event_log_entry x = { .type = type, .status = status, .id = id, .name = name };

	tell(g, &x);
}

/* Where tell() puts them. */
static bool is_in_journal(struct engine *g)
{
	autoclose int fd = events_are_wanted(g) && g->events == ENGINE_EVENTS_JOURNALD
				   ? journal_connect() : -1;

	return fd >= 0;
}

/* --- reading --- */

struct reader {
	struct engine *engine;
	const struct events_query *q;
	int fd;			/* owned; the log, -1 while there is none */
	int watch_fd;		/* owned; -1 */
	struct str rest;	/* owned; the beginning of a line */
	bool is_over;
};

static void handle_lines(struct reader *r)
{
	char *line = r->rest.p, *end;

	while (line && !r->is_over && (end = memchr(line, '\n', r->rest.p + r->rest.len - line))) {
		r->is_over = events_offer(r->q, line, end - line);
		line = end + 1;
	}
	if (line && line != r->rest.p) {
		size_t left = r->rest.p + r->rest.len - line;

		memmove(r->rest.p, line, left);
		str_cut(&r->rest, left);
	}
}

static int read_on(struct reader *r, struct err *e)
{
	autofree char *buf = xmalloc(CHUNK);
	ssize_t n;

	while (r->fd >= 0 && !r->is_over && (n = read(r->fd, buf, CHUNK)) != 0) {
		if (n < 0)
			return err_sys(e, errno, "read the log of events");
		str_addn(&r->rest, buf, n);
		handle_lines(r);
	}
	return 0;
}

static int open_log(struct reader *r, bool is_old, struct err *e)
{
	char buf[PATH_MAX];
	const char *name = event_log_name(buf, r->engine->store, is_old);

	fd_close(&r->fd);
	str_cut(&r->rest, 0);
	r->fd = fd_openat(r->engine->store->root_dirfd, name, O_RDONLY | O_NOFOLLOW);
	if (r->fd >= 0 || r->fd == -ENOENT)
		return 0;
	return err_sys(e, -r->fd, "open %s/%s", r->engine->store->root, name);
}

static bool was_moved(const struct reader *r)
{
	struct stat ours, now;
	char buf[PATH_MAX];

	if (fstatat(r->engine->store->root_dirfd, event_log_name(buf, r->engine->store, false), &now, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	return r->fd < 0 || fstat(r->fd, &ours) < 0 || ours.st_ino != now.st_ino;
}

/* 1: look again, 0: the time is up. */
static int wait_more(struct reader *r, struct err *e)
{
	struct pollfd p = { .fd = r->watch_fd, .events = POLLIN };
	int64_t left = r->q->until ? (r->q->until - time_now()) / TIME_MILLISECOND + 1 : -1;
	char events[4096];
	int n;

	if (r->q->until && left <= 0)
		return 0;
	n = poll(&p, 1, left > INT_MAX ? INT_MAX : (int)left);
	if (n < 0 && errno != EINTR)
		return err_sys(e, errno, "wait for events");
	if (n > 0 && read(r->watch_fd, events, sizeof(events)) < 0)
		return err_sys(e, errno, "wait for events");
	return 1;
}

static int follow(struct reader *r, struct err *e)
{
	int ret = 1;

	while (ret > 0 && !r->is_over) {
		ret = wait_more(r, e);
		if (ret <= 0)
			break;
		if (read_on(r, e) < 0)
			return -e->code;
		if (was_moved(r) && (open_log(r, false, e) < 0 || read_on(r, e) < 0))
			return -e->code;
	}
	return ret < 0 ? ret : 0;
}

static int watch(struct reader *r, struct err *e)
{
	const struct store *s = r->engine->store;
	autofree char *dir = s->event_log ? path_dir(s->event_log) : xstrdup(fd_path(s->root_dirfd).s);

	r->watch_fd = inotify_init1(IN_CLOEXEC);
	if (r->watch_fd < 0 || inotify_add_watch(r->watch_fd, dir,
						 IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR) < 0)
		return err_sys(e, errno, "watch %s", s->event_log ? dir : s->root);
	return 0;
}

static int read_all(struct reader *r, struct err *e)
{
	if (r->q->follow && watch(r, e) < 0)
		return -e->code;
	if (r->q->has_history) {
		if (open_log(r, true, e) < 0 || read_on(r, e) < 0 ||
		    open_log(r, false, e) < 0 || read_on(r, e) < 0)
			return -e->code;
	} else {
		if (open_log(r, false, e) < 0)
			return -e->code;
		if (r->fd >= 0 && lseek(r->fd, 0, SEEK_END) < 0)
			return err_sys(e, errno, "the log of events");
	}
	return r->q->follow && !r->is_over ? follow(r, e) : 0;
}

int events_read(struct engine *g, const struct events_query *q, struct err *e)
{
	struct reader r = { .engine = g, .q = q, .fd = -1, .watch_fd = -1 };
	int ret;

	if (is_in_journal(g))
		return events_read_journal(g, q, e);
	ret = read_all(&r, e);
	fd_close(&r.fd);
	fd_close(&r.watch_fd);
	str_clear(&r.rest);
	return ret;
}
