/* SPDX-License-Identifier: Apache-2.0 */
/* mount_words: one option of a mount: "ro", "size=64m", "relabel=shared": which types take it and what it
 * means.
 *
 * Runs in:  any process; pure text.
 * Owns:     nothing; adds to a struct mount_arg.
 * Needs:    nothing.
 * Fails:    ERR_USAGE naming the option, its value and what is accepted; ERR_UNSUPPORTED with the reason.
 * Not here: how -v, --mount and --tmpfs are taken apart (mount_args.h).
 * Source:   podman-run(1) --volume, --mount, --tmpfs; docker run reference, bind-recursive.
 */
#pragma once

#include "base/err.h"
#include "container/mount_args.h"

/* where: "--volume TEXT", for messages. word: "key" or "key=value". */
int mount_words_take(struct mount_arg *m, const char *where, const char *word, struct err *e);
/* What does not go together, once all words are taken. */
int mount_words_check(struct mount_arg *m, const char *where, struct err *e);
/* nosuid and nodev where nothing is said: podman's for volumes and tmpfs; those of Docker have none. */
void mount_words_defaults(struct strv *options, enum mount_arg_type type);
bool mount_words_is_propagation(const char *word);
/* "bind", "volume", ... */
const char *mount_words_type(enum mount_arg_type type);
/* A value of a tmpfs: key is size, mode, nr_inodes or nr_blocks. What is accepted, or NULL: it is good. */
const char *mount_words_check_tmpfs(const char *key, const char *value);
