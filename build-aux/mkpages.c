/* SPDX-License-Identifier: Apache-2.0 */
/* mkpages DIR: writes every man page; --check: whether the texts fit the command table; --list: the
 * page and name of every option; --spellings podman|docker: every option as it may be typed;
 * --values: what is known of their values.
 *
 * THEORY
 * A page is the command's row of the table (synopsis, options, what is refused and why) and its text
 * of man/text/, so that no page can lack an option. What a text can still get wrong is a command or
 * an option that is not there, or not to be there itself: --check tells those, as TAP.
 * A command has one page, under its short name; its other spellings are links (".so").
 */
#include "base/file.h"
#include "base/str.h"
#include "cli/cmd.h"
#include "cli/prose.h"
#include "cli/values.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Text for roff: a hyphen is one that can be copied; a line must not begin as a request. */
static void escape(FILE *f, const char *p, size_t n)
{
	if (n > 0 && (*p == '.' || *p == '\''))
		fputs("\\&", f);
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\\')
			fputs("\\e", f);
		else if (p[i] == '-')
			fputs("\\-", f);
		else if (p[i] == '~' || p[i] == '^')
			fprintf(f, "\\(%s", p[i] == '~' ? "ti" : "ha");
		else
			fputc(p[i], f);
	}
}

static void put(FILE *f, const char *text)
{
	escape(f, text, strlen(text));
}

/* `word` is bold. */
static void put_marked(FILE *f, const char *p, size_t n)
{
	bool is_bold = false;

	while (n > 0) {
		const char *mark = memchr(p, '`', n);
		size_t part = mark ? (size_t)(mark - p) : n;

		escape(f, p, part);
		if (mark) {
			is_bold = !is_bold;
			fputs(is_bold ? "\\fB" : "\\fR", f);
			part++;
		}
		p += part;
		n -= part;
	}
	fputc('\n', f);
}

static void put_heading(FILE *f, const char *p, size_t n)
{
	fputs(".SH ", f);
	for (size_t i = 0; i < n; i++)
		fputc(toupper((unsigned char)p[i]), f);
	fputc('\n', f);
}

static void put_section(FILE *f, const struct prose_section *s)
{
	struct prose_line line;
	bool is_literal = false;
	size_t at = 0;

	while (prose_line(s, &at, &line)) {
		if (is_literal && line.kind != PROSE_LITERAL) {
			fputs(".EE\n.RE\n", f);
			is_literal = false;
		}
		switch (line.kind) {
		case PROSE_BLANK:
			/* The text of a term goes on while its lines do. */
			if (at < s->len && s->text[at] != ':' && s->text[at] != ' ')
				fputs(".PP\n", f);
			break;
		case PROSE_LITERAL:
			if (!is_literal)
				fputs(".RS 4\n.EX\n", f);
			is_literal = true;
			escape(f, line.p, line.len);
			fputc('\n', f);
			break;
		case PROSE_TERM:
			fputs(".TP\n\\fB", f);
			escape(f, line.p, line.len);
			fputs("\\fR\n", f);
			break;
		default:
			put_marked(f, line.p, line.len);
		}
	}
	if (is_literal)
		fputs(".EE\n.RE\n", f);
}

/* What the text says of one option beyond its line in the table; NULL f: only whether it does. */
static bool put_option_text(FILE *f, const char *text, const char *name)
{
	struct prose_section s;
	struct prose_line line;
	bool is_ours = false, found = false;
	size_t at = 0;

	if (!text || !prose_section(text, "Options", &s))
		return false;
	while (prose_line(&s, &at, &line)) {
		if (line.kind == PROSE_TERM) {
			is_ours = line.len == strlen(name) + 2 && memcmp(line.p, "--", 2) == 0 &&
				  memcmp(line.p + 2, name, line.len - 2) == 0;
			found |= is_ours;
		} else if (is_ours && f && line.kind == PROSE_LITERAL) {
			fputs(".br\n", f);
			escape(f, line.p, line.len);
			fputc('\n', f);
		} else if (is_ours && f && line.kind == PROSE_TEXT) {
			put_marked(f, line.p, line.len);
		}
	}
	return found;
}

