/* SPDX-License-Identifier: Apache-2.0 */
#include "userns/session_record.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/sys.h"
#include "userns/nsid.h"

#include <inttypes.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef PID_FS_MAGIC
#define PID_FS_MAGIC 0x50494446
#endif
#define RECORD_MAX (1u << 16)	/* two full maps are 24 kB */

void session_record_clear(struct session_record *r)
{
	free(r->name);
	free(r->dir);
	free(r->boot);
	idmap_clear(&r->uids);
	idmap_clear(&r->gids);
	*r = (struct session_record){ 0 };
}

/* Up to max numbers, separated by one blank each; returns how many, *rest behind them. */
static size_t take_numbers(const char *p, uint64_t *v, size_t max, const char **rest)
{
	size_t n = 0;

	while (n < max && *p >= '0' && *p <= '9') {
		char *end;

		errno = 0;
		v[n] = strtoull(p, &end, 10);
		if (errno)
			break;
		n++;
		p = *end == ' ' ? end + 1 : end;
	}
	*rest = p;
	return n;
}

static bool parse_map_line(struct idmap *m, const char *value)
{
	uint64_t v[3];
	const char *rest;

	if (m->n == IDMAP_MAX || take_numbers(value, v, 3, &rest) != 3 || *rest)
		return false;
	for (size_t i = 0; i < 3; i++)
		if (v[i] > UINT32_MAX)
			return false;
	if (!v[2])
		return false;
	idmap_add(m, (uint32_t)v[0], (uint32_t)v[1], (uint32_t)v[2]);
	return true;
}

static bool parse_pause(struct session_record *r, const char *value)
{
	uint64_t v[3];
	const char *rest;

	if (take_numbers(value, v, 3, &rest) != 3 || !v[0] || v[0] > INT32_MAX)
		return false;
	r->pid = (pid_t)v[0];
	r->start = v[1];
	r->pidfd_ino = v[2];
	return true;
}

static bool parse_owner(struct session_record *r, const char *value)
{
	uint64_t v[2];
	const char *rest;

	if (take_numbers(value, v, 2, &rest) != 2 || v[0] > UINT32_MAX || v[1] > UINT32_MAX)
		return false;
	r->uid = (uid_t)v[0];
	r->gid = (gid_t)v[1];
	xreplace(&r->name, *rest ? rest : NULL);
	return true;
}

static bool parse_config(struct session_record *r, const char *value)
{
	uint64_t v[4 * N_SUBID_KINDS];
	const char *rest;

	if (take_numbers(value, v, ARRAY_SIZE(v), &rest) != ARRAY_SIZE(v))
		return false;
	for (size_t i = 0; i < N_SUBID_KINDS; i++)
		r->config[i] = (struct session_record_config){ v[4 * i], v[4 * i + 1], v[4 * i + 2],
						       v[4 * i + 3] };
	return true;
}

static bool parse_line(struct session_record *r, const char *line)
{
	const char *value;
	uint64_t n;

	if ((value = str_after(line, "uid ")))
		return parse_map_line(&r->uids, value);
	if ((value = str_after(line, "gid ")))
		return parse_map_line(&r->gids, value);
	if ((value = str_after(line, "pause ")))
		return parse_pause(r, value);
	if ((value = str_after(line, "owner ")))
		return parse_owner(r, value);
	if ((value = str_after(line, "config ")))
		return parse_config(r, value);
	if ((value = str_after(line, "userns ")))
		return take_numbers(value, &r->userns_ino, 1, &value) == 1;
	if ((value = str_after(line, "version ")))
		return take_numbers(value, &n, 1, &value) == 1 && n == 1;
	if ((value = str_after(line, "dir ")))
		xreplace(&r->dir, value);
	if ((value = str_after(line, "boot ")))
		xreplace(&r->boot, value);
	if ((value = str_after(line, "flags "))) {
		r->is_nested = strstr(value, "nested") != NULL;
		r->is_single = strstr(value, "single") != NULL;
	}
	return true;
}

