# SPDX-License-Identifier: Apache-2.0
# Unit tests: one program per module, no privileges, no network. One block per folder.
#   check_PROGRAMS += tests/unit/test_foo
#   tests_unit_test_foo_SOURCES = tests/unit/test_foo.c
#   tests_unit_test_foo_LDADD = libx.a libbase.a -lyajl -lcmocka
UNIT_LIBS = libbase.a $(YAJL_LIBS) -lcmocka

# src/base
check_PROGRAMS += tests/unit/test_file
tests_unit_test_file_SOURCES = tests/unit/test_file.c
tests_unit_test_file_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_ident
tests_unit_test_ident_SOURCES = tests/unit/test_ident.c
tests_unit_test_ident_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_json
tests_unit_test_json_SOURCES = tests/unit/test_json.c
tests_unit_test_json_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_lock
tests_unit_test_lock_SOURCES = tests/unit/test_lock.c
tests_unit_test_lock_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_idmap
tests_unit_test_idmap_SOURCES = tests/unit/test_idmap.c
tests_unit_test_idmap_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_opt
tests_unit_test_opt_SOURCES = tests/unit/test_opt.c
tests_unit_test_opt_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_parallel
tests_unit_test_parallel_SOURCES = tests/unit/test_parallel.c
tests_unit_test_parallel_LDADD = $(UNIT_LIBS)

check_PROGRAMS += tests/unit/test_path
tests_unit_test_path_SOURCES = tests/unit/test_path.c
tests_unit_test_path_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_persona
tests_unit_test_persona_SOURCES = tests/unit/test_persona.c
tests_unit_test_persona_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_proc
tests_unit_test_proc_SOURCES = tests/unit/test_proc.c
tests_unit_test_proc_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_str
tests_unit_test_str_SOURCES = tests/unit/test_str.c
tests_unit_test_str_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_strv
tests_unit_test_strv_SOURCES = tests/unit/test_strv.c
tests_unit_test_strv_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_table
tests_unit_test_table_SOURCES = tests/unit/test_table.c
tests_unit_test_table_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_template
tests_unit_test_template_SOURCES = tests/unit/test_template.c
tests_unit_test_template_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_timefmt
tests_unit_test_timefmt_SOURCES = tests/unit/test_timefmt.c
tests_unit_test_timefmt_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_toml
tests_unit_test_toml_SOURCES = tests/unit/test_toml.c
tests_unit_test_toml_LDADD = $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_units
tests_unit_test_units_SOURCES = tests/unit/test_units.c
tests_unit_test_units_LDADD = $(UNIT_LIBS)
# end of src/base

# netns
check_PROGRAMS += tests/unit/test_netns_config tests/unit/test_netns_ports tests/unit/test_resolv
tests_unit_test_netns_config_SOURCES = tests/unit/test_netns_config.c
tests_unit_test_netns_config_LDADD = libnetns.a $(UNIT_LIBS)
tests_unit_test_netns_ports_SOURCES = tests/unit/test_netns_ports.c
tests_unit_test_netns_ports_LDADD = libnetns.a $(UNIT_LIBS)
tests_unit_test_resolv_SOURCES = tests/unit/test_resolv.c
tests_unit_test_resolv_LDADD = libnetns.a $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_udp_relay
tests_unit_test_udp_relay_SOURCES = tests/unit/test_udp_relay.c
tests_unit_test_udp_relay_LDADD = libnetns.a $(UNIT_LIBS)

# userns
USERNS_UNIT_LIBS = libuserns.a $(UNIT_LIBS) -ldl
check_PROGRAMS += tests/unit/test_account tests/unit/test_runtime_dir \
	tests/unit/test_session_map tests/unit/test_session_record tests/unit/test_subid
