/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * Scripts tell errors apart by their text. Our own texts contain Podman's phrases already ("no such
 * container", "image not known", "is already in use by"); under podman's name only what stands before
 * them and the few phrases we would not choose ourselves are different. Docker's client says most
 * things differently, so under docker's name the common errors are told in its words. */
#include "base/persona.h"

#include "base/path.h"
#include "base/persona_priv.h"
#include "base/str.h"
#include "base/table.h"
#include "base/timefmt.h"

#include <ctype.h>
#include <string.h>

static enum persona current = PERSONA_ROOTLET;

static const struct {
	const char *name, *version, *prefix;
} personas[N_PERSONAS] = {
	[PERSONA_ROOTLET] = { "rootlet", PACKAGE_VERSION, "rootlet: " },
	[PERSONA_PODMAN] = { "podman", "5.4.2", "Error: " },
	[PERSONA_DOCKER] = { "docker", "28.5.2", "docker: " },
};

void persona_set(const char *argv0)
{
	const char *name = argv0 ? path_base(argv0) : "";

	current = PERSONA_ROOTLET;
	for (enum persona p = 0; p < N_PERSONAS; p++)
		if (str_eq(name, personas[p].name))
			current = p;
}

enum persona persona_get(void)
{
	return current;
}

const char *persona_name(void)
{
	return personas[current].name;
}

const char *persona_version(void)
{
	return personas[current].version;
}

/* "unknown option" is what we say; both others say flag, and scripts probe for it. */
static bool add_unknown_option(struct str *out, const char *text)
{
	autofree char *letter = persona_between(text, "unknown option '-", "' in '");
	autofree char *group = persona_between(text, "' in '", "'");
	autofree char *name = persona_between(text, "unknown option '--", "'");

	if (!str_has_prefix(text, "unknown option '"))
		return false;
	if (name)
		str_addf(out, "unknown flag: --%s", name);
	else if (letter && group)
		str_addf(out, "unknown shorthand flag: '%s' in %s", letter, group);
	return name || (letter && group);
}

/* "container foo": what the group has is a question to it. */
static void add_docker_command(struct str *out, const char *name)
{
	const int group = strchr(name, ' ') ? (int)strcspn(name, " ") : 0;

	str_addf(out, "docker: unknown command: docker %s\n\n", name);
	if (group)
		str_addf(out, "Usage:  docker %.*s COMMAND\n\n", group, name);
	str_addf(out, "Run 'docker %.*s%s--help' for more information", group, name, group ? " " : "");
}

static bool add_unknown_command(struct str *out, const char *text)
{
	autofree char *name = persona_between(text, "unknown command '", "'");

	if (!name || !str_has_prefix(text, "unknown command '"))
		return false;
	if (current == PERSONA_PODMAN)
		str_addf(out, "unrecognized command `podman %s`\nTry 'podman %.*s--help' for more information",
			 name, strchr(name, ' ') ? (int)strcspn(name, " ") + 1 : 0, name);
	else
		add_docker_command(out, name);
	return true;
}

/* Where podman's words cannot be part of ours. */
static bool add_podman(struct str *out, const char *text, const char *command)
{
	autofree char *volume = persona_between(text, "no volume with name \"", "\" found: no such volume");
	const char *source = str_has_prefix(text, "cannot mount at /") ? strstr(text, "statfs /") : NULL;

	if (volume && !str_eq(command, "volume rm"))
		str_addf(out, "no such volume %s", volume);
	else if (source && str_has_suffix(text, ": no such file or directory"))
		str_add(out, source);
	else
		return false;
	return true;
}

/* What podman adds to what its runtime says. */
static const char *podman_suffix(int code)
{
	switch (code) {
	case ERR_EXEC_NOENT:
		return ": OCI runtime attempted to invoke a command that was not found";
	case ERR_EXEC_PERM:
		return ": OCI permission denied";
	default:
		return "";
	}
}

/* The last word of the path is what people type: "podman run", but "podman image prune". */
static const char *typed(const char *command)
{
	return str_after(command, "container ") ?: command;
}

static void add_where_to_look(struct str *out, const char *command)
{
	switch (current) {
	case PERSONA_ROOTLET:
		str_addf(out, "see: rootlet %s --help\n", command);
		break;
	case PERSONA_PODMAN:
		str_addf(out, "See 'podman %s --help'\n", typed(command));
		break;
	default:
		str_addf(out, "\nRun 'docker %s --help' for more information\n", typed(command));
		break;
	}
}

static void add_docker_error(struct str *out, int code, const char *text, const char *command)
{
	auto_of(str_clear) struct str said = { 0 };
	bool is_run = str_eq(command, "container run") && code != ENOTTY;

	/* Its client's own errors carry its name; what the server says is marked, and "run" adds it. */
	if (persona_docker_words(&said, text, command))
		str_addf(out, "%s%s", is_run && !str_has_prefix(said.p, "docker: ") ? "docker: " : "", said.p);
	else if (add_unknown_option(out, text) || add_unknown_command(out, text))
		return;
	else if (code != ERR_USAGE && code != ERR_UNSUPPORTED && code != ENOTTY && command)
		str_addf(out, "%sError response from daemon: %s", is_run ? "docker: " : "", text);
	else
		str_addf(out, "%s%s", is_run && !str_has_prefix(text, "docker: ") ? "docker: " : "", text);
}

/* Docker's client knows what is wrong with its words alone; of a run it says so of every error. */
static bool is_told_where_to_look(int code, const char *command, const char *usage)
{
	if (!command)
		return false;
	if (current != PERSONA_DOCKER)
		return code == ERR_USAGE;
	return code != ENOTTY && (str_eq(command, "container run") || (usage && code == ERR_USAGE));
}

void persona_error(struct str *out, const struct err *e, const char *command, const char *usage)
{
	auto_of(str_clear) struct str clean = { 0 };
	const char *text;

	/* Names and words of others may be in it. */
	table_sanitize_line(&clean, e->msg);
	text = str_peek(&clean);
	switch (current) {
	case PERSONA_DOCKER:
		add_docker_error(out, e->code, text, command);
		break;
	case PERSONA_PODMAN:
		str_add(out, personas[current].prefix);
		if (!add_unknown_option(out, text) && !add_unknown_command(out, text) &&
		    !add_podman(out, text, command))
			str_addf(out, "%s%s", text, podman_suffix(e->code));
		break;
	default:
		str_addf(out, "%s%s", personas[current].prefix, text);
		break;
	}
	str_addc(out, '\n');
	if (usage && e->code == ERR_USAGE)
		str_addf(out, "\nUsage:  %s\n", usage);
	if (is_told_where_to_look(e->code, command, usage))
		add_where_to_look(out, command);
}

/* The form of podman's log is that of its library; programs that read it take it apart. */
void persona_note(struct str *out, const char *level, const char *text)
{
	char when[40];

	if (current == PERSONA_ROOTLET) {
		str_addf(out, "rootlet: %s: %s\n", level, text);
	} else if (current == PERSONA_DOCKER) {
		while (*level)
			str_addc(out, toupper((unsigned char)*level++));
		str_addf(out, ": %s\n", text);
	} else {
		str_addf(out, "time=\"%s\" level=%s msg=\"",
			 time_rfc3339(when, time_now() / TIME_SECOND * TIME_SECOND, false), level);
		for (; *text; text++) {
			if (*text == '"' || *text == '\\')
				str_addc(out, '\\');
			str_addc(out, *text);
		}
		str_add(out, "\"\n");
	}
}
