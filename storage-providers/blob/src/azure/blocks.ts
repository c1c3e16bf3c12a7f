// SPDX-License-Identifier: Apache-2.0
import { randomBytes } from 'node:crypto';
import type { ContainerClient } from '@azure/storage-blob';
import type { UploadOptions } from '../object-store.js';
import { sendAll } from '../upload/send-all.js';
import type { WireBody } from '../wire/wire-request.js';
import type { AzureAccess } from './azure-access.js';

const MARK_BYTES = 11;

/** A piece of a blob. */
export interface Block {
  /** From 0 on. */
  readonly index: number;
  readonly size: number;
  readonly body: WireBody;
  /** Called when it need not be kept any longer. */
  readonly done?: () => void;
}

/**
 * One blob from blocks, several at a time. Before the list of them is given at the end, nobody sees anything; what was left without a
 * list, the service removes after a week. Returns the size. Refused with InvalidBlockList: somebody else has written the same blob
 * meanwhile, which takes our blocks away.
 */
export async function putBlocks(
  { access, container }: { readonly access: AzureAccess; readonly container: ContainerClient },
  key: string,
  blocks: AsyncIterable<Block>,
  options: UploadOptions & { readonly atOnce: number },
): Promise<number> {
  const { signal, onBytes, atOnce } = options;
  // Two who write the same blob do not mix their blocks. All names of the blocks of a blob must have the same length.
  const mark = randomBytes(MARK_BYTES);
  const names: string[] = [];
  let size = 0;
  await sendAll(blocks, { signal, atOnce: () => atOnce }, async (block, either) => {
    const name = blockName(mark, block.index);
    names[block.index] = name;
    size += block.size;
    const query = new Map([
      ['comp', 'block'],
      ['blockid', name],
    ]);
    await access.exchange({ what: `write block ${block.index} of ${key}`, signal: either }, () => ({
      method: 'PUT',
      path: access.pathOf(key),
      query,
      body: block.body,
      bodySize: block.size,
    }));
    block.done?.();
    onBytes?.(block.size);
  });
  const client = container.getBlockBlobClient(access.keyOf(key));
  await access.tries({ what: `end the write of ${key}`, signal, expected: ['InvalidBlockList'] }, () =>
    client.commitBlockList(names, { abortSignal: signal }),
  );
  return size;
}

function blockName(mark: Buffer, index: number): string {
  const number = Buffer.alloc(4);
  number.writeUInt32BE(index);
  return Buffer.concat([mark, number]).toString('base64');
}
