/* SPDX-License-Identifier: Apache-2.0 */
/* THEORY
 * Scripts tell errors apart by their text. Our own texts contain Podman's phrases already ("no such
 * container", "image not known", "is already in use by"); under podman's name only what stands before
 * them and the few phrases we would not choose ourselves are different. Docker's client says most
 * things differently, so under docker's name the common errors are told in its words. */
#include "base/persona.h"

#include "base/path.h"
#include "base/str.h"
#include "base/table.h"
#include "base/timefmt.h"

#include <ctype.h>
#include <stdio.h>
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

/* What stands in text between before and after, when text has both; else NULL. */
static char *between(const char *text, const char *before, const char *after)
{
	const char *start = strstr(text, before), *end;

	if (!start)
		return NULL;
	start += strlen(before);
	end = *after ? strstr(start, after) : start + strlen(start);
	return end ? xstrndup(start, end - start) : NULL;
}

/* "unknown option" is what we say; both others say flag, and scripts probe for it. */
static bool add_unknown_option(struct str *out, const char *text)
{
	autofree char *letter = between(text, "unknown option '-", "' in '");
	autofree char *group = between(text, "' in '", "'");
	autofree char *name = between(text, "unknown option '--", "'");

	if (!str_has_prefix(text, "unknown option '"))
		return false;
	if (name)
		str_addf(out, "unknown flag: --%s", name);
	else if (letter && group)
		str_addf(out, "unknown shorthand flag: '%s' in %s", letter, group);
	return name || (letter && group);
}

static bool add_unknown_command(struct str *out, const char *text)
{
	autofree char *name = between(text, "unknown command '", "'");

	if (!name || !str_has_prefix(text, "unknown command '"))
		return false;
	if (current == PERSONA_PODMAN)
		str_addf(out, "unrecognized command `podman %s`\nTry 'podman %.*s--help' for more information",
			 name, strchr(name, ' ') ? (int)strcspn(name, " ") + 1 : 0, name);
	else
		str_addf(out, "docker: unknown command: docker %s\n\nRun 'docker --help' for more information",
			 name);
	return true;
}

/* The words of Docker's client for errors its server answers. */
static bool add_docker(struct str *out, const char *text)
{
	static const struct {
		const char *before, *after, *format;
	} phrases[] = {
		{ "no container with name or ID \"", "\" found: no such container",
		  "Error response from daemon: No such container: %s" },
		{ "no volume with name \"", "\" found: no such volume",
		  "Error response from daemon: get %s: no such volume" },
		{ "no such object: \"", "\"", "Error: No such object: %s" },
		{ "the container name \"", "\" is already in use by",
		  "Error response from daemon: Conflict. The container name \"/%s\" is already in use by "
		  "another container. You have to remove (or rename) that container to be able to reuse "
		  "that name." },
		{ "cannot publish ", ": bind: address already in use",
		  "Error response from daemon: driver failed programming external connectivity: Bind for "
		  "%s failed: port is already allocated" },
		{ "executable file `", "` not found in $PATH",
		  "OCI runtime exec failed: exec failed: unable to start container process: exec: \"%s\": "
		  "executable file not found in $PATH: unknown" },
		{ "exec `", "`: Permission denied",
		  "OCI runtime exec failed: exec failed: unable to start container process: exec: \"%s\": "
		  "permission denied: unknown" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(phrases); i++) {
		autofree char *name = between(text, phrases[i].before, phrases[i].after);

		if (!name)
			continue;
		str_addf(out, phrases[i].format, name);
		return true;
	}
	return false;
}

/* "X: image not known" */
static bool add_docker_image(struct str *out, const char *text)
{
	size_t n = strlen(text), tail = strlen(": image not known");

	if (!str_has_suffix(text, ": image not known"))
		return false;
	str_addf(out, "Error response from daemon: No such image: %.*s", (int)(n - tail), text);
	return true;
}

/* Where podman's words cannot be part of ours. */
static bool add_podman(struct str *out, const char *text, const char *command)
{
	autofree char *volume = between(text, "no volume with name \"", "\" found: no such volume");
	autofree char *source = between(text, "cannot mount ", " at /");

	if (volume && !str_eq(command, "volume rm"))
		str_addf(out, "no such volume %s", volume);
	else if (source && str_has_suffix(text, ": no such file or directory"))
		str_addf(out, "statfs %s: no such file or directory", source);
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
	bool is_run = str_eq(command, "container run");

	/* Its client's own errors carry its name; what the server says is marked, and "run" adds it. */
	if (is_run && code != ERR_USAGE)
		str_add(out, "docker: ");
	if (add_docker(out, text) || add_docker_image(out, text) || add_unknown_option(out, text) ||
	    add_unknown_command(out, text))
		return;
	if (code == ERR_USAGE || !command)
		str_addf(out, "%s%s", is_run ? "docker: " : "", text);
	else
		str_addf(out, "Error response from daemon: %s", text);
}

void persona_error(struct str *out, const struct err *e, const char *command)
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
	if (e->code == ERR_USAGE && command)
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
		str_addf(out, "time=\"%s\" level=%s msg=\"", time_rfc3339(when, time_now(), 0), level);
		for (; *text; text++) {
			if (*text == '"' || *text == '\\')
				str_addc(out, '\\');
			str_addc(out, *text);
		}
		str_add(out, "\"\n");
	}
}
