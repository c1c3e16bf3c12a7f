// SPDX-License-Identifier: Apache-2.0
import { mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { MemoryLogger, triggerSuite } from '@grit/plugin-testing';
import { FileDrop } from '../src/file-drop.js';

/** @import { TriggerSubject } from '@grit/plugin-testing' */

/** @returns {Promise<TriggerSubject & { directory: string }>} */
async function create() {
  const directory = await mkdtemp(join(tmpdir(), 'filedrop-'));
  const open = () => new FileDrop({ name: 'filedrop', directory, rescanMs: 100, logger: new MemoryLogger() });
  /** @param {string} event @param {string} text */
  const drop = async (event, text) => {
    await writeFile(join(directory, 'unfinished'), text);
    await rename(join(directory, 'unfinished'), join(directory, `${event}.request.json`));
  };
  return {
    directory,
    trigger: open(),
    reopen: async () => open(),
    emit: (event, request) => drop(event, JSON.stringify(request)),
    emitMalformed: (event) => drop(event, '{ "kind": '),
    answerTo: async (event) => {
      const text = await readFile(join(directory, `${event}.result.json`), 'utf8').catch(() => undefined);
      if (text === undefined) return undefined;
      const { phase, outcome, error } = JSON.parse(text);
      return { phase, outcome, code: error?.code };
    },
  };
}

triggerSuite({
  title: 'filedrop',
  describe,
  it,
  create,
  destroy: async (subject) => rm(/** @type {any} */ (subject).directory, { recursive: true }),
});
