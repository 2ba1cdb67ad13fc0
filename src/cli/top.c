/* SPDX-License-Identifier: Apache-2.0 */
/* top: the processes of a container, in columns that the user names (podman-top(1)). */
#include "base/fd.h"
#include "base/file.h"
#include "base/path.h"
#include "base/str.h"
#include "base/table.h"
#include "base/timefmt.h"
#include "cli/cmd.h"
#include "cli/each.h"
#include "container/lifecycle.h"
#include "container/procs.h"
#include "container/procs_ps.h"
#include "container/record.h"
#include "container/state.h"
#include "runtime/caps.h"
#include "userns/session.h"

#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define PASSWD_MAX (1u << 20)

struct top_args {
	bool latest, lists;
};

static const struct opt top_opts[] = {
	OPT_FLAG('l', "latest", struct top_args, latest, "the newest container"),
	OPT_FLAG(0, "list-descriptors", struct top_args, lists, "list the columns there are"),
	OPT_END,
};

struct view {		/* what the columns need beside the process itself */
	struct cmd_context *c;
	const struct state *st;
	char *passwd, *group;	/* owned; texts of the container's files, NULL when unreadable */
	int64_t ticks;		/* per second */
	double uptime;		/* seconds */
};

/* Field 0 of the line whose field 2 is id: a name from the container's own passwd or group. */
static void add_name(struct str *out, const char *file, uint32_t id)
{
	for (const char *line = file; line && *line;) {
		const char *end = strchrnul(line, '\n');
		autofree char *text = xstrndup(line, end - line);
		auto_of(strv_clear) struct strv f = { 0 };
		char want[16];

		snprintf(want, sizeof(want), "%u", id);
		strv_split(&f, text, ':');
		if (f.n > 2 && str_eq(f.v[2], want)) {
			str_add(out, f.v[0]);
			return;
		}
		line = *end ? end + 1 : end;
	}
	str_addf(out, "%u", id);
}

static uint32_t host_id(const struct idmap *map, uint32_t id)
{
	uint32_t outside = idmap_outside(map, id);

	return outside == IDMAP_NONE ? id : outside;
}

static void add_user(struct str *out, const struct view *v, uint32_t id)
{
	add_name(out, v->passwd, procs_id_inside(v->st, "uid_map", id));
}

static void add_group(struct str *out, const struct view *v, uint32_t id)
{
	add_name(out, v->group, procs_id_inside(v->st, "gid_map", id));
}

static void add_caps(struct str *out, uint64_t set)
{
	const char *sep = "";

	if (set == 0 || (set & caps_kernel()) == caps_kernel()) {
		str_add(out, set ? "full" : "none");
		return;
	}
	for (int cap = 0; cap < 64; cap++) {
		const char *name = set & (UINT64_C(1) << cap) ? caps_name(cap) : NULL;

		if (!name)
			continue;
		str_addf(out, "%s%s", sep, name + strlen("CAP_"));
		sep = ",";
	}
}

static void add_tty(struct str *out, int tty)
{
	unsigned int maj = major(tty), min = minor(tty);

	if (!tty)
		str_add(out, "?");
	else if (maj >= 136 && maj <= 143)
		str_addf(out, "pts/%u", (maj - 136) * 256 + min);
	else
		str_addf(out, "tty%u", min);
}

static void add_duration(struct str *out, double seconds)
{
	char buf[40];

	str_add(out, time_duration_string(buf, (int64_t)(seconds * 1e9)));
}

static double elapsed(const struct view *v, const struct procs_one *p)
{
	double s = v->uptime - (double)p->stat.start / v->ticks;

	return s > 0 ? s : 0;
}

