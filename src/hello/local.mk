# SPDX-License-Identifier: Apache-2.0
# The image that is there before anything was pulled: a static program and its OCI layout.
noinst_PROGRAMS += src/hello/hello
src_hello_hello_SOURCES = src/hello/hello.c
# Plain and static, whatever the rest is built with: it runs where there is no library.
src_hello_hello_CPPFLAGS = -D_GNU_SOURCE
src_hello_hello_CFLAGS = -std=gnu11 -Os -Wall -Wextra -fno-asynchronous-unwind-tables
src_hello_hello_LDFLAGS = -static -s -Wl,--gc-sections -Wl,--build-id=none

EXTRA_DIST += src/hello/mklayout
ALL_LOCAL += hello/index.json
hello/index.json: src/hello/hello$(EXEEXT) $(srcdir)/src/hello/mklayout
	$(AM_V_GEN)$(SHELL) $(srcdir)/src/hello/mklayout src/hello/hello$(EXEEXT) hello

INSTALL_DATA_LOCAL += install-hello
install-hello: hello/index.json
	$(MKDIR_P) '$(DESTDIR)$(pkgdatadir)/hello/blobs/sha256'
	$(INSTALL_DATA) hello/oci-layout hello/index.json '$(DESTDIR)$(pkgdatadir)/hello/'
	$(INSTALL_DATA) hello/blobs/sha256/* '$(DESTDIR)$(pkgdatadir)/hello/blobs/sha256/'

UNINSTALL_LOCAL += uninstall-hello
uninstall-hello:
	rm -rf '$(DESTDIR)$(pkgdatadir)/hello'

CLEAN_LOCAL += clean-hello
clean-hello:
	rm -rf hello
