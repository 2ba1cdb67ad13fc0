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
	autofree char *name = between(text, "unknown command '", "'");

	if (!name || !str_has_prefix(text, "unknown command '"))
		return false;
	if (current == PERSONA_PODMAN)
		str_addf(out, "unrecognized command `podman %s`\nTry 'podman %.*s--help' for more information",
			 name, strchr(name, ' ') ? (int)strcspn(name, " ") + 1 : 0, name);
	else
		add_docker_command(out, name);
	return true;
}

/* Each "%s" of format is the name. */
static void add_named(struct str *out, const char *format, const char *name)
{
	const char *place;

	for (; (place = strstr(format, "%s")); format = place + 2) {
		str_addn(out, format, place - format);
		str_add(out, name);
	}
	str_add(out, format);
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
		{ "--log-level: '", "' is none of", "unable to parse logging level: %s" },
		{ "login: ", " is missing", "Error: Cannot perform an interactive login from a non TTY device" },
		{ "--password-stdin needs ", "", "the --password-stdin option requires %s to be set" },
		{ "--password and ", " exclude each other", "--password and %s are mutually exclusive" },
		{ "DOCKER_HOST=", "", "DOCKER_HOST=%s" },
		{ "context \"", "\" does not exist", "context \"%s\" does not exist: there is no remote service, and so "
		  "one context: default" },
		{ "unknown help topic: ", "", "docker: unknown help topic: %s" },
		{ "no such object: \"", "\"", "Error: No such object: %s" },
		{ "' and '", "': one of the two must be CONTAINER:PATH", "must specify at least one container source" },
		{ "\"", "\" could not be found on the host", "lstat %s: no such file or directory" },
		{ "\"", "\" could not be found on container", "Error response from daemon: Could not find the file %s "
		  "in container" },
		{ "cannot remove container ", " as it is running",
		  "Error response from daemon: cannot remove container \"%s\": container is running: stop the "
		  "container before removing or force remove" },
		{ "cannot remove container ", " as it is paused",
		  "Error response from daemon: cannot remove container \"%s\": container is paused and must be "
		  "unpaused first" },
		{ "can only kill running containers. ", " is in state",
		  "Error response from daemon: cannot kill container: %s: container %s is not running" },
		{ "cannot pause container ", ": \"paused\" is not running",
		  "Error response from daemon: container %s is already paused" },
		{ "cannot pause container ", ": \"", "Error response from daemon: container %s is not running" },
		{ "cannot unpause container ", ": ", "Error response from daemon: container %s is not paused" },
		{ "can only create exec sessions on running containers: container state improper (", " is ",
		  "Error response from daemon: container %s is not running" },
		{ "you can only attach to running containers (", " is paused",
		  "You cannot attach to a paused container, unpause it first" },
		{ "you can only attach to running containers (", " is ",
		  "You cannot attach to a stopped container, start it first" },
		{ "container ", " has this name already",
		  "Error response from daemon: Renaming a container with the same name as its current name" },
		{ "volume ", " is being used by the following container(s)",
		  "Error response from daemon: remove %s: volume is in use" },
		{ "volume name '", "' does not match",
		  "Error response from daemon: create %s: \"%s\" includes invalid characters for a local volume name, "
		  "only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use "
		  "absolute path" },
		{ "--name '", "': names must match", "Error response from daemon: Invalid container name (%s), only "
		  "[a-zA-Z0-9][a-zA-Z0-9_.-] are allowed" },
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
		add_named(out, phrases[i].format, name);
		return true;
	}
	return false;
}

static bool is_hex(const char *text)
{
	return *text && text[strspn(text, "0123456789abcdef")] == '\0';
}

/* "X: image not known": Docker says which tag it has looked for. */
static bool add_docker_image(struct str *out, const char *text)
{
	const char *end = strstr(text, ": image not known"), *slash;
	autofree char *name = end ? xstrndup(text, end - text) : NULL;

	if (!end)
		return false;
	slash = strrchr(name, '/');
	str_addf(out, "Error response from daemon: No such image: %s%s", name,
		 strpbrk(slash ? slash : name, ":@") || is_hex(name) ? "" : ":latest");
	return true;
}

/* "invalid image name 'X': why" */
static bool add_docker_reference(struct str *out, const char *text)
{
	autofree char *name = between(text, "invalid image name '", "'");

	if (!name)
		return false;
	str_add(out, "invalid reference format");
	if (strstr(text, "lower case"))
		str_addf(out, ": repository name (%s%s) must be lowercase", strchr(name, '/') ? "" : "library/",
			 name);
	return true;
}

/* "--filter 'x=1': expected ..." */
static bool add_docker_filter(struct str *out, const char *text)
{
	autofree char *filter = between(text, "--filter '", "': expected ");

	if (!filter || !strchr(filter, '='))
		return false;
	str_addf(out, "Error response from daemon: invalid filter '%.*s'", (int)strcspn(filter, "!="), filter);
	return true;
}

/* A template is read by the client. */
static bool add_docker_template(struct str *out, const char *text)
{
	if (!str_has_prefix(text, "template:"))
		return false;
	str_addf(out, "template parsing error: template: %s", text + strlen("template"));
	return true;
}

/* Where podman's words cannot be part of ours. */
static bool add_podman(struct str *out, const char *text, const char *command)
{
	autofree char *volume = between(text, "no volume with name \"", "\" found: no such volume");
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
	bool is_run = str_eq(command, "container run");

	/* Its client's own errors carry its name; what the server says is marked, and "run" adds it. */
	if (add_docker(&said, text) || add_docker_image(&said, text) || add_docker_reference(&said, text) ||
	    add_docker_template(&said, text) || add_docker_filter(&said, text))
		str_addf(out, "%s%s", is_run ? "docker: " : "", said.p);
	else if (add_unknown_option(out, text) || add_unknown_command(out, text))
		return;
	else if (code != ERR_USAGE && command)
		str_addf(out, "%sError response from daemon: %s", is_run ? "docker: " : "", text);
	else
		str_addf(out, "%s%s", is_run && !str_has_prefix(text, "docker: ") ? "docker: " : "", text);
}

static bool is_told_where_to_look(int code, const char *command)
{
	if (!command)
		return false;
	return code == ERR_USAGE || (current == PERSONA_DOCKER && str_eq(command, "container run"));
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
	if (is_told_where_to_look(e->code, command))
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
		str_addf(out, "time=\"%s\" level=%s msg=\"", time_rfc3339(when, time_now(), false), level);
		for (; *text; text++) {
			if (*text == '"' || *text == '\\')
				str_addc(out, '\\');
			str_addc(out, *text);
		}
		str_add(out, "\"\n");
	}
}
