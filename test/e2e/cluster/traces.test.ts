// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { clusterUnavailable, startCluster, sweepAbandoned } from '../../cluster/index.js';
import { findInterfaces, findTraces } from './traces.js';

const OWNER = fileURLToPath(new URL('owner.ts', import.meta.url));

interface TestRecord {
  readonly name: string;
  readonly directory: string;
  readonly bridge: string;
}

function readNetworkNumber(directory: string): string {
  const { bridge } = JSON.parse(readFileSync(join(directory, 'cluster.json'), 'utf8')) as TestRecord;
  return bridge.replace('grit-br-', '');
}

describe('test cluster: its end', function () {
  this.timeout(300_000);
  const children: ChildProcess[] = [];

  before(async function () {
    const reason = await clusterUnavailable({ nodes: ['any'] });
    if (reason !== undefined) this.skip(reason);
  });
  after(async () => {
    for (const child of children) child.kill('SIGKILL');
    if (children.length > 0) await sweepAbandoned();
  });

  it('after kill -9 of its owner, the next sweep removes all of it', async () => {
    const child = spawn(process.execPath, ['--import', 'tsx', OWNER], { stdio: ['ignore', 'pipe', 'inherit'] });
    children.push(child);
    const ended = once(child, 'exit').then(() => assert.fail('the owner has ended by itself'));
    const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), ended])) as [string];
    // From here on it is killed.
    ended.catch(() => undefined);
    const { name, directory } = JSON.parse(line) as TestRecord;
    const number = readNetworkNumber(directory);
    const interfaces = findInterfaces(number);
    assert.equal(interfaces.length, 2, 'bridge and link of the node');
    assert.ok(findTraces(name, directory).length > 10);
    child.kill('SIGKILL');
    await once(child, 'close');
    await sweepAbandoned();
    assert.deepEqual(findTraces(name, directory), []);
    const left = findInterfaces(number);
    assert.deepEqual(
      interfaces.filter((one) => left.includes(one)),
      [],
    );
  });

  it('a start that is aborted leaves nothing', async () => {
    const name = `aborted-${process.pid}`;
    const abort = new AbortController();
    const starting = startCluster({ name, nodes: ['one'] }, abort.signal);
    const directory = `/run/grit-cluster/${name}`;
    // In the middle of it: as soon as the API server has something to say.
    const watching = setInterval(() => {
      if (findTraces(name, directory).length > 3) abort.abort(new Error('enough'));
    }, 20);
    try {
      await assert.rejects(starting, /enough/);
    } finally {
      clearInterval(watching);
    }
    assert.deepEqual(findTraces(name, directory), []);
  });
});