struct page {
	FILE *f;
	const char *text;	/* may be NULL */
	int count;
};

static void put_option(const struct opt *o, void *arg)
{
	struct page *p = arg;

	if (o->is_hidden || !o->help)
		return;
	if (p->count++ == 0)
		fputs(".SH OPTIONS\n", p->f);
	fputs(".TP\n", p->f);
	if (o->letter)
		fprintf(p->f, "\\fB\\-%c\\fR, ", o->letter);
	fputs("\\fB\\-\\-", p->f);
	put(p->f, o->name);
	fputs("\\fR", p->f);
	if (o->arg) {
		fputs(" \\fI", p->f);
		put(p->f, o->arg);
		fputs("\\fR", p->f);
	}
	fputc('\n', p->f);
	put(p->f, o->help);
	fputs(".\n", p->f);
	put_option_text(p->f, p->text, o->name);
}

static void put_refused(const struct opt *o, void *arg)
{
	struct page *p = arg;
	const char *why = o->detail;

	if (o->kind != OPT_KIND_LATER && o->kind != OPT_KIND_NEVER)
		return;
	if (p->count++ == 0)
		fputs(".SH OPTIONS THAT ARE REFUSED\n"
		      "Known from Podman or Docker; given, they end the command with the reason.\n", p->f);
	fputs(".TP\n\\fB\\-\\-", p->f);
	put(p->f, o->name);
	fputs("\\fR\n", p->f);
	put(p->f, str_empty(why) ? "not supported" : why);
	fputs(".\n", p->f);
}

static void page_name(const char *spelling, struct str *out)
{
	str_add(out, "rootlet-");
	for (; *spelling; spelling++)
		str_addc(out, *spelling == ' ' ? '-' : *spelling);
}

static FILE *open_page(const char *dir, const char *name, const char *section)
{
	autofree char *path = xasprintf("%s/%s.%s", dir, name, section);
	FILE *f = fopen(path, "w");

	if (!f)
		fprintf(stderr, "mkpages: %s: %s\n", path, strerror(errno));
	return f;
}

static void put_title(FILE *f, const char *name, const char *section, const char *help)
{
	fprintf(f, ".\\\" SPDX-License-Identifier: Apache-2.0\n.\\\" Made by mkpages from the command "
		   "table and man/text/.\n.TH \"");
	for (const char *p = name; *p; p++)
		fputc(toupper((unsigned char)*p), f);
	fprintf(f, "\" %s \"\" \"rootlet " PACKAGE_VERSION "\" \"%s\"\n.SH NAME\n", section,
		*section == '1' ? "User Commands" : *section == '5' ? "File Formats" : "Miscellaneous");
	put(f, name);
	fputs(" \\- ", f);
	put(f, help);
	fputc('\n', f);
}

/* Every section but the ones that have their own place. */
static void put_rest(FILE *f, const char *text)
{
	struct prose_section s;
	const char *at = text;

	while (text && prose_next(&at, &s)) {
		if (s.heading_len == 0 || (s.heading_len == 7 && memcmp(s.heading, "Options", 7) == 0))
			continue;
		put_heading(f, s.heading, s.heading_len);
		put_section(f, &s);
	}
}

static void put_description(FILE *f, const char *text, const char *help)
{
	struct prose_section s;

	fputs(".SH DESCRIPTION\n", f);
	if (text && prose_section(text, "", &s)) {
		put_section(f, &s);
		return;
	}
	put(f, help);
	fputs(".\n", f);
}

