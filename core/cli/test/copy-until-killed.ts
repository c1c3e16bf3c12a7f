// SPDX-License-Identifier: Apache-2.0
import { ImageStore } from '@grit/core';

/** Copies an image and kills itself at a point: when the work directory is there, when all is packed, or when the copy is verified. */
const [path = '', stateDirectory = '', from = '', to = '', id = '', point = ''] = process.argv.slice(2);
const { signal } = new AbortController();
const kill = (): void => void process.kill(process.pid, 'SIGKILL');
const open = (storage: string): Promise<ImageStore> => {
  const writeLog = (line: string): void => void process.stderr.write(line);
  return ImageStore.open(
    { path, overlays: [], env: {}, cwd: process.cwd(), stateDirectory, storage, writeLog },
    signal,
  );
};
const source = await open(from);
const target = await open(to);
await source.copyTo(target, id, {
  signal,
  onWorkDirectory: () => point === 'work' && kill(),
  onProgress: ({ phase }) => phase === point && kill(),
});
process.stderr.write('nobody killed it');
