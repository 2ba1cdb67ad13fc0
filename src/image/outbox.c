/* SPDX-License-Identifier: Apache-2.0 */
#include "image/outbox.h"

#include "base/fd.h"
#include "base/file.h"
#include "base/ident.h"
#include "base/path.h"
#include "base/str.h"
#include "base/strv.h"
#include "storage/tar_writer.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { BUFFER = 256 << 10 };

struct outbox {
	char *path;		/* owned; for messages and the final name */
	char *tmp;		/* owned; the archive until it is complete; NULL: a stream */
	int dirfd;		/* owned; -1: an archive */
	bool is_reused;		/* the directory held an image before */
	char *half;		/* owned; the file being written into dirfd, by its temporary name */
	int fd;			/* owned; the archive, or the file being written */
	struct tar_writer tar;
	struct str buffer;	/* owned; bytes not yet written to fd */
	struct strv names;	/* owned; what was begun */
};

void outbox_free(struct outbox *o)
{
	if (!o)
		return;
	if (o->tmp)
		unlink(o->tmp);
	if (o->half)
		unlinkat(o->dirfd, o->half, 0);
	free(o->half);
	fd_close(&o->dirfd);
	fd_close(&o->fd);
	tar_writer_clear(&o->tar);
	str_clear(&o->buffer);
	strv_clear(&o->names);
	free(o->path);
	free(o->tmp);
	free(o);
}

static int flush(struct outbox *o, struct err *e)
{
	int r = fd_write_all(o->fd, str_peek(&o->buffer), o->buffer.len);

	if (r < 0)
		return err_sys(e, -r, "write %s", o->path);
	str_cut(&o->buffer, 0);
	return 0;
}

static int buffered(void *arg, const void *data, size_t n, struct err *e)
{
	struct outbox *o = arg;
	int r;

	if (o->buffer.len + n > BUFFER && o->buffer.len > 0) {
		r = flush(o, e);
		if (r < 0)
			return r;
	}
	if (n < BUFFER) {
		str_addn(&o->buffer, data, n);
		return 0;
	}
	r = fd_write_all(o->fd, data, n);
	return r < 0 ? err_sys(e, -r, "write %s", o->path) : 0;
}

static int open_dir(struct outbox *o, struct err *e)
{
	auto_of(strv_clear) struct strv there = { 0 };
	int r = file_mkdirs(o->path, 0755);

	if (r < 0)
		return err_sys(e, -r, "make %s", o->path);
	o->dirfd = fd_open(o->path, O_RDONLY | O_DIRECTORY);
	if (o->dirfd < 0)
		return err_sys(e, -o->dirfd, "open %s", o->path);
	r = file_list_dir(o->dirfd, ".", &there, false);
	if (r < 0)
		return err_sys(e, -r, "read %s", o->path);
	o->is_reused = there.n > 0;
	if (there.n > 0 && !strv_has(&there, "oci-layout") && !strv_has(&there, "version"))
		return err_set(e, EEXIST, "%s is not empty and holds no image that could be replaced", o->path);
	return 0;
}

static int open_file(struct outbox *o, struct err *e)
{
	struct stat st;

	/* A pipe or a device is written in place; a file appears when it is whole. */
	if (stat(o->path, &st) == 0 && !S_ISREG(st.st_mode)) {
		o->fd = fd_open(o->path, O_WRONLY);
	} else {
		o->tmp = xasprintf("%s.rootlet-%d", o->path, (int)getpid());
		o->fd = fd_createat(AT_FDCWD, o->tmp, O_WRONLY | O_EXCL, 0644);
	}
	return o->fd < 0 ? err_sys(e, -o->fd, "open %s", o->path) : 0;
}

int outbox_open(struct outbox **out, const char *path, bool is_dir, struct err *e)
{
	auto_of(outbox_free) struct outbox *o = xcalloc(1, sizeof(*o));
	bool is_stdout = !path || strcmp(path, "-") == 0;
	int r = 0;

	o->dirfd = o->fd = -1;
	o->path = xstrdup(is_stdout ? "standard output" : path);
	o->tar.write = buffered;
	o->tar.arg = o;
	if (is_dir && is_stdout)
		return err_set(e, ERR_USAGE, "this format is a directory: name it with --output");
	if (is_dir) {
		r = open_dir(o, e);
	} else if (is_stdout) {
		o->fd = fd_dup(STDOUT_FILENO);
		r = o->fd < 0 ? err_sys(e, -o->fd, "open standard output") : 0;
	} else {
		r = open_file(o, e);
	}
	if (r < 0)
		return r;
	*out = steal_ptr(&o);
	return 0;
}

