// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKPOINTS, FINALIZER, type Checkpoint, type Step } from '@grit/plugin-kubernetes';
import { Redis } from 'ioredis';
import { clusterUnavailable } from '../../cluster/index.js';
import { until } from '../../integration/machine/until.js';
import { startKubePlatform, type KubePlatform } from '../kubernetes/platform.js';
import { setOpen } from './agent-files.js';
import { AgentProcess, journal } from './agent-process.js';

const namespace = 'default';
const node = 'sim-a';
const never = new AbortController().signal;

/** No controller runs: the test gives the orders, to an agent that is a process of its own. */
describe('the agent of a node', function () {
  this.timeout(240_000);
  let platform: KubePlatform;
  let started: KubePlatform | undefined;
  let kubeconfig: string;
  let directory: string;
  let agents: AgentProcess[] = [];

  const startAgent = (): AgentProcess => {
    const redis = join(platform.directory, 'redis', 'redis.sock');
    const agent = new AgentProcess(directory, node, kubeconfig, redis);
    agents.push(agent);
    return agent;
  };

  /** Writes an order; the node is not told of it. */
  const order = async (name: string, step: Pick<Step, 'name' | 'token'> & Partial<Step>): Promise<Checkpoint> => {
    const whole = { node, attempt: 1, orderedAt: new Date().toISOString(), ...step };
    const body = { status: { step: whole } };
    return platform.client.patch(CHECKPOINTS, { namespace, name }, body, { subresource: 'status' }, never);
  };

  const wake = async ({ metadata }: Checkpoint, token: string, id: string): Promise<void> => {
    const { name, uid = '' } = metadata;
    const job = { apiVersion: 'grit.dev/v1', kind: 'Checkpoint', namespace, name, uid, token };
    await platform.queue.submit(`node-${node}`, 'kube-step', job, { id, attempts: 1 }, never);
  };

  const orderAndWake = async (name: string, step: Pick<Step, 'name' | 'token'>): Promise<void> => {
    await wake(await order(name, step), step.token, step.token);
  };

  const make = (name: string, finalizers?: string[]): Promise<Checkpoint> => {
    const metadata = { name, namespace, ...(finalizers === undefined ? {} : { finalizers }) };
    return platform.create(CHECKPOINTS, { metadata, spec: { podName: 'any' } });
  };

  const answered = (name: string, token: string): Promise<Checkpoint> =>
    platform.until(CHECKPOINTS, { namespace, name }, `has a final report on ${token}`, ({ status }) => {
      return status?.report?.token === token && status.report.phase !== 'Running';
    });

  before(async function () {
    const reason = await clusterUnavailable({});
    if (reason !== undefined) this.skip(reason);
    platform = await startKubePlatform({ controller: false, nodes: [node] });
    started = platform;
    await platform.agents.stop(node);
    kubeconfig = await platform.cluster.kubeconfigFor({ namespace: 'grit-system', name: 'grit-agent' }, { node });
  });

  after(async () => {
    await started?.stop();
  });

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'grit-agent-'));
  });

  afterEach(async () => {
    for (const agent of agents) await agent.kill();
    agents = [];
    await rm(directory, { recursive: true, force: true });
  });

  it('that is killed in the middle of a step: the next one takes it up, once, though the queue has forgotten it', async () => {
    const checkpoint = await make('killed');
    const first = startAgent();
    await orderAndWake('killed', { name: 'checkpoint', token: 'killed-1' });
    await first.noted('begin');
    const { status } = await platform.client.get(CHECKPOINTS, checkpoint.metadata, never);
    await first.kill();
    const redis = new Redis({ path: join(platform.directory, 'redis', 'redis.sock') });
    await redis.flushall();
    await redis.quit();

    const second = startAgent();
    await second.noted('begin');
    // Told again of what it has in hand already.
    for (const id of ['again-1', 'again-2']) await wake(checkpoint, 'killed-1', id);
    setOpen(directory, true);
    const { report } = (await answered('killed', 'killed-1')).status ?? {};
    assert.equal(report?.phase, 'Succeeded');
    assert.equal(report.startedAt, status?.report?.startedAt, 'the first one began it');
    for (const id of ['again-1', 'again-2']) await untilDone(id);
    assert.deepEqual(await journal(directory), [`begin ${first.pid}`, `begin ${second.pid}`, `end ${second.pid}`]);
  });

  it('that stood still while it was given another order says nothing about the old one', async () => {
    await make('stale');
    const agent = startAgent();
    await orderAndWake('stale', { name: 'checkpoint', token: 'stale-1' });
    await agent.noted('begin');
    agent.pause();
    const { status: before } = await order('stale', { name: 'abort', token: 'stale-2' });
    assert.equal(before?.report?.token, 'stale-1');
    const seen: Checkpoint[] = [];
    const after = platform.until(CHECKPOINTS, { namespace, name: 'stale' }, 'is aborted', (object) => {
      if (object.status?.step?.token === 'stale-2') seen.push(object);
      return object.status?.report?.token === 'stale-2' && object.status.report.phase === 'Succeeded';
    });
    // The checkpoint can end well now, under a token that counts no more.
    setOpen(directory, true);
    await wake(await platform.client.get(CHECKPOINTS, { namespace, name: 'stale' }, never), 'stale-2', 'stale-2');
    agent.resume();
    await after;
    await agent.noted('abort');
    for (const { status } of seen) {
      if (status?.report?.token === 'stale-1') assert.deepEqual(status.report, before.report);
      else assert.equal(status?.report?.token, 'stale-2');
    }
  });

  it('tells how its step ended when the API server is back', async () => {
    await make('away');
    const agent = startAgent();
    await orderAndWake('away', { name: 'checkpoint', token: 'away-1' });
    await agent.noted('begin');
    await platform.cluster.apiServer.stop();
    try {
      setOpen(directory, true);
      await agent.noted('end');
    } finally {
      await platform.cluster.apiServer.start();
    }
    assert.equal((await answered('away', 'away-1')).status?.report?.phase, 'Succeeded');
    assert.deepEqual(await journal(directory), [`begin ${agent.pid}`, `end ${agent.pid}`]);
  });

  it('does nothing that the API server does not say', async () => {
    const checkpoint = await make('unordered');
    startAgent();
    await wake(checkpoint, 'invented', 'invented');
    await untilDone('invented');
    await order('unordered', { name: 'checkpoint', token: 'elsewhere', node: 'sim-b' });
    await wake(checkpoint, 'elsewhere', 'elsewhere');
    await untilDone('elsewhere');
    assert.deepEqual(await journal(directory), []);
  });

  it('stops when the object is deleted in the middle, says so, and lets go when it is told to', async () => {
    const { metadata } = await make('deleted', [FINALIZER]);
    const agent = startAgent();
    await orderAndWake('deleted', { name: 'checkpoint', token: 'deleted-1' });
    await agent.noted('begin');
    await platform.client.delete(CHECKPOINTS, metadata, {}, never);
    const { report } = (await answered('deleted', 'deleted-1')).status ?? {};
    assert.equal(`${report?.phase ?? ''} ${report?.error?.code ?? ''}`, 'Failed GRIT_OPERATION_CANCELLED');
    await orderAndWake('deleted', { name: 'abort', token: 'deleted-2' });
    assert.equal((await answered('deleted', 'deleted-2')).status?.report?.phase, 'Succeeded');
    const body = { metadata: { name: 'deleted', finalizers: [] } };
    await platform.client.patch(CHECKPOINTS, metadata, body, {}, never);
    await platform.untilGone(CHECKPOINTS, metadata);
    assert.deepEqual(await journal(directory), [`begin ${agent.pid}`, `abort ${agent.pid}`]);
  });

  async function untilDone(id: string): Promise<void> {
    await until(`job ${id} is done`, async () => {
      const { state } = await platform.queue.get(`node-${node}`, id, never);
      return state === 'completed' || state === 'failed';
    });
  }
});