static void col_args(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; str_add(o, p->args); }
static void col_comm(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; str_add(o, p->stat.comm); }
static void col_capamb(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; add_caps(o, p->cap_amb); }
static void col_capbnd(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; add_caps(o, p->cap_bnd); }
static void col_capeff(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; add_caps(o, p->cap_eff); }
static void col_capinh(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; add_caps(o, p->cap_inh); }
static void col_capprm(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; add_caps(o, p->cap_prm); }
static void col_etime(struct str *o, const struct view *v, const struct procs_one *p) { add_duration(o, elapsed(v, p)); }
static void col_group(struct str *o, const struct view *v, const struct procs_one *p) { add_group(o, v, p->egid); }
static void col_rgroup(struct str *o, const struct view *v, const struct procs_one *p) { add_group(o, v, p->gid); }
static void col_user(struct str *o, const struct view *v, const struct procs_one *p) { add_user(o, v, p->euid); }
static void col_ruser(struct str *o, const struct view *v, const struct procs_one *p) { add_user(o, v, p->uid); }
static void col_hpid(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; str_addf(o, "%d", p->host_pid); }
static void col_label(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; str_add(o, str_empty(p->label) ? "?" : p->label); }
static void col_nice(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; str_addf(o, "%lld", (long long)p->stat.nice); }
static void col_pgid(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; str_addf(o, "%d", p->pgid); }
static void col_pid(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; str_addf(o, "%d", p->pid); }
static void col_ppid(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; str_addf(o, "%d", p->ppid); }
static void col_rss(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; str_addf(o, "%lld", (long long)p->stat.rss_bytes / 1024); }
static void col_vsz(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; str_addf(o, "%lld", (long long)p->stat.vsz_bytes / 1024); }
static void col_state(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; str_addc(o, p->stat.state); }
static void col_time(struct str *o, const struct view *v, const struct procs_one *p) { add_duration(o, (double)(p->stat.utime + p->stat.stime) / v->ticks); }
static void col_tty(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; add_tty(o, p->stat.tty); }

static void add_host_group(struct str *out, const struct view *v, uint32_t id)
{
	str_addf(out, "%u", host_id(&v->c->session->gid_map, id));
}

static void add_groups(struct str *o, const struct view *v, const struct procs_one *p,
		       void (*add)(struct str *, const struct view *, uint32_t))
{
	auto_of(strv_clear) struct strv ids = { 0 };
	const char *sep = "";

	strv_split(&ids, p->groups ? p->groups : "", ' ');
	for (size_t i = 0; i < ids.n; i++) {
		if (!*ids.v[i])
			continue;
		str_add(o, sep);
		add(o, v, strtoul(ids.v[i], NULL, 10));
		sep = ",";
	}
}

static void col_groups(struct str *o, const struct view *v, const struct procs_one *p) { add_groups(o, v, p, add_group); }
static void col_hgroups(struct str *o, const struct view *v, const struct procs_one *p) { add_groups(o, v, p, add_host_group); }

static void col_huser(struct str *o, const struct view *v, const struct procs_one *p)
{
	str_addf(o, "%u", host_id(&v->c->session->uid_map, p->euid));
}

static void col_hgroup(struct str *o, const struct view *v, const struct procs_one *p)
{
	add_host_group(o, v, p->egid);
}

static void col_pcpu(struct str *o, const struct view *v, const struct procs_one *p)
{
	double cpu = (double)(p->stat.utime + p->stat.stime) / v->ticks, real = elapsed(v, p);

	str_addf(o, "%.3f", real > 0 ? 100 * cpu / real : 0.0);
}

static void col_seccomp(struct str *o, const struct view *v, const struct procs_one *p)
{
	static const char *const modes[] = { "disabled", "strict", "filter" };

	(void)v;
	str_add(o, p->seccomp >= 0 && p->seccomp <= 2 ? modes[p->seccomp] : "?");
}

static void col_stime(struct str *o, const struct view *v, const struct procs_one *p)
{
	char buf[64];

	str_add(o, time_format(buf, sizeof(buf), "%c",
			       time_now() - (int64_t)(elapsed(v, p) * 1e9)));
}

static void add_ns(struct str *o, const struct procs_one *p, const char *kind)
{
	autofree char *path = xasprintf("/proc/%d/ns/%s", p->host_pid, kind), *link = NULL;

	str_add(o, file_readlink_at(AT_FDCWD, path, &link) < 0 ? "?" : link);
}

static void col_pidns(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; add_ns(o, p, "pid"); }
static void col_userns(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; add_ns(o, p, "user"); }
static void col_utsns(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; add_ns(o, p, "uts"); }
static void col_netns(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; add_ns(o, p, "net"); }
static void col_mntns(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; add_ns(o, p, "mnt"); }
static void col_ipcns(struct str *o, const struct view *v, const struct procs_one *p) { (void)v; add_ns(o, p, "ipc"); }

