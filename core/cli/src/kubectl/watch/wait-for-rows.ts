// SPDX-License-Identifier: Apache-2.0
import { GritError } from '@grit/plugin-api';
import { EXIT_INTERRUPTED, ExitWith } from '../../exit-codes.js';
import { onInterrupt } from '../../operations/interrupts.js';
import { isForPrograms } from '../../output/print-document.js';
import type { Cluster } from '../cluster/open-cluster.js';
import type { KubeContext } from '../kube-context.js';
import type { Row } from './row.js';
import { openRowsView, type RowsView } from './rows-view.js';
import { SceneWatch } from './scene-watch.js';
import type { Scene } from './scene.js';

const SETTLE_MS = 100;
const LOOK_AGAIN_MS = 1_000;

/** What is waited for. */
export interface Wait {
  /** Undefined: all namespaces. */
  readonly namespace: string | undefined;
  /** All that is followed, also what has ended. */
  readonly rowsOf: (scene: Scene) => readonly Row[];
  /** Does what has become due; called at each look. */
  readonly step?: ((rows: readonly Row[], signal: AbortSignal) => Promise<void>) | undefined;
  /** Longest wait in milliseconds. */
  readonly timeoutMs: number | undefined;
  /** How to look at it later; told when the wait ends before the work does. */
  readonly lookLater: string;
  /** Goes on when all has ended; Ctrl-C is the way to end it, and nothing is said. */
  readonly endless?: boolean | undefined;
  /** Told beside it, when the wait is broken off. */
  readonly unfinished?: (() => string | undefined) | undefined;
}

/**
 * Follows rows until all have an outcome, and returns them. Ctrl-C leaves the work going on: ExitWith(130). Throws GRIT_TIMEOUT, and
 * KubeErrors when the cluster does not let us watch.
 */
export async function waitForRows(context: KubeContext, { client }: Cluster, wait: Wait): Promise<readonly Row[]> {
  const { terminal, format } = context;
  const view = openRowsView(terminal, isForPrograms(format));
  const over = new AbortController();
  let why: 'interrupt' | 'timeout' | undefined;
  const end = (reason: typeof why): void => {
    why ??= reason;
    over.abort();
  };
  const stopListening = onInterrupt(() => end('interrupt'));
  const timer = wait.timeoutMs === undefined ? undefined : setTimeout(() => end('timeout'), wait.timeoutMs);
  try {
    const watch = await SceneWatch.open(client, wait.namespace, (text) => view.note(text), over.signal);
    return await follow(watch, wait, view, over.signal);
  } catch (error) {
    if (why === undefined) throw error;
    view.end();
    const left = wait.unfinished?.();
    if (why === 'timeout') {
      const message = `not all has ended within --timeout; it goes on${left === undefined ? '' : `. ${left}`}`;
      throw new GritError('GRIT_TIMEOUT', message, { hint: wait.lookLater });
    }
    if (wait.endless === true) throw new ExitWith(EXIT_INTERRUPTED);
    terminal.error(
      `The work goes on without being watched. ${left === undefined ? '' : `${left} `}Look at it:\n  ${wait.lookLater}\n`,
    );
    throw new ExitWith(EXIT_INTERRUPTED);
  } finally {
    stopListening();
    clearTimeout(timer);
    over.abort();
    view.end();
  }
}

async function follow(watch: SceneWatch, wait: Wait, view: RowsView, signal: AbortSignal): Promise<readonly Row[]> {
  let wake = (): void => undefined;
  watch.onChange(() => wake());
  signal.addEventListener('abort', () => wake(), { once: true });
  for (;;) {
    signal.throwIfAborted();
    const rows = wait.rowsOf(watch.scene);
    view.update(rows);
    await wait.step?.(rows, signal);
    if (wait.endless !== true && rows.every(({ outcome }) => outcome !== undefined)) return rows;
    await new Promise<void>((resolve) => {
      // Changes come in bursts.
      const later = setTimeout(resolve, LOOK_AGAIN_MS);
      wake = () => {
        clearTimeout(later);
        setTimeout(resolve, signal.aborted ? 0 : SETTLE_MS);
      };
    });
  }
}
