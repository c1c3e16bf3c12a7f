// SPDX-License-Identifier: Apache-2.0
import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { readTextIfThere } from '../files/sealed-json.js';
import { renderWrapper, type WrapperSettings } from './wrapper-script.js';

/** Writes the wrapper in one step: containerd may start it at any time. A wrapper that is as it should be stays. */
export async function installWrapper(path: string, settings: WrapperSettings): Promise<void> {
  const text = renderWrapper(settings);
  if ((await readTextIfThere(path)) === text) return;
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}.new`;
  await writeFile(draft, text);
  await chmod(draft, 0o755);
  await rename(draft, path);
}