static int write_links(const char *dir, const struct cmd *c, const char *name)
{
	auto_of(strv_clear) struct strv spellings = { 0 };

	strv_add(&spellings, c->path);
	if (c->alias)
		strv_split(&spellings, c->alias, '|');
	for (size_t i = 0; i < spellings.n; i++) {
		auto_of(str_clear) struct str other = { 0 };
		FILE *f;

		page_name(spellings.v[i], &other);
		if (str_eq(other.p, name))
			continue;
		f = open_page(dir, other.p, "1");
		if (!f)
			return -1;
		fprintf(f, ".so man1/%s.1\n", name);
		fclose(f);
	}
	return 0;
}

static int write_command(const char *dir, const struct cmd *c)
{
	auto_of(str_clear) struct str spelling = { 0 }, name = { 0 };
	struct page p = { .text = prose_find(c->path) };

	cmd_short_name(c, &spelling);
	page_name(spelling.p, &name);
	p.f = open_page(dir, name.p, "1");
	if (!p.f)
		return -1;
	put_title(p.f, name.p, "1", c->help);
	fputs(".SH SYNOPSIS\n\\fBrootlet ", p.f);
	put(p.f, spelling.p);
	fprintf(p.f, "\\fR%s%s", c->opts ? " [\\fIoptions\\fR]" : "", c->args ? " \\fI" : "");
	put(p.f, c->args ? c->args : "");
	fputs(c->args ? "\\fR\n" : "\n", p.f);
	put_description(p.f, p.text, c->help);
	if (c->opts)
		opt_each(c->opts, put_option, &p);
	p.count = 0;
	if (c->opts)
		opt_each(c->opts, put_refused, &p);
	put_rest(p.f, p.text);
	fputs(".SH SEE ALSO\n\\fBrootlet\\fR(1)\n", p.f);
	fclose(p.f);
	return write_links(dir, c, name.p);
}

static void put_commands(FILE *f, const char *group)
{
	fputs(".SH COMMANDS\n", f);
	for (size_t i = 0; cmd_table[i]; i++) {
		const struct cmd *c = cmd_table[i];
		auto_of(str_clear) struct str spelling = { 0 }, name = { 0 };
		const char *rest = group ? str_after(c->path, group) : c->path;

		if (c->is_hidden || !rest || (group && *rest != ' '))
			continue;
		cmd_short_name(c, &spelling);
		page_name(spelling.p, &name);
		fputs(".TP\n\\fB", f);
		put(f, group ? rest + 1 : spelling.p);
		fputs("\\fR (", f);
		put(f, name.p);
		fputs("(1))\n", f);
		put(f, c->help);
		fputs(".\n", f);
	}
}

/* rootlet(1) itself (group NULL), or the page of a group. */
static int write_group(const char *dir, const char *group)
{
	auto_of(str_clear) struct str name = { 0 };
	autofree char *help = group ? xasprintf("commands for %ss", group)
				    : xstrdup("OCI containers without root and without a daemon");
	struct page p = { .text = prose_find(group ? group : "rootlet") };

	if (group)
		page_name(group, &name);
	else
		str_add(&name, "rootlet");
	p.f = open_page(dir, name.p, "1");
	if (!p.f)
		return -1;
	put_title(p.f, name.p, "1", help);
	fprintf(p.f, ".SH SYNOPSIS\n\\fBrootlet%s%s\\fR%s \\fICOMMAND\\fR\n", group ? " " : "",
		group ? group : "", group ? "" : " [\\fIoptions\\fR]");
	put_description(p.f, p.text, help);
	put_commands(p.f, group);
	if (!group) {
		opt_each(cmd_global_opts, put_option, &p);
		p.count = 0;
		opt_each(cmd_global_opts, put_refused, &p);
	}
	put_rest(p.f, p.text);
	fclose(p.f);
	return 0;
}

