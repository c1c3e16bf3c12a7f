// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { Checkpoint } from '../../src/api/checkpoint.js';
import { knownImages } from '../../src/node/known-images.js';

interface Shape {
  readonly pod?: string;
  readonly owner?: string;
  readonly storage?: string;
  readonly image?: boolean;
  readonly finishedAt?: string;
}

function checkpoint(uid: string, shape: Shape = {}): Checkpoint {
  const { pod = 'p', owner = 'o', storage = 'CheckpointStore/a', image = true, finishedAt } = shape;
  return {
    metadata: { name: uid, uid },
    spec: {},
    status: {
      podUID: pod,
      storage,
      source: { owner: { apiVersion: 'batch/v1', kind: 'Job', name: owner, uid: owner } },
      ...(finishedAt === undefined ? {} : { finishedAt }),
      ...(image ? { image: { id: `ck-${uid}`, size: 1, digest: 'd' } } : {}),
    },
  };
}

describe('images whose chunks a new one may use', () => {
  const own = checkpoint('new', { image: false });

  it('are those of the pod, then those of its owner, the newest first', () => {
    const others = [
      checkpoint('sibling', { pod: 'q', finishedAt: '2026-03-01T00:00:00Z' }),
      checkpoint('old', { finishedAt: '2026-01-01T00:00:00Z' }),
      checkpoint('young', { finishedAt: '2026-02-01T00:00:00Z' }),
    ];
    assert.deepEqual(knownImages(own, others), ['ck-young', 'ck-old', 'ck-sibling']);
  });

  it('are not those of others, of another store, without an image, nor its own', () => {
    const others = [
      checkpoint('stranger', { pod: 'q', owner: 'x' }),
      checkpoint('elsewhere', { storage: 'PersistentVolumeClaim/b' }),
      checkpoint('failed', { image: false }),
      checkpoint('new'),
    ];
    assert.deepEqual(knownImages(own, others), []);
  });

  it('are a few at most', () => {
    const others = Array.from({ length: 9 }, (_, index) =>
      checkpoint(`n${index}`, { finishedAt: `2026-01-0${index + 1}` }),
    );
    assert.deepEqual(knownImages(own, others), ['ck-n8', 'ck-n7', 'ck-n6']);
  });
});
