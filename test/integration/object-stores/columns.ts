// SPDX-License-Identifier: Apache-2.0
import { setTimeout as delay } from 'node:timers/promises';
import type { ErrorCode } from '@grit/plugin-api';
import type { Answer, Fault, FaultProxy, ProxiedRequest } from '../../fixtures/object-stores/fault-proxy.js';
import type { Answers } from './service.js';

/** A column of the matrix: something that goes wrong with a request. */
export interface Column {
  readonly name: string;
  /** How many requests it meets, one after the other. Infinity: it does not get better. */
  readonly times: number;
  /** Requests that it can happen to. Default: all. */
  readonly fits?: (request: ProxiedRequest) => boolean;
  /** What may come of it but success; nothing: it must succeed. */
  readonly codes: readonly ErrorCode[];
  fault(answers: Answers, proxy: FaultProxy): Fault;
}

const hasBody = ({ headers }: ProxiedRequest): boolean => Number(headers.get('content-length') ?? 0) > 0;
const isRead = ({ method }: ProxiedRequest): boolean => method === 'GET';

const reset = (when: 'before' | 'up' | 'after' | 'down', times: number, codes: readonly ErrorCode[]): Column => ({
  name: `reset ${when}${times === Infinity ? ', for ever' : ''}`,
  times,
  codes,
  ...(when === 'up' && { fits: hasBody }),
  ...(when === 'down' && { fits: isRead }),
  fault: () => ({ do: 'reset', when }),
});

const stall = (when: 'before' | 'up' | 'after' | 'down'): Column => ({
  name: `stall ${when}`,
  times: 1,
  codes: [],
  ...(when === 'up' && { fits: hasBody }),
  ...(when === 'down' && { fits: isRead }),
  fault: () => ({ do: 'stall', when }),
});

const answer = (
  name: string,
  times: number,
  codes: readonly ErrorCode[],
  choose: (answers: Answers) => Answer,
  early = false,
): Column => ({
  name,
  times,
  codes,
  ...(early && { fits: hasBody }),
  fault: (answers) => ({ do: 'answer', answer: choose(answers), early }),
});

const UNAVAILABLE: readonly ErrorCode[] = ['GRIT_STORAGE_UNAVAILABLE'];
const DENIED: readonly ErrorCode[] = ['GRIT_STORAGE_DENIED'];
/** Bytes of another object than the one that was stored. */
const DAMAGED: readonly ErrorCode[] = [
  'GRIT_STORAGE_UNAVAILABLE',
  'GRIT_STORAGE_IO',
  'GRIT_STORAGE_UNSUITABLE',
  'GRIT_IMAGE_PART_MISSING',
  'GRIT_IMAGE_PART_TRUNCATED',
  'GRIT_IMAGE_PART_CORRUPT',
  'GRIT_IMAGE_MANIFEST_INVALID',
  'GRIT_IMAGE_MANIFEST_MISSING',
];

export const COLUMNS: readonly Column[] = [
  { name: 'latency', times: Infinity, codes: [], fault: () => ({ do: 'delay', when: 'before', ms: 20 }) },
  reset('before', 2, []),
  reset('up', 1, []),
  reset('after', 1, []),
  reset('down', 1, []),
  reset('before', Infinity, UNAVAILABLE),
  reset('after', Infinity, UNAVAILABLE),
  stall('before'),
  stall('up'),
  stall('after'),
  stall('down'),
  answer('429', 1, [], ({ tooMany }) => tooMany),
  answer('500', 1, [], ({ failed }) => failed),
  answer('503 with Retry-After', 2, [], ({ busy }) => busy),
  answer('the service is busy', 1, [], ({ slow }) => slow),
  answer('busy before it has the body', 1, [], ({ slow }) => slow, true),
  answer('busy for ever', Infinity, UNAVAILABLE, ({ slow }) => slow),
  answer('token expired once', 1, DENIED, ({ expired }) => expired),
  answer('denied for ever', Infinity, DENIED, ({ denied }) => denied),
  { name: 'answer ends early', times: 1, codes: [], fits: isRead, fault: () => ({ do: 'cut', how: 'close' }) },
  { name: 'shorter object', times: 1, codes: DAMAGED, fits: isRead, fault: () => ({ do: 'cut', how: 'shorter' }) },
  { name: 'wrong byte down', times: 1, codes: DAMAGED, fits: isRead, fault: () => ({ do: 'flip', where: 'down' }) },
  {
    name: 'wrong byte up',
    times: 1,
    codes: ['GRIT_STORAGE_UNAVAILABLE', 'GRIT_STORAGE_IO', 'GRIT_STORAGE_DENIED'],
    fits: hasBody,
    fault: () => ({ do: 'flip', where: 'up' }),
  },
  {
    name: 'away for a while',
    times: 1,
    codes: [],
    fault: (_answers, proxy) => ({
      do: 'call',
      when: 'before',
      call: async () => {
        await proxy.down();
        await delay(100);
        await proxy.up();
      },
    }),
  },
];
