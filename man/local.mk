# SPDX-License-Identifier: Apache-2.0
# Every page is made from the command table and man/text/ (build-aux/mkpages.c says how).
PROSE = man/text/rootlet.txt man/text/container.txt man/text/image.txt man/text/volume.txt \
	man/text/system.txt man/text/state.txt man/text/transfer.txt
EXTRA_DIST += $(PROSE) build-aux/prose2c

noinst_PROGRAMS += mkpages
mkpages_SOURCES = build-aux/mkpages.c
mkpages_LDADD = $(rootlet_LDADD)

ALL_LOCAL += man/pages/rootlet.1
man/pages/rootlet.1: mkpages$(EXEEXT)
	@$(MKDIR_P) man/pages && rm -f man/pages/*
	$(AM_V_GEN)./mkpages$(EXEEXT) man/pages

INSTALL_DATA_LOCAL += install-pages
install-pages: man/pages/rootlet.1
	$(MKDIR_P) '$(DESTDIR)$(mandir)/man1' '$(DESTDIR)$(mandir)/man5' '$(DESTDIR)$(mandir)/man7'
	$(INSTALL_DATA) man/pages/*.1 '$(DESTDIR)$(mandir)/man1/'
	$(INSTALL_DATA) man/pages/*.5 '$(DESTDIR)$(mandir)/man5/'
	$(INSTALL_DATA) man/pages/*.7 '$(DESTDIR)$(mandir)/man7/'

UNINSTALL_LOCAL += uninstall-pages
uninstall-pages:
	rm -f '$(DESTDIR)$(mandir)'/man1/rootlet.1 '$(DESTDIR)$(mandir)'/man[157]/rootlet-*.[157]

CLEAN_LOCAL += clean-pages
clean-pages:
	rm -rf man/pages

# What a shell's start-up file reads, named in rootlet-transfer(7).
INSTALL_DATA_LOCAL += install-aliases
install-aliases:
	$(MKDIR_P) '$(DESTDIR)$(pkgdatadir)'
	$(INSTALL_DATA) $(srcdir)/contrib/aliases.sh '$(DESTDIR)$(pkgdatadir)/aliases.sh'

UNINSTALL_LOCAL += uninstall-aliases
uninstall-aliases:
	rm -f '$(DESTDIR)$(pkgdatadir)/aliases.sh'
