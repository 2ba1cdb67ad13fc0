# SPDX-License-Identifier: Apache-2.0
# fish completion for rootlet: every answer comes from `rootlet __complete`, which reads the same
# tables as the commands themselves.

function __rootlet_ask
    set -l typed (commandline -opc)
    set -l program rootlet
    # Under another name (an alias) too it is rootlet that knows.
    string match -q '*/rootlet' -- $typed[1]; and set program $typed[1]
    set -e typed[1]
    command $program __complete $ROOTLET_COMPLETE_FLAGS -- $typed (commandline -ct) 2>/dev/null
end

function __rootlet_words
    __rootlet_ask | string match -v -r '^:(file|dir)$'
end

function __rootlet_wants
    __rootlet_ask | string match -q -- ":$argv[1]"
end

complete -c rootlet -f -a '(__rootlet_words)'
complete -c rootlet -n '__rootlet_wants file' -F
complete -c rootlet -n '__rootlet_wants dir' -f -a '(__fish_complete_directories (string replace -r "^--[a-z-]*=" "" -- (commandline -ct)))'
