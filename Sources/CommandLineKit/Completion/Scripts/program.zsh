#compdef PROGRAM
# Completion of PROGRAM in zsh. The program itself finds what a line can go on with; here that is handed to zsh. What the
# program prints is never evaluated: compadd quotes it.

_PROGRAM() {
  local -a answer values shown open open_shown
  local line value note
  # The PROGRAM in PATH, not the word typed: pressing a key is not to run a program in somebody else's directory.
  answer=("${(@f)$(command PROGRAM ---complete zsh "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null)}")
  case ${answer[1]} in
    (words)
      for line in "${(@)answer[2,-1]}"; do
        value=${line%%$'\t'*}
        note=${line#"$value"}
        line=$value${note:+"  -- ${note#$'\t'}"}
        if [[ $value == *= ]]; then
          open+=("$value") open_shown+=("$line")
        else
          values+=("$value") shown+=("$line")
        fi
      done
      local -i ret=1
      compadd -l -d shown -a values && ret=0
      compadd -l -S '' -d open_shown -a open && ret=0
      return ret
      ;;
    (files)
      [[ -z ${answer[2]} ]] || compset -P '[^=]#='
      _files
      ;;
    (directories)
      [[ -z ${answer[2]} ]] || compset -P '[^=]#='
      _files -/
      ;;
    (command)
      words=("${(@)words[answer[2] + 2,-1]}")
      ((CURRENT -= answer[2] + 1))
      _normal
      ;;
    (*) return 1 ;;
  esac
}

if [[ ${funcstack[1]} == _PROGRAM ]]; then
  _PROGRAM "$@"
else
  compdef _PROGRAM PROGRAM
fi
