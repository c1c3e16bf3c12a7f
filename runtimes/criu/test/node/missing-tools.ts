// SPDX-License-Identifier: Apache-2.0
import { TestNode } from './test-node.js';

/** Why real containers cannot be checkpointed here; undefined where they can. */
export async function missingTools(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return 'needs root';
  const node = await TestNode.open();
  try {
    const { problems } = await node.driver.probe(new AbortController().signal);
    return problems.length === 0 ? undefined : problems.map(({ message }) => message).join('; ');
  } finally {
    await node.close();
  }
}
