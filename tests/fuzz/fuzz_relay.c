/* SPDX-License-Identifier: Apache-2.0 */
/* What a client says over the attach socket, in pieces of any size. */
#include "tests/fuzz/fuzz.h"

#include "base/fd.h"
#include "container/attach.h"
#include "container/relay.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

static void turn(struct relay *r)
{
	struct pollfd p[RELAY_POLLS];
	size_t n = relay_fill(r, p);
	int got;

	/* libFuzzer looks at its clock by SIGALRM. */
	do
		got = poll(p, n, 0);
	while (got < 0 && errno == EINTR);
	if (n > RELAY_POLLS || got < 0)
		abort();
	relay_handle(r, p, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	auto_of(relay_clear) struct relay r;
	int sock[2], in[2];

	relay_init(&r);
	if (fd_socketpair(SOCK_STREAM, sock) < 0 || fd_pipe(in) < 0)
		abort();
	(void)fd_set_nonblock(in[1], true);
	r.in_fd = in[1];
	(void)relay_add(&r, sock[1], size ? data[0] : 0, size % 2);
	while (size) {
		size_t piece = 1 + data[0] % 64, n = piece < size ? piece : size;

		if (send(sock[0], data, n, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
			break;
		turn(&r);
		data += n;
		size -= n;
	}
	for (int i = 0; i < 4; i++)
		turn(&r);
	close(sock[0]);
	close(in[0]);
	turn(&r);
	return 0;
}
