/* SPDX-License-Identifier: Apache-2.0 */
#include "runtime/filter.h"

#include "base/fd.h"
#include "base/file.h"
#include "runtime/caps.h"
#include "runtime/spec.h"

#include "bpf_run.h"

#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define ALLOW SECCOMP_RET_ALLOW
#define E(n) (SECCOMP_RET_ERRNO | (n))
#define CAP(x) (UINT64_C(1) << CAP_##x)

static uint32_t ask(const struct filter *f, uint32_t nr, uint64_t a0, uint64_t a2)
{
	struct seccomp_data d = {
		.nr = nr, .arch = seccomp_arch_native(), .args = { a0, 0, a2 },
	};

	return bpf_run(f->filter, f->n, &d);
}

static void prepare(struct filter *f, const char *profile, uint64_t caps)
{
	auto_of(spec_clear) struct spec s;
	struct err e = { .msg = "" };

	spec_init(&s);
	s.seccomp = profile ? SPEC_SECCOMP_PROFILE : SPEC_SECCOMP_DEFAULT;
	s.seccomp_profile = profile ? xstrdup(profile) : NULL;
	if (filter_prepare(f, &s, caps, &e) < 0)
		fail_msg("%s", e.msg);
}

static void test_default(void **state)
{
	auto_of(filter_clear) struct filter f = { 0 };

	(void)state;
	prepare(&f, NULL, 0);
	assert_int_equal(ask(&f, SYS_read, 0, 0), ALLOW);
	assert_int_equal(ask(&f, SYS_execve, 0, 0), ALLOW);
	assert_int_equal(ask(&f, SYS_keyctl, 0, 0), ALLOW);
	assert_int_equal(ask(&f, SYS_bpf, 0, 0), E(EPERM));
	assert_int_equal(ask(&f, SYS_kexec_load, 0, 0), E(EPERM));
	assert_int_equal(ask(&f, SYS_userfaultfd, 0, 0), E(EPERM));
	assert_int_equal(ask(&f, SYS_add_key, 0, 0), E(ENOSYS));
	assert_int_equal(ask(&f, 425 /* io_uring_setup */, 0, 0), E(ENOSYS));
	assert_int_equal(ask(&f, 100000, 0, 0), E(ENOSYS));
	assert_int_equal(ask(&f, SYS_chroot, 0, 0), E(EPERM));
}

/* CVE-2022-0185, CVE-2022-0492 */
static void test_no_namespaces_without_sys_admin(void **state)
{
	auto_of(filter_clear) struct filter f = { 0 }, admin = { 0 };

	(void)state;
	prepare(&f, NULL, 0);
	prepare(&admin, NULL, CAP(SYS_ADMIN));
	for (size_t i = 0; i < 7; i++) {
		static const uint64_t flags[] = {
			CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET, CLONE_NEWIPC,
			CLONE_NEWUTS, CLONE_NEWCGROUP,
		};

		assert_int_equal(ask(&f, SYS_clone, flags[i] | 17, 0), E(EPERM));
		assert_int_equal(ask(&admin, SYS_clone, flags[i] | 17, 0), ALLOW);
	}
	assert_int_equal(ask(&f, SYS_clone, 0x3d0f00, 0), ALLOW);
	assert_int_equal(ask(&f, 435 /* clone3 */, 0, 0), E(ENOSYS));
	assert_int_equal(ask(&f, SYS_unshare, 0, 0), E(EPERM));
	assert_int_equal(ask(&f, SYS_mount, 0, 0), E(EPERM));
	assert_int_equal(ask(&f, 430 /* fsopen */, 0, 0), E(EPERM));
	assert_int_equal(ask(&admin, SYS_mount, 0, 0), ALLOW);
	assert_int_equal(ask(&admin, 435, 0, 0), ALLOW);
}

static void test_sockets(void **state)
{
	auto_of(filter_clear) struct filter f = { 0 }, all = { 0 };

	(void)state;
	prepare(&f, NULL, 0);
	prepare(&all, NULL, CAPS_ALL);
	assert_int_equal(ask(&f, SYS_socket, AF_INET, 0), ALLOW);
	assert_int_equal(ask(&f, SYS_socket, AF_UNIX, 0), ALLOW);
	assert_int_equal(ask(&f, SYS_socket, AF_NETLINK, 0), ALLOW);
	assert_int_equal(ask(&f, SYS_socket, AF_NETLINK, 9), E(EINVAL));
	assert_int_equal(ask(&all, SYS_socket, AF_NETLINK, 9), ALLOW);
	assert_int_equal(ask(&f, SYS_socket, AF_NETLINK, 12), E(EPERM));
	assert_int_equal(ask(&all, SYS_socket, AF_NETLINK, 12), ALLOW);
	assert_int_equal(ask(&f, SYS_socket, AF_ALG, 0), E(EAFNOSUPPORT));
	assert_int_equal(ask(&f, SYS_socket, AF_ALG | UINT64_C(1) << 32, 0), E(EAFNOSUPPORT));
	assert_int_equal(ask(&f, SYS_socket, AF_KEY, 0), E(EAFNOSUPPORT));
	assert_int_equal(ask(&f, SYS_socket, 40 /* AF_VSOCK */, 0), E(EPERM));
}

