// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { GritError, isGritError, type Logger } from '@grit/plugin-api';
import { fromFailure, type ProxyMessage, type ProxyReplies, type ProxyRequest } from './proxy-protocol.js';
import { within } from './within.js';

/** What a proxy is started with. */
export interface ProxyOptions {
  /** The only place to look for the libraries of the driver; undefined: the usual ones. */
  readonly libraryDirectory?: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly logger: Logger;
  /** Calls that can be under way at once. */
  readonly threads: number;
  /** One without work ends after this: an open device would be in the way of whoever wants to replace the driver. */
  readonly idleMs: number;
}

interface Call {
  readonly resolve: (value: never) => void;
  readonly reject: (error: Error) => void;
}

const START_MS = 60_000;
/** What is deep in the driver may not die at once, or ever. */
const KILL_MS = 2_000;
/** Lines of its stderr that are kept for the error. */
const LAST_LINES = 20;

/** The proxy ended while a call was under way, or could not be started. */
export class ProxyEnded extends Error {}

/** One child process with the libraries of the driver in it. It ends with this process, whatever it is doing. */
export class DriverProxy {
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, Call>();
  readonly #lines: string[] = [];
  readonly #ready = Promise.withResolvers<null>();
  readonly #ended = Promise.withResolvers<null>();
  #failure: ProxyEnded | undefined;
  #retired = false;
  #busy = 0;
  #next = 0;
  #idle: NodeJS.Timeout | undefined;

  constructor(private readonly options: ProxyOptions) {
    const { libraryDirectory = '', env, logger, threads } = options;
    const child = spawn(process.execPath, [scriptPath(), libraryDirectory], {
      // What is preloaded into us has no place between it and the driver; options for our Node are not meant for it.
      env: { ...env, LD_PRELOAD: undefined, NODE_OPTIONS: undefined, UV_THREADPOOL_SIZE: String(threads) },
      // A session of its own: what a terminal sends to ours must not end it in the middle of a call.
      detached: true,
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      cwd: '/',
    });
    this.#child = child;
    this.#ready.promise.catch(() => undefined);
    child.on('message', (message: ProxyMessage) => this.#receive(message));
    child.on('error', (error) => this.#end(`cannot be started: ${error.message}`));
    child.on('exit', (code, signal) => {
      const how = signal === null ? `ended with ${String(code)}` : `was ended by ${signal}`;
      // Its last lines are to be read first; what it has started may keep the pipe open.
      const late = setTimeout(() => this.#end(how), 1_000);
      child.on('close', () => {
        clearTimeout(late);
        this.#end(how);
      });
    });
    createInterface({ input: child.stderr as Socket }).on('line', (line) => {
      logger.debug(line, { proxy: this.pid ?? 0 });
      this.#lines.push(line);
      if (this.#lines.length > LAST_LINES) this.#lines.shift();
    });
    // One without work must not keep this process from its end; for calls under way the timers of their limits do.
    child.unref();
    child.channel?.unref();
    (child.stderr as Socket).unref();
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** False for one that takes no more calls. */
  get usable(): boolean {
    return !this.#retired && this.#failure === undefined;
  }

  /** Resolves when it is gone. */
  get ended(): Promise<null> {
    return this.#ended.promise;
  }

  /** True while calls are under way. */
  get busy(): boolean {
    return this.#busy > 0;
  }

  /**
   * Makes a call. @param limitMs - counted from when the proxy has begun
   * @param stuck - what happens to the proxy after the limit: `retire` lets its other calls end, `kill` does not
   * Errors: CudaError, GritError, GRIT_TIMEOUT; ProxyEnded when it died before the answer.
   */
  async call<R extends ProxyRequest>(
    request: R,
    limitMs: number,
    stuck: 'retire' | 'kill',
  ): Promise<ProxyReplies[R['call']]> {
    this.#busy++;
    clearTimeout(this.#idle);
    try {
      await within(this.#ready.promise, START_MS, `the proxy for ${request.call} has not begun`);
      const whom = 'pid' in request ? ` for pid ${request.pid}` : '';
      return await within(this.#send(request), limitMs, `the driver does not answer ${request.call}${whom}`);
    } catch (error) {
      const code = isGritError(error) ? error.code : undefined;
      // Without the driver it is of no use: the next one finds what has been installed in the meantime.
      if (code === 'GRIT_DEVICE_UNAVAILABLE' || code === 'GRIT_TIMEOUT') this.#retired = true;
      if (code === 'GRIT_TIMEOUT' && stuck === 'kill') await this.kill();
      throw error;
    } finally {
      this.#busy--;
      this.#rest();
    }
  }

  /** Ends it now; resolves when it is gone, or cannot be ended now. Calls under way fail. */
  async kill(): Promise<void> {
    this.#retired = true;
    this.#child.kill('SIGKILL');
    await within(this.#ended.promise, KILL_MS, 'the proxy does not end').catch(() => undefined);
  }

  async #send<R extends ProxyRequest>(request: R): Promise<ProxyReplies[R['call']]> {
    if (this.#failure !== undefined) throw this.#failure;
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { resolve, reject });
      // One that cannot be sent is not answered: the proxy has ended, which its event will say.
      this.#child.send({ id, request }, () => undefined);
    });
  }

  #receive(message: ProxyMessage): void {
    if ('ready' in message) {
      this.#ready.resolve(null);
      return;
    }
    const call = this.#calls.get(message.id);
    this.#calls.delete(message.id);
    if ('failure' in message) call?.reject(fromFailure(message.failure));
    else call?.resolve(message.value as never);
  }

  #rest(): void {
    if (this.busy || this.#failure !== undefined) return;
    if (this.#retired) void this.kill();
    else this.#idle = setTimeout(() => void this.kill(), this.options.idleMs).unref();
  }

  #end(how: string): void {
    const cause = this.#lines.length === 0 ? undefined : new Error(this.#lines.join('\n'));
    this.#failure ??= new ProxyEnded(`the proxy ${how}`, { cause });
    clearTimeout(this.#idle);
    this.#ready.reject(this.#failure);
    for (const { reject } of this.#calls.values()) reject(this.#failure);
    this.#calls.clear();
    this.#ended.resolve(null);
  }
}

/** How the end of a proxy looks to the caller of a call. */
export function asGritError(error: unknown, { call, ...rest }: ProxyRequest): unknown {
  if (!(error instanceof ProxyEnded)) return error;
  const whom = 'pid' in rest ? ` for pid ${rest.pid}` : '';
  return new GritError('GRIT_DEVICE_FAILED', `${call}${whom}: ${error.message}`, {
    hint: 'The driver may have crashed in this call; the kernel log of the node can say why (lines with NVRM).',
    cause: error,
    details: { call, ...('pid' in rest ? { pid: rest.pid } : {}) },
  });
}

/** The built script, also when this file runs from its source or out of a bundle. */
function scriptPath(): string {
  const root = dirname(createRequire(import.meta.url).resolve('@grit/runtime-nvidia/package.json'));
  return join(root, 'dist', 'cuda', 'driver-proxy-main.js');
}
