// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';

const GRIT = join(import.meta.dirname, '..', '..', 'core', 'cli', 'bin', 'grit.js');

/** What a command printed and how it ended. */
export interface CommandResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** `grit`, as a user would type it, on a platform of its own. */
export class GritCommand {
  constructor(private readonly stateDirectory: string) {}

  /** Runs a command to its end, showing it first. */
  async run(...args: string[]): Promise<CommandResult> {
    console.log(`$ grit ${args.filter((arg) => arg !== '-o' && arg !== 'json').join(' ')}`);
    const child = this.#spawn(args, 'pipe');
    const result = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (result.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (result.stderr += text));
    return { code: await exitOf(child), ...result };
  }

  /** Runs a command that must succeed. */
  async succeed(...args: string[]): Promise<string> {
    const result = await this.run(...args);
    if (result.code !== 0) throw new Error(`grit ${args.join(' ')} ended with ${result.code}:\n${result.stderr}`);
    return result.stdout;
  }

  /** Runs a command that must succeed and answers with JSON. */
  async json<T>(...args: string[]): Promise<T> {
    return JSON.parse(await this.succeed(...args, '-o', 'json')) as T;
  }

  /** Starts a command that goes on beside us. */
  background(...args: string[]): ChildProcess {
    console.log(`$ grit ${args.join(' ')} &`);
    return this.#spawn(args, 'ignore');
  }

  /** The lines of `grit logs -f`, until the workload ends or the loop is left. */
  async *follow(name: string): AsyncIterable<string> {
    const child = this.#spawn(['logs', '-f', name], 'pipe');
    let rest = '';
    try {
      for await (const text of child.stdout?.setEncoding('utf8') ?? []) {
        const lines = (rest + String(text)).split('\n');
        rest = lines.pop() ?? '';
        yield* lines;
      }
    } finally {
      child.kill();
    }
  }

  #spawn(args: string[], output: 'pipe' | 'ignore'): ChildProcess {
    const env = { ...process.env, GRIT_STATE_DIR: this.stateDirectory };
    return spawn(process.execPath, [GRIT, ...args], { env, stdio: ['ignore', output, output] });
  }
}

/** Exit code of a child; 128 for one that was killed. */
export function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve(code ?? 128));
  });
}