static void test_profile(void **state)
{
	static const char text[] =
		"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrno\":\"ENOSYS\",\"syscalls\":["
		"{\"names\":[\"read\",\"nonsense\"],\"action\":\"SCMP_ACT_ALLOW\"},"
		"{\"names\":[\"write\"],\"action\":\"SCMP_ACT_ALLOW\",\"includes\":{\"caps\":[\"CAP_CHOWN\"]}},"
		"{\"names\":[\"write\"],\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":13,"
		"\"excludes\":{\"caps\":[\"CAP_CHOWN\"]}},"
		"{\"names\":[\"close\"],\"action\":\"SCMP_ACT_KILL\",\"includes\":{\"minKernel\":\"99.1\"}},"
		"{\"names\":[\"openat\"],\"action\":\"SCMP_ACT_ERRNO\",\"errno\":\"EBADF\"},"
		"{\"names\":[\"ioctl\"],\"action\":\"SCMP_ACT_ALLOW\",\"args\":["
		"{\"index\":0,\"value\":3,\"op\":\"SCMP_CMP_EQ\"},"
		"{\"index\":0,\"value\":9,\"op\":\"SCMP_CMP_GT\"}]}]}";
	auto_of(filter_clear) struct filter f = { 0 }, chown = { 0 };

	(void)state;
	prepare(&f, text, 0);
	prepare(&chown, text, CAP(CHOWN));
	assert_int_equal(ask(&f, SYS_read, 0, 0), ALLOW);
	assert_int_equal(ask(&f, SYS_write, 0, 0), E(13));
	assert_int_equal(ask(&chown, SYS_write, 0, 0), ALLOW);
	assert_int_equal(ask(&f, SYS_close, 0, 0), E(38));
	assert_int_equal(ask(&f, SYS_openat, 0, 0), E(EBADF));
	assert_int_equal(ask(&f, SYS_ioctl, 3, 0), ALLOW);
	assert_int_equal(ask(&f, SYS_ioctl, 10, 0), ALLOW);
	assert_int_equal(ask(&f, SYS_ioctl, 4, 0), E(38));
}

static void test_bad_profiles(void **state)
{
	static const char *const texts[] = {
		"", "[]", "{", "{}", "{\"defaultAction\":\"ALLOW\"}",
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[\"X\"]}",
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"Z80\"]}",
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"listenerPath\":\"/x\"}",
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"]}]}",
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[1],"
		"\"action\":\"SCMP_ACT_KILL\"}]}",
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],"
		"\"action\":\"SCMP_ACT_KILL\",\"args\":[{\"index\":6,\"op\":\"SCMP_CMP_EQ\"}]}]}",
		"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{\"names\":[\"read\"],"
		"\"action\":\"SCMP_ACT_KILL\",\"args\":[{\"index\":0,\"op\":\"SCMP_CMP_XX\"}]}]}",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		auto_of(filter_clear) struct filter f = { 0 };
		auto_of(spec_clear) struct spec s;
		struct err e;

		spec_init(&s);
		s.seccomp = SPEC_SECCOMP_PROFILE;
		s.seccomp_profile = xstrdup(texts[i]);
		print_message("# %s\n", texts[i]);
		assert_true(filter_prepare(&f, &s, 0, &e) < 0);
		assert_null(f.filter);
	}
}

/* A cached program is used; one that is damaged or readable to change for others is made anew. */
static void test_cache(void **state)
{
	auto_of(filter_clear) struct filter a = { 0 }, b = { 0 }, c = { 0 };
	auto_of(strv_clear) struct strv names = { 0 };
	auto_of(spec_clear) struct spec s;
	autoclose int dirfd = -1;
	char dir[] = "/tmp/test_filter.XXXXXX";
	autofree char *text = NULL;
	size_t len;
	struct err e;

	(void)state;
	assert_non_null(mkdtemp(dir));
	dirfd = fd_opendir(dir);
	spec_init(&s);
	s.seccomp_cache_dirfd = dirfd;
	assert_int_equal(filter_prepare(&a, &s, 0, &e), 0);
	assert_int_equal(file_list_dir(dirfd, ".", &names, false), 0);
	assert_int_equal(names.n, 1);
	assert_int_equal(file_read_at(dirfd, names.v[0], &text, &len, 1 << 20), 0);

	/* The last instruction (kill) becomes "allow": a proof that the file is what was loaded. */
	text[len - 1] = 0x7f;
	assert_int_equal(file_write_at(dirfd, names.v[0], text, len, 0600, 0), 0);
	assert_int_equal(filter_prepare(&b, &s, 0, &e), 0);
	assert_int_equal(b.n, a.n);
	assert_int_not_equal(b.filter[b.n - 1].k, a.filter[a.n - 1].k);

	assert_int_equal(fchmodat(dirfd, names.v[0], 0666, 0), 0);
	assert_int_equal(filter_prepare(&c, &s, 0, &e), 0);
	assert_int_equal(c.filter[c.n - 1].k, a.filter[a.n - 1].k);
	filter_clear(&c);
	assert_int_equal(file_write_at(dirfd, names.v[0], text, len - 8, 0600, 0), 0);
	assert_int_equal(filter_prepare(&c, &s, 0, &e), 0);
	assert_int_equal(c.filter[c.n - 1].k, a.filter[a.n - 1].k);

	/* Another set of capabilities is another program. */
	filter_clear(&c);
	assert_int_equal(filter_prepare(&c, &s, CAP(SYS_ADMIN), &e), 0);
	assert_int_equal(ask(&c, SYS_mount, 0, 0), ALLOW);
	assert_int_equal(file_remove_tree(AT_FDCWD, dir), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_default),
		cmocka_unit_test(test_no_namespaces_without_sys_admin),
		cmocka_unit_test(test_sockets),
		cmocka_unit_test(test_profile),
		cmocka_unit_test(test_bad_profiles),
		cmocka_unit_test(test_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
