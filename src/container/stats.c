/* SPDX-License-Identifier: Apache-2.0 */
#include "container/stats.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/parallel.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/timefmt.h"
#include "container/listing.h"
#include "container/procs_scan.h"
#include "container/query.h"
#include "container/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#define SMALL_FILE (256u << 10)
#define PAGE_MAX 4096		/* what one file of a cgroup says at most, but for io.stat */
#define SECOND 1000000000.0

void stats_clear(struct stats *s)
{
	for (size_t i = 0; i < s->n; i++) {
		free(s->v[i].id);
		free(s->v[i].name);
	}
	free(s->v);
	*s = (struct stats){ 0 };
}

void stats_parse_net(const char *text, uint64_t *in, uint64_t *out)
{
	auto_of(strv_clear) struct strv lines = { 0 };

	strv_split(&lines, text, '\n');
	for (size_t i = 0; i < lines.n; i++) {
		const char *name = lines.v[i] + strspn(lines.v[i], " ");
		const char *colon = strrchr(name, ':');
		uint64_t rx, tx;

		if (!colon || strncmp(name, "lo:", 3) == 0 ||
		    sscanf(colon + 1, "%" SCNu64 " %*u %*u %*u %*u %*u %*u %*u %" SCNu64, &rx, &tx) != 2)
			continue;
		*in += rx;
		*out += tx;
	}
}

/* Adds up every "key=N". */
static uint64_t sum_of(const char *text, const char *key)
{
	uint64_t sum = 0;

	while ((text = strstr(text, key))) {
		text += strlen(key);
		sum += strtoull(text, NULL, 10);
	}
	return sum;
}

void stats_parse_io(const char *text, uint64_t *in, uint64_t *out)
{
	*in += sum_of(text, " rbytes=");
	*out += sum_of(text, " wbytes=");
}

/* "key N" at the start of a line. */
static uint64_t member(const char *text, const char *key)
{
	size_t n = strlen(key);

	for (const char *p = text; p && *p; p = strchr(p, '\n'), p = p ? p + 1 : NULL)
		if (strncmp(p, key, n) == 0 && (p[n] == ' ' || p[n] == ':'))
			return strtoull(p + n + 1, NULL, 10);
	return 0;
}

/* Leaves *n when the file is there and says "max". */
static bool read_number(int dirfd, const char *name, uint64_t *n)
{
	char text[32];

	if (file_read_once(dirfd, name, text, sizeof(text)) < 0)
		return false;
	if (*text >= '0' && *text <= '9')
		*n = strtoull(text, NULL, 10);
	return true;
}

/* False when there is no cgroup, or one that counts nothing. */
static bool from_cgroup(struct stats_one *o, const struct state *st)
{
	autoclose int dirfd = st->cgroup ? fd_opendir(st->cgroup) : -1;
	autofree char *io = NULL;
	char cpu[PAGE_MAX];

	if (dirfd < 0 || !read_number(dirfd, "memory.current", &o->mem_bytes) ||
	    !read_number(dirfd, "pids.current", &o->pids) ||
	    file_read_once(dirfd, "cpu.stat", cpu, sizeof(cpu)) < 0) {
		o->mem_bytes = o->pids = 0;
		return false;
	}
	o->cpu_ns = member(cpu, "usage_usec") * 1000;
	o->cpu_system_ns = member(cpu, "system_usec") * 1000;
	read_number(dirfd, "memory.max", &o->mem_limit);
	if (file_read_at(dirfd, "io.stat", &io, NULL, SMALL_FILE) >= 0)
		stats_parse_io(io, &o->block_in, &o->block_out);
	return true;
}

static void read_net(struct stats_one *o, const struct record *r, const struct state *st,
		     ino_t own_net)
{
	char path[48];
	autofree char *text = NULL;
	struct stat ns;

	/* Nothing leads out of it. */
	o->has_net = r->config.net.mode == NETNS_NONE;
	if (o->has_net || r->config.net.mode == NETNS_HOST)
		return;
	snprintf(path, sizeof(path), "/proc/%d/ns/net", st->pid);
	if (stat(path, &ns) < 0 || ns.st_ino == own_net)
		return;
	snprintf(path, sizeof(path), "/proc/%d/net/dev", st->pid);
	if (file_read_at(AT_FDCWD, path, &text, NULL, SMALL_FILE) < 0)
		return;
	o->has_net = true;
	stats_parse_net(text, &o->net_in, &o->net_out);
}

struct sums {
	struct stats *stats;
	const size_t *which;		/* borrowed; index of the scan -> of stats */
};

static void sum_one(struct stats_one *o, const struct proc_stat *p, int dirfd, const char *io_path)
{
	uint64_t tick_ns = 1000000000 / sysconf(_SC_CLK_TCK);
	char io[512];

	o->cpu_ns += (p->utime + p->stime + p->child_utime + p->child_stime) * tick_ns;
	o->cpu_system_ns += (p->stime + p->child_stime) * tick_ns;
	o->mem_bytes += p->rss_bytes;
	o->pids += p->threads;
	if (file_read_once(dirfd, io_path, io, sizeof(io)) >= 0) {
		o->block_in += member(io, "read_bytes");
		o->block_out += member(io, "write_bytes");
	}
}

