// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { ContainerChoice } from '@grit/plugin-api';
import { chooseContainers } from '../../src/pod-checkpoint/choose-containers.js';

const KNOWN = ['prepare', 'side', 'one', 'two'];
const RUNNING = ['side', 'one', 'two'].map((name) => ({ name }));

describe('which containers of a pod are in its image', () => {
  const cases: [string, ContainerChoice | undefined, string[], string[]][] = [
    ['all that run', undefined, [], ['prepare']],
    ['all that run, when nothing is said', {}, [], ['prepare']],
    ['those that are included', { include: ['one'] }, ['side', 'two'], ['prepare']],
    ['those that are not excluded', { exclude: ['side'] }, ['side'], ['prepare']],
    [
      'those that are included and not excluded',
      { include: ['one', 'two'], exclude: ['two'] },
      ['side', 'two'],
      ['prepare'],
    ],
    ['an init container is to run once more', { exclude: ['prepare'] }, ['prepare'], []],
    ['one that was never made', { exclude: ['late'] }, ['late'], ['prepare']],
  ];
  for (const [what, choice, leftOut, finished] of cases) {
    it(`${what}: ${JSON.stringify(choice ?? {})}`, () => {
      assert.deepEqual(chooseContainers(KNOWN, RUNNING, choice), { leftOut, finished });
    });
  }

  it('one that is wanted and not there is an error that names it', () => {
    assert.throws(() => chooseContainers(KNOWN, RUNNING, { include: ['one', 'three'] }), {
      code: 'GRIT_WORKLOAD_NOT_RUNNING',
      message: 'container three is not there; the pod has prepare, side, one, two',
    });
  });
});
