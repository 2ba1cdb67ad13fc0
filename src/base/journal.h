/* SPDX-License-Identifier: Apache-2.0 */
/* journal: entries for systemd's journal, and reading them back.
 *
 * Runs in:  sending: any process, also the monitor (no heap). Reading: a command; journalctl(1) does
 *           it, so that no library is linked and nothing is loaded that is not used.
 * Owns:     nothing.
 * Needs:    a running systemd-journald; for reading journalctl in PATH and a journal we may read.
 * Fails:    sending: leaf, -errno. Reading: ENOENT no journalctl, EACCES no journal can be read.
 * Not here: which fields an entry has: those who send it know.
 * Source:   systemd's "Native Journal Protocol" and "Journal Export Formats".
 */
#pragma once

#include "base/err.h"
#include "base/str.h"
#include "base/strv.h"

#include <stdint.h>
#include <sys/uio.h>

/* Sending. */
int journal_connect(void);
/* "KEY=VALUE\n", or with a length where the value has several lines. */
void journal_add_field(struct str *out, const char *key, const char *value);
bool journal_is_field_name(const char *key, size_t n);
/* One entry; waits at most ms for a journal that is busy. */
int journal_send(int fd, const struct iovec *iov, size_t n, int ms);
/* Until all that was sent has been taken, or ms are over. */
void journal_flush(int fd, int ms);

/* Reading. */
struct journal_field {
	const char *name, *value;	/* borrowed: name_n, n bytes */
	size_t name_n, n;
};
struct journal_entry {
	struct journal_field *fields;	/* owned by the reader */
	size_t n;
};
/* The value, not NUL-terminated; NULL: there is no such field. */
const char *journal_get(const struct journal_entry *x, const char *name, size_t *n);
char *journal_dup(const struct journal_entry *x, const char *name);	/* owned; NULL: none */
int64_t journal_time(const struct journal_entry *x);			/* ns; when it arrived */

struct journal_query {
	const struct strv *matches;	/* "FIELD=VALUE", all must hold */
	const char *fields;		/* the wanted ones, separated by commas */
	int64_t since;			/* ns; 0: from the beginning */
	const char *after;		/* a cursor; NULL */
	bool is_reverse, follow;
	int stop_fd;			/* following ends when it can be read; -1: none */
	int64_t stop_at;		/* following ends then; ns since 1970; 0: never */
	/* Not 0 ends it. */
	int (*entry)(void *arg, const struct journal_entry *x);
	void *arg;
};
int journal_read(const struct journal_query *q, struct err *e);
/* Parses whole entries at the start of text: calls q->entry for each; bytes used, or -EBADMSG; *is_over
 * when it said stop. */
ssize_t journal_parse(const char *text, size_t n, const struct journal_query *q, bool *is_over);
