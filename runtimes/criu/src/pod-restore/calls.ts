// SPDX-License-Identifier: Apache-2.0
import { watch } from 'node:fs';
import { access, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@grit/plugin-api';
import { readTextIfThere } from '../files/sealed-json.js';
import { formatAnswer, isCallId, parseRequest, type Answer, type Call } from './call.js';
import { callsDirectory } from './rendezvous.js';

/** A call with its age. */
export interface WaitingCall extends Call {
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** How often everything is looked at anew: a notice of the kernel can be lost, and a wrapper that is killed gives none. */
const RESCAN_MS = 2_000;

/** The agent's side of the meeting place. All of it is files, so that both sides may end at any time. */
export class Calls {
  readonly #directory: string;

  constructor(
    runDirectory: string,
    private readonly logger: Logger,
  ) {
    this.#directory = callsDirectory(runDirectory);
  }

  /** Calls `onChange` when there may be something new, and once at the start; until the signal. */
  async watch(onChange: () => void, signal: AbortSignal): Promise<void> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const watcher = watch(this.#directory, { signal, persistent: false }, () => onChange());
    watcher.on('error', (error) => this.logger.warn(`calls of the wrapper: ${error.message}`));
    const timer = setInterval(onChange, RESCAN_MS);
    timer.unref();
    signal.addEventListener('abort', () => clearInterval(timer), { once: true });
    onChange();
  }

  /** The calls that wait for an answer. What killed wrappers have left is removed, what is no request is refused. */
  async waiting(): Promise<readonly WaitingCall[]> {
    const names = new Set(await readdir(this.#directory).catch(() => []));
    const ids = [...names].filter((name) => name.endsWith('.request')).map((name) => name.slice(0, -8));
    const calls = await Promise.all(
      ids.filter((id) => isCallId(id) && !names.has(`${id}.answer`)).map(async (id) => this.#read(id)),
    );
    return calls.filter((call) => call !== undefined);
  }

  async #read(id: string): Promise<WaitingCall | undefined> {
    const path = this.#path(id, 'request');
    const [text, since] = await Promise.all([
      readTextIfThere(path),
      stat(path).then(
        ({ mtimeMs }) => mtimeMs,
        () => undefined,
      ),
    ]);
    if (text === undefined || since === undefined) return undefined;
    let call: Call;
    try {
      call = parseRequest(id, text);
    } catch (error) {
      this.logger.warn((error as Error).message);
      await this.answer(id, { do: 'fail', message: (error as Error).message });
      return undefined;
    }
    if (await isWaiting(call)) return { ...call, since };
    await this.forget(id);
    return undefined;
  }

  async #waits(id: string): Promise<boolean> {
    const text = await readTextIfThere(this.#path(id, 'request'));
    try {
      return text !== undefined && (await isWaiting(parseRequest(id, text)));
    } catch {
      return false;
    }
  }

  /** True while the wrapper waits and has no answer: a list of calls is old as soon as one of them is answered. */
  async isOpen(id: string): Promise<boolean> {
    return (await exists(this.#path(id, 'request'))) && !(await exists(this.#path(id, 'answer')));
  }

  /** Answers once: a second answer to the same request does nothing. */
  async answer(id: string, answer: Answer): Promise<void> {
    const path = this.#path(id, 'answer');
    if (await exists(path)) return;
    const draft = this.#path(id, 'draft');
    await writeFile(draft, formatAnswer(answer), { mode: 0o600 });
    await rename(draft, path);
  }

  /** True when containerd has started the container, as far as it knows. */
  async hasStarted(id: string): Promise<boolean> {
    return exists(this.#path(id, 'started'));
  }

  /** Removes what is left of calls that are over. @param keep - ids that somebody still needs */
  async sweep(keep: ReadonlySet<string>): Promise<void> {
    const names: string[] = await readdir(this.#directory).catch(() => []);
    const ids = new Set(names.map((name) => name.slice(0, name.lastIndexOf('.'))).filter((id) => isCallId(id)));
    const waiting = new Set((await this.waiting()).map(({ id }) => id));
    for (const id of ids) {
      if (keep.has(id) || waiting.has(id)) continue;
      // Its wrapper has not read the answer yet.
      if (names.includes(`${id}.answer`) && (await this.#waits(id))) continue;
      await this.forget(id);
    }
  }

  /** Removes what there is of a container. */
  async forget(id: string): Promise<void> {
    await Promise.all(
      ['request', 'answer', 'started', 'draft'].map(async (kind) => rm(this.#path(id, kind), { force: true })),
    );
  }

  #path(id: string, kind: string): string {
    return join(this.#directory, `${id}.${kind}`);
  }
}

/** False for a wrapper that is gone, and for a pid that is somebody else's now. */
async function isWaiting({ pid, id }: Call): Promise<boolean> {
  const words = ((await readTextIfThere(`/proc/${pid}/cmdline`)) ?? '').split('\0');
  return words.includes('create') && words.includes(id);
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