static const struct column {
	const char *name, *code, *heading;	/* code: as ps -o "%C" */
	void (*add)(struct str *o, const struct view *v, const struct procs_one *p);
} columns[] = {
	{ "args", "%a", "COMMAND", col_args },	    { "capamb", NULL, "AMBIENT CAPS", col_capamb },
	{ "capbnd", NULL, "BOUNDING CAPS", col_capbnd },
	{ "capeff", NULL, "EFFECTIVE CAPS", col_capeff }, { "capinh", NULL, "INHERITED CAPS", col_capinh },
	{ "capprm", NULL, "PERMITTED CAPS", col_capprm }, { "comm", "%c", "COMMAND", col_comm },
	{ "etime", "%t", "ELAPSED", col_etime },    { "group", "%G", "GROUP", col_group },
	{ "groups", NULL, "GROUPS", col_groups },   { "hgroup", NULL, "HGROUP", col_hgroup },
	{ "hgroups", NULL, "HGROUPS", col_hgroups }, { "hpid", NULL, "HPID", col_hpid },
	{ "huser", NULL, "HUSER", col_huser },	    { "ipcns", NULL, "IPCNS", col_ipcns },
	{ "label", NULL, "LABEL", col_label },	    { "mntns", NULL, "MNTNS", col_mntns },
	{ "netns", NULL, "NETNS", col_netns },	    { "nice", "%n", "NI", col_nice },
	{ "pcpu", "%C", "%CPU", col_pcpu },	    { "pgid", "%r", "PGID", col_pgid },
	{ "pid", "%p", "PID", col_pid },	    { "pidns", NULL, "PIDNS", col_pidns },
	{ "ppid", "%P", "PPID", col_ppid },	    { "rgroup", "%g", "RGROUP", col_rgroup },
	{ "rss", NULL, "RSS", col_rss },	    { "ruser", "%u", "RUSER", col_ruser },
	{ "seccomp", NULL, "SECCOMP", col_seccomp }, { "state", NULL, "STATE", col_state },
	{ "stime", NULL, "STIME", col_stime },	    { "time", "%x", "TIME", col_time },
	{ "tty", "%y", "TTY", col_tty },	    { "user", "%U", "USER", col_user },
	{ "userns", NULL, "USERNS", col_userns },   { "utsns", NULL, "UTSNS", col_utsns },
	{ "vsz", "%z", "VSZ", col_vsz },
};

static const struct column *find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
		if (str_eq(columns[i].name, name) || str_eq(columns[i].code, name))
			return &columns[i];
	return NULL;
}

/* ps's own options, and words that are no columns of ours, are for ps. */
static bool is_for_ps(const struct strv *names)
{
	for (size_t i = 0; i < names->n; i++)
		if (!find(names->v[i]))
			return true;
	return false;
}

/* Operands behind the container: "pid user", "pid,user" or ps's "-eo pid,user". */
static int choose(const struct column **out, size_t *n, const struct strv *names, struct err *e)
{
	static const char *const usual[] = { "user", "pid", "ppid", "pcpu", "etime", "tty", "time", "args" };

	if (!names->n)
		for (*n = 0; *n < ARRAY_SIZE(usual); (*n)++)
			out[*n] = find(usual[*n]);
	for (size_t i = 0; i < names->n; i++) {
		const struct column *c = find(names->v[i]);

		if (!c)
			return err_set(e, ERR_USAGE, "top: unknown column '%s': see top --list-descriptors",
				       names->v[i]);
		if (*n == ARRAY_SIZE(columns))
			return err_set(e, ERR_USAGE, "top: too many columns");
		out[(*n)++] = c;
	}
	return 0;
}

