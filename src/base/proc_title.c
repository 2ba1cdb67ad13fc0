/* SPDX-License-Identifier: Apache-2.0 */
/* What others see of our command line and environment. */
#include "base/proc.h"

#include "base/file.h"

#include <fcntl.h>
#include <string.h>

/* A title longer than the arguments may run on into the environment behind them: the kernel knows that
 * from setproctitle(3), and sees it by the last byte of the arguments. */
void proc_set_title(const char *title, bool wipe_env)
{
	autofree char *text = NULL;
	unsigned long at[4] = { 0 };	/* arguments, environment: from and to */
	size_t field = 2, room;
	char *p, *save = NULL;

	if (file_read_at(AT_FDCWD, "/proc/self/stat", &text, NULL, FILE_MAX_CONFIG) < 0)
		return;
	p = strrchr(text, ')');
	for (p = p ? strtok_r(p + 1, " ", &save) : NULL; p; p = strtok_r(NULL, " ", &save)) {
		field++;
		if (field >= 48 && field <= 51)
			at[field - 48] = strtoul(p, NULL, 10);
	}
	if (!at[0] || at[0] >= at[1])
		return;
	memset((void *)at[0], 0, at[1] - at[0]);
	room = at[1] - at[0];
	if (wipe_env && at[2] && at[2] < at[3]) {
		memset((void *)at[2], 0, at[3] - at[2]);
		if (at[1] == at[2])
			room = at[3] - at[0];
	}
	strncpy((void *)at[0], title, room - 1);
}
