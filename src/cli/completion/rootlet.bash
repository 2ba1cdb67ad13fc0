# SPDX-License-Identifier: Apache-2.0
# bash completion for rootlet: every answer comes from `rootlet __complete`, which reads the same
# tables as the commands themselves.

# The words before the cursor as the shell will pass them: bash has split them at ':' and '=' too.
_rootlet_words() {
	local line=${COMP_LINE:0:COMP_POINT} i token
	_rootlet_typed=()
	for ((i = 0; i <= COMP_CWORD; i++)); do
		token=${COMP_WORDS[i]}
		if ((i == 0)) || [[ $line == [[:space:]]* ]]; then
			line=${line#"${line%%[![:space:]]*}"}
			_rootlet_typed+=("")
		fi
		((i == COMP_CWORD)) && token=$line
		_rootlet_typed[${#_rootlet_typed[@]} - 1]+=$token
		line=${line#"$token"}
	done
	for i in "${!_rootlet_typed[@]}"; do
		token=${_rootlet_typed[i]}
		case $token in
		\"* | \'*) token=${token:1}; token=${token%[\"\']} ;;
		esac
		_rootlet_typed[i]=${token//\\/}
	done
}

_rootlet() {
	local _rootlet_typed program=${COMP_WORDS[0]} cur kind= line cut= width=0
	local -a words=()
	COMPREPLY=()
	_rootlet_words
	cur=${_rootlet_typed[${#_rootlet_typed[@]} - 1]}
	# Under another name (an alias) too it is rootlet that knows.
	[[ $program == */rootlet ]] || program=rootlet
	while IFS= read -r line; do
		case $line in
		:file | :dir) kind=${line:1} ;;
		?*) words+=("$line") ;;
		esac
	done < <("${program/#\~\//$HOME/}" __complete $ROOTLET_COMPLETE_FLAGS -- "${_rootlet_typed[@]:1}" 2> /dev/null)

	# What stands before the last ':' or '=' is not part of the word that bash replaces.
	case $cur in
	*[:=]*) [[ $COMP_WORDBREAKS == *:* || $cur != *:* ]] && cut=${cur%"${cur##*[:=]}"} ;;
	esac
	case $kind in
	file | dir)
		compopt -o filenames 2> /dev/null
		line=${cur#"$cut"}
		while IFS= read -r line; do
			words+=("$cut$line")
		done < <(compgen -"${kind:0:1}" -- "$line")
		;;
	esac
	if ((${#words[@]} == 1)); then
		COMPREPLY=("${words[0]%%$'\t'*}")
		COMPREPLY[0]=${COMPREPLY[0]#"$cut"}
		case ${COMPREPLY[0]} in
		*[:=,/]) compopt -o nospace 2> /dev/null ;;
		esac
		return
	fi
	# Explanations are for the list that is shown (63, 33, 64), not for what is inserted (9, 37, 42).
	case ${COMP_TYPE:-9} in
	63 | 33 | 64)
		for line in "${words[@]}"; do
			line=${line%%$'\t'*}
			((${#line} > width)) && width=${#line}
		done
		;;
	esac
	for line in "${words[@]}"; do
		if ((width)) && [[ $line == *$'\t'* ]]; then
			printf -v line '%-*s  (%s)' "$width" "${line%%$'\t'*}" "${line#*$'\t'}"
			line=${line:0:${COLUMNS:-80}-1}
		fi
		line=${line%%$'\t'*}
		COMPREPLY+=("${line#"$cut"}")
	done
}

complete -F _rootlet rootlet