/* "rootlet-state(5) what is on disk": the name, the section, one line. */
static int write_other(const char *dir, const struct prose *prose)
{
	const char *open = strchr(prose->path, '(');
	autofree char *name = xasprintf("%.*s", (int)(open - prose->path), prose->path);
	char section[2] = { open[1], 0 };
	FILE *f = open_page(dir, name, section);

	if (!f)
		return -1;
	put_title(f, name, section, open + strlen("(5) "));
	put_description(f, prose->text, "");
	put_rest(f, prose->text);
	fputs(".SH SEE ALSO\n\\fBrootlet\\fR(1)\n", f);
	fclose(f);
	return 0;
}

static void list_groups(struct strv *out)
{
	for (size_t i = 0; cmd_table[i]; i++) {
		const char *blank = strchr(cmd_table[i]->path, ' ');
		autofree char *head = blank ? xasprintf("%.*s", (int)(blank - cmd_table[i]->path),
							cmd_table[i]->path) : NULL;

		if (head && !strv_has(out, head))
			strv_add(out, head);
	}
}

static int write_all(const char *dir)
{
	auto_of(strv_clear) struct strv groups = { 0 };
	int r = write_group(dir, NULL);

	list_groups(&groups);
	for (size_t i = 0; r == 0 && i < groups.n; i++)
		r = write_group(dir, groups.v[i]);
	for (size_t i = 0; r == 0 && cmd_table[i]; i++)
		if (!cmd_table[i]->is_hidden)
			r = write_command(dir, cmd_table[i]);
	for (size_t i = 0; r == 0 && prose_table[i].path; i++)
		if (strchr(prose_table[i].path, '('))
			r = write_other(dir, &prose_table[i]);
	return r;
}

static const struct cmd *command_of(const char *path)
{
	for (size_t i = 0; cmd_table[i]; i++)
		if (str_eq(cmd_table[i]->path, path))
			return cmd_table[i];
	return NULL;
}

static int check_terms(const struct prose *prose, const struct opt *table)
{
	struct prose_section s;
	struct prose_line line;
	size_t at = 0;
	int bad = 0;

	if (!prose_section(prose->text, "Options", &s))
		return 0;
	while (prose_line(&s, &at, &line)) {
		autofree char *term = xasprintf("%.*s", (int)line.len, line.p);
		const struct opt *o = line.kind == PROSE_TERM && str_after(term, "--")
					      ? opt_find(table, str_after(term, "--")) : NULL;

		if (line.kind != PROSE_TERM || (o && !o->is_hidden && o->help))
			continue;
		printf("# the text of '%s' explains '%s', which is no option of it\n", prose->path, term);
		bad++;
	}
	return bad;
}

/* Texts about what is not there, twice, or missing. */
static int check(void)
{
	static const struct opt none[] = { OPT_END };
	auto_of(strv_clear) struct strv groups = { 0 }, seen = { 0 };
	int bad = 0, options = 0;

	list_groups(&groups);
	for (size_t i = 0; prose_table[i].path; i++) {
		const char *path = prose_table[i].path;
		const struct cmd *c = command_of(path);
		bool is_main = str_eq(path, "rootlet");

		if (strv_has(&seen, path)) {
			printf("# '%s' has two texts\n", path);
			bad++;
		}
		strv_add(&seen, path);
		if (!c && !is_main && !strv_has(&groups, path) && !strchr(path, '(')) {
			printf("# there is no command '%s'\n", path);
			bad++;
		}
		options += check_terms(&prose_table[i], is_main ? cmd_global_opts
								: c && c->opts ? c->opts : none);
	}
	for (size_t i = 0; cmd_table[i]; i++) {
		if (cmd_table[i]->is_hidden || prose_find(cmd_table[i]->path))
			continue;
		printf("# command '%s' has no text in man/text/\n", cmd_table[i]->path);
		bad++;
	}
	printf("1..2\n%sok 1 - every command has a text in man/text/, and no text is without a command\n"
	       "%sok 2 - options that texts explain exist\n", bad ? "not " : "", options ? "not " : "");
	return bad || options;
}

