// SPDX-License-Identifier: Apache-2.0
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const CHILD = fileURLToPath(new URL('fetch-child.ts', import.meta.url));

/** Where a child ends itself with SIGKILL: at a read of the store, when so many bytes are written, or so many parts are whole. */
export type FetchKill = { readonly reads: number } | { readonly bytes: number } | { readonly parts: number };

/** What a child fetches. */
export interface FetchJob {
  readonly store: string;
  readonly image: string;
  readonly directory: string;
  readonly durable: boolean;
  /** Whether all bytes come through the store's own calls, as from another machine. */
  readonly streamed: boolean;
  readonly kill?: FetchKill | undefined;
}

/** Fetches an image in a process of its own. Resolves to how that ended: `fetched`, `killed`. */
export async function fetchInChild(job: FetchJob): Promise<'fetched' | 'killed'> {
  const child = spawn(process.execPath, [CHILD, JSON.stringify(job)], { stdio: ['ignore', 'ignore', 'pipe'] });
  const [said, [code, signal]] = await Promise.all([
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  if (signal === 'SIGKILL' && job.kill !== undefined) return 'killed';
  if (code === 0) return 'fetched';
  throw new Error(`the child ended with ${String(code ?? signal)}: ${said}`);
}
