# Completion of PROGRAM in fish. The program itself finds what a line can go on with; here that is handed to fish. What the
# program prints is never evaluated: fish quotes it.

function __PROGRAM_complete
    set -l current (string unescape -- (commandline -ct))
    # A quote that is still open.
    or set current (string sub -s 2 -- (commandline -ct))
    set -l words (commandline -opc)
    set -e words[1]
    set -l answer (command PROGRAM ---complete fish $words "$current" 2>/dev/null)
    switch "$answer[1]"
        case words
            set -e answer[1]
            string join -- \n $answer
        case files directories
            set -l path (string sub -s (math 1 + (string length -- "$answer[2]")) -- "$current")
            if test "$answer[1]" = files
                string replace -r -- '^' "$answer[2]" (__fish_complete_path "$path")
            else
                string replace -r -- '^' "$answer[2]" (__fish_complete_directories "$path")
            end
        case command
            test $answer[2] -eq 0; or set -e words[1..$answer[2]]
            complete -C (string join ' ' -- (string escape -- $words) (commandline -ct))
    end
end

complete -c PROGRAM -f -a '(__PROGRAM_complete)'
