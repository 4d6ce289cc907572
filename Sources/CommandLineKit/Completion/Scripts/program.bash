# Completion of PROGRAM in bash 4.4 and later. The program itself finds what a line can go on with; here that is handed to
# readline. What the program prints is never evaluated: it is quoted for the line already.

_PROGRAM() {
  local -a answer=()
  # The PROGRAM in PATH, not the word typed: pressing a key is not to run a program in somebody else's directory.
  mapfile -t answer < <(command PROGRAM ---complete bash "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null)
  case ${answer[0]-} in
    words)
      COMPREPLY=("${answer[@]:1}")
      [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != *= ]] || compopt -o nospace
      ;;
    files) compopt -o default ;;
    directories) compopt -o dirnames ;;
    command) _PROGRAM_command "${answer[1]}" "$2" ;;
  esac
}

# Completes the command that PROGRAM is to run. It begins at that character of the line.
_PROGRAM_command() {
  local rest=$COMP_LINE
  local -i index=0
  while ((index < COMP_CWORD)); do
    rest=${rest#"${rest%%[![:space:]]*}"}
    ((${#COMP_LINE} - ${#rest} < $1)) || break
    rest=${rest#"${COMP_WORDS[index]}"}
    ((++index))
  done
  # The package bash-completion knows the arguments of other programs.
  if declare -F _comp_command_offset >/dev/null; then
    _comp_command_offset "$index"
  elif declare -F _command_offset >/dev/null; then
    _command_offset "$index"
  else
    [[ $index -ne $COMP_CWORD || $2 == */* ]] || mapfile -t COMPREPLY < <(compgen -c -- "$2")
    # Where there is no such command, files.
    compopt -o default
  fi
}

complete -F _PROGRAM PROGRAM
