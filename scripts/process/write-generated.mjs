// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ROOT } from '../setup/paths.mjs';

/** Writes a checked-in file, Markdown or YAML, that is made from code; with `--check` it only says whether it is up to date. */
export async function writeGenerated(path, generator, body) {
  const file = join(ROOT, path);
  const note = `Made by ${generator} (npm run generate): change the code, not this file.`;
  const head = path.endsWith('.md') ? `<!-- ${note} -->\n\n` : `# ${note}\n`;
  const text = await format(head + body, { ...(await resolveConfig(file)), filepath: file });
  if (!process.argv.includes('--check')) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  } else if (read(file) !== text) {
    console.error(`${path} is not up to date: npm run generate`);
    process.exitCode = 1;
  }
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
