/* SPDX-License-Identifier: Apache-2.0 */
/* stats: what containers use, once or again and again. */
#include "container/stats.h"

#include "base/parallel.h"
#include "base/persona.h"
#include "base/str.h"
#include "base/template.h"
#include "base/timefmt.h"
#include "base/units.h"
#include "cli/cmd.h"
#include "cli/each.h"

#include <assert.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define USUAL "table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t" \
	      "{{.BlockIO}}\t{{.PIDS}}\t{{.UpTime}}\t{{.AVGCPU}}"
#define DOCKER_USUAL "table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t{{.NetIO}}\t" \
		     "{{.BlockIO}}\t{{.PIDs}}"
#define NOTE "note: where a container has no cgroup, CPU, MEM and BLOCK IO are sums of /proc over its " \
	     "processes"

struct stats_args {
	bool all, latest, no_reset, no_stream, no_trunc;
	char *format;
	uint64_t interval;
};

static void stats_init(void *args)
{
	/* Docker's list is new each second. */
	((struct stats_args *)args)->interval = persona_get() == PERSONA_DOCKER ? 1 : 5;
}

static const struct opt stats_opts[] = {
	OPT_FLAG('a', "all", struct stats_args, all, "containers that do not run too"),
	OPT_STR(0, "format", struct stats_args, format, "FORMAT", "json, table TEMPLATE or a Go template"),
	OPT_UINT('i', "interval", struct stats_args, interval, "SECONDS", "time between two reports (default 5)"),
	OPT_FLAG('l', "latest", struct stats_args, latest, "the newest container"),
	OPT_FLAG(0, "no-reset", struct stats_args, no_reset, "do not clear the screen in between"),
	OPT_FLAG(0, "no-stream", struct stats_args, no_stream, "report once"),
	OPT_FLAG(0, "no-trunc", struct stats_args, no_trunc, "whole ids"),
	OPT_END,
};

/* One row: what its members are made of. */
struct row {
	const struct stats *now, *before;
	size_t i;
	const struct stats_one *one;	/* now->v[i] */
	bool no_trunc;
};

typedef struct json *member_fn(const struct row *r);

static struct json *text(char *s_taken)
{
	struct json *j = json_new_string(s_taken);

	free(s_taken);
	return j;
}

/* "a / b" */
static struct json *pair(char *(*show)(char buf[32], double n), bool is_known, uint64_t a, uint64_t b)
{
	char one[32], two[32];

	return is_known ? text(xasprintf("%s / %s", show(one, a), show(two, b))) : json_new_string("-- / --");
}

static struct json *percent(const struct row *r, double p)
{
	return r->one->is_running ? text(xasprintf("%.2f%%", p)) : json_new_string("--");
}

static double cpu_of(const struct row *r)
{
	return r->one->is_running ? stats_cpu_percent(r->now, r->i, r->before) : 0;
}

static double average_of(const struct row *r)
{
	return r->one->is_running ? stats_cpu_average(r->now, r->i) : 0;
}

static struct json *m_id(const struct row *r)
{
	return text(xstrndup(r->one->id, r->no_trunc ? strlen(r->one->id) : 12));
}

static struct json *m_mem_perc(const struct row *r)
{
	const struct stats_one *o = r->one;

	return percent(r, o->mem_limit ? 100.0 * (double)o->mem_bytes / (double)o->mem_limit : 0);
}

static struct json *m_uptime(const struct row *r)
{
	char buf[40];

	return json_new_string(r->one->is_running ? time_duration_string(buf, r->one->cpu_ns) : "--");
}

static struct json *m_pids_text(const struct row *r)
{
	return r->one->is_running ? text(xasprintf("%llu", (unsigned long long)r->one->pids)) : json_new_string("--");
}

static struct json *m_net_io(const struct row *r)
{
	const struct stats_one *o = r->one;

	return pair(units_human_size, o->is_running && o->has_net, o->net_in, o->net_out);
}

static struct json *m_source(const struct row *r)
{
	return json_new_string(!r->one->is_running ? "" : r->one->is_summed ? "proc" : "cgroup");
}

