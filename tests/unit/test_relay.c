/* SPDX-License-Identifier: Apache-2.0 */
#include "container/relay.h"

#include "base/fd.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

struct world {
	struct relay relay;
	int out, err, in;	/* the container's ends */
};

static void setup(struct world *w)
{
	int p[2];

	relay_init(&w->relay);
	assert_int_equal(fd_pipe(p), 0);
	w->relay.out_fd[0] = p[0];
	w->out = p[1];
	assert_int_equal(fd_pipe(p), 0);
	w->relay.out_fd[1] = p[0];
	w->err = p[1];
	assert_int_equal(fd_pipe(p), 0);
	w->in = p[0];
	w->relay.in_fd = p[1];
	fd_set_nonblock(w->relay.out_fd[0], true);
	fd_set_nonblock(w->relay.out_fd[1], true);
	fd_set_nonblock(w->relay.in_fd, true);
	fd_set_nonblock(w->in, true);
}

static void teardown(struct world *w)
{
	relay_clear(&w->relay);
	fd_close(&w->out);
	fd_close(&w->err);
	fd_close(&w->in);
}

static int client(struct world *w, unsigned int flags, bool is_starter)
{
	int p[2];

	assert_int_equal(fd_socketpair(SOCK_STREAM, p), 0);
	assert_int_equal(relay_add(&w->relay, p[1], flags, is_starter), 0);
	return p[0];
}

/* Turns the loop until nothing happens any more. */
static void turn(struct world *w)
{
	struct pollfd p[RELAY_POLLS];

	for (;;) {
		size_t n = relay_fill(&w->relay, p);

		if (poll(p, n, 0) <= 0)
			return;
		relay_handle(&w->relay, p, n);
	}
}

static void expect_frame(int sock, enum attach_type type, const char *text)
{
	unsigned char head[ATTACH_HEAD];
	char buf[256];
	size_t n = strlen(text);

	assert_int_equal(recv(sock, head, sizeof(head), MSG_WAITALL | MSG_DONTWAIT), sizeof(head));
	assert_int_equal(head[0], type);
	assert_int_equal(attach_head_len(head), n);
	assert_int_equal(recv(sock, buf, n, MSG_WAITALL | MSG_DONTWAIT), n);
	assert_memory_equal(buf, text, n);
}

static void expect_silence(int sock)
{
	char c;

	assert_int_equal(recv(sock, &c, 1, MSG_DONTWAIT), -1);
}

static void test_output_goes_to_who_wants_it(void **state)
{
	struct world w;
	int all, out, none;

	(void)state;
	setup(&w);
	all = client(&w, ATTACH_WANTS_STDOUT | ATTACH_WANTS_STDERR, false);
	out = client(&w, ATTACH_WANTS_STDOUT, false);
	none = client(&w, 0, false);
	assert_int_equal(write(w.out, "hello", 5), 5);
	turn(&w);
	assert_int_equal(write(w.err, "oops", 4), 4);
	turn(&w);
	expect_frame(all, ATTACH_STDOUT, "hello");
	expect_frame(all, ATTACH_STDERR, "oops");
	expect_frame(out, ATTACH_STDOUT, "hello");
	expect_silence(out);
	expect_silence(none);
	close(all);
	close(out);
	close(none);
	teardown(&w);
}

static void test_slow_client_stops_the_container(void **state)
{
	char piece[4096], buf[4096];
	size_t written = 0, read_back = 0;
	struct world w;
	int slow, deaf;
	ssize_t n;

	(void)state;
	setup(&w);
	memset(piece, 'x', sizeof(piece));
	fd_set_nonblock(w.out, true);
	slow = client(&w, ATTACH_WANTS_STDOUT, false);
	deaf = client(&w, 0, false);
	while ((n = write(w.out, piece, sizeof(piece))) > 0) {
		written += n;
		turn(&w);
		assert_true(written < 16u << 20);	/* somewhere it must stop */
	}
	assert_true(w.relay.frame_n > 0);
	/* Everything comes in the end, in order and once; the deaf client holds up nothing. */
	close(w.out);
	w.out = -1;
	for (;;) {
		turn(&w);
		n = recv(slow, buf, sizeof(buf), MSG_DONTWAIT);
		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n; i++)
			read_back += buf[i] == 'x';
	}
	assert_true(read_back >= written);	/* heads may hold an 'x' (length 0x78) */
	assert_true(read_back < written + written / 1000 + 16);
	close(slow);
	close(deaf);
	teardown(&w);
}

static void test_input(void **state)
{
	struct world w;
	char buf[16];
	int typist, watcher;

	(void)state;
	setup(&w);
	typist = client(&w, ATTACH_WANTS_STDIN, false);
	watcher = client(&w, ATTACH_WANTS_STDOUT, false);
	assert_int_equal(attach_send(watcher, ATTACH_STDIN, "evil", 4), 0);
	assert_int_equal(attach_send(typist, ATTACH_STDIN, "abc", 3), 0);
	assert_int_equal(attach_send(watcher, ATTACH_STDIN_EOF, NULL, 0), 0);
	turn(&w);
	assert_int_equal(read(w.in, buf, sizeof(buf)), 3);
	assert_memory_equal(buf, "abc", 3);
	assert_int_equal(read(w.in, buf, sizeof(buf)), -1);
	assert_int_equal(attach_send(typist, ATTACH_STDIN_EOF, NULL, 0), 0);
	turn(&w);
	assert_int_equal(read(w.in, buf, sizeof(buf)), 0);
	close(typist);
	close(watcher);
	teardown(&w);
}

