# SPDX-License-Identifier: Apache-2.0
# To be read by the start-up file of a shell (bash, zsh, or another of sh's kind):
# podman and docker mean rootlet, the latter with Docker's ways, and are completed as it is.
alias podman=rootlet
if [ -n "${BASH_VERSION:-}" ]; then
	docker() { (exec -a docker rootlet "$@"); }
	case $- in *i*)
		eval "$(command rootlet completion bash)"
		complete -F _rootlet podman docker
	esac
elif [ -n "${ZSH_VERSION:-}" ]; then
	docker() { (exec -a docker rootlet "$@") }
	if whence compdef > /dev/null; then
		eval "$(command rootlet completion zsh)"
		compdef _rootlet podman docker
	fi
else
	alias docker=rootlet
fi
