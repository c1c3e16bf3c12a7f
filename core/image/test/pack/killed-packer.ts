// SPDX-License-Identifier: Apache-2.0
import { readdirSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { Packer } from '../../src/pack/packer.js';
import { sendRun } from './pages-source.js';
import { KILLED_LIMITS, KILLED_PAGES } from './killed-pages.js';

// Run as a program: packs into a directory until there are finished packs, and one that is not, and then is killed.
const directory = process.argv[2]!;
const packer = await Packer.open({
  directory,
  signal: new AbortController().signal,
  compression: 'never',
  limits: KILLED_LIMITS,
});
const sink = packer.openPages();
const stream = sink.open('pages-1.img');
await sendRun(sink, stream, { address: 0, pages: KILLED_PAGES.subarray(0, KILLED_PAGES.length / 2) });
while (readdirSync(directory).filter((name) => !name.endsWith('.partial')).length < 3) await pause(5);
process.kill(process.pid, 'SIGKILL');
