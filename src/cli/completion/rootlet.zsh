#compdef rootlet
# SPDX-License-Identifier: Apache-2.0
# zsh completion for rootlet: every answer comes from `rootlet __complete`, which reads the same
# tables as the commands themselves.

_rootlet() {
	local program=${words[1]} line kind= word
	local -a lines found shown open open_shown
	# Under another name (an alias) too it is rootlet that knows.
	[[ $program == */rootlet ]] || program=rootlet
	lines=("${(@f)$(${~program} __complete ${=ROOTLET_COMPLETE_FLAGS} -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2> /dev/null)}")
	for line in $lines; do
		case $line in
		:file | :dir) kind=${line[2,-1]}; continue ;;
		esac
		word=${line%%$'\t'*}
		[[ $line == *$'\t'* ]] && line="$word  -- ${line#*$'\t'}"
		if [[ $word == *[:=,/] ]]; then
			open+=("$word")
			open_shown+=("$line")
		else
			found+=("$word")
			shown+=("$line")
		fi
	done
	(( $#found )) && compadd -l -d shown -a found
	(( $#open )) && compadd -S '' -l -d open_shown -a open
	case $kind in
	file) compset -P '*='; _files ;;
	dir) compset -P '*='; _files -/ ;;
	esac
	return 0
}

# Read by compinit as a function's body (autoload), or as a file (source).
if [[ ${funcstack[1]} == _rootlet ]]; then
	_rootlet "$@"
else
	compdef _rootlet rootlet
fi
