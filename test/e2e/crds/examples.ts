// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { Cluster } from '../../cluster/index.js';
import { MANIFESTS } from '../kubernetes/install.js';
import { readFolder, readManifests } from './manifests.js';
import { readSchemas, walk } from './schema-rules.js';

const EXAMPLES = join(MANIFESTS, 'examples');

/** Every example is valid, and together they show all that users can write. */
export function describeExamples(cluster: () => Cluster): void {
  describe('examples', () => {
    for (const { file, objects } of readFolder(EXAMPLES)) {
      it(`${file} is valid`, async () => {
        const said = await cluster().kubectl('apply', '--dry-run=server', '-f', join(EXAMPLES, file));
        assert.equal(said.trim().split('\n').length, objects.length, said);
      });
    }

    it('the Service of the webhook is valid', async () => {
      await cluster().kubectl('apply', '--dry-run=server', '-f', join(MANIFESTS, 'webhooks'));
    });

    it("the prototype's manifest is applied as it was", async () => {
      const [checkpoint] = readManifests(join(EXAMPLES, 'checkpoint.yaml'));
      assert.deepEqual(checkpoint, {
        apiVersion: 'kaito.sh/v1alpha1',
        kind: 'Checkpoint',
        metadata: { name: 'demo', namespace: 'default' },
        spec: { autoMigration: false, podName: '$YOUR_POD', volumeClaim: { claimName: 'ckpt-store' } },
      });
      const stored = await cluster().kubectl(
        'apply',
        '--dry-run=server',
        '-o=json',
        '-f',
        join(EXAMPLES, 'checkpoint.yaml'),
      );
      const { spec } = JSON.parse(stored) as { spec: object };
      assert.deepEqual(spec, { ...checkpoint.spec, strategy: 'stop-and-copy' });
    });

    it('show every field of a spec', () => {
      const used = new Set(
        readFolder(EXAMPLES).flatMap(({ objects }) =>
          objects.flatMap(({ kind, spec }) => Object.keys(spec ?? {}).map((field) => `${kind}.${field}`)),
        ),
      );
      const fields = [...readSchemas()].flatMap(([kind, { properties }]) =>
        Object.keys(properties?.['spec']?.properties ?? {}).map((field) => `${kind}.${field}`),
      );
      assert.deepEqual(
        fields.filter((field) => !used.has(field)),
        [],
      );
    });

    it('unknown fields are refused by name', async () => {
      const spec = { podName: 'train-0', podname: 'train-1' };
      const manifest = { apiVersion: 'kaito.sh/v1alpha1', kind: 'Checkpoint', metadata: { name: 'typo' }, spec };
      await assert.rejects(cluster().kubectlApply(JSON.stringify(manifest)), /spec\.podname/);
    });

    it('only free objects keep what the schema does not know', () => {
      const free = [...readSchemas()].flatMap(([kind, schema]) =>
        walk(schema, kind).flatMap(({ path, schema: field }) =>
          'x-kubernetes-preserve-unknown-fields' in field ? [path] : [],
        ),
      );
      assert.deepEqual(free, ['Checkpoint.status.source.tolerations[]', 'CheckpointStore.spec.config']);
    });
  });
}
