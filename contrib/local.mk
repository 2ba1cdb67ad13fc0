# SPDX-License-Identifier: Apache-2.0
# The unit that starts containers after a boot, for `systemctl --user enable`.
userunitdir = $(prefix)/lib/systemd/user
nodist_userunit_DATA = contrib/systemd/user/rootlet-restart.service
EXTRA_DIST += contrib/systemd/user/rootlet-restart.service.in
CLEANFILES += contrib/systemd/user/rootlet-restart.service

contrib/systemd/user/rootlet-restart.service: contrib/systemd/user/rootlet-restart.service.in Makefile
	$(AM_V_GEN)$(MKDIR_P) $(@D) && sed 's|@bindir[@]|$(bindir)|' \
		$(top_srcdir)/contrib/systemd/user/rootlet-restart.service.in > $@.tmp && mv $@.tmp $@
