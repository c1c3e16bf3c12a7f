// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { WorkloadStatus } from '@grit/plugin-api';
import { MemoryJobQueue } from '@grit/queue';
import { JsonLogger } from '../../src/container/json-logger.js';
import { StepDelivery } from '../../src/coordinator/step-delivery.js';
import { Agents } from '../../src/server/agents.js';
import { never, stopRequest, TestCatalog, train } from '../catalog/test-catalog.js';

const NODE = { node: 'n', incarnation: 'a' };

describe('reports of an agent', () => {
  const { now } = Date;
  let clock: number;
  let test: TestCatalog;
  let queue: MemoryJobQueue;
  let agents: Agents;

  beforeEach(async () => {
    clock = 1_000_000;
    Date.now = () => clock++;
    test = new TestCatalog();
    queue = new MemoryJobQueue();
    const logger = new JsonLogger({ level: 'error', write: () => undefined });
    agents = new Agents(test.catalog, new StepDelivery(test.catalog, queue, logger), logger);
    await agents.register({ ...NODE, facts: { ready: true, problems: [], facts: {} }, plugins: [] }, never);
    const { id } = test.catalog.createOperation(stopRequest());
    test.catalog.createWorkload({ workload: train, node: 'n', spec: { name: 'train', command: ['x'] }, operation: id });
    test.catalog.updateWorkload(train, { state: 'running' });
    test.catalog.endOperation(id, { phase: 'Succeeded', outcome: 'Started', timings: [] });
  });

  afterEach(async () => {
    Date.now = now;
    await queue.close();
    test.remove();
  });

  const report = (...workloads: WorkloadStatus[]): Promise<boolean> => agents.heartbeat({ ...NODE, workloads }, never);
  const state = (): string | undefined => test.catalog.getWorkload(train)?.state;

  it('count when the node was asked after the last change', async () => {
    await report({ workload: train, state: 'running' });
    await report({ workload: train, state: 'exited', exitCode: 3 });
    assert.equal(state(), 'exited');
    assert.equal(test.catalog.getWorkload(train)?.exitCode, 3);
  });

  it('do not when it may have been asked before: an operation has ended in between', async () => {
    await report();
    assert.equal(state(), 'running');
    await report({ workload: train, state: 'running' });
    await report();
    assert.equal(state(), 'missing');
    test.catalog.updateWorkload(train, { state: 'running' });
    await report({ workload: train, state: 'exited', exitCode: 137 });
    assert.equal(state(), 'running');
  });

  it('do not for a workload that an operation works on, or that is on another node', async () => {
    await report({ workload: train, state: 'running' });
    const { id } = test.catalog.createOperation(stopRequest());
    test.catalog.lockWorkload(train, id);
    await report();
    assert.equal(state(), 'running');
    test.catalog.endOperation(id, { phase: 'Succeeded', outcome: 'Stopped', timings: [] });
    test.catalog.updateWorkload(train, { node: 'm' });
    await report();
    await report();
    assert.equal(state(), 'running');
  });

  it('are refused from an agent that the server does not know', async () => {
    assert.equal(await agents.heartbeat({ ...NODE, incarnation: 'b', workloads: [] }, never), false);
  });
});
