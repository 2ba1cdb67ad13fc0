/* SPDX-License-Identifier: Apache-2.0 */
/* cancel: Ctrl-C while layers are written: what is half made goes before the process does.
 *
 * Runs in:  rootlet-image; a thread of its own waits for SIGINT, SIGTERM and SIGHUP.
 * Owns:     the wish to end, which like the signal is of the whole process.
 * Needs:    to be started before the threads that are to see no signal.
 * Fails:    never; without the thread a signal ends the process as ever, and the next command sweeps.
 * Not here: taking the half-made things away: whoever made them does, when an error comes up.
 *
 * Who waits long looks at cancel_is_wanted() and gives up with ECANCELED. Who does not look is given
 * CANCEL_SECONDS, or until the next signal.
 */
#pragma once

#include <stdbool.h>

enum { CANCEL_SECONDS = 3 };

void cancel_start(void);	/* again: nothing */
bool cancel_is_wanted(void);
/* Dies of the signal that came, if one did. */
void cancel_finish(void);
