// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installWrapper } from '../../src/pod-restore/install-wrapper.js';

/** How a wrapper ended that became the runc of the test. */
export interface WrapperEnd {
  readonly code: number | null;
  /** What runc was called with; undefined when it was not. */
  readonly args: readonly string[] | undefined;
  readonly path: string;
  /** What went to stdout and stderr, which are the container's. */
  readonly output: string;
  /** Last line of the log. */
  readonly error: { readonly level: string; readonly msg: string; readonly time: string } | undefined;
}

/** A wrapper with a runc that only writes down how it is called; this process plays the shim. */
export class WrapperBench {
  readonly runDirectory: string;
  readonly wrapper: string;

  private constructor(
    readonly directory: string,
    private readonly shell: readonly string[],
  ) {
    this.runDirectory = join(directory, 'run');
    this.wrapper = join(directory, 'wrapper');
  }

  /** @param shell - what runs the script; the one that it names when empty */
  static async make(shell: readonly string[] = [], patienceSeconds?: number): Promise<WrapperBench> {
    const directory = await mkdtemp(join(tmpdir(), "grit wrapper's-"));
    const bench = new WrapperBench(directory, shell);
    const runc = join(directory, 'runc');
    // Its own name for the file: calls run beside each other.
    const script = `#!/bin/sh\nprintf '%s\\0' "$PATH" "$@" >"${directory}/called.$$.new"\nmv "${directory}/called.$$.new" "${directory}/called.$$"\n`;
    await writeFile(runc, script);
    await chmod(runc, 0o755);
    await installWrapper(bench.wrapper, { runc, runDirectory: bench.runDirectory, patienceSeconds });
    return bench;
  }

  /** Makes a bundle. Returns its path. */
  async bundle(id: string, annotations: Readonly<Record<string, string>>, more: object = {}): Promise<string> {
    const path = join(this.directory, 'tasks', id);
    await mkdir(path, { recursive: true });
    await writeFile(join(path, 'config.json'), JSON.stringify({ ...more, annotations }));
    return path;
  }

  /** Arguments as the shim gives them. */
  createArgs(bundle: string, id: string): readonly string[] {
    const global = ['--root', '/run/create', '--log', join(bundle, 'log.json'), '--log-format', 'json'];
    return [...global, 'create', '--bundle', bundle, '--pid-file', join(bundle, 'init.pid'), '--no-pivot', id];
  }

  start(args: readonly string[]): { readonly child: ChildProcess; readonly end: Promise<WrapperEnd> } {
    const [command = '', ...words] = [...this.shell, this.wrapper, ...args];
    const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'] });
    return { child, end: this.#end(child, args) };
  }

  async run(args: readonly string[]): Promise<WrapperEnd> {
    return this.start(args).end;
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
  }

  async #end(child: ChildProcess, args: readonly string[]): Promise<WrapperEnd> {
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    const called = await readFile(join(this.directory, `called.${child.pid}`), 'utf8').catch(() => undefined);
    const [path = '', ...words] = called?.split('\0').slice(0, -1) ?? [];
    const log = args[args.indexOf('--log') + 1] ?? '';
    const last = (await readFile(log, 'utf8').catch(() => '')).trimEnd().split('\n').at(-1) ?? '';
    return {
      code,
      args: called === undefined ? undefined : words,
      path,
      output,
      error: last === '' ? undefined : (JSON.parse(last) as WrapperEnd['error']),
    };
  }
}
