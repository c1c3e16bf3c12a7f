// SPDX-License-Identifier: Apache-2.0
import type { StepProgress } from '@grit/plugin-kubernetes';

/** How something ended. */
export type Outcome =
  /** The pod goes on on another node. */
  | 'moved'
  /** The image is stored, and the pod runs on, or was stopped as was asked. */
  | 'stored'
  | 'restored'
  /** It runs, but from the beginning. */
  | 'cold-started'
  /** It runs on where it was. */
  | 'returned'
  /** It was evicted as was asked, and is made anew elsewhere. */
  | 'evicted'
  | 'failed'
  /** The object that was followed is no more. */
  | 'deleted';

/** One pod on its way, as people see it. */
export interface Row {
  readonly namespace: string;
  readonly pod: string;
  /** `migration/train-0-3fa2b`; empty for a pod that is only evicted. */
  readonly object: string;
  readonly phase: string;
  /** Node that it leaves or is on. */
  readonly from: string;
  /** Node that it goes on on. */
  readonly to: string;
  readonly progress?: StepProgress | undefined;
  /** What is waited for, or why it ended so. */
  readonly note: string;
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string } | undefined;
  /** When it began and ended, milliseconds since 1970. */
  readonly startedAt: number | undefined;
  readonly finishedAt: number | undefined;
  readonly outcome?: Outcome | undefined;
}

/** `namespace/pod`. */
export function podOf({ namespace, pod }: Pick<Row, 'namespace' | 'pod'>): string {
  return `${namespace}/${pod}`;
}
