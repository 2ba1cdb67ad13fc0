/* SPDX-License-Identifier: Apache-2.0 */
#include "container/copy_stream.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/proc.h"
#include "base/str.h"
#include "base/sys.h"
#include "container/paste_tar.h"
#include "image/transfer.h"
#include "storage/tar_out.h"

#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define CHUNK (256 << 10)

/* --- in --------------------------------------------------------------------------------------- */

static bool is_compressed(const unsigned char *p, size_t n)
{
	return n >= 6 && (memcmp(p, "\x1f\x8b", 2) == 0 || memcmp(p, "\x28\xb5\x2f\xfd", 4) == 0 ||
			  memcmp(p, "\xfd" "7zXZ", 6) == 0 || memcmp(p, "BZh", 3) == 0);
}

/* A child that writes start and then the rest of in_fd to the pipe it returns the other end of. */
static pid_t start_feeder(const void *start, size_t n, int in_fd, int *pipe_fd, struct err *e)
{
	int p[2], r = fd_pipe(p);
	pid_t pid;

	if (r < 0)
		return err_sys(e, -r, "make a pipe");
	pid = sys_clone(0, NULL, -1);
	if (pid == 0) {
		close(p[0]);
		r = fd_write_all(p[1], start, n);
		_exit(r < 0 || file_copy_data(in_fd, p[1]) < 0);
	}
	close(p[1]);
	if (pid < 0) {
		close(p[0]);
		return err_sys(e, -pid, "start a process");
	}
	*pipe_fd = p[0];
	return pid;
}

static int start_inflate(struct engine *g, int in_fd, struct proc *child, int *out_fd, struct err *e)
{
	auto_of(strv_clear) struct strv argv = { 0 };
	struct proc_args args = { .stdin_fd = in_fd, .stderr_fd = STDERR_FILENO,
				  .parent_death_signal = SIGTERM };
	autoclose int read_fd = -1, write_fd = -1;
	int p[2], r = transfer_program(&argv, g->store, e);

	if (r < 0)
		return r;
	strv_add(&argv, "inflate");
	r = fd_pipe(p);
	if (r < 0)
		return err_sys(e, -r, "make a pipe");
	read_fd = p[0];
	args.stdout_fd = write_fd = p[1];
	args.argv = (const char *const *)argv.v;
	r = proc_spawn(child, &args, e);
	if (r < 0)
		return r;
	*out_fd = steal_fd(&read_fd);
	return 0;
}

static int unpack_compressed(struct engine *g, struct paste_tar *t, struct err *e)
{
	auto_of(proc_clear) struct proc child = { .pidfd = -1 };
	autoclose int feed_fd = -1, plain_fd = -1;
	pid_t feeder = start_feeder(t->start, t->start_len, t->in_fd, &feed_fd, e);
	struct err ignored;
	int r, status;

	if (feeder < 0)
		return feeder;
	r = start_inflate(g, feed_fd, &child, &plain_fd, e);
	fd_close(&feed_fd);
	if (r >= 0) {
		t->start_len = 0;
		t->in_fd = plain_fd;
		r = paste_tar(t, e);
		fd_close(&plain_fd);
		status = proc_wait(&child, r < 0 ? &ignored : e);
		if (r >= 0 && status != 0)
			r = err_set(e, status < 0 ? -status : ERR_REPORTED,
				    "the archive cannot be decompressed");
	}
	if (r < 0)
		kill(feeder, SIGKILL);	/* it may wait for a terminal */
	waitpid(feeder, NULL, 0);
	return r;
}

int copy_stream_in(struct engine *g, int in_fd, int dirfd, const struct paste_policy *p, struct err *e)
{
	unsigned char start[512];
	ssize_t n = fd_read_full(in_fd, start, sizeof(start));
	struct paste_tar t = { .start = start, .start_len = n, .in_fd = in_fd, .dirfd = dirfd,
			       .policy = p };

	if (n < 0)
		return err_sys(e, -n, "read the archive");
	return is_compressed(start, n) ? unpack_compressed(g, &t, e) : paste_tar(&t, e);
}

/* --- out -------------------------------------------------------------------------------------- */

static int write_fd(void *arg, const void *data, size_t len, struct err *e)
{
	const struct copy_stream *s = arg;
	int r = fd_write_all(s->out_fd, data, len);

	return r < 0 ? err_sys(e, -r, "write the archive") : 0;
}

static int add_contents(struct tar_writer *w, int fd, uint64_t left, struct err *e)
{
	autofree char *buf = xcalloc(1, CHUNK);
	int r = 0;

	while (r >= 0 && left) {
		size_t want = left < CHUNK ? left : CHUNK;
		ssize_t n = fd_read_full(fd, buf, want);

		if (n < 0)
			return err_sys(e, -n, "read a file of the container");
		/* Cut while we read: its size was announced. */
		memset(buf + n, 0, want - n);
		r = tar_writer_data(w, buf, want, e);
		left -= want;
	}
	return r;
}

/* What has no directory that we hold: the one thing that the descriptor says. */
static int add_thing(struct tar_writer *w, const struct copy_stream *s, const struct stat *st,
		     struct err *e)
{
	autofree char *link = NULL;
	autoclose int fd = -1;
	struct tar_writer_entry n = {
		.type = '0', .path = s->name, .mode = st->st_mode & 07777, .size = st->st_size,
		.uid = idmap_inside(s->uid_map, st->st_uid),
		.gid = idmap_inside(s->gid_map, st->st_gid),
		.mtime = st->st_mtim.tv_sec,
	};
	int r;

	if (S_ISLNK(st->st_mode)) {
		r = file_readlink_at(s->fd, "", &link);
		if (r < 0)
			return err_sys(e, -r, "read the link %s", s->name);
		n.type = '2';
		n.link = link;
		n.size = 0;
		return tar_writer_add(w, &n, e);
	}
	if (!S_ISREG(st->st_mode))
		return err_set(e, EINVAL, "'%s' is neither a file nor a directory", s->name);
	fd = fd_reopen(s->fd, O_RDONLY | O_NONBLOCK);
	if (fd < 0)
		return err_sys(e, -fd, "open %s", s->name);
	r = tar_writer_add(w, &n, e);
	return r < 0 ? r : add_contents(w, fd, n.size, e);
}

int copy_stream_out(const struct copy_stream *s, struct err *e)
{
	auto_of(tar_writer_clear) struct tar_writer w = { .write = write_fd, .arg = (void *)s };
	struct tar_out_args args = { .as = s->name, .uid_map = s->uid_map, .gid_map = s->gid_map };
	autoclose int dirfd = -1;
	struct stat st;
	int r;

	if (fstat(s->fd, &st) < 0)
		return err_sys(e, errno, "read what is to be archived");
	if (S_ISDIR(st.st_mode)) {
		args.dirfd = dirfd = fd_reopen(s->fd, O_RDONLY | O_DIRECTORY);
		r = dirfd < 0 ? err_sys(e, -dirfd, "open the directory") : tar_out(&w, &args, e);
	} else {
		r = add_thing(&w, s, &st, e);
	}
	return r < 0 ? r : tar_writer_end(&w, e);
}
