#compdef PROGRAM
# Completion of PROGRAM for zsh. Put this into your ~/.zshrc: source <(PROGRAM --completions zsh)
_complete_FUNCTION() {
    local -a described
    local line tab=$'\t'
    for line in "${(@f)$($words[1] --complete-words -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
        [[ -n "$line" ]] && described+=("${${line%%$tab*}//:/\\:}:${line#*$tab}")
    done
    if (( $#described )); then
        _describe 'PROGRAM' described
    else
        _files
    fi
}
compdef _complete_FUNCTION PROGRAM
