// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { isLocal, peersOf, tcpOfPod } from '../../src/pod-checkpoint/tcp-of-pod.js';

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode';
const line = (remote: string, state: string, inode = 4711): string =>
  `   0: 0100007F:1F90 ${remote}:A1B2 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0 100 0`;

describe('connections of a pod', () => {
  it('are those with another end and a process', () => {
    const table = [
      HEAD,
      line('0100007F', '01'),
      line('00000000', '0A'),
      line('0A00000A', '06'),
      line('0B00000A', '01', 0),
    ];
    assert.deepEqual(peersOf(table.join('\n')), ['0100007F']);
    assert.deepEqual(peersOf(''), []);
  });

  it('are kept where nobody asked for their end', async () => {
    assert.equal(await tcpOfPod(process.pid, 'refuse'), 'refuse');
    assert.equal(await tcpOfPod(process.pid, 'keep'), 'keep');
  });

  const LOCAL = ['0100007F', '0502007F', '0'.repeat(24) + '01000000', '0'.repeat(16) + 'FFFF00000100007F'];
  for (const peer of LOCAL) {
    it(`to ${peer} stay inside the pod`, () => assert.ok(isLocal(peer)));
  }

  const OUTSIDE = ['0A00007E', '7F000001', '0'.repeat(24) + '02000000', '0'.repeat(16) + 'FFFF00000100000A', '', 'x'];
  for (const peer of OUTSIDE) {
    it(`to ${peer === '' ? 'nowhere' : peer} do not`, () => assert.ok(!isLocal(peer)));
  }
});
