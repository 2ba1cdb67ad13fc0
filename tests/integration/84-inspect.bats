#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# inspect of containers: the members that programs read, with the types that podman and docker give
# them; --type, --size, --latest, several names, errors.

load lib/common
setup_file() { common_setup_file; }
teardown_file() { common_teardown_file; }
setup() { common_setup; }
teardown() { common_teardown; }

# Members of podman's object with their JSON types (podman 4.3 to 5.x; null where it is empty there too).
types() {
	cat <<'EOT'
array .Args .BoundingCaps .EffectiveCaps .ExecIDs .Mounts .Dependencies
string .Id .Created .Path .Image .ImageName .ImageDigest .Rootfs .Pod .ResolvConfPath .HostnamePath .HostsPath
string .StaticDir .OCIRuntime .ConmonPidFile .PidFile .Name .Driver .MountLabel .ProcessLabel .AppArmorProfile .Namespace
number .RestartCount .SizeRw .SizeRootFs
boolean .IsInfra .IsService .UseImageHosts .UseImageHostname
string .KubeExitCodePropagation .OCIConfigPath
string .State.OciVersion .State.Status .State.Error .State.StartedAt .State.FinishedAt .State.CheckpointedAt .State.RestoredAt
boolean .State.Running .State.Paused .State.Restarting .State.OOMKilled .State.Dead
number .State.Pid .State.ConmonPid .State.ExitCode .State.Health.FailingStreak
string .State.Health.Status
array .State.Health.Log
string .GraphDriver.Name .GraphDriver.Data.LowerDir .GraphDriver.Data.UpperDir .GraphDriver.Data.WorkDir
string .Mounts[0].Type .Mounts[0].Source .Mounts[0].Destination .Mounts[0].Driver .Mounts[0].Mode .Mounts[0].Propagation
array .Mounts[0].Options
boolean .Mounts[0].RW
string .NetworkSettings.EndpointID .NetworkSettings.Gateway .NetworkSettings.IPAddress .NetworkSettings.MacAddress
string .NetworkSettings.Bridge .NetworkSettings.SandboxID .NetworkSettings.SandboxKey .NetworkSettings.Ports["80/tcp"][0].HostPort
number .NetworkSettings.IPPrefixLen .NetworkSettings.GlobalIPv6PrefixLen .NetworkSettings.LinkLocalIPv6PrefixLen
string .Config.Hostname .Config.Domainname .Config.User .Config.Image .Config.WorkingDir .Config.StopSignal .Config.Umask
string .Config.HealthcheckOnFailureAction .Config.sdNotifyMode
boolean .Config.AttachStdin .Config.AttachStdout .Config.AttachStderr .Config.Tty .Config.OpenStdin .Config.StdinOnce .Config.Passwd
array .Config.Env .Config.Cmd .Config.CreateCommand .Config.Healthcheck.Test
object .Config.Labels .Config.Annotations .Config.ExposedPorts
number .Config.StopTimeout .Config.Timeout .Config.HealthcheckMaxLogCount .Config.HealthcheckMaxLogSize
array .HostConfig.Binds .HostConfig.CapAdd .HostConfig.CapDrop .HostConfig.Dns .HostConfig.DnsOptions .HostConfig.DnsSearch
array .HostConfig.ExtraHosts .HostConfig.GroupAdd .HostConfig.SecurityOpt .HostConfig.ConsoleSize .HostConfig.Devices .HostConfig.Ulimits
string .HostConfig.CgroupManager .HostConfig.CgroupMode .HostConfig.ContainerIDFile .HostConfig.NetworkMode .HostConfig.VolumeDriver
string .HostConfig.Cgroup .HostConfig.IpcMode .HostConfig.PidMode .HostConfig.UTSMode .HostConfig.UsernsMode .HostConfig.Runtime
string .HostConfig.Isolation .HostConfig.CgroupParent .HostConfig.CpusetCpus .HostConfig.CpusetMems .HostConfig.Cgroups
string .HostConfig.LogConfig.Type .HostConfig.LogConfig.Path .HostConfig.LogConfig.Tag .HostConfig.LogConfig.Size
string .HostConfig.RestartPolicy.Name .HostConfig.Ulimits[0].Name .HostConfig.Devices[0].PathOnHost .HostConfig.PortBindings["80/tcp"][0].HostIp
number .HostConfig.RestartPolicy.MaximumRetryCount .HostConfig.OomScoreAdj .HostConfig.ShmSize .HostConfig.CpuShares .HostConfig.Memory
number .HostConfig.NanoCpus .HostConfig.BlkioWeight .HostConfig.CpuPeriod .HostConfig.CpuQuota .HostConfig.CpuRealtimePeriod
number .HostConfig.CpuRealtimeRuntime .HostConfig.DiskQuota .HostConfig.KernelMemory .HostConfig.MemoryReservation .HostConfig.MemorySwap
number .HostConfig.MemorySwappiness .HostConfig.PidsLimit .HostConfig.CpuCount .HostConfig.CpuPercent .HostConfig.IOMaximumIOps
number .HostConfig.IOMaximumBandwidth .HostConfig.Ulimits[0].Soft .HostConfig.Ulimits[0].Hard
boolean .HostConfig.AutoRemove .HostConfig.Privileged .HostConfig.PublishAllPorts .HostConfig.ReadonlyRootfs .HostConfig.OomKillDisable
object .HostConfig.Tmpfs
null .HostConfig.Links .HostConfig.BlkioWeightDevice .HostConfig.BlkioDeviceReadBps .HostConfig.CgroupConf
EOT
}

