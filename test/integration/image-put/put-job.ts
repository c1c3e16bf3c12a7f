// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { PartSource } from '@grit/plugin-api';
import type { ImageFacts, StoreOptions } from '@grit/image';

const CHILD = fileURLToPath(new URL('put-child.ts', import.meta.url));

/** Where a child ends itself with SIGKILL: at a call of its writer, or when its staging has so many bytes. */
export type KillPoint = { readonly call: string } | { readonly stagedBytes: number };

/** What a child stores. */
export interface PutJob {
  readonly store: string;
  readonly parts: readonly PartSource[];
  readonly facts: ImageFacts;
  /** Images whose chunks are not written again. */
  readonly known: readonly string[];
  readonly options: Pick<StoreOptions, 'compression' | 'limits'>;
  readonly kill?: KillPoint | undefined;
}

/** Stores an image in a process of its own. Resolves to how that ended: `stored`, `killed`. */
export async function putInChild(job: PutJob, env: NodeJS.ProcessEnv = {}): Promise<'stored' | 'killed'> {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(job)], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  const [said, [code, signal]] = await Promise.all([
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  if (signal === 'SIGKILL' && job.kill !== undefined) return 'killed';
  if (code === 0) return 'stored';
  throw new Error(`the child ended with ${String(code ?? signal)}: ${said}`);
}