static void list_option(const struct opt *o, void *arg)
{
	const struct str *page = arg;

	if (!o->is_hidden && o->help)
		printf("%s %s\n", page->p, o->name);
}

static int list(void)
{
	for (size_t i = 0; cmd_table[i]; i++) {
		auto_of(str_clear) struct str spelling = { 0 }, name = { 0 };

		cmd_short_name(cmd_table[i], &spelling);
		page_name(spelling.p, &name);
		if (!cmd_table[i]->is_hidden && cmd_table[i]->opts)
			opt_each(cmd_table[i]->opts, list_option, &name);
	}
	return 0;
}

/* Every spelling of every option, also what is hidden: "command:option/x kind". */
struct spellings {
	struct strv names;		/* of the command */
	const struct opt *table;
};

static void list_spelling(const struct opt *o, void *arg)
{
	const struct spellings *s = arg;
	const struct opt *target = o->name ? opt_find(s->table, o->name) : o;
	const char *kind = target->kind == OPT_KIND_LATER ? "later" :
			   target->kind == OPT_KIND_NEVER ? "refused" : "taken";

	for (size_t i = 0; o->name && i < s->names.n; i++) {
		printf("%s:%s", s->names.v[i], o->name);
		if (target->letter)
			printf("/%c", target->letter);
		printf(" %s\n", kind);
	}
}

static void list_spellings(const char *path, const char *alias, const struct opt *table)
{
	struct spellings s = { .table = table };

	strv_add(&s.names, path);
	if (alias)
		strv_split(&s.names, alias, '|');
	for (size_t i = 0; i < s.names.n; i++)
		printf("%s: command\n", s.names.v[i]);
	if (table)
		opt_each(table, list_spelling, &s);
	strv_clear(&s.names);
}

static int spellings(bool is_docker)
{
	list_spellings("rootlet", NULL, cmd_global_opts);
	for (size_t i = 0; cmd_table[i]; i++) {
		const struct cmd *c = cmd_table[i];

		list_spellings(c->path, c->alias, is_docker && c->docker_opts ? c->docker_opts : c->opts);
	}
	return 0;
}

/* What a test of values needs: "command<TAB>option<TAB>letter<TAB>kind<TAB>values". */
static void list_value(const struct opt *o, void *arg)
{
	static const char *const kinds[] = {
		[OPT_KIND_FLAG] = "flag", [OPT_KIND_TRISTATE] = "flag", [OPT_KIND_STR] = "text",
		[OPT_KIND_INT] = "number", [OPT_KIND_UINT] = "number", [OPT_KIND_DOUBLE] = "float",
		[OPT_KIND_BYTES] = "size", [OPT_KIND_DURATION] = "duration", [OPT_KIND_LIST] = "list",
		[OPT_KIND_CSV] = "list", [OPT_KIND_FN] = "own",
	};
	const struct cmd *c = arg;
	const char *values = values_of_option(c, o);

	if (o->kind < (int)ARRAY_SIZE(kinds) && kinds[o->kind])
		printf("%s\t%s\t%c\t%s\t%s\n", c->path, o->name, o->letter ? o->letter : '-',
		       kinds[o->kind], values ? values : "");
}

static int list_values(void)
{
	for (size_t i = 0; cmd_table[i]; i++)
		if (cmd_table[i]->opts && !cmd_table[i]->is_hidden)
			opt_each(cmd_table[i]->opts, list_value, (void *)cmd_table[i]);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && str_eq(argv[1], "--check"))
		return check();
	if (argc == 2 && str_eq(argv[1], "--list"))
		return list();
	if (argc == 2 && str_eq(argv[1], "--values"))
		return list_values();
	if (argc == 3 && str_eq(argv[1], "--spellings"))
		return spellings(str_eq(argv[2], "docker"));
	if (argc != 2) {
		fprintf(stderr, "usage: mkpages DIR | --check | --list | --values | --spellings podman|docker\n");
		return 2;
	}
	return write_all(argv[1]) ? 1 : 0;
}
