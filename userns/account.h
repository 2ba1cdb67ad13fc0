/* SPDX-License-Identifier: Apache-2.0 */
/* account: name and home of a user id, without starting the name service when /etc/passwd has it.
 *
 * Runs in:  the command line process, never on the way of run when HOME is set and a session is
 *           there: nss modules of a cluster may take tenths of a second.
 * Owns:     nothing; strings are the caller's.
 * Needs:    /etc/passwd; else whatever nsswitch.conf names.
 * Fails:    -ENOENT no such account.
 * Not here: accounts inside containers (runtime/).
 * Source:   passwd(5).
 */
#pragma once

#include <sys/types.h>

/* name and home may be NULL. */
int account_find(uid_t uid, char **name, char **home);
/* The same from the text of a passwd file; -ENOENT when the uid is not in it. */
int account_parse(const char *passwd, uid_t uid, char **name, char **home);
/* The line of passwd(5) of an account, given by name or uid, password field "*"; -ENOENT. Asks the
 * name service. */
int account_line(const char *name_or_uid, char **line);