static void add_process(void *arg, size_t index, pid_t pid, int proc_dirfd)
{
	struct sums *s = arg;
	struct proc_stat p;

	(void)pid;
	if (proc_read_stat(&p, proc_dirfd, "stat") >= 0)
		sum_one(&s->stats->v[s->which[index]], &p, proc_dirfd, "io");
}

/* Whose numbers the look whether it lives has brought already. */
static void add_init(struct stats_one *o, const struct state *st)
{
	char path[32];

	snprintf(path, sizeof(path), "/proc/%d/io", st->pid);
	sum_one(o, &st->init, AT_FDCWD, path);
}

/* Beside its init, of what has no cgroup. */
static int sum_others(struct stats *s, const struct listing *list, struct err *e)
{
	autofree struct state *some = xcalloc(s->n + 1, sizeof(*some));
	autofree size_t *which = xcalloc(s->n + 1, sizeof(*which));
	struct sums sums = { .stats = s, .which = which };
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++) {
		if (!s->v[i].is_running || !s->v[i].is_summed)
			continue;
		some[n] = list->v[i].state;	/* borrowed for the scan */
		which[n++] = i;
	}
	return n ? procs_scan_others(some, n, add_process, &sums, e) : 0;
}

struct collecting {
	struct stats *stats;
	const struct listing *list;
	uint64_t mem_total;
	ino_t own_net;
};

static void collect_one(void *arg, size_t i)
{
	const struct collecting *c = arg;
	const struct record *r = c->list->v[i].record;
	const struct state *st = &c->list->v[i].state;
	struct stats_one *o = &c->stats->v[i];

	*o = (struct stats_one){ .id = xstrdup(r->id), .name = xstrdup(r->config.name),
				 .is_running = state_is_alive(st), .started = st->started,
				 .created = r->config.created, .mem_limit = c->mem_total };
	if (!o->is_running)
		return;
	o->is_summed = !from_cgroup(o, st);
	if (o->is_summed)
		add_init(o, st);
	read_net(o, r, st, c->own_net);
}

static int choose(struct strv *ids, struct engine *g, const struct strv *names, bool all,
		  struct err *e)
{
	if (!names || !names->n)
		return query_candidates(g, all, ids, e);
	for (size_t i = 0; i < names->n; i++) {
		char *id = NULL;

		if (record_find(&id, g, names->v[i], e) < 0)
			return -e->code;
		strv_add_take(ids, id);
	}
	return 0;
}

static int newest_first(const void *a, const void *b)
{
	const struct stats_one *x = a, *y = b;

	return (x->created < y->created) - (x->created > y->created);
}

static void drop_stopped(struct listing *l)
{
	size_t n = 0;

	for (size_t i = 0; i < l->n; i++) {
		if (state_is_alive(&l->v[i].state) && !l->v[i].state.is_elsewhere) {
			l->v[n++] = l->v[i];
		} else {
			record_free(l->v[i].record);
			state_clear(&l->v[i].state);
		}
	}
	l->n = n;
}

int stats_collect(struct stats *out, struct engine *g, const struct strv *names, bool all,
		  struct err *e)
{
	auto_of(strv_clear) struct strv ids = { 0 };
	auto_of(listing_clear) struct listing list = { 0 };
	auto_of(stats_clear) struct stats s = { 0 };
	struct sysinfo si = { 0 };
	struct stat net = { 0 };
	bool is_named = names && names->n;

	if (choose(&ids, g, names, all, e) < 0)
		return -e->code;
	listing_glance(&list, g, &ids);
	if (!all && !is_named)
		drop_stopped(&list);
	sysinfo(&si);
	(void)stat("/proc/self/ns/net", &net);
	s.n = list.n;
	s.v = xcalloc(s.n + 1, sizeof(*s.v));
	parallel_for(s.n, collect_one, &(struct collecting){ &s, &list, (uint64_t)si.totalram * si.mem_unit,
							     net.st_ino });
	if (sum_others(&s, &list, e) < 0)
		return -e->code;
	if (!is_named && s.n)
		qsort(s.v, s.n, sizeof(*s.v), newest_first);
	s.taken = time_now();
	*out = s;
	s = (struct stats){ 0 };
	return 0;
}

static double percent(uint64_t cpu_ns, int64_t real_ns)
{
	return real_ns > 0 ? 100.0 * ((double)cpu_ns / SECOND) / ((double)real_ns / SECOND) : 0;
}

double stats_cpu_average(const struct stats *now, size_t i)
{
	return percent(now->v[i].cpu_ns, now->taken - now->v[i].started);
}

double stats_cpu_percent(const struct stats *now, size_t i, const struct stats *before)
{
	const struct stats_one *o = &now->v[i];

	for (size_t k = 0; before && k < before->n; k++) {
		const struct stats_one *old = &before->v[k];

		/* A restart in between, or a process whose time went with it: no step backwards. */
		if (str_eq(old->id, o->id) && old->started == o->started)
			return percent(o->cpu_ns > old->cpu_ns ? o->cpu_ns - old->cpu_ns : 0,
				       now->taken - before->taken);
	}
	return stats_cpu_average(now, i);
}
