// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { PodRecord } from '../../src/pod/pod-image.js';
import { partOf } from '../../src/pod-restore/part-of-container.js';

function record(changes: Partial<PodRecord> = {}): PodRecord {
  return {
    pod: { namespace: 'default', name: 'p', uid: 'u' },
    hostname: 'p',
    containers: [{ name: 'one', sidecar: false, mounts: [] }],
    finished: ['prepare'],
    leftOut: ['side'],
    othersLeftOut: false,
    volumes: [],
    shm: false,
    tcp: 'close',
    sizes: {},
    versions: { criu: '4.2.1', runc: '1.5.2', kernel: '6.18', arch: 'x64' } as unknown as PodRecord['versions'],
    ...changes,
  };
}

describe('a container of the new pod that is not in the image', () => {
  it('had finished, or was left out', () => {
    assert.equal(partOf(record(), 'prepare'), 'finished');
    assert.equal(partOf(record(), 'side'), 'left out');
  });

  it('is refused when nobody knows it', () => {
    assert.throws(() => partOf(record(), 'new'), {
      code: 'GRIT_RESTORE_INCOMPATIBLE',
      message: 'container new of the pod is not in the checkpoint, which has one, prepare, side',
    });
  });

  it('begins anew where only some were wanted', () => {
    assert.equal(partOf(record({ othersLeftOut: true }), 'new'), 'left out');
    assert.equal(partOf(record({ othersLeftOut: true }), 'prepare'), 'finished');
  });

  it('had finished, as records of before have it', () => {
    const { finished: _finished, leftOut: _leftOut, othersLeftOut: _others, ...old } = record();
    assert.equal(partOf(old, 'prepare'), 'finished');
    assert.equal(partOf(old, 'whatever'), 'finished');
  });
});