int session_record_parse(struct session_record *out, const char *text)
{
	auto_of(session_record_clear) struct session_record r = { 0 };
	autofree char *copy = xstrdup(text);
	char *line, *save = NULL;

	if (!str_has_prefix(text, "version 1\n") || !str_has_suffix(text, "\nend\n"))
		return -EBADMSG;
	for (line = strtok_r(copy, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		if (!parse_line(&r, line))
			return -EBADMSG;
	if (!r.pid || !r.dir || r.dir[0] != '/' || !r.uids.n || !r.gids.n ||
	    idmap_check(&r.uids) < 0 || idmap_check(&r.gids) < 0)
		return -EBADMSG;
	session_record_clear(out);
	*out = r;
	r = (struct session_record){ 0 };
	return 0;
}

static void format_map(struct str *s, const char *key, const struct idmap *m)
{
	for (size_t i = 0; i < m->n; i++)
		str_addf(s, "%s %u %u %u\n", key, m->v[i].inside, m->v[i].outside, m->v[i].count);
}

char *session_record_format(const struct session_record *r)
{
	auto_of(str_clear) struct str s = { 0 };

	str_addf(&s, "version 1\npause %d %" PRIu64 " %" PRIu64 "\nuserns %" PRIu64 "\n", r->pid,
		 r->start, r->pidfd_ino, r->userns_ino);
	str_addf(&s, "owner %u %u%s%s\ndir %s\n", r->uid, r->gid, r->name ? " " : "",
		 r->name ? r->name : "", r->dir);
	if (r->boot)
		str_addf(&s, "boot %s\n", r->boot);
	str_add(&s, "config");
	for (size_t i = 0; i < N_SUBID_KINDS; i++)
		str_addf(&s, " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64, r->config[i].dev,
			 r->config[i].ino, r->config[i].size, r->config[i].mtime);
	str_addf(&s, "\nflags%s%s\n", r->is_nested ? " nested" : "", r->is_single ? " single" : "");
	format_map(&s, "uid", &r->uids);
	format_map(&s, "gid", &r->gids);
	str_add(&s, "end\n");
	return str_steal(&s);
}

int session_record_load(struct session_record *out, int dirfd, const char *file)
{
	autoclose int fd = fd_openat(dirfd, file, O_RDONLY | O_NOFOLLOW);
	autofree char *text = NULL;
	char small[2048];
	ssize_t n;
	size_t len;
	int r;

	if (fd < 0)
		return fd;
	/* One read for nearly everybody; who has a hundred ranges pays for a second one. */
	n = read(fd, small, sizeof(small) - 1);
	if (n < 0)
		return -errno;
	if ((size_t)n < sizeof(small) - 1) {
		small[n] = '\0';
		return session_record_parse(out, small);
	}
	if (lseek(fd, 0, SEEK_SET) < 0)
		return -errno;
	r = fd_read_all(fd, &text, &len, RECORD_MAX);
	return r < 0 ? r : session_record_parse(out, text);
}

int session_record_save(const struct session_record *r, int dirfd, const char *file)
{
	autofree char *text = session_record_format(r);

	return file_write_at(dirfd, file, text, strlen(text), 0600, 0);
}

int session_record_identify(struct session_record *r, pid_t pid, int pidfd)
{
	struct statfs fs;
	struct stat st;
	int err = proc_start_time(pid, &r->start);

	if (err < 0)
		return err;
	r->pid = pid;
	r->pidfd_ino = 0;
	if (fstatfs(pidfd, &fs) == 0 && fs.f_type == PID_FS_MAGIC && fstat(pidfd, &st) == 0)
		r->pidfd_ino = st.st_ino;
	r->userns_ino = nsid_of(pid, "user");
	return 0;
}

int session_record_open(const struct session_record *r)
{
	autoclose int pidfd = -1;
	struct stat st;

	if (!r->pidfd_ino)
		return proc_open_checked(r->pid, r->start);
	/* Inodes of pidfs are never used twice while the machine is up: cheaper than /proc. */
	pidfd = sys_pidfd_open(r->pid);
	if (pidfd < 0)
		return pidfd;
	if (fstat(pidfd, &st) < 0 || st.st_ino != r->pidfd_ino)
		return -ESRCH;
	return steal_fd(&pidfd);
}

void session_record_read_config(struct session_record_config config[N_SUBID_KINDS])
{
	struct stat st;

	for (int i = 0; i < N_SUBID_KINDS; i++) {
		config[i] = (struct session_record_config){ 0 };
		if (stat(subid_file(i), &st) < 0)
			continue;
		config[i] = (struct session_record_config){
			st.st_dev, st.st_ino, (uint64_t)st.st_size,
			(uint64_t)st.st_mtim.tv_sec * 1000000000u + (uint64_t)st.st_mtim.tv_nsec
		};
	}
}

bool session_record_is_config_same(const struct session_record *r)
{
	struct session_record_config now[N_SUBID_KINDS];

	session_record_read_config(now);
	return memcmp(now, r->config, sizeof(now)) == 0;
}

char *session_record_boot_id(void)
{
	return *proc_boot_id() ? xstrdup(proc_boot_id()) : NULL;
}

void session_record_mark_boot(struct session_record *r, int dirfd)
{
	struct statfs fs;

	free(steal_ptr(&r->boot));
	if (fstatfs(dirfd, &fs) < 0 || (fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC))
		r->boot = session_record_boot_id();
}

char *session_record_file_name(void)
{
	uint64_t user = nsid_of(0, "user"), pid = nsid_of(0, "pid");

	if (user == NSID_INIT_USER && pid == NSID_INIT_PID)
		return xstrdup("session");
	return xasprintf("session-%" PRIx64 "-%" PRIx64, user, pid);
}
