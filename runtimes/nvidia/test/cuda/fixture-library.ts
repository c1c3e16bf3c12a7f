// SPDX-License-Identifier: Apache-2.0
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '@grit/plugin-api';
import { DriverProxies } from '../../src/cuda/driver-proxies.js';
import { eventually } from './eventually.js';

const run = promisify(execFile);
/** Compiled once. */
const BUILT = new Map<string, Buffer>();

/** The pids of these tests say what is to happen; what this machine has under them does not matter. */
export const anyPid = async (): Promise<void> => undefined;

/** The library of fixture.c, in a directory of its own that also has its files. */
export class FixtureLibrary implements AsyncDisposable {
  readonly lines: string[] = [];
  readonly logger: Logger = {
    debug: (message) => this.lines.push(message),
    info: (message) => this.lines.push(message),
    warn: (message) => this.lines.push(message),
    error: (message) => this.lines.push(message),
    child: () => this.logger,
  };
  readonly #proxies: DriverProxies[] = [];

  private constructor(readonly directory: string) {}

  /** @param options - for the compiler: `-DTOO_OLD` */
  static async build(
    options: readonly string[] = [],
    source = join(import.meta.dirname, 'fixture.c'),
    name = 'libcuda.so.1',
  ): Promise<FixtureLibrary> {
    const directory = await mkdtemp(join(tmpdir(), 'grit-cuda-'));
    const path = join(directory, name);
    const key = [source, ...options].join(' ');
    const built = BUILT.get(key);
    if (built !== undefined) {
      await writeFile(path, built);
    } else {
      await run('gcc', ['-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', ...options, '-o', path, source]);
      BUILT.set(key, await readFile(path));
    }
    return new FixtureLibrary(directory);
  }

  env(more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return { ...process.env, FIXTURE_DIR: this.directory, ...more };
  }

  proxies(env: NodeJS.ProcessEnv = {}, idleMs?: number): DriverProxies {
    const proxies = new DriverProxies({
      libraryDirectory: this.directory,
      logger: this.logger,
      env: this.env(env),
      idleMs,
    });
    this.#proxies.push(proxies);
    return proxies;
  }

  /** The process that makes the call for this pid, as soon as it does. */
  async callerOf(pid: number): Promise<number> {
    const path = join(this.directory, `begun-${pid}`);
    await eventually(`the call for ${pid} has begun`, () => existsSync(path));
    return Number(await readFile(path, 'utf8'));
  }

  /** Lets the calls go on that wait for it. */
  async go(): Promise<void> {
    await writeFile(join(this.directory, 'go'), '');
  }

  /** What has been called. */
  async calls(): Promise<string[]> {
    const path = join(this.directory, 'log');
    return existsSync(path) ? (await readFile(path, 'utf8')).trimEnd().split('\n') : [];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#proxies.map(async (proxies) => proxies.close()));
    await rm(this.directory, { recursive: true, force: true });
  }
}
