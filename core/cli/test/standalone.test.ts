// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OperationStatus } from '@grit/plugin-api';
import type { WorkloadRecord } from '@grit/core';
import { GritProcess, type Said } from './grit-process.js';

/** Counts into its log until the file is there; its exit code shows that it came to its own end. */
const COUNTER = 'i=0; while [ ! -e /signals/end ]; do echo "line $i"; i=$((i+1)); sleep 0.02; done; exit 7';

describe('grit on one machine', function () {
  this.timeout(120_000);
  let root: string;
  let signals: string;
  const running = new Set<GritProcess>();

  const start = (...args: string[]): GritProcess => {
    const child = new GritProcess(args, { GRIT_STATE_DIR: join(root, 's'), GRIT_CONFIG: '' }, root);
    running.add(child);
    void child.ended.finally(() => running.delete(child));
    return child;
  };
  const grit = (...args: string[]): Promise<Said> => start(...args).ended;
  const succeed = async (...args: string[]): Promise<string> => {
    const { exit, out, errors } = await grit(...args);
    assert.equal(exit, 0, `grit ${args.join(' ')}: ${out}${errors}`);
    return out;
  };
  const json = async <T>(...args: string[]): Promise<T> => JSON.parse(await succeed(...args, '-o', 'json')) as T;
  const runCounter = (name: string) =>
    succeed('run', '--name', name, '--mount', `${signals}:/signals:ro`, '--workdir', '/', '--', 'sh', '-c', COUNTER);
  const untilLine = async (name: string, pattern: RegExp): Promise<void> => {
    const follower = start('logs', '-f', name);
    await follower.says(pattern);
    follower.child.kill('SIGTERM');
    await follower.ended;
  };

  before(function () {
    if (process.getuid?.() !== 0) this.skip('containers need root');
    for (const program of ['runc', 'criu', 'redis-server']) {
      if (spawnSync(program, ['--version']).error !== undefined) this.skip(`${program} is not on PATH`);
    }
  });

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'grit-cli-'));
    signals = join(root, 'signals');
    mkdirSync(signals);
  });

  afterEach(async () => {
    const { out } = await grit('get', 'workloads', '-o', 'json');
    for (const { workload, state } of JSON.parse(out || '[]') as WorkloadRecord[]) {
      if (state === 'running' || state === 'held') await grit('stop', workload.name, '--grace', '0s');
      await grit('delete', 'workload', workload.name);
    }
    for (const child of running) child.child.kill('SIGTERM');
    await Promise.all([...running].map(({ ended }) => ended));
    await grit('stop');
    rmSync(root, { recursive: true, force: true });
  });

  it('run, checkpoint, restore: the log goes on where it was, and the exit code is kept', async () => {
    assert.match(
      await runCounter('count'),
      /^Started count on node local\.\noperation: op-\S+\n\nnext: grit logs -f count\n$/,
    );
    await untilLine('count', /^line 10$/m);

    const checkpoint = await json<OperationStatus>('checkpoint', 'count', '--after', 'stop');
    assert.equal(checkpoint.outcome, 'Checkpointed');
    const sum = checkpoint.timings.reduce((total, { ms }) => total + ms, 0);
    const wall = (checkpoint.finishedAt ?? 0) - checkpoint.createdAt;
    assert.ok(Math.abs(sum - wall) <= Math.max(2, wall * 0.02), `${String(sum)} of ${String(wall)} ms`);
    const before = await succeed('logs', 'count');

    const restored = await succeed('restore', '--workload', 'count');
    assert.match(restored, new RegExp(`^Restored count from ${checkpoint.checkpoint ?? ''} on node local\\.`));
    assert.match(restored, /^total +\d/m);
    const follower = start('logs', '-f', 'count');
    const last = Number(/line (\d+)\n$/.exec(before)?.[1]);
    await follower.says(new RegExp(`^line ${String(last + 10)}$`, 'm'));
    writeFileSync(join(signals, 'end'), '');
    const { out, exit } = await follower.ended;
    assert.equal(exit, 0);
    const lines = out.trimEnd().split('\n');
    assert.deepEqual(
      lines,
      lines.map((_, index) => `line ${String(index)}`),
    );
    assert.equal((await grit('wait', 'count')).exit, 7);
    assert.equal((await json<WorkloadRecord>('describe', 'workload', 'count')).exitCode, 7);
  });

  it('a follower of the log goes on when the workload migrates to a second agent', async () => {
    await runCounter('mover');
    const agent = start('agent', '--node', 'b', '--state-dir', join(root, 'b'));
    await agent.says(/"agent started"/, 'errors');
    const follower = start('logs', '-f', 'mover');
    await follower.says(/^line 10$/m);
    assert.match(
      await succeed('migrate', 'mover', '--to', 'b'),
      /^Migrated mover to node b; it runs there and nowhere else\.\n/,
    );
    const moved = await succeed('logs', 'mover');
    await follower.says(new RegExp(`^line ${String(moved.split('\n').length + 10)}$`, 'm'));
    writeFileSync(join(signals, 'end'), '');
    const lines = (await follower.ended).out.trimEnd().split('\n');
    assert.deepEqual(
      lines,
      lines.map((_, index) => `line ${String(index)}`),
    );
  });

  it('a server that is killed in the middle of a checkpoint is started again, and the checkpoint ends well', async () => {
    await runCounter('survivor');
    const command = start('checkpoint', 'survivor', '--after', 'hold', '-o', 'json');
    const { server } = await json<{ server: { pid: number } }>('version');
    process.kill(server.pid, 'SIGKILL');
    const { exit, out, errors } = await command.ended;
    assert.equal(exit, 0, errors);
    assert.equal((JSON.parse(out) as OperationStatus).outcome, 'Checkpointed');
    assert.match(await succeed('release', 'survivor', '--resume'), /^Released survivor; it runs again\.\n/);
  });

  it('stop ends server, agent and queue, and leaves workloads running', async () => {
    await runCounter('left');
    assert.match(await succeed('stop'), /^Server, agent and queue have ended\.\nOne workload goes on: left\n/);
    assert.ok(!existsSync(join(root, 's/run/server.sock')) || !(await grit('version')).out.includes('pid'));
    assert.match(await succeed('stop'), /^No server runs for /);
    await untilLine('left', /^line 20$/m);
  });

  it('two commands at once start one server', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => json<unknown[]>('get', 'nodes')));
    assert.ok(answers.every((nodes) => nodes.length === 1));
    const log = readFileSync(join(root, 's/logs/server.log'), 'utf8');
    assert.equal(log.split('"server started"').length - 1, 1, log);
  });

  it('server --no-agent has no node of its own', async () => {
    const server = start('server', '--no-agent');
    await server.says(/"server started"/, 'errors');
    assert.deepEqual(await json<unknown[]>('get', 'nodes'), []);
    assert.match(await succeed('stop'), /^Server, agent and queue have ended\.\n/);
    assert.equal((await server.ended).exit, 0);
    assert.ok(!existsSync(join(root, 's/logs/agent-local.log')));
  });

  it('an error of the configuration is told by the command that would have started the server: exit 2', async () => {
    const file = join(root, 'grit.yaml');
    writeFileSync(file, 'defaults:\n  storag: x\n');
    const { exit, errors } = await grit('run', '--name', 'never', '--', 'true');
    assert.equal(exit, 2);
    assert.match(errors, /grit\.yaml:2:3/);
    rmSync(file);
  });
});
