/* SPDX-License-Identifier: Apache-2.0 */
/* stats: what containers use, once or again and again. */
#include "container/stats.h"

#include "base/str.h"
#include "base/template.h"
#include "base/timefmt.h"
#include "base/units.h"
#include "cli/cmd.h"
#include "cli/each.h"

#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#define NOTE "note: where a container has no cgroup, CPU, MEM and BLOCK IO are sums of /proc over its " \
	     "processes"

struct stats_args {
	bool all, latest, no_reset, no_stream, no_trunc;
	char *format;
	uint64_t interval;
};

static void stats_init(void *args)
{
	((struct stats_args *)args)->interval = 5;
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

static char *pair(char *(*show)(char buf[32], double n), bool is_known, uint64_t a, uint64_t b)
{
	char one[32], two[32];

	return is_known ? xasprintf("%s / %s", show(one, a), show(two, b)) : xstrdup("-- / --");
}

static char *percent_text(bool is_known, double p)
{
	return is_known ? xasprintf("%.2f%%", p) : xstrdup("--");
}

/* Every placeholder of podman-stats(1). */
static struct json *make_row(const struct stats *now, size_t i, const struct stats *before,
			     bool no_trunc)
{
	const struct stats_one *o = &now->v[i];
	bool runs = o->is_running;
	double cpu = runs ? stats_cpu_percent(now, i, before) : 0;
	double average = runs ? stats_cpu_average(now, i) : 0;
	double mem = o->mem_limit ? 100.0 * (double)o->mem_bytes / (double)o->mem_limit : 0;
	struct json *j = json_new_object();
	char buf[40];

	json_set_str_take(j, "ID", no_trunc ? xstrdup(o->id) : xstrndup(o->id, 12));
	json_set_str(j, "ContainerID", o->id);
	json_set_str(j, "Name", o->name);
	json_set(j, "CPU", json_new_double(cpu));
	json_set_str_take(j, "CPUPerc", percent_text(runs, cpu));
	json_set(j, "AvgCPU", json_new_double(average));
	json_set_str_take(j, "AVGCPU", percent_text(runs, average));
	json_set_str_take(j, "MemUsage", pair(units_human_size, runs, o->mem_bytes, o->mem_limit));
	json_set_str_take(j, "MemUsageBytes", pair(units_bytes_size, runs, o->mem_bytes, o->mem_limit));
	json_set_int(j, "MemLimit", o->mem_limit);
	json_set_str_take(j, "MemPerc", percent_text(runs, mem));
	json_set_str_take(j, "NetIO", pair(units_human_size, runs && o->has_net, o->net_in, o->net_out));
	json_set_int(j, "NetInput", o->net_in);
	json_set_int(j, "NetOutput", o->net_out);
	json_set_str_take(j, "BlockIO", pair(units_human_size, runs, o->block_in, o->block_out));
	json_set_int(j, "BlockInput", o->block_in);
	json_set_int(j, "BlockOutput", o->block_out);
	json_set_int(j, "PIDs", o->pids);
	json_set_str_take(j, "PIDS", runs ? xasprintf("%llu", (unsigned long long)o->pids) : xstrdup("--"));
	json_set_int(j, "CPUNano", o->cpu_ns);
	json_set_int(j, "CPUSystemNano", o->cpu_system_ns);
	json_set_int(j, "Duration", o->cpu_ns);
	json_set_int(j, "SystemNano", now->taken);
	json_set(j, "PerCPU", json_new_array());
	json_set_str(j, "UpTime", runs ? time_duration_string(buf, o->cpu_ns) : "--");
	json_set_str(j, "Up", json_get_str(j, "UpTime"));
	json_set_str(j, "Source", !runs ? "" : o->is_summed ? "proc" : "cgroup");
	return j;
}

/* The members that podman's --format json has. */
static struct json *json_row(const struct json *row)
{
	static const char *const names[][2] = {
		{ "id", "ID" }, { "name", "Name" }, { "cpu_time", "UpTime" },
		{ "cpu_percent", "CPUPerc" }, { "avg_cpu", "AVGCPU" }, { "mem_usage", "MemUsage" },
		{ "mem_percent", "MemPerc" }, { "net_io", "NetIO" }, { "block_io", "BlockIO" },
		{ "pids", "PIDS" }, { "source", "Source" },
	};
	struct json *j = json_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		json_set_str(j, names[i][0], json_get_str(row, names[i][1]));
	return j;
}

static struct json *headings(void)
{
	static const char *const names[][2] = {
		{ "CPUPerc", "CPU %" }, { "MemUsage", "MEM USAGE / LIMIT" },
		{ "MemUsageBytes", "MEM USAGE / LIMIT" }, { "MemPerc", "MEM %" },
		{ "NetIO", "NET IO" }, { "BlockIO", "BLOCK IO" }, { "UpTime", "CPU TIME" },
		{ "Up", "CPU TIME" }, { "AVGCPU", "AVG CPU %" },
	};
	struct json *j = json_new_object();

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		json_set_str(j, names[i][0], names[i][1]);
	return j;
}

static int report(const struct stats_args *a, const struct stats *now, const struct stats *before,
		  struct err *e)
{
	static const char usual[] = "table {{.ID}}\t{{.Name}}\t{{.CPUPerc}}\t{{.MemUsage}}\t{{.MemPerc}}\t"
				    "{{.NetIO}}\t{{.BlockIO}}\t{{.PIDS}}\t{{.UpTime}}\t{{.AVGCPU}}";
	auto_of(json_free) struct json *rows = json_new_array(), *heads = headings();
	auto_of(str_clear) struct str out = { 0 };
	bool is_json = str_eq(a->format, "json");

	for (size_t i = 0; i < now->n; i++) {
		struct json *row = make_row(now, i, before, a->no_trunc);

		json_add(rows, is_json ? json_row(row) : row);
		if (is_json)
			json_free(row);
	}
	if (template_rows(&out, a->format ? a->format : usual, rows, heads, false, e) < 0)
		return -e->code;
	if (!a->no_stream && !a->no_reset && !is_json && isatty(STDOUT_FILENO))
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
