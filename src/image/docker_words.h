/* SPDX-License-Identifier: Apache-2.0 */
/* docker_words: what "docker pull" and "docker push" print, for scripts that read it.
 *
 * Runs in:  rootlet-image, one thread.
 * Owns:     nothing; writes to stdout.
 * Needs:    ROOTLET_WORDS=docker in the environment, which rootlet sets for these two commands alone:
 *           a pull that comes before a run (ROOTLET_WORDS=run) answers with an id as always.
 * Fails:    never.
 * Not here: errors of other commands (persona.h), bars (progress.h).
 * Source:   docker pull, docker push: "Examples" of Docker's reference.
 */
#pragma once

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct reference;

#define DOCKER_WORDS_ENV "ROOTLET_WORDS"

bool docker_words_wanted(void);
bool docker_words_for_run(void);	/* ROOTLET_WORDS=run: its errors are those of docker run */
bool docker_words_silent(void);		/* as docker, and nobody looks: no lines of progress */
/* typed: as the user wrote the name. */
void docker_words_asking(const char *typed);
void docker_words_pulling(const struct reference *ref);		/* the registry has it */
void docker_words_pulled(const char *full, const char *digest, bool is_new, bool is_quiet);
/* The error of a pull, anew. Returns -e->code. */
int docker_words_refused(const char *full, struct err *e);
void docker_words_pushing(const struct reference *to, const char *typed);
/* The error of a push of what is not here, anew. Returns -e->code. */
int docker_words_nothing_to_push(const char *typed, struct err *e);
void docker_words_pushed(const char *tag, const char *digest, size_t size);
