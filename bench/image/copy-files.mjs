// SPDX-License-Identifier: Apache-2.0
// node copy-files.mjs FROM TO: ten copies at a time.
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';

const [from, to] = process.argv.slice(2);
const entries = await readdir(from, { recursive: true, withFileTypes: true });
const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
const lane = async () => {
  for (let file = files.pop(); file !== undefined; file = files.pop()) {
    const target = join(to, relative(from, file));
    await mkdir(dirname(target), { recursive: true });
    await copyFile(file, target);
  }
};
await Promise.all(Array.from({ length: 10 }, lane));
