/* SPDX-License-Identifier: Apache-2.0 */
#include "base/persona_priv.h"

#include "base/str.h"

#include <string.h>

#define DAEMON "Error response from daemon: "

char *persona_between(const char *text, const char *before, const char *after)
{
	const char *start = strstr(text, before), *end;

	if (!start)
		return NULL;
	start += strlen(before);
	end = *after ? strstr(start, after) : start + strlen(start);
	return end ? xstrndup(start, end - start) : NULL;
}

/* Ours is before NAME after [SECOND end]; "%s" and "%t" of the format stand for the two. */
static const struct phrase {
	const char *before, *after, *format, *end;
} phrases[] = {
	{ "the container name \"", "\" is already in use by ",
	  DAEMON "Conflict. The container name \"/%s\" is already in use by container \"%t\". You have to remove "
	  "(or rename) that container to be able to reuse that name.", ". You have to" },
	{ "\"", "\" could not be found on container ", DAEMON "Could not find the file %s in container %t",
	  ": no such" },
	{ "executable file `", "` not found in $PATH",
	  "exec: \"%s\": executable file not found in $PATH: unknown", NULL },
	{ "exec `", "`: Permission denied", "exec: \"%s\": permission denied: unknown", NULL },
	{ "container ", ": failed to find published port \"", "Error: No public port '%t' published for %s", "\"" },
	{ "--restart '", "' is none of", DAEMON "invalid restart policy: unknown policy '%s'; use one of 'no', "
	  "'always', 'on-failure', or 'unless-stopped'", NULL },
	{ "the --rm option conflicts", "", "conflicting options: cannot specify both --restart and --rm", NULL },
	{ "--signal: invalid signal: ", " (valid", DAEMON "invalid signal: %s", NULL },
	{ "--stop-signal: invalid signal: ", "", DAEMON "invalid signal: %s", NULL },
	{ "--cap-add: \"", "\": unknown capability", DAEMON "invalid CapAdd: unknown capability: \"CAP_%s\"", NULL },
	{ "--cap-drop: \"", "\": unknown capability", DAEMON "invalid CapDrop: unknown capability: \"CAP_%s\"", NULL },
	{ "--log-driver '", "': invalid log driver", DAEMON "error looking up logging plugin %s: plugin \"%s\" not "
	  "found", NULL },
	{ "--device: stat ", ": no such file or directory", DAEMON "error gathering device information while adding "
	  "custom device \"%s\": no such file or directory", NULL },
	{ "invalid option type \"", "\" of a volume", DAEMON "invalid mode: %s", NULL },
	{ "network '", "': network not found", DAEMON "network %s not found", NULL },
	{ "unable to find user ", ": no matching entries in passwd file", DAEMON "unable to find user %s: no matching "
	  "entries in passwd file", NULL },
	{ ": statfs ", ": no such file or directory", DAEMON "invalid mount config for type \"bind\": bind source path "
	  "does not exist: %s", NULL },
	{ "container id file exists. Ensure another container is not using it or delete ", "",
	  "container ID file found, make sure the other container isn't running or delete %s", NULL },
	{ "--env-file ", ": no such file or directory", "open %s: no such file or directory", NULL },
	{ "--label-file ", ": no such file or directory", "open %s: no such file or directory", NULL },
	{ "--memory-swap needs ", "--memory", DAEMON "You should always set the Memory limit when using Memoryswap "
	  "limit, see usage", NULL },
	{ "invalid value '", "' for ", "invalid argument \"%s\" for \"%t\" flag", ":" },
	{ "--filter status=", ": none of", DAEMON "invalid filter 'status=%s'", NULL },
	{ "--filter dangling=", ": \"", DAEMON "invalid filter 'dangling=%s'", NULL },
	{ "--since '", "': expected a time", "invalid value for \"since\": failed to parse value as time or duration: "
	  "\"%s\"", NULL },
	{ "--until '", "': expected a time", "invalid value for \"until\": failed to parse value as time or duration: "
	  "\"%s\"", NULL },
	{ "--type '", "' is none of container", "\"%s\" is not a valid value for --type", NULL },
	{ "--pull: unsupported pull policy \"", "\": none of", "invalid pull option: '%s': must be one of \"always\", "
	  "\"missing\" or \"never\"", NULL },
	{ "An image does not exist locally with the tag: ", "", "An image does not exist locally with the tag: %s", NULL },
	{ "--driver '", "': only local is there", DAEMON "error looking up volume plugin %s: plugin \"%s\" not found",
	  NULL },
	{ "no container with name or ID \"", "\" found: no such container",
	  "Error response from daemon: No such container: %s", NULL },
	{ "no volume with name \"", "\" found: no such volume",
	  "Error response from daemon: get %s: no such volume", NULL },
	{ "--log-level: '", "' is none of", "unable to parse logging level: %s", NULL },
	{ "login: ", " is missing", "Error: Cannot perform an interactive login from a non TTY device", NULL },
	{ "--password-stdin needs ", "", "the --password-stdin option requires %s to be set", NULL },
	{ "--password and ", " exclude each other", "--password and %s are mutually exclusive", NULL },
	{ "DOCKER_HOST=", "", "DOCKER_HOST=%s", NULL },
	{ "context \"", "\" does not exist", "context \"%s\" does not exist: there is no remote service, and so "
	  "one context: default", NULL },
	{ "failed to start containers: ", "", "Error: failed to start containers: %s", NULL },
	{ "the input device is not a TTY", "", "the input device is not a TTY", NULL },
	{ "unknown help topic: ", "", "docker: unknown help topic: %s", NULL },
	{ "no such object: \"", "\"", "Error: No such object: %s", NULL },
	{ "' and '", "': one of the two must be CONTAINER:PATH", "must specify at least one container source", NULL },
	{ "\"", "\" could not be found on the host", "lstat %s: no such file or directory", NULL },
	{ "cannot remove container ", " as it is running",
	  "Error response from daemon: cannot remove container \"%s\": container is running: stop the "
	  "container before removing or force remove", NULL },
	{ "cannot remove container ", " as it is paused",
	  "Error response from daemon: cannot remove container \"%s\": container is paused and must be "
	  "unpaused first", NULL },
	{ "can only kill running containers. ", " is in state",
	  "Error response from daemon: cannot kill container: %s: container %s is not running", NULL },
	{ "cannot pause container ", ": \"paused\" is not running",
	  "Error response from daemon: container %s is already paused", NULL },
	{ "cannot pause container ", ": \"", "Error response from daemon: container %s is not running", NULL },
	{ "cannot unpause container ", ": ", "Error response from daemon: container %s is not paused", NULL },
	{ "can only create exec sessions on running containers: container state improper (", " is paused",
	  DAEMON "container %s is paused, unpause the container before exec", NULL },
	{ "can only create exec sessions on running containers: container state improper (", " is ",
	  "Error response from daemon: container %s is not running", NULL },
	{ "you can only attach to running containers (", " is paused",
	  "You cannot attach to a paused container, unpause it first", NULL },
	{ "you can only attach to running containers (", " is ",
	  "You cannot attach to a stopped container, start it first", NULL },
	{ "container ", " has this name already",
	  "Error response from daemon: Renaming a container with the same name as its current name", NULL },
	{ "volume ", " is being used by the following container(s)",
	  "Error response from daemon: remove %s: volume is in use", NULL },
	{ "volume name '", "': names must match",
	  "Error response from daemon: create %s: \"%s\" includes invalid characters for a local volume name, "
	  "only \"[a-zA-Z0-9][a-zA-Z0-9_.-]\" are allowed. If you intended to pass a host directory, use "
	  "absolute path", NULL },
	{ "--name '", "': names must match", "Error response from daemon: Invalid container name (%s), only "
	  "[a-zA-Z0-9][a-zA-Z0-9_.-] are allowed", NULL },
	{ "cannot publish ", ": bind: address already in use",
	  "Error response from daemon: driver failed programming external connectivity: Bind for "
	  "%s failed: port is already allocated", NULL },
};

