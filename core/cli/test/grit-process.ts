// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

const GRIT = join(import.meta.dirname, '../bin/grit');

/** What a command said. */
export interface Said {
  readonly exit: number | null;
  readonly out: string;
  readonly errors: string;
}

/** `grit` as a process of its own. */
export class GritProcess {
  #out = '';
  #errors = '';
  readonly child: ChildProcess;
  readonly ended: Promise<Said>;

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv, workingDirectory: string) {
    const child = spawn(GRIT, args, { env: { ...process.env, ...environment }, cwd: workingDirectory, stdio: 'pipe' });
    child.stdin.end();
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.#out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#errors += text));
    this.child = child;
    this.ended = once(child, 'close').then(([exit]) => ({
      exit: exit as number | null,
      out: this.#out,
      errors: this.#errors,
    }));
  }

  /** Returns when the output matches; throws when the process ends before. */
  async says(pattern: RegExp, where: 'out' | 'errors' = 'out'): Promise<void> {
    for (;;) {
      if (pattern.test(where === 'out' ? this.#out : this.#errors)) return;
      const stream = where === 'out' ? this.child.stdout : this.child.stderr;
      if (stream === null) throw new Error('no such stream');
      const end = await Promise.race([once(stream, 'data').then(() => undefined), this.ended]);
      if (end !== undefined && !pattern.test(where === 'out' ? end.out : end.errors)) {
        throw new Error(`it ended without saying ${String(pattern)}: ${end.out}${end.errors}`);
      }
    }
  }
}
