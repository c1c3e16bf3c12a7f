// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { GritError, type OperationStatus } from '@grit/plugin-api';
import { PlatformClient } from '../../src/client.js';
import { never, stopRequest, train } from '../catalog/test-catalog.js';
import { TestApi } from './test-api.js';

const ended = { phase: 'Succeeded', outcome: 'Stopped', timings: [] } as const;
const facts = { ready: true, problems: [], facts: { kernel: '6.18' } };

describe('clients of the API', () => {
  let test: TestApi;
  beforeEach(async () => {
    test = new TestApi();
    await test.serve();
  });
  afterEach(() => test.remove());

  it('see what the platform says', async () => {
    const { client, catalog } = test;
    const { id, duplicate } = await client.submit(stopRequest(), never);
    assert.equal(duplicate, false);
    assert.notEqual((await client.submit(stopRequest(), never)).id, id);
    assert.deepEqual(await client.get(id, never), catalog.getOperation(id));
    assert.equal((await client.listOperations({ workload: 'train', limit: 1 }, never)).length, 1);
    assert.equal((await client.listOperations({}, never)).length, 2);
    assert.equal((await client.listOperations({ workload: 'other' }, never)).length, 0);
    await client.cancel(id, 'because', never);
    assert.equal(catalog.cancelRequested(id), 'because');
    const spec = { name: 'train', command: ['x'] };
    catalog.createWorkload({ workload: train, node: 'n', spec, operation: id });
    assert.deepEqual(await client.getWorkload('train', never), JSON.parse(JSON.stringify(catalog.getWorkload(train))));
    assert.equal((await client.listWorkloads(never)).length, 1);
    const checkpoint = { id: 'ck-1', workload: train, node: 'n', storage: 'store', operation: id };
    const made = await catalog.checkpoints.begin(checkpoint, 't', never);
    assert.deepEqual(await client.getCheckpoint('ck-1', never), made);
    assert.deepEqual(await client.listCheckpoints({ workload: 'train' }, never), [made]);
    assert.deepEqual(await client.listNodes(never), []);
    assert.equal((await client.listPlugins(never))[0]?.id, 'pvc');
    await assert.rejects(client.getWorkload('none', never), { name: 'GritError', code: 'GRIT_WORKLOAD_NOT_FOUND' });
  });

  it('carry an agent through a step', async () => {
    const { agent, catalog } = test;
    const agentIs = { node: 'n', incarnation: 'a' };
    assert.equal(await agent.heartbeat({ ...agentIs, workloads: [] }, never), false);
    await agent.register({ ...agentIs, facts, plugins: await test.platform.listPlugins() }, never);
    assert.deepEqual(test.agents.registrations[0]?.facts, facts);
    assert.equal(
      await agent.heartbeat({ ...agentIs, workloads: [{ workload: train, state: 'running' }] }, never),
      true,
    );
    const { id } = catalog.createOperation(stopRequest());
    const given = catalog.startStep(id, { name: 'stop', node: 'n', input: { a: 1 } });
    const step = await agent.claim(given, never);
    assert.deepEqual(step.input, { a: 1 });
    assert.equal(await agent.progress({ ...step, progress: { phase: 'p', doneBytes: 1 } }, never), false);
    test.agents.abort = true;
    assert.equal(await agent.progress({ ...step, progress: { phase: 'p', doneBytes: 2, totalBytes: 3 } }, never), true);
    const output = { files: 'x'.repeat(500_000), nothing: null };
    await agent.finish(step, { output }, never);
    await agent.finish(step, { output }, never);
    assert.deepEqual(catalog.getStep(id, 'stop')?.output, output);
    await assert.rejects(agent.claim(given, never), { code: 'GRIT_STEP_FENCED' });
    const next = catalog.startStep(id, { name: 'next', node: 'n', input: null });
    const error = new GritError('GRIT_DUMP_FAILED', 'no', { details: { pid: 1 } }).toJSON();
    await agent.finish(next, { error }, never);
    assert.deepEqual(catalog.getStep(id, 'next')?.error, error);
    const last = catalog.startStep(id, { name: 'last', node: 'n', input: null });
    await agent.finish(last, { output: null }, never);
    assert.equal(catalog.getStep(id, 'last')?.output, null);
  });

  it('watch an operation up to its end', async () => {
    const { catalog, client } = test;
    const { id } = catalog.createOperation(stopRequest());
    const seen: string[] = [];
    for await (const status of client.watch(id, never)) {
      seen.push(status.phase);
      if (status.phase === 'Pending') catalog.updateOperation(id, { phase: 'Running' });
      if (status.phase === 'Running') catalog.endOperation(id, ended);
    }
    assert.deepEqual(seen, ['Pending', 'Running', 'Succeeded']);
    await assert.rejects(client.watch('op-none', never)[Symbol.asyncIterator]().next(), {
      code: 'GRIT_OPERATION_NOT_FOUND',
    });
  });

  it('go on watching when the server was away, without seeing anything twice', async () => {
    const { catalog, client } = test;
    const { id } = catalog.createOperation(stopRequest());
    const watch = client.watch(id, never)[Symbol.asyncIterator]();
    const first = (await watch.next()).value as OperationStatus;
    assert.equal(first.phase, 'Pending');
    const pending = watch.next();
    await test.server?.close();
    await test.serve();
    catalog.updateOperation(id, { phase: 'Running' });
    const second = (await pending).value as OperationStatus;
    assert.equal(second.phase, 'Running');
    assert.ok(second.revision > first.revision);
    await test.server?.close();
    catalog.endOperation(id, ended);
    await test.serve();
    assert.equal(((await watch.next()).value as OperationStatus).phase, 'Succeeded');
    assert.equal((await watch.next()).done, true);
  });

  it('take a silent connection for a lost one', async () => {
    await test.server?.close();
    await test.serve({ heartbeatMs: 60_000 });
    const { id } = test.catalog.createOperation(stopRequest());
    const client = new PlatformClient(test.socketPath, { silenceMs: 50 });
    const watch = client.watch(id, never)[Symbol.asyncIterator]();
    await watch.next();
    const again = once(test.platform.events, 'watching');
    const next = watch.next();
    await again;
    test.catalog.endOperation(id, ended);
    assert.equal(((await next).value as OperationStatus).phase, 'Succeeded');
    client.close();
  });

  it('stop watching a server that stays away', async () => {
    const { catalog } = test;
    const { id } = catalog.createOperation(stopRequest());
    const client = new PlatformClient(test.socketPath, { patienceMs: 100 });
    const watch = client.watch(id, never)[Symbol.asyncIterator]();
    await watch.next();
    await test.server?.close();
    await assert.rejects(watch.next(), { code: 'GRIT_SERVER_UNAVAILABLE', details: { operation: id } });
    client.close();
  });

  it('leave nothing on the server when they stop watching', async () => {
    const { id } = test.catalog.createOperation(stopRequest());
    const left = once(test.platform.events, 'left');
    for await (const _status of test.client.watch(id, never)) break;
    await left;
    const end = new AbortController();
    const watch = test.client.watch(id, end.signal)[Symbol.asyncIterator]();
    await watch.next();
    const leftAgain = once(test.platform.events, 'left');
    const next = watch.next();
    end.abort();
    await assert.rejects(next, { code: 'GRIT_ABORTED' });
    await leftAgain;
  });

  it('keep their connections, and make new ones when the server was away', async () => {
    const { client } = test;
    await client.status(never);
    await test.server?.close();
    await test.serve();
    await client.status(never);
    await Promise.all(Array.from({ length: 20 }, () => client.submit(stopRequest(), never)));
    assert.equal(test.catalog.listOperations({}).length, 20);
  });

  it('give up when they are told to', async () => {
    const { promise, resolve } = Promise.withResolvers<undefined>();
    test.platform.statusGate = promise;
    await assert.rejects(test.client.status(AbortSignal.abort()), { code: 'GRIT_ABORTED' });
    await assert.rejects(test.client.status(AbortSignal.timeout(50)), { code: 'GRIT_TIMEOUT' });
    resolve(undefined);
  });

  it('say so when something else answers', async () => {
    await test.server?.close();
    mkdirSync(dirname(test.socketPath), { recursive: true });
    const answers = [
      [500, '<html>'],
      [200, '<html>'],
    ] as const;
    let asked = 0;
    const odd = createServer((_request, response) => {
      const [status, body] = answers[asked++ % 2]!;
      response.writeHead(status).end(body);
    });
    odd.listen(test.socketPath);
    await once(odd, 'listening');
    for (const _answer of answers) await assert.rejects(test.client.status(never), { code: 'GRIT_INTERNAL' });
    const closed = once(odd, 'close');
    odd.close();
    odd.closeAllConnections();
    await closed;
  });
});