static struct json *m_full_id(const struct row *r) { return json_new_string(r->one->id); }
static struct json *m_name(const struct row *r) { return json_new_string(r->one->name); }
static struct json *m_cpu(const struct row *r) { return json_new_double(cpu_of(r)); }
static struct json *m_cpu_perc(const struct row *r) { return percent(r, cpu_of(r)); }
static struct json *m_average(const struct row *r) { return json_new_double(average_of(r)); }
static struct json *m_average_perc(const struct row *r) { return percent(r, average_of(r)); }
static struct json *m_mem(const struct row *r) { return pair(units_human_size, r->one->is_running, r->one->mem_bytes, r->one->mem_limit); }
static struct json *m_mem_binary(const struct row *r) { return pair(units_bytes_size, r->one->is_running, r->one->mem_bytes, r->one->mem_limit); }
static struct json *m_mem_limit(const struct row *r) { return json_new_int(r->one->mem_limit); }
static struct json *m_net_in(const struct row *r) { return json_new_int(r->one->net_in); }
static struct json *m_net_out(const struct row *r) { return json_new_int(r->one->net_out); }
static struct json *m_block_io(const struct row *r) { return pair(units_human_size, r->one->is_running, r->one->block_in, r->one->block_out); }
static struct json *m_block_in(const struct row *r) { return json_new_int(r->one->block_in); }
static struct json *m_block_out(const struct row *r) { return json_new_int(r->one->block_out); }
static struct json *m_pids(const struct row *r) { return json_new_int(r->one->pids); }
static struct json *m_cpu_ns(const struct row *r) { return json_new_int(r->one->cpu_ns); }
static struct json *m_cpu_system_ns(const struct row *r) { return json_new_int(r->one->cpu_system_ns); }
static struct json *m_taken(const struct row *r) { return json_new_int(r->now->taken); }
static struct json *m_per_cpu(const struct row *r) { (void)r; return json_new_array(); }

/* Every placeholder of podman-stats(1); the second name is that of --format json, the third the heading
 * where it is not the first one in capitals. */
static const struct member {
	const char *name;
	member_fn *make;
	const char *json_name, *heading;
} members[] = {
	{ "ID", m_id, "id", NULL },
	{ "ContainerID", m_full_id, NULL, NULL },
	{ "Name", m_name, "name", NULL },
	{ "UpTime", m_uptime, "cpu_time", "CPU TIME" },
	{ "CPU", m_cpu, NULL, NULL },
	{ "CPUPerc", m_cpu_perc, "cpu_percent", "CPU %" },
	{ "AvgCPU", m_average, NULL, NULL },
	{ "AVGCPU", m_average_perc, "avg_cpu", "AVG CPU %" },
	{ "MemUsage", m_mem, "mem_usage", "MEM USAGE / LIMIT" },
	{ "MemUsageBytes", m_mem_binary, NULL, "MEM USAGE / LIMIT" },
	{ "MemLimit", m_mem_limit, NULL, NULL },
	{ "MemPerc", m_mem_perc, "mem_percent", "MEM %" },
	{ "NetIO", m_net_io, "net_io", "NET IO" },
	{ "NetInput", m_net_in, NULL, NULL },
	{ "NetOutput", m_net_out, NULL, NULL },
	{ "BlockIO", m_block_io, "block_io", "BLOCK IO" },
	{ "BlockInput", m_block_in, NULL, NULL },
	{ "BlockOutput", m_block_out, NULL, NULL },
	{ "PIDs", m_pids, NULL, NULL },
	{ "PIDS", m_pids_text, "pids", NULL },
	{ "CPUNano", m_cpu_ns, NULL, NULL },
	{ "CPUSystemNano", m_cpu_system_ns, NULL, NULL },
	{ "Duration", m_cpu_ns, NULL, NULL },
	{ "SystemNano", m_taken, NULL, NULL },
	{ "PerCPU", m_per_cpu, NULL, NULL },
	{ "Up", m_uptime, NULL, "CPU TIME" },
	{ "Source", m_source, "source", NULL },
};

static struct json *m_block_short(const struct row *r) { return pair(units_human_size_short, r->one->is_running, r->one->block_in, r->one->block_out); }

static struct json *m_net_short(const struct row *r)
{
	const struct stats_one *o = r->one;

	return pair(units_human_size_short, o->is_running, o->has_net ? o->net_in : 0, o->has_net ? o->net_out : 0);
}

/* Those of docker stats. */
static const struct member docker_members[] = {
	{ "BlockIO", m_block_short, "BlockIO", "BLOCK I/O" },
	{ "CPUPerc", m_cpu_perc, "CPUPerc", "CPU %" },
	{ "Container", m_id, "Container", NULL },
	{ "ID", m_id, "ID", "CONTAINER ID" },
	{ "MemPerc", m_mem_perc, "MemPerc", "MEM %" },
	{ "MemUsage", m_mem_binary, "MemUsage", "MEM USAGE / LIMIT" },
	{ "Name", m_name, "Name", NULL },
	{ "NetIO", m_net_short, "NetIO", "NET I/O" },
	{ "PIDs", m_pids_text, "PIDs", "PIDS" },
};
static_assert(ARRAY_SIZE(docker_members) <= ARRAY_SIZE(members), "names_of_rows has room for the longer list");

struct listed {
	const struct member *v;
	size_t n;
	const char *usual;
};

static struct listed listed(void)
{
	if (persona_get() == PERSONA_DOCKER)
		return (struct listed){ docker_members, ARRAY_SIZE(docker_members), DOCKER_USUAL };
	return (struct listed){ members, ARRAY_SIZE(members), USUAL };
}

/* The name that a member has in the rows, or NULL when it is in none. */
typedef const char *names_of_rows[ARRAY_SIZE(members)];

