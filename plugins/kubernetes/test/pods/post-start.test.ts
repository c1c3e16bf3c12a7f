// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { Container, Pod } from '../../src/api/core-kinds.js';
import { KEYS } from '../../src/api/group.js';
import { whyHooksForbid } from '../../src/pods/post-start.js';
import { trimPod } from '../../src/pods/trim-pod.js';

const plain = (name: string): Container => ({ name });
const hooked = (name: string, kind = 'exec'): Container => ({ name, lifecycle: { postStart: { [kind]: {} } } });

function pod(containers: readonly Container[], annotations: Record<string, string> = {}): Pod {
  const initContainers = [plain('prepare'), { ...plain('side'), restartPolicy: 'Always' }];
  return { metadata: { name: 'p', annotations }, spec: { containers, initContainers } };
}

describe('postStart hooks', () => {
  it('are none of most pods', () => {
    assert.equal(whyHooksForbid(pod([plain('a'), plain('b')]), undefined), undefined);
  });

  it('of any container but the last would wait for ever, whatever the author says', () => {
    for (const kind of ['exec', 'httpGet', 'tcpSocket']) {
      const why = whyHooksForbid(pod([hooked('a', kind), plain('b')], { [KEYS.postStart]: 'again' }), undefined) ?? '';
      assert.match(why, /^container a has a postStart hook /);
      assert.ok(why.includes(`(${kind}): on another node it would wait`), why);
    }
  });

  it('of the last one would run once more, which its author may allow', () => {
    const why = whyHooksForbid(pod([plain('a'), hooked('b')]), undefined) ?? '';
    assert.match(why, /^container b has a postStart hook \(exec\), which the kubelet would run once more/);
    assert.equal(whyHooksForbid(pod([plain('a'), hooked('b')], { [KEYS.postStart]: 'again' }), undefined), undefined);
  });

  it('do not matter in containers that are left out, and begin anew anyway', () => {
    assert.equal(whyHooksForbid(pod([hooked('a'), plain('b')]), { exclude: ['a'] }), undefined);
  });

  it('that only wait do no harm', () => {
    assert.equal(whyHooksForbid(pod([hooked('a', 'sleep'), plain('b')]), undefined), undefined);
  });

  it('are known of a pod that a cache has', () => {
    const trimmed = trimPod(pod([hooked('a'), plain('b')]));
    assert.notEqual(whyHooksForbid(trimmed, undefined), undefined);
    assert.deepEqual(trimmed.spec.containers[1], plain('b'));
  });
});