make_full() {
	run_rl run -d --name full --network=slirp4netns -p "$(free_port):80" -v /etc:/e:ro -v "vol:/v" --tmpfs /tt:size=1m -e A=b \
		-l k=v --annotation an=1 --health-cmd true --cap-add NET_ADMIN --ulimit nofile=100:200 --device /dev/null:/dev/nu:rw $BB sleep 1000
}

@test "every member that programs read is there and has its type, in JSON and in a template" {
	make_full
	rl container inspect --size full > full.json
	types | while read -r type paths; do printf "%s $type\n" $paths; done > wanted
	while read -r path _; do
		printf '"%s " + (.[0]%s | type)\n' "${path//\"/\\\"}" "$path"
	done < wanted | paste -sd, > program
	jq -r -f program full.json > found
	diff wanted found
	template=$(types | grep -v '^null' | tr ' ' '\n' | grep '^\.' | grep -v '\[' | sed 's/.*/{{&}}/' | tr -d '\n')
	run_rl inspect --size --format "$template" full
	unlike "$output" "*<no value>*"
	is "$(jq -c '.[0].HostConfig.Ulimits' full.json)" '[{"Name":"RLIMIT_NOFILE","Soft":100,"Hard":200}]'
	is "$(jq -c '.[0].HostConfig.Devices' full.json)" '[{"PathOnHost":"/dev/null","PathInContainer":"/dev/nu","CgroupPermissions":"rw"}]'
	is "$(exec -a docker "$ROOTLET" --root "$ROOT" inspect --format '{{(index .HostConfig.Ulimits 0).Name}}' full)" nofile
	run_rl rm -f -t 0 full
}

@test "--type finds only its kind; several names; the errors come after what was found" {
	run_rl create --name same $BB true
	run_rl volume create same
	is "$(rl inspect --format '{{.Name}}' same)" same
	is "$(rl inspect --type volume --format '{{.Mountpoint}}' same)" "$ROOT/volumes/same/_data"
	is "$(rl inspect --type image --format '{{len .RepoTags}}' $BB)" 1
	is "$(rl inspect same $BB | jq length)" 2
	run -125 --separate-stderr rl inspect --type image same
	is "$output" "[]"
	like "$stderr" "rootlet: *same*"
	run_rl 125 inspect --type box same
	is_one_error
	like "$output" "*--type*box*"
	run -125 --separate-stderr rl inspect same no-such
	is "$(echo "$output" | jq length)" 1
	like "$stderr" "*no-such*"
	run_rl 125 container inspect $BB
	run_rl 125 inspect
	run_rl 125 inspect --format '{{.Nope' same
}

@test "--latest, --size" {
	run_rl create --name first $BB true
	run_rl run --name second $BB sh -c 'head -c 100000 /dev/zero > /f'
	is "$(rl inspect --latest --format '{{.Name}}')" second
	is "$(rl inspect -l --format '{{.Name}}')" second
	run_rl inspect --size --format '{{.SizeRw}} {{.SizeRootFs}}' second
	set -- $output
	[ "$1" -ge 100000 ]
	[ "$2" -gt "$1" ]
	run_rl 125 inspect --latest first
}

@test "--size and ps --size where the driver keeps whole copies" {
	rl save -q --format oci-archive -o bb.tar $BB
	run_rl --root "$PWD/v" --storage-driver vfs load -q -i bb.tar
	run_rl --root "$PWD/v" run --name c --network=none $BB sh -c 'head -c 100000 /dev/zero > /f'
	run_rl --root "$PWD/v" inspect --size --format '{{.SizeRootFs}}' c
	[ "$output" -gt 100000 ]
	run_rl --root "$PWD/v" ps -a --size
	like "$output" "*virtual*"
	run_rl --root "$PWD/v" rm c
}
