# SPDX-License-Identifier: Apache-2.0
noinst_LIBRARIES += libcli.a
libcli_a_SOURCES = \
	src/cli/cmd.h \
	src/cli/columns.c \
	src/cli/columns.h \
	src/cli/commands.def \
	src/cli/commands.h \
	src/cli/container.c \
	src/cli/create_opts.c \
	src/cli/create_opts.h \
	src/cli/doctor.c \
	src/cli/doctor.h \
	src/cli/doctor_host.c \
	src/cli/doctor_ids.c \
	src/cli/doctor_kernel.c \
	src/cli/doctor_store.c \
	src/cli/each.c \
	src/cli/each.h \
	src/cli/exec.c \
	src/cli/help.c \
	src/cli/help.h \
	src/cli/host_facts.c \
	src/cli/host_facts.h \
	src/cli/image.c \
	src/cli/image_list.c \
	src/cli/image_show.c \
	src/cli/image_users.c \
	src/cli/image_users.h \
	src/cli/info.c \
	src/cli/inspect.c \
	src/cli/logs.c \
	src/cli/objects.c \
	src/cli/objects.h \
	src/cli/pause.c \
	src/cli/ps.c \
	src/cli/run.c \
	src/cli/stats.c \
	src/cli/system.c \
	src/cli/system_check.c \
	src/cli/table.c \
	src/cli/top.c \
	src/cli/transfer.c \
	src/cli/version.c \
	src/cli/version.h \
	src/cli/yaml_out.c \
	src/cli/yaml_out.h \
	src/cli/volume.c
