/* SPDX-License-Identifier: Apache-2.0 */
/* fuzz_dir: a directory for a target that writes files, and proof that it writes nowhere else.
 *
 * Runs in:  a libFuzzer process.
 * Owns:     /dev/shm/fuzz-NAME-PID/, removed at the end.
 * Needs:    /dev/shm.
 * Fails:    abort().
 * Not here: the targets.
 */
#pragma once

#include "base/fd.h"
#include "base/file.h"
#include "tests/fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

/* base/ holds "in", where the target writes, and "beside". */
static char fuzz_dir_base[64];

static void fuzz_dir_remove(void)
{
	char cmd[160];

	if (file_remove_tree(AT_FDCWD, fuzz_dir_base) >= 0)
		return;
	/* Modes that came from the input. */
	snprintf(cmd, sizeof(cmd), "chmod -R u+rwx '%s' 2>/dev/null; rm -rf '%s'", fuzz_dir_base,
		 fuzz_dir_base);
	if (system(cmd) != 0)
		abort();
}

/* A descriptor of an empty "in". */
static inline int fuzz_dir_fresh(const char *name)
{
	char path[80];
	int fd;

	if (!fuzz_dir_base[0]) {
		snprintf(fuzz_dir_base, sizeof(fuzz_dir_base), "/dev/shm/fuzz-%s-%d", name, (int)getpid());
		atexit(fuzz_dir_remove);
	} else {
		fuzz_dir_remove();
	}
	snprintf(path, sizeof(path), "%s/in", fuzz_dir_base);
	if (mkdir(fuzz_dir_base, 0700) < 0 || mkdir(path, 0700) < 0)
		abort();
	fd = fd_opendir(path);
	snprintf(path, sizeof(path), "%s/beside", fuzz_dir_base);
	if (fd < 0 || file_write_at(AT_FDCWD, path, "beside", 6, 0600, 0) < 0)
		abort();
	return fd;
}

/* After the target: what is beside is as it was, and nothing has come. */
static inline void fuzz_dir_check(void)
{
	DIR *d = opendir(fuzz_dir_base);
	struct dirent *ent;
	struct stat st;
	char path[80];

	if (!d)
		abort();
	while ((ent = readdir(d)))
		if (strcmp(ent->d_name, ".") && strcmp(ent->d_name, "..") && strcmp(ent->d_name, "in") &&
		    strcmp(ent->d_name, "beside"))
			abort();
	closedir(d);
	snprintf(path, sizeof(path), "%s/beside", fuzz_dir_base);
	if (stat(path, &st) < 0 || st.st_size != 6 || (st.st_mode & 07777) != 0600 || st.st_nlink != 1)
		abort();
}
