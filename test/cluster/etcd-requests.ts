// SPDX-License-Identifier: Apache-2.0
import { ClusterError } from './cluster-error.js';

/** Whether an etcd answers at this port of the loopback interface. */
export async function isEtcdReady(port: number): Promise<boolean> {
  const answer = await fetch(`http://127.0.0.1:${port}/health`, { signal: AbortSignal.timeout(5_000) }).catch(
    () => undefined,
  );
  return answer?.ok === true && ((await answer.json()) as { health?: string }).health === 'true';
}

/** Forgets every revision but one made here, so that whoever asks for what came after an older one is told that it is gone. */
export async function compactEtcd(port: number): Promise<void> {
  const key = Buffer.from('grit-test-cluster').toString('base64');
  const { header } = (await post(port, 'put', { key, value: '' })) as { header: { revision: string } };
  await post(port, 'compaction', { revision: header.revision, physical: true });
}

async function post(port: number, call: string, body: unknown): Promise<unknown> {
  const answer = await fetch(`http://127.0.0.1:${port}/v3/kv/${call}`, { method: 'POST', body: JSON.stringify(body) });
  if (!answer.ok) throw new ClusterError(`etcd refuses ${call}: ${answer.status} ${await answer.text()}`);
  return await answer.json();
}