tests_unit_test_account_SOURCES = tests/unit/test_account.c
tests_unit_test_account_LDADD = $(USERNS_UNIT_LIBS)
tests_unit_test_runtime_dir_SOURCES = tests/unit/test_runtime_dir.c
tests_unit_test_runtime_dir_LDADD = $(USERNS_UNIT_LIBS)
tests_unit_test_session_map_SOURCES = tests/unit/test_session_map.c
tests_unit_test_session_map_LDADD = $(USERNS_UNIT_LIBS)
tests_unit_test_session_record_SOURCES = tests/unit/test_session_record.c
tests_unit_test_session_record_LDADD = $(USERNS_UNIT_LIBS)
tests_unit_test_subid_SOURCES = tests/unit/test_subid.c
tests_unit_test_subid_LDADD = $(USERNS_UNIT_LIBS)
# end of userns

# system commands of src/cli
check_PROGRAMS += tests/unit/test_yaml_out
tests_unit_test_yaml_out_SOURCES = tests/unit/test_yaml_out.c
tests_unit_test_yaml_out_LDADD = libcli.a $(UNIT_LIBS)

# names of images
IMAGE_UNIT_LIBS = libimage.a libstorage.a $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_auth tests/unit/test_platform tests/unit/test_reference \
	tests/unit/test_registries
tests_unit_test_auth_SOURCES = tests/unit/test_auth.c
tests_unit_test_auth_LDADD = $(IMAGE_UNIT_LIBS)
tests_unit_test_platform_SOURCES = tests/unit/test_platform.c
tests_unit_test_platform_LDADD = $(IMAGE_UNIT_LIBS)
tests_unit_test_reference_SOURCES = tests/unit/test_reference.c
tests_unit_test_reference_LDADD = $(IMAGE_UNIT_LIBS)
tests_unit_test_registries_SOURCES = tests/unit/test_registries.c
tests_unit_test_registries_LDADD = $(IMAGE_UNIT_LIBS)
check_PROGRAMS += tests/unit/test_catalog tests/unit/test_describe tests/unit/test_naming \
	tests/unit/test_resolve
tests_unit_test_catalog_SOURCES = tests/unit/test_catalog.c tests/unit/image_fixture.h \
	tests/unit/storage_fixture.h
tests_unit_test_catalog_LDADD = $(IMAGE_UNIT_LIBS)
tests_unit_test_describe_SOURCES = tests/unit/test_describe.c tests/unit/image_fixture.h \
	tests/unit/storage_fixture.h
tests_unit_test_describe_LDADD = $(IMAGE_UNIT_LIBS)
tests_unit_test_naming_SOURCES = tests/unit/test_naming.c tests/unit/image_fixture.h \
	tests/unit/storage_fixture.h
tests_unit_test_naming_LDADD = $(IMAGE_UNIT_LIBS)
tests_unit_test_resolve_SOURCES = tests/unit/test_resolve.c tests/unit/image_fixture.h \
	tests/unit/storage_fixture.h
tests_unit_test_resolve_LDADD = $(IMAGE_UNIT_LIBS)
# end of names of images

# transport of images
check_PROGRAMS += tests/unit/test_instruction tests/unit/test_manifest tests/unit/test_policy \
	tests/unit/test_remote_auth tests/unit/test_unzip
tests_unit_test_instruction_SOURCES = tests/unit/test_instruction.c
tests_unit_test_instruction_LDADD = $(IMAGE_UNIT_LIBS)
tests_unit_test_manifest_SOURCES = tests/unit/test_manifest.c
tests_unit_test_manifest_LDADD = $(IMAGE_UNIT_LIBS)
tests_unit_test_policy_SOURCES = tests/unit/test_policy.c
tests_unit_test_policy_LDADD = $(IMAGE_UNIT_LIBS)
tests_unit_test_remote_auth_SOURCES = tests/unit/test_remote_auth.c
tests_unit_test_remote_auth_LDADD = librootletimage.a $(IMAGE_UNIT_LIBS) $(IMAGE_LIBS)
tests_unit_test_unzip_SOURCES = tests/unit/test_unzip.c
tests_unit_test_unzip_LDADD = librootletimage.a $(IMAGE_UNIT_LIBS) $(IMAGE_LIBS)
# end of transport of images

