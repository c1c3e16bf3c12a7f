// SPDX-License-Identifier: Apache-2.0
import { resolve } from 'node:path';
import type { ImageStore } from '@grit/core';
import type { Invocation } from '../arguments/invocation.js';
import type { CommandContext } from '../command-context.js';

/** Opens the store that `--storage` and the configuration name, without the server. */
export async function openImages(
  invocation: Invocation,
  context: CommandContext,
  signal: AbortSignal,
): Promise<AsyncDisposable & { readonly images: ImageStore }> {
  const images = await openStore(context, invocation.text('storage'), signal);
  return { images, [Symbol.asyncDispose]: () => images.close() };
}

/** Opens a store of the configuration, by default its `defaults.storage`; to be closed by the caller. */
export async function openStore(
  context: CommandContext,
  storage: string | undefined,
  signal: AbortSignal,
): Promise<ImageStore> {
  const { ImageStore: Store } = await import('@grit/core');
  const [path, ...overlays] = context.configPaths;
  const { stateDirectory, environment: env, workingDirectory } = context;
  const writeLog = (line: string): void => context.terminal.error(`${line.trimEnd()}\n`);
  const cwd = resolve(workingDirectory);
  return Store.open({ stateDirectory, path, overlays, env, cwd, storage, writeLog }, signal);
}
