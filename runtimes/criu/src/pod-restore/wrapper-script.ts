// SPDX-License-Identifier: Apache-2.0
import { shellWord } from '../process/shell-word.js';
import { ANNOTATION, CALL_HEADER, callsDirectory, RESTORED_MARK } from './rendezvous.js';

/** What is fixed in a wrapper. */
export interface WrapperSettings {
  /** Absolute path of the runc that does the work. */
  readonly runc: string;
  /** Where the wrapper meets the agent. */
  readonly runDirectory: string;
  /** The longest that a call waits when there is no agent: the kubelet gives up a container after two minutes. Default 105. */
  readonly patienceSeconds?: number | undefined;
}

/**
 * The program that containerd starts in place of runc. Whatever it is called for, it becomes runc in the end; only the `create` of a pod
 * with our annotation first asks the agent of the node, and the `start` of a container that a restore has made has nothing left to do.
 * It runs for every probe of every pod: no process but runc for most calls, one grep for a `create`.
 */
export function renderWrapper({ runc, runDirectory, patienceSeconds = 105 }: WrapperSettings): string {
  return `#!/bin/sh
# Written by the GRIT agent of this node, which writes it anew at its start.
runc=${shellWord(runc)}
calls=${shellWord(callsDirectory(runDirectory))}

case " $* " in
*' create '* | *' start '*) ;;
*) exec "$runc" "$@" ;;
esac

# 0-2 are the container's own: what there is to say goes where containerd looks for it. The text is a string of JSON.
fail() {
  printf '{"level":"error","msg":%s,"time":"%s"}\\n' "$1" "$(date -u +%Y-%m-%dT%H:%M:%SZ)" 2>/dev/null >>"\${log:-/dev/stderr}"
  exit 1
}

check_id() {
  case $id in
  '' | .* | *[!A-Za-z0-9_.-]*) fail '"GRIT: not the name of a container"' ;;
  esac
}

verb= log= bundle= id= value= at=0 verb_at=0
for word in "$@"; do
  at=$((at + 1))
  case $value in
  log) log=$word value= && continue ;;
  bundle) bundle=$word value= && continue ;;
  other) value= && continue ;;
  esac
  case $word in
  --log) value=log ;;
  --log=*) log=\${word#*=} ;;
  --bundle | -b) value=bundle ;;
  --bundle=*) bundle=\${word#*=} ;;
  --root | --log-format | --criu | --rootless | --console-socket | --pidfd-socket | --pid-file | --preserve-fds) value=other ;;
  -*) ;;
  *) if [ -z "$verb" ]; then verb=$word verb_at=$at; else id=$word; fi ;;
  esac
done

case $verb in
start)
  # The log of a container lies in its bundle.
  [ -e "\${log%/*}/${RESTORED_MARK}" ] || exec "$runc" "$@"
  check_id
  printf '' 2>/dev/null >"$calls/$id.started" || fail '"GRIT: the start could not be noted"'
  exit 0
  ;;
create)
  grep -q '"${ANNOTATION}":' "$bundle/config.json" 2>/dev/null
  case $? in
  0) ;;
  1) exec "$runc" "$@" ;;
  *) fail '"GRIT: config.json of the bundle cannot be read"' ;;
  esac
  ;;
*) exec "$runc" "$@" ;;
esac

check_id
now() {
  read -r seconds rest </proc/uptime
  seconds=\${seconds%.*}
}
ask=$calls/$id
{
  [ -d "$calls" ] || (umask 077 && mkdir -p "$calls")
  rm -f "$ask.answer" "$ask.started"
  printf '%s\\n' '${CALL_HEADER}' "$$" "$bundle" >"$ask.new" && mv "$ask.new" "$ask.request"
} 2>/dev/null || fail '"GRIT: the agent of this node cannot be asked"'
now
end=$((seconds + ${patienceSeconds}))
until [ -e "$ask.answer" ]; do
  now
  if [ "$seconds" -gt "$end" ]; then
    rm -f "$ask.request"
    fail '"GRIT: waiting for the restore: the agent of this node does not answer; the kubelet will try again"'
  fi
  sleep 0.05 2>/dev/null
done
answer= first= second= path=
{
  read -r answer
  read -r first
  read -r second
  read -r path
} <"$ask.answer"
case $answer in
run)
  rm -f "$ask.request" "$ask.answer"
  exec "$runc" "$@"
  ;;
restore) ;;
fail)
  rm -f "$ask.request" "$ask.answer"
  fail "$first"
  ;;
*) fail '"GRIT: the answer of the agent cannot be read"' ;;
esac

# The same arguments, with restore for create.
[ -z "$path" ] || export PATH="$path:$PATH"
count=$# at=0
while [ "$at" -lt "$count" ]; do
  at=$((at + 1))
  word=$1
  shift
  if [ "$at" = "$verb_at" ]; then
    set -- "$@" restore --detach --no-subreaper --image-path "$first" --work-path "$second"
  elif [ "$word" != --no-new-keyring ]; then
    set -- "$@" "$word"
  fi
done
exec "$runc" "$@"
`;
}
