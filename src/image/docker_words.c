/* SPDX-License-Identifier: Apache-2.0 */
#include "image/docker_words.h"

#include "base/persona.h"
#include "base/str.h"
#include "image/reference.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool docker_words_wanted(void)
{
	return str_eq(getenv(DOCKER_WORDS_ENV), "docker");
}

bool docker_words_for_run(void)
{
	return str_eq(getenv(DOCKER_WORDS_ENV), "run");
}

bool docker_words_silent(void)
{
	return persona_get() == PERSONA_DOCKER && !isatty(STDERR_FILENO);
}

static void say_default_tag(const char *typed)
{
	const char *slash = strrchr(typed, '/');

	if (!strpbrk(slash ? slash : typed, ":@"))
		puts("Using default tag: latest");
}

void docker_words_asking(const char *typed)
{
	say_default_tag(typed);
}

void docker_words_pulling(const struct reference *ref)
{
	printf("%s: Pulling from %s\n", ref->digest ? ref->digest : ref->tag, ref->repo);
	fflush(stdout);	/* the bars are on stderr */
}

void docker_words_pulled(const char *full, const char *digest, bool is_new, bool is_quiet)
{
	if (!is_quiet)
		printf("Digest: %s\nStatus: %s for %s\n", digest,
		       is_new ? "Downloaded newer image" : "Image is up to date", reference_familiar(full));
	puts(full);
}

int docker_words_refused(const char *full, struct err *e)
{
	const char *name = reference_familiar(full);

	if (e->code == ERR_NO_SUCH)
		return err_wrap(e, "manifest for %s not found: manifest unknown", name);
	if (e->code == EACCES && strstr(e->msg, "unauthorized: "))
		return err_wrap(e, "pull access denied for %s, repository does not exist or may require "
				"'docker login'", name);
	return -e->code;
}

void docker_words_pushing(const struct reference *to, const char *typed)
{
	autofree char *repository = reference_repository(to);

	say_default_tag(typed);
	printf("The push refers to repository [%s]\n", repository);
	fflush(stdout);
}

int docker_words_nothing_to_push(const char *typed, struct err *e)
{
	auto_of(reference_clear) struct reference to = { 0 };
	autofree char *full = NULL, *repository = NULL;
	struct err ignored = { 0 };

	if (reference_full_name(typed, "docker.io", &full, &ignored) < 0 || reference_parse(&to, full, &ignored) < 0)
		return -e->code;
	docker_words_pushing(&to, typed);
	repository = reference_repository(&to);
	return err_set(e, ERR_NO_SUCH, "An image does not exist locally with the tag: %s",
		       reference_familiar(repository));
}

void docker_words_pushed(const char *tag, const char *digest, size_t size)
{
	printf("%s: digest: %s size: %zu\n", tag, digest, size);
}
