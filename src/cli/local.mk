# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libcli.a
libcli_a_SOURCES = \
	src/cli/ask_image.c \
	src/cli/ask_image.h \
	src/cli/cmd.h \
	src/cli/checkpoint.c \
	src/cli/cleanup.c \
	src/cli/clone.c \
	src/cli/columns.c \
	src/cli/columns.h \
	src/cli/commands.def \
	src/cli/commands.h \
	src/cli/commit.c \
	src/cli/complete.c \
	src/cli/complete_names.c \
	src/cli/complete_names.h \
	src/cli/completion.c \
	src/cli/confirm.c \
	src/cli/confirm.h \
	src/cli/container.c \
	src/cli/cp.c \
	src/cli/create_opts.c \
	src/cli/create_opts.h \
	src/cli/diff.c \
	src/cli/docker_commands.c \
	src/cli/docker_commands.h \
	src/cli/docker_events.c \
	src/cli/docker_events.h \
	src/cli/docker_help.c \
	src/cli/docker_help.h \
	src/cli/docker_info.c \
	src/cli/docker_info.h \
	src/cli/docker_ports.c \
	src/cli/docker_ports.h \
	src/cli/docker_rmi.c \
	src/cli/docker_rmi.h \
	src/cli/docker_rows.c \
	src/cli/docker_rows.h \
	src/cli/docker_usage.c \
	src/cli/docker_usage.h \
	src/cli/doctor.c \
	src/cli/doctor.h \
	src/cli/doctor_findings.c \
	src/cli/doctor_host.c \
	src/cli/doctor_ids.c \
	src/cli/doctor_kernel.c \
	src/cli/doctor_store.c \
	src/cli/each.c \
	src/cli/each.h \
	src/cli/env_opt.c \
	src/cli/env_opt.h \
	src/cli/events.c \
	src/cli/exec.c \
	src/cli/export.c \
	src/cli/health.c \
	src/cli/health_opts.c \
	src/cli/health_opts.h \
	src/cli/help.c \
	src/cli/help.h \
	src/cli/host_facts.c \
	src/cli/host_facts.h \
	src/cli/image.c \
	src/cli/image_list.c \
	src/cli/image_show.c \
	src/cli/image_tree.c \
	src/cli/image_users.c \
	src/cli/image_users.h \
	src/cli/info.c \
	src/cli/inspect.c \
	src/cli/limit_opts.c \
	src/cli/limit_opts.h \
	src/cli/line_files.c \
	src/cli/line_files.h \
	src/cli/login.c \
	src/cli/logs.c \
	src/cli/mount.c \
	src/cli/objects.c \
	src/cli/objects.h \
	src/cli/manifest.c \
	src/cli/pause.c \
	src/cli/period.c \
	src/cli/period.h \
	src/cli/preserve.c \
	src/cli/preserve.h \
	src/cli/prose.c \
	src/cli/prose.h \
	src/cli/prune.c \
	src/cli/prune.h \
	src/cli/ps.c \
	src/cli/show.c \
	src/cli/show.h \
	src/cli/run.c \
	src/cli/runlabel.c \
	src/cli/secret.c \
	src/cli/search.c \
	src/cli/start.c \
	src/cli/stats.c \
	src/cli/stop_all.c \
	src/cli/system.c \
	src/cli/system_check.c \
	src/cli/system_df.c \
	src/cli/system_prune.c \
	src/cli/table.c \
	src/cli/top.c \
	src/cli/transfer.c \
	src/cli/trust.c \
	src/cli/update.c \
	src/cli/values.c \
	src/cli/values.h \
	src/cli/wait.c \
	src/cli/version.c \
	src/cli/version.h \
	src/cli/yaml_out.c \
	src/cli/yaml_out.h \
	src/cli/volume.c \
	src/cli/volume_data.c \
	src/cli/volume_rm.c

# Scripts that `rootlet completion` prints are files here, and installed as such.
COMPLETIONS = src/cli/completion/rootlet.bash src/cli/completion/rootlet.zsh \
	src/cli/completion/rootlet.fish
EXTRA_DIST += $(COMPLETIONS) build-aux/text2c
nodist_libcli_a_SOURCES = completion_bash.c completion_zsh.c completion_fish.c \
	prose_table.c
CLEANFILES += $(nodist_libcli_a_SOURCES)
TEXT2C = $(AM_V_GEN)$(SHELL) $(srcdir)/build-aux/text2c
prose_table.c: $(PROSE) $(srcdir)/build-aux/prose2c
	$(AM_V_GEN)cd $(srcdir) && $(SHELL) build-aux/prose2c $(PROSE) > $(abs_builddir)/$@
completion_bash.c: $(srcdir)/src/cli/completion/rootlet.bash $(srcdir)/build-aux/text2c
	$(TEXT2C) completion_bash $(srcdir)/src/cli/completion/rootlet.bash > $@
completion_zsh.c: $(srcdir)/src/cli/completion/rootlet.zsh $(srcdir)/build-aux/text2c
	$(TEXT2C) completion_zsh $(srcdir)/src/cli/completion/rootlet.zsh > $@
completion_fish.c: $(srcdir)/src/cli/completion/rootlet.fish $(srcdir)/build-aux/text2c
	$(TEXT2C) completion_fish $(srcdir)/src/cli/completion/rootlet.fish > $@

# Where each shell looks by itself.
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
INSTALL_DATA_LOCAL += install-completions
install-completions:
	$(MKDIR_P) '$(DESTDIR)$(bashcompletiondir)' '$(DESTDIR)$(zshcompletiondir)' \
		'$(DESTDIR)$(fishcompletiondir)'
	$(INSTALL_DATA) $(srcdir)/src/cli/completion/rootlet.bash '$(DESTDIR)$(bashcompletiondir)/rootlet'
	$(INSTALL_DATA) $(srcdir)/src/cli/completion/rootlet.zsh '$(DESTDIR)$(zshcompletiondir)/_rootlet'
	$(INSTALL_DATA) $(srcdir)/src/cli/completion/rootlet.fish '$(DESTDIR)$(fishcompletiondir)/'
UNINSTALL_LOCAL += uninstall-completions
uninstall-completions:
	rm -f '$(DESTDIR)$(bashcompletiondir)/rootlet' '$(DESTDIR)$(zshcompletiondir)/_rootlet' \
		'$(DESTDIR)$(fishcompletiondir)/rootlet.fish'
