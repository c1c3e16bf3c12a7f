// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { Container, Pod } from '../../src/api/core-kinds.js';
import { imageContainers, whyContainersWait } from '../../src/pods/image-containers.js';
import { trimPod } from '../../src/pods/trim-pod.js';

const plain = (name: string): Container => ({ name });

function pod(containers: readonly Container[]): Pod {
  const initContainers = [plain('prepare'), { ...plain('side'), restartPolicy: 'Always' }];
  return { metadata: { name: 'p' }, spec: { containers, initContainers } };
}

describe('the containers that are in an image', () => {
  const { spec } = pod([plain('a'), plain('b')]);
  for (const [chosen, names] of [
    [undefined, ['side', 'a', 'b']],
    [{ include: ['a'] }, ['a']],
    [{ exclude: ['a'] }, ['side', 'b']],
    [{ restart: ['side'] }, ['a', 'b']],
    [{ include: ['a', 'side'], restart: ['side'] }, ['a']],
  ] as const) {
    it(`are ${names.join(', ')} for ${JSON.stringify(chosen)}`, () => {
      const given = chosen && {
        ...('include' in chosen ? { include: [...chosen.include] } : {}),
        ...('exclude' in chosen ? { exclude: [...chosen.exclude] } : {}),
        ...('restart' in chosen ? { restart: [...chosen.restart] } : {}),
      };
      assert.deepEqual(
        imageContainers(spec, given).map(({ name }) => name),
        names,
      );
    });
  }
});

describe('a container that waits in a pod that runs', () => {
  const statuses = [
    { name: 'a', state: { running: {} } },
    { name: 'b', state: { waiting: { reason: 'ImagePullBackOff' } } },
  ];
  const waiting: Pod = { ...pod([plain('a'), plain('b')]), status: { phase: 'Running', containerStatuses: statuses } };

  it('is named, unless it is left out', () => {
    assert.equal(whyContainersWait(waiting, undefined), 'container b waits (ImagePullBackOff)');
    assert.equal(whyContainersWait(waiting, { exclude: ['b'] }), undefined);
    assert.equal(whyContainersWait(trimPod(waiting), undefined), 'container b waits (ImagePullBackOff)');
  });

  it('is none where all run, or nothing is known', () => {
    const running = { ...waiting, status: { phase: 'Running', containerStatuses: statuses.slice(0, 1) } } as const;
    assert.equal(whyContainersWait(running, undefined), undefined);
    assert.equal(whyContainersWait(pod([plain('a')]), undefined), undefined);
  });
});
