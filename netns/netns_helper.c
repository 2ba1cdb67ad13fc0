/* SPDX-License-Identifier: Apache-2.0 */
/* What the program that provides the network said before it failed. */
#include "netns/netns_priv.h"

#include "base/fd.h"
#include "base/str.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define LOG_SIZE 4096
#define LAST_WORDS 512

/* The helper may write what the container makes it write, for ever: its stderr is a file in memory
 * that cannot grow. */
int netns_helper_log(void)
{
	return fd_memfd_fixed("netns-log", LOG_SIZE);
}

/* The last line that is not blank, without the program's own prefix. */
static void last_line(char *text, char out[LAST_WORDS])
{
	char *line = NULL, *save = NULL;

	*out = '\0';
	for (char *l = strtok_r(text, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
		/* What is wrong with its options stands before all that it could have been told. */
		if (str_has_prefix(l, "Usage:"))
			break;
		if (!str_has_prefix(l, "WARNING") && !str_has_prefix(l, "child failed") &&
		    !str_has_prefix(l, "Failed to send"))
			line = l;
	}
	if (line)
		snprintf(out, LAST_WORDS, "%s", line);
}

int netns_helper_failed(struct netns *n, const char *what, struct err *e)
{
	char buf[LOG_SIZE + 1], words[LAST_WORDS];
	ssize_t got = n->log_fd < 0 ? 0 : pread(n->log_fd, buf, sizeof(buf) - 1, 0);

	buf[got > 0 ? got : 0] = '\0';
	last_line(buf, words);
	if (access("/dev/net/tun", R_OK | W_OK) < 0)
		return err_sys(e, errno,
			       "%s needs /dev/net/tun (load the module tun, or use --network=none or host)",
			       n->ops->name);
	if (*words)
		return err_set(e, EIO, "%s %s: %s", n->ops->name, what, words);
	return err_set(e, EIO, "%s %s", n->ops->name, what);
}
