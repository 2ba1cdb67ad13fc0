/* SPDX-License-Identifier: Apache-2.0 */
#include "base/persona.h"

#include "base/str.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void assert_said(const char *name, int code, const char *text, const char *command,
			const char *wanted)
{
	auto_of(str_clear) struct str s = { 0 };
	struct err e;

	persona_set(name);
	err_set(&e, code, "%s", text);
	persona_error(&s, &e, command, NULL);
	assert_string_equal(str_peek(&s), wanted);
}

#define GONE "no container with name or ID \"x\" found: no such container"

static void is_chosen_by_name(void **state)
{
	(void)state;
	persona_set("/usr/bin/podman");
	assert_int_equal(persona_get(), PERSONA_PODMAN);
	persona_set("docker");
	assert_int_equal(persona_get(), PERSONA_DOCKER);
	persona_set("./rootlet");
	assert_int_equal(persona_get(), PERSONA_ROOTLET);
	assert_string_equal(persona_version(), PACKAGE_VERSION);
	persona_set("podman-remote");
	assert_int_equal(persona_get(), PERSONA_ROOTLET);
	persona_set(NULL);
	assert_string_equal(persona_name(), "rootlet");
}

static void speaks_as_podman(void **state)
{
	(void)state;
	assert_said("podman", ERR_NO_SUCH, GONE, "container stop", "Error: " GONE "\n");
	assert_said("podman", ERR_USAGE, "unknown option '--bogus', did you mean --x?", "container run",
		    "Error: unknown flag: --bogus\nSee 'podman run --help'\n");
	assert_said("podman", ERR_USAGE, "unknown option '-z' in '-az'", "image ls",
		    "Error: unknown shorthand flag: 'z' in -az\nSee 'podman image ls --help'\n");
	assert_said("podman", ERR_USAGE, "unknown command 'a': see rootlet --help", NULL,
		    "Error: unrecognized command `podman a`\nTry 'podman --help' for more information\n");
	assert_said("podman", ERR_EXEC_PERM, "exec `/etc`: Permission denied", "container exec",
		    "Error: exec `/etc`: Permission denied: OCI permission denied\n");
}

static void speaks_as_docker(void **state)
{
	(void)state;
	assert_said("docker", ERR_NO_SUCH, GONE, "container stop",
		    "Error response from daemon: No such container: x\n");
	assert_said("docker", ERR_NO_SUCH, "x:y: image not known", "container run",
		    "docker: Error response from daemon: No such image: x:y\n"
		    "\nRun 'docker run --help' for more information\n");
	assert_said("docker", ERR_NO_SUCH, "a/x: image not known", "image rm",
		    "Error response from daemon: No such image: a/x:latest\n");
	assert_said("docker", ERR_USAGE, "invalid image name 'X': it has to be lower case", "image tag",
		    "invalid reference format: repository name (library/X) must be lowercase\n");
	assert_said("docker", ERR_USAGE, "--filter 'a!=b': expected KEY=VALUE", "container ps",
		    "Error response from daemon: invalid filter 'a'\n");
	assert_said("docker", EINVAL, "template:1:3: no field 'X'", "inspect",
		    "template parsing error: template: :1:3: no field 'X'\n");
	assert_said("docker", EINVAL, "cannot unpause container w: it is exited, not paused", "container unpause",
		    "Error response from daemon: container w is not paused\n");
	assert_said("docker", ERR_NO_SUCH, "no such object: \"x\"", "inspect", "Error: No such object: x\n");
	assert_said("docker", ERR_USAGE, "unknown option '--bogus'", "container ps",
		    "unknown flag: --bogus\n");
	assert_said("docker", EEXIST, "the container name \"w\" is already in use by 0123. You have to x",
		    "container run", "docker: Error response from daemon: Conflict. The container name \"/w\" is "
		    "already in use by container \"0123\". You have to remove (or rename) that container to be able "
		    "to reuse that name.\n"
		    "\nRun 'docker run --help' for more information\n");
	assert_said("docker", EADDRINUSE, "cannot publish 80/tcp on ::: bind: address already in use",
		    "container run", "docker: Error response from daemon: driver failed programming external "
		    "connectivity: Bind for 80/tcp on :: failed: port is already allocated\n"
		    "\nRun 'docker run --help' for more information\n");
	/* exec speaks of itself, a start of the server; where two names are meant, both are there. */
	assert_said("docker", ERR_EXEC_NOENT, "executable file `x` not found in $PATH", "container exec",
		    "OCI runtime exec failed: exec failed: unable to start container process: exec: \"x\": "
		    "executable file not found in $PATH: unknown\n");
	assert_said("docker", ERR_EXEC_NOENT, "executable file `x` not found in $PATH", "container start",
		    "Error response from daemon: failed to create task for container: failed to create shim task: "
		    "OCI runtime create failed: unable to start container process: exec: \"x\": "
		    "executable file not found in $PATH: unknown\n");
	assert_said("docker", ENOENT, "container w: failed to find published port \"80\"", "container port",
		    "Error: No public port '80' published for w\n");
	assert_said("docker", ENOTTY, "the input device is not a TTY", "container run",
		    "the input device is not a TTY\n");
	assert_said("docker", ERR_UNSUPPORTED, "--x is refused: y", "container run",
		    "docker: --x is refused: y\n\nRun 'docker run --help' for more information\n");
	assert_said("docker", EIO, "disk on fire", "container run",
		    "docker: Error response from daemon: disk on fire\n"
		    "\nRun 'docker run --help' for more information\n");
}

static void speaks_for_itself(void **state)
{
	(void)state;
	assert_said("rootlet", ERR_NO_SUCH, GONE, "container stop", "rootlet: " GONE "\n");
	assert_said("rootlet", ERR_USAGE, "unknown option '--b'", "container run",
		    "rootlet: unknown option '--b'\nsee: rootlet container run --help\n");
	/* A text that only looks like one of the phrases stays whole. */
	assert_said("podman", EIO, "unknown option", NULL, "Error: unknown option\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_chosen_by_name),
		cmocka_unit_test(speaks_as_podman),
		cmocka_unit_test(speaks_as_docker),
		cmocka_unit_test(speaks_for_itself),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
