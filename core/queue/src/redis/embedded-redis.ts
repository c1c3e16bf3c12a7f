// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { chmod, mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { GritError, toGritError } from '@grit/plugin-api';
import { withLock } from './named-lock.js';
import { readLiving, writeIdentity } from './pid-file.js';
import { identify, isAlive, type ProcessIdentity } from './process-identity.js';
import { findRedisBinary } from './redis-binary.js';
import type { RedisSocketEndpoint } from './redis-endpoint.js';
import { answersPing } from './redis-ping.js';

const SUPERVISION_MS = 500;
const START_TIMEOUT_MS = 10_000;
const STOP_TIMEOUT_MS = 5_000;
/** sun_path has 108 bytes, the last one is 0. */
const MAX_SOCKET_PATH = 107;

/** Settings of {@link EmbeddedRedis.start}. */
export interface EmbeddedRedisOptions {
  /** The state directory of the platform; Redis gets `redis/` in it. */
  readonly stateDirectory: string;
  /** A certain server binary; default: redis-server or valkey-server from PATH. */
  readonly binary?: string | undefined;
  /** Bound of its data in MiB; above it submissions fail, nothing is thrown away. Default 256. */
  readonly maxMemoryMiB?: number | undefined;
  /** Told when Redis had died and runs again, or cannot be started again. */
  readonly onRestart?: ((error: GritError | undefined) => void) | undefined;
}

/**
 * The Redis that needs no set-up: one per state directory, shared by all processes that use it. It outlives them
 * until `stop`; each of them supervises it, and whoever sees it dead first starts it again.
 */
export class EmbeddedRedis {
  readonly endpoint: RedisSocketEndpoint;
  readonly #options: EmbeddedRedisOptions;
  readonly #directory: string;
  readonly #binary: string;
  readonly #supervision = new AbortController();
  #process: ProcessIdentity | undefined;
  #supervising: Promise<void> | undefined;

  private constructor(options: EmbeddedRedisOptions, binary: string) {
    this.#options = options;
    this.#binary = binary;
    this.#directory = redisDirectory(options.stateDirectory);
    this.endpoint = { path: join(this.#directory, 'redis.sock') };
  }

  /**
   * Takes over the living Redis of the state directory or starts one; returns when it answers.
   * Errors: GRIT_QUEUE_BINARY_MISSING, GRIT_QUEUE_UNAVAILABLE with the end of its log.
   */
  static async start(options: EmbeddedRedisOptions, signal: AbortSignal): Promise<EmbeddedRedis> {
    const binary = options.binary ?? (await findRedisBinary());
    const redis = new EmbeddedRedis(options, binary);
    await redis.#prepare();
    await redis.#ensure(signal);
    redis.#supervising = redis.#supervise();
    return redis;
  }

  /** Of the server, while it lives. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Ends the supervision by this process; Redis stays for the others. */
  async release(): Promise<void> {
    this.#supervision.abort();
    await this.#supervising;
  }

  /** Ends the supervision and Redis itself. */
  async stop(): Promise<void> {
    await this.release();
    await stopEmbeddedRedis(this.#options.stateDirectory);
  }

  async #prepare(): Promise<void> {
    if (Buffer.byteLength(this.endpoint.path) > MAX_SOCKET_PATH) {
      throw new GritError('GRIT_CONFIG_INVALID', `the path of the socket is too long: ${this.endpoint.path}`, {
        hint: `A path of a unix socket has at most ${MAX_SOCKET_PATH} bytes: use a shorter state directory.`,
      });
    }
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    // Who can open the socket can do everything that the queue can.
    await chmod(this.#directory, 0o700);
  }

  async #ensure(signal: AbortSignal): Promise<boolean> {
    const pidFile = pidPath(this.#directory);
    return await withLock(join(this.#directory, 'start'), async () => {
      const living = await readLiving(pidFile);
      this.#process = living ?? (await this.#spawn());
      if (!living) await writeIdentity(pidFile, this.#process);
      await this.#untilReady(this.#process, signal);
      return !living;
    });
  }

  async #spawn(): Promise<ProcessIdentity> {
    const child = spawn(this.#binary, this.#arguments(), { cwd: this.#directory, detached: true, stdio: 'ignore' });
    const pid = await new Promise<number | undefined>((resolve, reject) => {
      child.once('error', reject).once('spawn', () => resolve(child.pid));
    }).catch((error: unknown) => {
      throw new GritError('GRIT_QUEUE_UNAVAILABLE', `${this.#binary} cannot be run`, { cause: error });
    });
    child.unref();
    const identity = pid === undefined ? undefined : await identify(pid);
    return identity ?? (await this.#failToStart());
  }

  #arguments(): string[] {
    const settings = {
      port: '0',
      unixsocket: this.endpoint.path,
      unixsocketperm: '700',
      dir: this.#directory,
      logfile: join(this.#directory, 'redis.log'),
      loglevel: 'warning',
      databases: '1',
      daemonize: 'no',
      appendonly: 'yes',
      appendfsync: 'everysec',
      'auto-aof-rewrite-min-size': '16mb',
      maxmemory: `${this.#options.maxMemoryMiB ?? 256}mb`,
      'maxmemory-policy': 'noeviction',
      'repl-backlog-size': '16kb',
    };
    return ['--save', '', ...Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])];
  }

  async #untilReady(server: ProcessIdentity, signal: AbortSignal): Promise<void> {
    const end = Date.now() + START_TIMEOUT_MS;
    while (!(await answersPing(this.endpoint.path))) {
      signal.throwIfAborted();
      if (!(await isAlive(server)) || Date.now() > end) await this.#failToStart();
      await delay(10, undefined, { signal });
    }
  }

  async #failToStart(): Promise<never> {
    const log = await readFile(join(this.#directory, 'redis.log'), 'utf8').catch(() => '');
    const tail = log.trim().split('\n').slice(-3).join('\n');
    throw new GritError('GRIT_QUEUE_UNAVAILABLE', `${this.#binary} did not start${tail === '' ? '' : `: ${tail}`}`, {
      hint: `Read ${join(this.#directory, 'redis.log')}.`,
    });
  }

  async #supervise(): Promise<void> {
    const { signal } = this.#supervision;
    // A supervised Redis must not keep its supervisor's process alive.
    while (await delay(SUPERVISION_MS, true, { signal, ref: false }).catch(() => false)) {
      if (this.#process && (await isAlive(this.#process))) continue;
      await this.#ensure(signal).then(
        () => this.#options.onRestart?.(undefined),
        (error: unknown) => this.#options.onRestart?.(toGritError(error)),
      );
    }
  }
}

/** Ends the Redis of a state directory, whoever started it. True when one was running. */
export async function stopEmbeddedRedis(stateDirectory: string): Promise<boolean> {
  const directory = redisDirectory(stateDirectory);
  const living = await readLiving(pidPath(directory));
  if (!living) return false;
  process.kill(living.pid, 'SIGTERM');
  const end = Date.now() + STOP_TIMEOUT_MS;
  while (await isAlive(living)) {
    if (Date.now() > end) process.kill(living.pid, 'SIGKILL');
    await delay(10);
  }
  await rm(pidPath(directory), { force: true });
  return true;
}

function redisDirectory(stateDirectory: string): string {
  return join(stateDirectory, 'redis');
}

function pidPath(directory: string): string {
  return join(directory, 'redis.pid');
}
