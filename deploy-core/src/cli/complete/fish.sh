# Completion of PROGRAM for fish. Put this into your config.fish: PROGRAM --completions fish | source
function _complete_FUNCTION
    set -l words (commandline -opc)
    $words[1] --complete-words -- $words[2..] (commandline -ct) 2>/dev/null
end
complete -c PROGRAM -f -a '(_complete_FUNCTION)'
