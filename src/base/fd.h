/* SPDX-License-Identifier: Apache-2.0 */
/* fd: file descriptors that close themselves, are always O_CLOEXEC, and move visibly.
 *
 * Runs in:  any process. With sys.c the only file that calls open, pipe, socket and dup.
 * Owns:     nothing; returned descriptors belong to the caller.
 * Needs:    nothing.
 * Fails:    leaf functions: -errno, silent. "None" is -1; 0 is a valid descriptor.
 * Not here: lookups in trees that others control (see path.h).
 */
#pragma once

#include "base/mem.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>

/* Closes *fd when it is >= 0, keeps errno, leaves -1. Never retried (close(2)). */
void fd_close(int *fd);
#define autoclose __attribute__((cleanup(fd_close)))
#define steal_fd(fdp) ({ int steal_fd_ = *(fdp); *(fdp) = -1; steal_fd_; })

int fd_open(const char *path, int flags);		/* for existing things; O_CLOEXEC added */
int fd_openat(int dirfd, const char *path, int flags);
int fd_createat(int dirfd, const char *path, int flags, mode_t mode);	/* adds O_CREAT */
int fd_tmpfileat(int dirfd, const char *dir, mode_t mode);	/* O_TMPFILE, to write */
int fd_opendir(const char *path);			/* O_PATH | O_DIRECTORY */
int fd_opendirat(int dirfd, const char *path);
/* A new description of what an O_PATH descriptor names, through /proc/self/fd. */
int fd_reopen(int fd, int flags);
int fd_pipe(int p[2]);
int fd_socketpair(int type, int p[2]);			/* AF_UNIX; SOCK_STREAM or SOCK_SEQPACKET */
int fd_socket(int domain, int type, int protocol);
int fd_accept(int fd);
int fd_dup(int fd);					/* F_DUPFD_CLOEXEC, 3 or above */
int fd_dup_above(int fd, int min);			/* the same, min or above */
int fd_dup_to(int fd, int to);				/* dup2, stays open at exec; fd != to */
int fd_move(int *fd, int to);				/* dup2 without O_CLOEXEC, for exec; closes *fd */
int fd_set_cloexec(int fd, bool on);
int fd_set_nonblock(int fd, bool on);
int fd_memfd(const char *name);
/* A memfd with that content, to be read from its beginning: no pipe that somebody has to feed. */
int fd_memfd_with(const char *name, const void *data, size_t n);
/* A memfd of exactly size bytes that nobody can make larger: for what others write. */
int fd_memfd_fixed(const char *name, off_t size);

int fd_write_all(int fd, const void *data, size_t n);	/* blocking descriptor; 0 or -errno */
ssize_t fd_read_full(int fd, void *data, size_t n);	/* until n or end of file */
/* Reads to end of file; *out is NUL-terminated and owned; -EFBIG above max bytes. */
int fd_read_all(int fd, char **out, size_t *len, size_t max);

/* Passes n descriptors with one byte of data / receives up to n (others are closed). */
int fd_send_fds(int sock, const int *fds, size_t n);
int fd_recv_fds(int sock, int *fds, size_t n);		/* number received or -errno; 0 at end of file */

/* "/proc/self/fd/N": the path for calls that take no descriptor. */
struct fd_path {
	char s[32];
};
struct fd_path fd_path(int fd);

/* Opens /dev/null for those of 0, 1, 2 that a caller has closed: what we open next must not take their
 * numbers and be read, written or replaced as if it were them. */
int fd_ensure_stdio(void);

/* The descriptors above 2 that this process was started with, taken before any is opened. */
struct fd_inherited {
	int *fds;	/* owned */
	size_t n;
};
int fd_inherited_load(struct fd_inherited *out);
