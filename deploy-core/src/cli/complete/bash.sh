# Completion of PROGRAM for bash. Put this into your ~/.bashrc: source <(PROGRAM --completions bash)
_complete_FUNCTION() {
    local line="${COMP_LINE:0:COMP_POINT}" words current
    read -ra words <<<"$line"
    [[ "$line" == *[[:space:]] ]] && words+=('')
    current="${words[-1]}"
    local IFS=$'\n'
    COMPREPLY=($("$1" --complete-words -- "${words[@]:1}" 2>/dev/null))
    COMPREPLY=("${COMPREPLY[@]%%$'\t'*}")
    # Readline replaces only what stands behind the last colon.
    if [[ "$COMP_WORDBREAKS" == *:* && "$current" == *:* ]]; then
        COMPREPLY=("${COMPREPLY[@]#"${current%"${current##*:}"}"}")
    fi
}
complete -o default -F _complete_FUNCTION PROGRAM
