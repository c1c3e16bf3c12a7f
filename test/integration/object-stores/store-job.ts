// SPDX-License-Identifier: Apache-2.0
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { ImageFacts } from '@grit/image';
import type { PartSource } from '@grit/plugin-api';
import type { PlaceConfig } from './open-place.js';

const CHILD = fileURLToPath(new URL('store-child.ts', import.meta.url));

/** What a child stores. */
export interface StoreJob {
  readonly place: PlaceConfig;
  readonly parts: readonly PartSource[];
  readonly facts: ImageFacts;
  /** Keeps what was packed, from one child to the next, as a node does. */
  readonly directory: string;
}

/** A process of its own that stores an image. */
export interface StoringChild {
  readonly process: ChildProcess;
  /** How it ended; everything else throws. It ends only when nothing is left open. */
  readonly ended: Promise<'stored' | 'killed'>;
  /** Resolves when nothing of it is left. */
  kill(): Promise<void>;
}

export function storeInChild(job: StoreJob): StoringChild {
  const child = spawn(process.execPath, ['--import', 'tsx', CHILD], {
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(JSON.stringify(job));
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
  const end = async (): Promise<'stored' | 'killed'> => {
    const [said, [code, signal]] = await Promise.all([text(child.stderr), exit]);
    if (signal === 'SIGKILL') return 'killed';
    if (code === 0) return 'stored';
    throw new Error(`the child ended with ${String(code ?? signal)}: ${said}`);
  };
  return {
    process: child,
    ended: end(),
    kill: async () => {
      child.kill('SIGKILL');
      await exit;
    },
  };
}