static void view_load(struct view *v)
{
	char root[32];
	autoclose int root_fd = -1, passwd_fd = -1, group_fd = -1;
	autofree char *uptime = NULL;

	snprintf(root, sizeof(root), "/proc/%d/root", v->st->pid);
	root_fd = fd_opendir(root);
	if (root_fd >= 0) {
		passwd_fd = root_open(root_fd, "/etc/passwd", O_RDONLY | O_NONBLOCK | O_NOCTTY);
		group_fd = root_open(root_fd, "/etc/group", O_RDONLY | O_NONBLOCK | O_NOCTTY);
	}
	if (passwd_fd >= 0)
		fd_read_all(passwd_fd, &v->passwd, NULL, PASSWD_MAX);
	if (group_fd >= 0)
		fd_read_all(group_fd, &v->group, NULL, PASSWD_MAX);
	v->ticks = sysconf(_SC_CLK_TCK);
	if (file_read_at(AT_FDCWD, "/proc/uptime", &uptime, NULL, 256) >= 0)
		v->uptime = strtod(uptime, NULL);
}

static int print_top(struct cmd_context *c, const struct state *st, const struct strv *names,
		     struct err *e)
{
	const struct column *chosen[ARRAY_SIZE(columns)];
	auto_of(procs_clear) struct procs procs = { 0 };
	auto_of(str_clear) struct str lines = { 0 }, out = { 0 };
	struct view v = { .c = c, .st = st };
	size_t n = 0;

	if (choose(chosen, &n, names, e) < 0 || procs_list(&procs, st, e) < 0)
		return -e->code;
	view_load(&v);
	for (size_t i = 0; i < n; i++)
		str_addf(&lines, "%s%s", i ? "\t" : "", chosen[i]->heading);
	str_addc(&lines, '\n');
	for (size_t k = 0; k < procs.n; k++) {
		for (size_t i = 0; i < n; i++) {
			if (i)
				str_addc(&lines, '\t');
			chosen[i]->add(&lines, &v, &procs.v[k]);
		}
		str_addc(&lines, '\n');
	}
	free(v.passwd);
	free(v.group);
	table_align(&out, lines.p, 12, 2);
	fputs(str_peek(&out), stdout);
	return 0;
}

static int top_main(struct cmd_context *c, void *args, const struct strv *rest, struct err *e)
{
	struct top_args *a = args;
	auto_of(strv_clear) struct strv given = { 0 }, which = { 0 }, names = { 0 }, words = { 0 };
	auto_of(record_free) struct record *rec = NULL;
	auto_of(state_clear) struct state st = { 0 };
	struct each_select select = { .latest = a->latest, .running_only = true };
	autoclose int lock = -1;

	if (a->lists) {
		for (size_t i = 0; i < ARRAY_SIZE(columns); i++)
			printf("%s\n", columns[i].name);
		return 0;
	}
	if (rest->n && !a->latest)
		strv_add(&given, rest->v[0]);
	for (size_t i = a->latest ? 0 : 1; i < rest->n; i++) {
		const char *word = rest->v[i];

		strv_add(&words, word);
		/* ps's own options that only choose columns */
		if (str_eq(word, "-o") || str_eq(word, "-eo"))
			continue;
		strv_split(&names, word, ',');
	}
	if (each_select(c, &select, &given, &which, e) < 0)
		return -e->code;
	if (!which.n)
		return err_set(e, ERR_NO_SUCH, "no container runs");
	/* One that is just starting has no root of its own yet. */
	if (record_open(&rec, c->engine, which.v[0], e) < 0 || record_lock_shared(rec, &lock, e) < 0 ||
	    lifecycle_state(&st, c->engine, rec, e) < 0)
		return -e->code;
	if (!state_is_alive(&st) && c->globals->is_docker)
		return err_set(e, EINVAL, "container %s is not running", rec->id);
	if (!state_is_alive(&st))
		return err_set(e, EINVAL, "top can only be used on running containers");
	/* Docker has ps's columns, and those of -ef when nothing is said. */
	if (c->globals->is_docker && !words.n)
		strv_add(&words, "-ef");
	if (c->globals->is_docker || is_for_ps(&names))
		return procs_ps(&st, &words, e);
	return print_top(c, &st, &names, e);
}

const struct cmd cmd_container_top = {
	.path = "container top",
	.alias = "top",
	.args = "CONTAINER [COLUMN...]",
	.help = "show the processes of a container",
	.opts = top_opts,
	.args_size = sizeof(struct top_args),
	.max_args = -1,
	.needs = NEED_ENGINE,
	.mode = OPT_STOP_AT_ARG,
	.fn = top_main,
};
