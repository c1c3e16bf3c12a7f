// SPDX-License-Identifier: Apache-2.0
import { writeSync } from 'node:fs';
import { SqliteCatalog } from '../../src/catalog/sqlite-catalog.js';
import { stopRequest } from './test-catalog.js';

// Run as a program: commits so many times, says what the catalog has acknowledged, and stays until it is killed.
const catalog = new SqliteCatalog(process.argv[2]!);
for (let rest = Number(process.argv[3]); rest > 0; rest -= 1) {
  const { id } = catalog.createOperation(stopRequest());
  const { token } = catalog.startStep(id, { name: 'stop', node: 'n', input: 'x'.repeat(5_000) });
  writeSync(1, `started ${id}\n`);
  catalog.finishStep(id, 'stop', token, { output: id });
  catalog.endOperation(id, { phase: 'Succeeded', outcome: 'Stopped', timings: [] });
  writeSync(1, `ended ${id}\n`);
}
// The use keeps the catalog, and with it the lock, from the garbage collector.
setInterval(() => catalog.listNodes(), 60_000);
