/* SPDX-License-Identifier: Apache-2.0 */
/* Unpacking: whatever the archive says, nothing appears beside the directory of the layer. */
#include "tests/fuzz/fuzz.h"

#include "base/fd.h"
#include "base/file.h"
#include "storage/tar_extract.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* base/ holds "layer" and "beside"; both are looked at after every input. */
static char base[64];

static void remove_base(void)
{
	char cmd[160];

	snprintf(cmd, sizeof(cmd), "chmod -R u+rwx '%s' 2>/dev/null; rm -rf '%s'", base, base);
	if (system(cmd) != 0)
		abort();
}

static void check_beside(void)
{
	DIR *d = opendir(base);
	struct dirent *ent;
	struct stat st;
	char path[128];

	if (!d)
		abort();
	while ((ent = readdir(d)))
		if (strcmp(ent->d_name, ".") && strcmp(ent->d_name, "..") &&
		    strcmp(ent->d_name, "layer") && strcmp(ent->d_name, "beside"))
			abort();
	closedir(d);
	snprintf(path, sizeof(path), "%s/beside", base);
	if (stat(path, &st) < 0 || st.st_size != 6 || (st.st_mode & 07777) != 0600 ||
	    st.st_nlink != 1)
		abort();
}

static void fresh(char *layer, size_t n)
{
	char path[128];
	FILE *f;

	if (!base[0]) {
		snprintf(base, sizeof(base), "/dev/shm/fuzz-layer-%d", (int)getpid());
		atexit(remove_base);
	} else {
		remove_base();
	}
	snprintf(layer, n, "%s/layer", base);
	snprintf(path, sizeof(path), "%s/beside", base);
	if (mkdir(base, 0700) < 0 || mkdir(layer, 0700) < 0 || !(f = fopen(path, "we")))
		abort();
	fputs("beside", f);
	fclose(f);
	if (chmod(path, 0600) < 0)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct tar_extract_args args = { .is_layer = true, .is_single_id = true,
					 .ignore_chown_errors = true, .max_bytes = 4 << 20,
					 .max_entries = 1000 };
	auto_of(tar_extract_free) struct tar_extract *x = NULL;
	autoclose int dirfd = -1;
	struct err e = { 0 };
	char layer[128];

	fresh(layer, sizeof(layer));
	dirfd = fd_open(layer, O_RDONLY | O_DIRECTORY);
	if (dirfd < 0)
		abort();
	args.dirfd = dirfd;
	if (tar_extract_new(&x, &args, &e) < 0)
		abort();
	if (fuzz_check(tar_extract_write(x, data, size, &e), &e) >= 0)
		fuzz_check(tar_extract_finish(x, &e), &e);
	check_beside();
	return 0;
}
