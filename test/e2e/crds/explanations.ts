// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { Cluster } from '../../cluster/index.js';
import { readSchemas, walk } from './schema-rules.js';

/** What `kubectl explain` says. */
export function describeExplanations(cluster: () => Cluster): void {
  describe('kubectl explain', () => {
    it('has a sentence for every field', () => {
      const silent = [...readSchemas()].flatMap(([kind, schema]) =>
        walk(schema, kind)
          .filter(({ path }) => !/\[\]$|\.\*$|^\w+\.(apiVersion|kind|metadata)$/.test(path))
          .filter(({ schema: { description = '' } }) => !/^[A-Z].{6,}\.$/s.test(description))
          .map(({ path, schema: { description = '' } }) => `${path}: "${description}"`),
      );
      assert.deepEqual(silent, []);
    });

    for (const [field, says] of [
      ['checkpoint', 'A Checkpoint takes an image of a running pod'],
      ['ckpt.spec.autoMigration', 'Moves the pod.'],
      ['ckpt.spec.volumeClaim.claimName', 'Name of the claim'],
      ['ckpt.status.phase', 'Checkpointed: it is stored and verified.'],
      ['rt.spec.fallback', 'What becomes of a pod that cannot be restored.'],
      ['mig.spec.selector.matchLabels', 'Labels that the pod must have'],
      ['cks.spec.config', 'Configuration of the plugin'],
      ['gn.status.facts.criu', 'Version of CRIU.'],
    ] as const) {
      it(`explains ${field}`, async () => {
        const text = await cluster().kubectl('explain', field);
        assert.ok(text.replaceAll(/\s+/g, ' ').includes(says), text);
      });
    }
  });
}
