# The loop of a gVisor box: reads `run SECONDS COMMAND STDIN` (base64, `-` for nothing), `keep` and `settle`, a line each,
# and answers each in one line. Arguments: the agent's home, its uid, most bytes of an output, what runs a command as the agent.
home=$1 agent=$2 most=$3 within=$4
umask 077
mkdir /.box && chmod 1777 /tmp && chown "$agent:$agent" "$home" && cd "$home" || exit 1
umask 022

living() { # pid and session of every process that has not ended, a line each
  for file in /proc/[0-9]*/stat; do
    read -r line 2>/dev/null <"$file" || continue
    pid=${line%% *}
    set -- ${line##*) }
    case $1 in Z | X) ;; *) echo "$pid $4" ;; esac
  done
}
own=$(living | while read -r pid session; do [ "$pid" = $$ ] && echo "$session"; done)
kept=" $own "

coded() { [ -s "$1" ] && head -c "$most" "$1" | base64 -w0 || printf -; }
decoded() { [ "$1" = - ] || echo "$1" | base64 -d; }

while read -r word seconds command given; do
  case $word in
  run)
    decoded "$given" >/.box/stdin
    command=$(decoded "$command")
    began=$(date +%s%N)
    setsid -w timeout -s KILL "$seconds" $within "$command" </.box/stdin >/.box/stdout 2>/.box/stderr
    code=$?
    late=$(($(date +%s%N) - began - ${seconds%.*} * 1000000000 + 1000000))
    [ $code = 137 ] && [ $late -gt 0 ] && code=late
    echo "$code $(coded /.box/stdout) $(coded /.box/stderr)"
    ;;
  keep)
    kept=" $own $(living | while read -r pid session; do printf '%s ' "$session"; done)"
    echo kept
    ;;
  settle)
    for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
      found=$(living | while read -r pid session; do
        case $kept in *" $session "*) ;; *) kill -9 "$pid" 2>/dev/null && echo "$pid" ;; esac
      done)
      [ -z "$found" ] && break
    done
    [ -z "$found" ] && echo settled || echo unsettled
    ;;
  esac
done