static bool knows(const struct listed *l, const char *name)
{
	for (size_t i = 0; i < l->n; i++)
		if (str_eq(l->v[i].name, name))
			return true;
	return false;
}

/* Only what the format looks at; all when one name is wrong, for the message that lists them. */
static void choose_members(names_of_rows names, const struct listed *l, const char *format)
{
	auto_of(strv_clear) struct strv used = { 0 };
	bool is_json = str_eq(format, "json"), all = !is_json && !template_members(format, &used);

	for (size_t i = 0; i < used.n; i++)
		all |= !knows(l, used.v[i]);
	for (size_t i = 0; i < l->n; i++)
		names[i] = is_json ? l->v[i].json_name
			 : all || strv_has(&used, l->v[i].name) ? l->v[i].name : NULL;
}

static struct json *headings(const struct listed *l)
{
	struct json *j = json_new_object();

	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].heading)
			json_set_str(j, l->v[i].name, l->v[i].heading);
	return j;
}

struct row_maker {
	const struct stats *now, *before;
	bool no_trunc;
	struct listed list;
	names_of_rows names;
	struct json **rows;
};

static void make_row(void *arg, size_t i)
{
	const struct row_maker *m = arg;
	const struct row row = { m->now, m->before, i, &m->now->v[i], m->no_trunc };
	struct json *j = json_new_object();

	for (size_t k = 0; k < m->list.n; k++)
		if (m->names[k])
			json_set(j, m->names[k], m->list.v[k].make(&row));
	m->rows[i] = j;
}

static struct json *make_rows(struct row_maker *m)
{
	autofree struct json **rows = m->rows = xcalloc(m->now->n + 1, sizeof(*rows));
	struct json *all = json_new_array();

	parallel_for(m->now->n, make_row, m);
	for (size_t i = 0; i < m->now->n; i++)
		json_add(all, rows[i]);
	return all;
}

static int report(const struct stats_args *a, const struct stats *now, const struct stats *before,
		  struct err *e)
{
	struct row_maker maker = { .now = now, .before = before, .no_trunc = a->no_trunc, .list = listed() };
	const char *format = a->format ? a->format : maker.list.usual;
	auto_of(json_free) struct json *rows = NULL, *heads = headings(&maker.list);
	auto_of(str_clear) struct str out = { 0 };

	choose_members(maker.names, &maker.list, format);
	rows = make_rows(&maker);
	if (template_rows(&out, format, rows, heads, false, e) < 0)
		return -e->code;
	if (!a->no_stream && !a->no_reset && !str_eq(a->format, "json") && isatty(STDOUT_FILENO))
		fputs("\033[2J\033[H", stdout);
	fputs(str_peek(&out), stdout);
	/* A reader that went away ends it. */
	if (fflush(stdout) != 0)
		return err_set(e, errno == EPIPE ? ERR_REPORTED : errno, "write: %m");
	return 0;
}

static bool has_sums(const struct stats *s)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->v[i].is_running && s->v[i].is_summed)
			return true;
	return false;
}

static int repeat(struct cmd_context *c, const struct stats_args *a, const struct strv *names,
		  struct err *e)
{
	auto_of(stats_clear) struct stats before = { 0 };
	bool is_table = !a->format || str_has_prefix(a->format, "table"), was_said = false;
	int wait_ms = a->interval > INT_MAX / 1000 ? INT_MAX : (int)a->interval * 1000;

	for (bool is_first = true;; is_first = false) {
		struct stats now = { 0 };
		int r = stats_collect(&now, c->engine, names, a->all, e);

		if (r >= 0)
			r = report(a, &now, before.taken ? &before : NULL, e);
		if (r >= 0 && is_table && has_sums(&now) && (!was_said || isatty(STDERR_FILENO))) {
			fputs(NOTE "\n", stderr);
			was_said = true;
		}
		stats_clear(&before);
		before = now;
		if (r < 0)	/* what was watched is gone: that is how watching ends */
			return !is_first && e->code == ERR_NO_SUCH ? 0 : r;
		if (a->no_stream)
			return 0;
		poll(NULL, 0, wait_ms);
	}
}

static int stats_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct stats_args *a = args;
	auto_of(strv_clear) struct strv names = { 0 };
	struct each_select select = { .latest = a->latest };

	if (a->interval == 0)
		return err_set(e, ERR_USAGE, "--interval 0: at least one second");
	if (a->all && (a->latest || rest->n))
		return err_set(e, ERR_USAGE, "stats: --all, --latest and names exclude each other");
	if ((a->latest || rest->n) && each_select(c, &select, rest, &names, e) < 0)
		return -e->code;
	return repeat(c, a, &names, e);
}

const struct cmd cmd_container_stats = {
	.path = "container stats", .alias = "stats", .args = "[CONTAINER...]",
	.help = "show what containers use", .opts = stats_opts,
	.args_size = sizeof(struct stats_args), .max_args = -1, .needs = NEED_ENGINE,
	.init = stats_init, .fn = stats_main,
};