static void test_large_input_waits(void **state)
{
	static char big[300000];
	char buf[4096];
	struct world w;
	size_t sent = 0, got = 0;
	int typist;
	ssize_t n;

	(void)state;
	setup(&w);
	typist = client(&w, ATTACH_WANTS_STDIN, false);
	fd_set_nonblock(typist, true);
	memset(big, 'y', sizeof(big));
	while (sent + 4 + 1000 < sizeof(big)) {
		unsigned char head[ATTACH_HEAD];

		attach_head(head, ATTACH_STDIN, 1000);
		if (send(typist, head, 4, 0) != 4)
			break;
		assert_int_equal(send(typist, big, 1000, 0), 1000);
		sent += 1000;
		if (sent > 100000)
			break;
	}
	for (;;) {
		turn(&w);
		n = read(w.in, buf, sizeof(buf));
		if (n <= 0)
			break;
		got += n;
	}
	assert_int_equal(got, sent);
	close(typist);
	teardown(&w);
}

static void test_protocol_errors(void **state)
{
	unsigned char head[ATTACH_HEAD];
	struct world w;
	int a, b;
	char c;

	(void)state;
	setup(&w);
	a = client(&w, ATTACH_WANTS_STDIN, false);
	b = client(&w, 0, false);
	attach_head(head, ATTACH_STDIN, ATTACH_PAYLOAD_MAX + 1);
	assert_int_equal(send(a, head, sizeof(head), 0), 4);
	attach_head(head, ATTACH_RESIZE, 5);
	assert_int_equal(send(b, head, sizeof(head), 0), 4);
	turn(&w);
	assert_int_equal(recv(a, &c, 1, 0), 0);	/* dropped */
	assert_int_equal(recv(b, &c, 1, 0), 0);
	close(a);
	close(b);
	teardown(&w);
}

static void test_closed_and_stop(void **state)
{
	unsigned char one = 1;
	struct world w;
	int starter, other;

	(void)state;
	setup(&w);
	starter = client(&w, ATTACH_WANTS_STDOUT, true);
	other = client(&w, ATTACH_WANTS_STDOUT, false);
	assert_int_equal(attach_send(other, ATTACH_CLOSED, &one, 1), 0);
	turn(&w);
	assert_true(w.relay.out_fd[0] >= 0);	/* not his to close */
	assert_int_equal(attach_send(starter, ATTACH_CLOSED, &one, 1), 0);
	turn(&w);
	assert_true(w.relay.out_fd[0] < 0);
	assert_false(w.relay.is_stop_asked);
	assert_int_equal(attach_send(other, ATTACH_STOP, NULL, 0), 0);
	turn(&w);
	assert_true(w.relay.is_stop_asked);
	close(starter);
	close(other);
	teardown(&w);
}

static void test_drain_and_finish(void **state)
{
	int32_t code = 7;
	struct world w;
	int c, holder;

	(void)state;
	setup(&w);
	c = client(&w, ATTACH_WANTS_STDOUT, false);
	holder = fd_dup(w.out);		/* a grandchild keeps the pipe open */
	assert_int_equal(write(w.out, "last", 4), 4);
	relay_drain(&w.relay);
	for (int i = 0; i < 4; i++) {
		struct pollfd p[RELAY_POLLS];
		size_t n = relay_fill(&w.relay, p);

		assert_true(poll(p, n, 0) >= 0);
		relay_handle(&w.relay, p, n);
	}
	assert_true(relay_is_drained(&w.relay));
	relay_finish(&w.relay, ATTACH_EXIT, &code, sizeof(code), 100);
	expect_frame(c, ATTACH_STDOUT, "last");
	code = 0;
	assert_int_equal(attach_wait_exit(c, 100, &code), 1);
	assert_int_equal(code, 7);
	close(holder);
	close(c);
	teardown(&w);
}

/* More of them than there are slots: each one hears of the end. */
static void test_everybody_hears_the_end(void **state)
{
	enum { WAITERS = RELAY_CLIENTS + 9 };
	char dir[] = "/tmp/rootlet-relay-XXXXXX", *slash;
	int socks[WAITERS], dirfd, parent;
	int32_t code = 42;
	struct world w;

	(void)state;
	setup(&w);
	assert_non_null(mkdtemp(dir));
	dirfd = fd_opendir(dir);
	parent = fd_opendir("/tmp");
	slash = strrchr(dir, '/');
	w.relay.listen_fd = attach_listen(dirfd);
	assert_true(w.relay.listen_fd >= 0);
	for (int i = 0; i < WAITERS; i++) {
		socks[i] = attach_connect(parent, slash + 1, 0);
		assert_true(socks[i] >= 0);
	}
	turn(&w);
	relay_finish(&w.relay, ATTACH_EXIT, &code, sizeof(code), 1000);
	for (int i = 0; i < WAITERS; i++) {
		int got = 0;

		assert_int_equal(attach_wait_exit(socks[i], 0, &got), 1);
		assert_int_equal(got, 42);
		close(socks[i]);
	}
	unlinkat(dirfd, ATTACH_SOCKET, 0);
	close(dirfd);
	close(parent);
	rmdir(dir);
	teardown(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_output_goes_to_who_wants_it),
		cmocka_unit_test(test_slow_client_stops_the_container),
		cmocka_unit_test(test_input),
		cmocka_unit_test(test_large_input_waits),
		cmocka_unit_test(test_protocol_errors),
		cmocka_unit_test(test_closed_and_stop),
		cmocka_unit_test(test_drain_and_finish),
		cmocka_unit_test(test_everybody_hears_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