static void add_format(struct str *out, const char *format, const char *first, const char *second)
{
	for (const char *p = format; *p; p++) {
		if (p[0] == '%' && (p[1] == 's' || p[1] == 't'))
			str_add(out, *++p == 's' ? first : second);
		else
			str_addc(out, *p);
	}
}

static bool add_phrase(struct str *out, const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(phrases); i++) {
		const struct phrase *p = &phrases[i];
		autofree char *first = persona_between(text, p->before, p->after), *second = NULL;
		const char *at = first ? strstr(text, p->before) + strlen(p->before) + strlen(first) : NULL;

		if (at && p->end)
			second = persona_between(at, p->after, p->end);
		if (!first || (p->end && !second))
			continue;
		add_format(out, p->format, first, second);
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
	autofree char *name = persona_between(text, "invalid image name '", "'");

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
	autofree char *filter = persona_between(text, "--filter '", "': expected ");

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

/* What cannot be executed: exec talks of it, and the server that starts a container. */
static void add_where(struct str *out, const char *said, bool is_exec)
{
	if (!str_has_prefix(said, "exec: \""))
		return;
	if (is_exec)
		str_add(out, "OCI runtime exec failed: exec failed: unable to start container process: ");
	else
		str_add(out, DAEMON "failed to create task for container: failed to create shim task: OCI runtime create "
			"failed: unable to start container process: ");
}

bool persona_docker_words(struct str *out, const char *text, const char *command)
{
	auto_of(str_clear) struct str said = { 0 };

	if (!add_phrase(&said, text) && !add_docker_image(&said, text) && !add_docker_reference(&said, text) &&
	    !add_docker_template(&said, text) && !add_docker_filter(&said, text))
		return false;
	add_where(out, said.p, str_eq(command, "container exec"));
	str_add(out, said.p);
	return true;
}
