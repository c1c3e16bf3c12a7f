// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { NEVER, failsWith } from '../expect.js';
import { dump, getsOn, startWorkload } from './dumping.js';
import type { RuntimeCase } from './runtime-subject.js';

const STRANGER = { kind: 'container', name: 'nobody' };

/** What a driver says about its node and its workloads before anything is frozen. */
export const NODE_CASES: readonly RuntimeCase[] = [
  {
    title: 'probe tells facts of the node',
    run: async ({ driver }) => {
      const { ready, problems, facts } = await driver.probe(NEVER);
      assert.deepEqual({ ready, problems }, { ready: true, problems: [] });
      assert.ok(Object.keys(facts).length > 0, 'no facts');
      for (const [name, value] of Object.entries(facts)) {
        assert.match(name, /^[a-z0-9]+(-[a-z0-9]+)*$/);
        assert.ok(value.length > 0, `fact ${name} is empty`);
      }
    },
  },
  {
    title: 'start is idempotent by name and refuses another specification',
    run: async (subject) => {
      const spec = subject.spec('twice');
      const first = await subject.launcher.start(spec, NEVER);
      const second = await subject.launcher.start(spec, NEVER);
      assert.equal(second.pid, first.pid);
      const other = { ...spec, env: { ...spec.env, OTHER: '1' } };
      await failsWith(subject.launcher.start(other, NEVER), 'GRIT_WORKLOAD_NAME_TAKEN');
    },
  },
  {
    title: 'inspect of an unknown workload says missing',
    run: async ({ launcher }) => assert.equal((await launcher.inspect(STRANGER, NEVER)).state, 'missing'),
  },
  {
    title: 'preflight leaves the workload alone',
    run: async (subject) => {
      const workload = await startWorkload(subject, 'looked-at');
      const { findings, estimatedBytes } = await subject.driver.preflight(workload, { tcp: 'refuse' }, NEVER);
      assert.deepEqual(
        findings.filter(({ severity }) => severity === 'blocker'),
        [],
      );
      assert.ok(estimatedBytes >= 0);
      await getsOn(subject, workload);
      assert.deepEqual(await subject.driver.holds(NEVER), []);
    },
  },
  {
    title: 'preflight refuses a workload that is unknown, held or ended',
    run: async (subject) => {
      const { driver, launcher } = subject;
      const preflight = (workload = STRANGER): Promise<unknown> => driver.preflight(workload, { tcp: 'refuse' }, NEVER);
      await failsWith(preflight(), 'GRIT_WORKLOAD_NOT_FOUND');
      const held = await startWorkload(subject, 'held');
      await dump(subject, held, 'c-held');
      await failsWith(preflight(held), 'GRIT_WORKLOAD_HELD');
      await launcher.stop(held, { graceMs: 0 }, NEVER);
      await failsWith(preflight(held), 'GRIT_WORKLOAD_NOT_RUNNING');
    },
  },
  {
    title: 'a workload that runs is not removed; one that ended is',
    run: async (subject) => {
      const { launcher } = subject;
      const workload = await startWorkload(subject, 'removed');
      await failsWith(launcher.remove(workload, NEVER), 'GRIT_WORKLOAD_RUNNING');
      const ended = await launcher.stop(workload, { graceMs: 0 }, NEVER);
      assert.equal(ended.state, 'exited');
      await launcher.remove(workload, NEVER);
      assert.equal((await launcher.inspect(workload, NEVER)).state, 'missing');
    },
  },
];
