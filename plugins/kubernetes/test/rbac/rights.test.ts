// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { AGENT_RIGHTS } from '../../src/rbac/agent-rights.js';
import { CONTROLLER_RIGHTS } from '../../src/rbac/controller-rights.js';
import { ruleOf, type Right } from '../../src/rbac/right.js';
import { accountWith } from '../../src/rbac/roles.js';

const KNOWN = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete'];

function verbsOf(rights: readonly Right[], resource: string): readonly string[] {
  return rights.filter((right) => right.resource === resource).flatMap(({ verbs }) => verbs);
}

describe('rights', () => {
  for (const [who, rights] of [
    ['controller', CONTROLLER_RIGHTS],
    ['agent', AGENT_RIGHTS],
  ] as const) {
    it(`of the ${who} name every verb and resource, and none twice`, () => {
      const seen = new Set<string>();
      for (const { group, resource, verbs, where, names = [''], why } of rights) {
        assert.ok(why.length > 10, `${resource} has a reason`);
        assert.match(`${group}/${resource}`, /^[a-z0-9.]*\/[a-z]+(\/[a-z]+)?$/);
        for (const verb of verbs) {
          assert.ok(KNOWN.includes(verb), `${resource}: ${verb}`);
          for (const name of names) {
            const key = `${group}/${resource} ${name} ${verb} ${where}`;
            assert.ok(!seen.has(key), `${key} is there once`);
            seen.add(key);
          }
        }
      }
    });
  }

  it('of the agent are those of a reader that writes reports', () => {
    const written = AGENT_RIGHTS.filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)));
    assert.deepEqual(
      written.map(({ resource }) => resource),
      ['checkpoints/status', 'restores/status', 'checkpointstores/status', 'gritnodes', 'gritnodes/status', 'leases'],
    );
    assert.deepEqual(verbsOf(AGENT_RIGHTS, 'pods'), ['get']);
    assert.deepEqual(verbsOf(AGENT_RIGHTS, 'secrets'), []);
  });

  it('of the controller never reach the specs of pods that run, nor Secrets of others', () => {
    assert.ok(!verbsOf(CONTROLLER_RIGHTS, 'pods').some((verb) => ['update', 'patch'].includes(verb)));
    for (const { resource, where, names, verbs } of CONTROLLER_RIGHTS) {
      if (resource !== 'secrets') continue;
      assert.equal(where, 'own namespace');
      assert.ok(names !== undefined || verbs.every((verb) => verb === 'create'));
    }
  });

  it('become rules that can be taken away one by one', () => {
    const manifests = accountWith('grit-agent', AGENT_RIGHTS);
    const rules = manifests.flatMap(({ rules: list = [] }) => list);
    assert.equal(rules.length, AGENT_RIGHTS.length);
    for (const right of AGENT_RIGHTS) assert.ok(rules.some((rule) => rule.resources[0] === right.resource));
    assert.deepEqual(ruleOf({ group: 'a', resource: 'b', names: ['c'], verbs: ['get'], where: 'cluster', why: '' }), {
      apiGroups: ['a'],
      resources: ['b'],
      resourceNames: ['c'],
      verbs: ['get'],
    });
  });
});
