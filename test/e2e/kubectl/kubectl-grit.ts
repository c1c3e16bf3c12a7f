// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** Where kubectl finds the plugin. */
export const BIN = join(import.meta.dirname, '../../../core/cli/bin');

/** What a command said. */
export interface Said {
  readonly exit: number | null;
  readonly out: string;
  readonly errors: string;
}

/** `kubectl-grit` as a process of its own, as kubectl starts it. */
export class KubectlGrit {
  #out = '';
  #errors = '';
  readonly child: ChildProcess;
  readonly ended: Promise<Said>;

  constructor(kubeconfig: string, args: readonly string[]) {
    const env = { PATH: process.env['PATH'], HOME: '/nonexistent', KUBECONFIG: kubeconfig };
    const child = spawn(join(BIN, 'kubectl-grit'), args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.setEncoding('utf8').on('data', (text: string) => (this.#out += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (this.#errors += text));
    this.child = child;
    this.ended = once(child, 'close').then(([exit]) => ({
      exit: exit as number | null,
      out: this.#out,
      errors: this.#errors,
    }));
  }

  /** Returns when stderr matches; throws when the process ends before. */
  async tells(pattern: RegExp): Promise<void> {
    while (!pattern.test(this.#errors)) {
      const news = once(this.child.stderr ?? this.child, 'data').then(() => undefined);
      const end = await Promise.race([news, this.ended]);
      if (end !== undefined && !pattern.test(end.errors)) {
        throw new Error(`it ended without saying ${String(pattern)}: ${end.out}${end.errors}`);
      }
    }
  }
}
