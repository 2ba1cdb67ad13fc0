/* SPDX-License-Identifier: Apache-2.0 */
/* tty: the user's terminal while a container has it: raw mode, size, detach keys.
 *
 * Runs in:  the command line process.
 * Owns:     struct tty_raw: the settings to go back to (tty_raw_leave).
 * Needs:    nothing; what is no terminal is left alone.
 * Fails:    leaf functions: -errno, -ENOTTY.
 * Not here: the container's end of a terminal (runtime/).
 */
#pragma once

#include "base/mem.h"

#include <termios.h>

struct tty_raw {
	int fd;			/* borrowed; -1: not raw */
	struct termios before;
};
#define TTY_RAW_NONE ((struct tty_raw){ .fd = -1 })

int tty_raw_enter(struct tty_raw *t, int fd);
void tty_raw_again(const struct tty_raw *t);		/* after SIGCONT */
void tty_raw_leave(struct tty_raw *t);
DEFINE_AUTO_VALUE(struct tty_raw, tty_raw_leave)

int tty_size(int fd, uint16_t *rows, uint16_t *cols);
int tty_set_size(int fd, uint16_t rows, uint16_t cols);
/* The first of stdin, stdout, stderr that is a terminal; -1. */
int tty_find(void);

#define TTY_KEYS_MAX 16
struct tty_keys {
	char keys[TTY_KEYS_MAX];
	size_t n;		/* 0: no detaching */
	size_t matched;		/* withheld from the container until the sequence is complete or broken */
};
/* Puts what goes on to the container into out (room for n + TTY_KEYS_MAX bytes); true: the sequence is
 * complete, what stands behind it is dropped. */
bool tty_keys_feed(struct tty_keys *k, const char *in, size_t n, char *out, size_t *out_n);
/* "ctrl-p,ctrl-q", "a,b": 0 or -EINVAL; "" no keys. */
int tty_keys_parse(struct tty_keys *k, const char *text);
