// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** A `criu` in front of the real one that can be told to die in the middle of its work. */
export class KillingCriu {
  private constructor(readonly directory: string) {}

  /** Writes it into the directory, which then belongs into the runtime's `criuDirectory`. The real one is found through PATH. */
  static async make(directory: string): Promise<KillingCriu> {
    await mkdir(directory, { recursive: true });
    const program = join(directory, 'criu');
    await writeFile(program, script(directory));
    await chmod(program, 0o755);
    return new KillingCriu(directory);
  }

  /** The next criu is killed with SIGKILL as soon as its log has the text; the ones after it are not. */
  async killAfter(text: string): Promise<void> {
    await writeFile(join(this.directory, 'kill-after'), text);
  }
}

const script = (directory: string): string => `#!/bin/bash
# The log is in the working directory that criu changes to. runc asks for the version first: that one has no log.
if [ "$1" = swrk ] && [ -e ${directory}/kill-after ]; then
  text=$(cat ${directory}/kill-after)
  parent=$$
  (
    # Not the socket to runc: it waits for the end of it.
    for fd in /proc/self/fd/*; do fd=\${fd##*/}; [ $fd -gt 2 ] && eval "exec $fd>&-"; done
    until cat /proc/$parent/cwd/dump.log /proc/$parent/cwd/restore.log 2>/dev/null | grep -q -- "$text"; do
      [ -d /proc/$parent/cwd/. ] || exit
    done
    rm ${directory}/kill-after
    kill -9 $parent
  ) </dev/null >/dev/null 2>&1 &
fi
PATH=\${PATH#${directory}:}
exec criu "$@"
`;