/* A blob of another image, whose name says what is in it. */
static bool is_there(const struct outbox *o, const char *name, uint64_t size)
{
	struct stat st;

	return o->is_reused && ident_is_id(path_base(name)) &&
	       fstatat(o->dirfd, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode) &&
	       (uint64_t)st.st_size == size;
}

static int create_in_dir(struct outbox *o, const char *name, struct err *e)
{
	autofree char *copy = xstrdup(name);

	for (char *slash = strchr(copy, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdirat(o->dirfd, copy, 0755) < 0 && errno != EEXIST)
			return err_sys(e, errno, "make %s/%s", o->path, copy);
		*slash = '/';
	}
	o->half = xasprintf("%s.rootlet-%d", name, (int)getpid());
	o->fd = fd_createat(o->dirfd, o->half, O_WRONLY | O_EXCL, 0644);
	return o->fd < 0 ? err_sys(e, -o->fd, "make %s/%s", o->path, name) : 0;
}

/* Some readers make directories that an archive does not mention as another user would. */
static int add_parents(struct outbox *o, const char *name, struct err *e)
{
	autofree char *dir = xstrdup(name);

	for (char *slash = strchr(dir, '/'); slash; slash = strchr(slash + 1, '/')) {
		struct tar_writer_entry entry = { .type = '5', .path = dir, .mode = 0755 };
		int r;

		*slash = '\0';
		if (!strv_has(&o->names, dir)) {
			strv_add(&o->names, dir);
			r = tar_writer_add(&o->tar, &entry, e);
			if (r < 0)
				return r;
		}
		*slash = '/';
	}
	return 0;
}

int outbox_begin(struct outbox *o, const char *name, uint64_t size, bool *is_known, struct err *e)
{
	struct tar_writer_entry entry = { .type = '0', .path = name, .mode = 0644, .size = size };
	int r;

	*is_known = strv_has(&o->names, name);
	if (*is_known)
		return 0;
	strv_add(&o->names, name);
	if (o->dirfd >= 0) {
		*is_known = is_there(o, name, size);
		return *is_known ? 0 : create_in_dir(o, name, e);
	}
	r = add_parents(o, name, e);
	return r < 0 ? r : tar_writer_add(&o->tar, &entry, e);
}

int outbox_write(struct outbox *o, const void *data, size_t n, struct err *e)
{
	return o->dirfd >= 0 ? buffered(o, data, n, e) : tar_writer_data(&o->tar, data, n, e);
}

int outbox_end(struct outbox *o, struct err *e)
{
	int r;

	if (o->dirfd < 0)
		return 0;
	r = flush(o, e);
	fd_close(&o->fd);
	if (r >= 0 && renameat(o->dirfd, o->half, o->dirfd, o->names.v[o->names.n - 1]) < 0)
		r = err_sys(e, errno, "rename %s/%s", o->path, o->half);
	if (r >= 0) {
		free(o->half);
		o->half = NULL;
	}
	return r;
}

int outbox_put(struct outbox *o, const char *name, const void *data, size_t n, struct err *e)
{
	bool is_known;
	int r = outbox_begin(o, name, n, &is_known, e);

	if (r < 0 || is_known)
		return r;
	r = outbox_write(o, data, n, e);
	return r < 0 ? r : outbox_end(o, e);
}

int outbox_read(const struct outbox *o, const char *name, char **text, size_t *len)
{
	if (o->dirfd < 0 || !o->is_reused)
		return -ENOENT;
	return file_read_at(o->dirfd, name, text, len, FILE_MAX_CONFIG);
}

int outbox_drop_others(struct outbox *o, struct err *e)
{
	auto_of(strv_clear) struct strv there = { 0 };
	int r = o->is_reused ? file_list_dir(o->dirfd, ".", &there, false) : 0;

	if (r < 0)
		return err_sys(e, -r, "read %s", o->path);
	for (size_t i = 0; i < there.n; i++)
		if (ident_is_id(there.v[i]) && !strv_has(&o->names, there.v[i]) &&
		    unlinkat(o->dirfd, there.v[i], 0) < 0)
			return err_sys(e, errno, "remove %s/%s", o->path, there.v[i]);
	return 0;
}

int outbox_finish(struct outbox *o, struct err *e)
{
	int r;

	if (o->dirfd >= 0)
		return 0;
	r = tar_writer_end(&o->tar, e);
	if (r >= 0)
		r = flush(o, e);
	if (r >= 0 && o->tmp) {
		if (rename(o->tmp, o->path) < 0)
			return err_sys(e, errno, "rename %s to %s", o->tmp, o->path);
		free(o->tmp);
		o->tmp = NULL;
	}
	return r;
}