# storage
STORAGE_UNIT_LIBS = libstorage.a $(UNIT_LIBS)
check_PROGRAMS += tests/unit/test_images tests/unit/test_layer tests/unit/test_names \
	tests/unit/test_store tests/unit/test_store_conf tests/unit/test_tar_extract \
	tests/unit/test_tar_header tests/unit/test_tar_split tests/unit/test_tree_copy
tests_unit_test_images_SOURCES = tests/unit/test_images.c tests/unit/storage_fixture.h
tests_unit_test_images_LDADD = $(STORAGE_UNIT_LIBS)
tests_unit_test_layer_SOURCES = tests/unit/test_layer.c tests/unit/storage_fixture.h
tests_unit_test_layer_LDADD = $(STORAGE_UNIT_LIBS)
tests_unit_test_names_SOURCES = tests/unit/test_names.c tests/unit/storage_fixture.h
tests_unit_test_names_LDADD = $(STORAGE_UNIT_LIBS)
tests_unit_test_store_SOURCES = tests/unit/test_store.c tests/unit/storage_fixture.h
tests_unit_test_store_LDADD = $(STORAGE_UNIT_LIBS)
tests_unit_test_store_conf_SOURCES = tests/unit/test_store_conf.c
tests_unit_test_store_conf_LDADD = $(STORAGE_UNIT_LIBS)
tests_unit_test_tar_extract_SOURCES = tests/unit/test_tar_extract.c tests/unit/storage_fixture.h
tests_unit_test_tar_extract_LDADD = $(STORAGE_UNIT_LIBS)
tests_unit_test_tar_header_SOURCES = tests/unit/test_tar_header.c
tests_unit_test_tar_header_LDADD = $(STORAGE_UNIT_LIBS)
tests_unit_test_tar_split_SOURCES = tests/unit/test_tar_split.c tests/unit/storage_fixture.h
tests_unit_test_tar_split_LDADD = librootletimage.a $(STORAGE_UNIT_LIBS) $(ISAL_LIBS) \
	$(CRYPTO_LIBS)
tests_unit_test_tree_copy_SOURCES = tests/unit/test_tree_copy.c tests/unit/storage_fixture.h
tests_unit_test_tree_copy_LDADD = $(STORAGE_UNIT_LIBS)
# end of storage

# runtime
RUNTIME_UNIT_LIBS = libruntime.a $(UNIT_LIBS) $(SECCOMP_LIBS)
check_PROGRAMS += tests/unit/test_caps tests/unit/test_filter tests/unit/test_mount_options \
	tests/unit/test_passwd tests/unit/test_runtime_sync tests/unit/test_seccomp_policy \
	tests/unit/test_sysctl
tests_unit_test_caps_SOURCES = tests/unit/test_caps.c
tests_unit_test_caps_LDADD = $(RUNTIME_UNIT_LIBS)
tests_unit_test_filter_SOURCES = tests/unit/test_filter.c tests/unit/bpf_run.h
tests_unit_test_filter_LDADD = $(RUNTIME_UNIT_LIBS)
tests_unit_test_mount_options_SOURCES = tests/unit/test_mount_options.c
tests_unit_test_mount_options_LDADD = $(RUNTIME_UNIT_LIBS)
tests_unit_test_passwd_SOURCES = tests/unit/test_passwd.c
tests_unit_test_passwd_LDADD = $(RUNTIME_UNIT_LIBS)
tests_unit_test_runtime_sync_SOURCES = tests/unit/test_runtime_sync.c
tests_unit_test_runtime_sync_LDADD = $(RUNTIME_UNIT_LIBS)
tests_unit_test_seccomp_policy_SOURCES = tests/unit/test_seccomp_policy.c tests/unit/bpf_run.h
tests_unit_test_seccomp_policy_LDADD = $(RUNTIME_UNIT_LIBS)
tests_unit_test_sysctl_SOURCES = tests/unit/test_sysctl.c
tests_unit_test_sysctl_LDADD = $(RUNTIME_UNIT_LIBS)
# end of runtime

