# v2v-nbdkit-launch(1) completion for fish
# SPDX-License-Identifier: GPL-2.0-or-later

# The program itself says how the line can go on (--complete), so that the
# completion always matches it.

function __v2v_nbdkit_launch
    set -l given (commandline --tokenize --cut-at-cursor --current-process)
    set -l word (commandline --current-token --cut-at-cursor)
    set -e given[1]

    for line in (v2v-nbdkit-launch --complete $given "$word" 2>/dev/null)
        switch $line
            case ':files*' ':directories*'
                set -l prefix (string replace --regex '^:[a-z]* ?' '' -- $line)
                set -l begun (string sub \
                    --start (math 1 + (string length -- "$prefix")) -- "$word")
                set -l names (__fish_complete_path "$begun")
                if string match --quiet ':directories*' -- $line
                    set names (__fish_complete_directories "$begun")
                end
                for name in $names
                    echo -- $prefix$name
                end
            case '*'
                echo -- $line
        end
    end
end

complete --command v2v-nbdkit-launch --no-files \
    --arguments '(__v2v_nbdkit_launch)'
