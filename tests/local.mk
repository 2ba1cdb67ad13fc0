# SPDX-License-Identifier: Apache-2.0
# "make check": unit tests and lint, as TAP. contrib/check runs this and everything else.
LINT = contrib/lint/layers contrib/lint/raw-syscalls contrib/lint/headers \
	contrib/lint/sources-listed contrib/lint/symbols contrib/lint/circles contrib/lint/man-pages \
	contrib/lint/options
TESTS += $(check_PROGRAMS) $(LINT)
EXTRA_DIST += contrib tests/integration tests/bench tests/vm tests/crash tests/security tests/options

LOG_DRIVER = env AM_TAP_AWK='$(AWK)' $(SHELL) $(top_srcdir)/build-aux/tap-driver.sh
AM_TESTS_ENVIRONMENT = CMOCKA_MESSAGE_OUTPUT=TAP; export CMOCKA_MESSAGE_OUTPUT; \
	srcdir='$(srcdir)'; export srcdir; builddir=.; export builddir; CC='$(CC)'; export CC;

# The rest of the tests wants an unprivileged user and programs of its own (contrib/install-deps test).
check-integration: all
	BUILD=$(abs_builddir) $(top_srcdir)/tests/run integration
check-security: all
	BUILD=$(abs_builddir) $(top_srcdir)/tests/run security
check-crash: all
	BUILD=$(abs_builddir) $(top_srcdir)/tests/run crash
check-all: check check-integration check-security check-crash
bench: all
	BUILD=$(abs_builddir) $(top_srcdir)/tests/bench/run
.PHONY: check-integration check-security check-crash check-all bench
EXTRA_DIST += tests/run