# engine
ENGINE_UNIT_LIBS = libcontainer.a libimage.a libruntime.a libnetns.a libstorage.a libuserns.a \
	$(UNIT_LIBS) $(SECCOMP_LIBS)
check_PROGRAMS += tests/unit/test_changes tests/unit/test_config tests/unit/test_ctr_cgroup tests/unit/test_ctr_secrets tests/unit/test_events tests/unit/test_logs tests/unit/test_paste tests/unit/test_record \
	tests/unit/test_relay tests/unit/test_state tests/unit/test_stats tests/unit/test_tty
tests_unit_test_changes_SOURCES = tests/unit/test_changes.c
tests_unit_test_changes_LDADD = $(ENGINE_UNIT_LIBS)
tests_unit_test_config_SOURCES = tests/unit/test_config.c
tests_unit_test_config_LDADD = $(ENGINE_UNIT_LIBS)
tests_unit_test_ctr_cgroup_SOURCES = tests/unit/test_ctr_cgroup.c
tests_unit_test_ctr_cgroup_LDADD = $(ENGINE_UNIT_LIBS)
tests_unit_test_ctr_secrets_SOURCES = tests/unit/test_ctr_secrets.c
tests_unit_test_ctr_secrets_LDADD = $(ENGINE_UNIT_LIBS)
tests_unit_test_events_SOURCES = tests/unit/test_events.c
tests_unit_test_events_LDADD = $(ENGINE_UNIT_LIBS)
tests_unit_test_logs_SOURCES = tests/unit/test_logs.c
tests_unit_test_logs_LDADD = $(ENGINE_UNIT_LIBS)
tests_unit_test_paste_SOURCES = tests/unit/test_paste.c
tests_unit_test_paste_LDADD = $(ENGINE_UNIT_LIBS)
tests_unit_test_record_SOURCES = tests/unit/test_record.c
tests_unit_test_record_LDADD = $(ENGINE_UNIT_LIBS)
tests_unit_test_relay_SOURCES = tests/unit/test_relay.c
tests_unit_test_relay_LDADD = $(ENGINE_UNIT_LIBS)
tests_unit_test_state_SOURCES = tests/unit/test_state.c
tests_unit_test_state_LDADD = $(ENGINE_UNIT_LIBS)
tests_unit_test_stats_SOURCES = tests/unit/test_stats.c
tests_unit_test_stats_LDADD = $(ENGINE_UNIT_LIBS)
tests_unit_test_tty_SOURCES = tests/unit/test_tty.c
tests_unit_test_tty_LDADD = $(ENGINE_UNIT_LIBS)
check_PROGRAMS += tests/unit/test_health tests/unit/test_restart
tests_unit_test_health_SOURCES = tests/unit/test_health.c
tests_unit_test_health_LDADD = $(ENGINE_UNIT_LIBS)
tests_unit_test_restart_SOURCES = tests/unit/test_restart.c
tests_unit_test_restart_LDADD = $(ENGINE_UNIT_LIBS)
check_PROGRAMS += tests/unit/test_ctr_userns tests/unit/test_mount_args
tests_unit_test_ctr_userns_SOURCES = tests/unit/test_ctr_userns.c
tests_unit_test_ctr_userns_LDADD = $(ENGINE_UNIT_LIBS)
tests_unit_test_mount_args_SOURCES = tests/unit/test_mount_args.c
tests_unit_test_mount_args_LDADD = $(ENGINE_UNIT_LIBS)
# end of engine
check_PROGRAMS += tests/unit/test_cdi
tests_unit_test_cdi_SOURCES = tests/unit/test_cdi.c
tests_unit_test_cdi_LDADD = $(ENGINE_UNIT_LIBS)
check_PROGRAMS += tests/unit/test_volume_options
tests_unit_test_volume_options_SOURCES = tests/unit/test_volume_options.c
tests_unit_test_volume_options_LDADD = $(ENGINE_UNIT_LIBS)
