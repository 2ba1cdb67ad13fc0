/* SPDX-License-Identifier: Apache-2.0 */
/* What only the start needed is given back: law 5 allows a monitor 0.7 MB. */
#include "container/monitor_priv.h"

#include "base/fd.h"
#include "base/proc.h"

#include <dirent.h>
#include <link.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void monitor_slim_fds(void)
{
	DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		int fd = atoi(entry->d_name);

		if (fd > 2 && fd != dirfd(dir) && !(fcntl(fd, F_GETFD) & FD_CLOEXEC))
			close(fd);
	}
	if (dir)
		closedir(dir);
}

static int drop_segments(struct dl_phdr_info *info, size_t size, void *arg)
{
	size_t page = getpagesize();

	(void)size;
	(void)arg;
	for (int i = 0; i < info->dlpi_phnum && !strstr(info->dlpi_name, "vdso"); i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		uintptr_t from = (info->dlpi_addr + p->p_vaddr) & ~(page - 1);
		uintptr_t to = (info->dlpi_addr + p->p_vaddr + p->p_memsz + page - 1) & ~(page - 1);

		if (p->p_type == PT_LOAD && !(p->p_flags & PF_W))
			(void)madvise((void *)from, to - from, MADV_DONTNEED);
	}
	return 0;
}

void monitor_slim_pages(void)
{
	dl_iterate_phdr(drop_segments, NULL);
}

void monitor_slim_down(struct monitor *m)
{
	struct spec *s = &m->spec;
	char title[40];

	/* Not for as long as the container runs: -e PASSWORD=... */
	snprintf(title, sizeof(title), "rootlet-monitor %.12s", m->a.record->id);
	proc_set_title(title, false);
	m->is_slim = true;
	for (int i = 0; i < 3; i++)
		fd_close(&m->stdio[i]);
	monitor_slim_fds();
	rootfs_free(m->rootfs);
	m->rootfs = NULL;
	ctr_root_clear(&m->root);
	volume_fill_clear(&m->fill);
	image_mounts_clear(&m->images);
	json_free(m->a.engine->conf);
	m->a.engine->conf = NULL;
	fd_close(&m->ctr.sync_fd);
	if (!s->hooks_n[SPEC_HOOK_POSTSTOP])
		spec_clear(s);
	malloc_trim(0);
	monitor_slim_pages();
}
