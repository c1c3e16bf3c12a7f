// SPDX-License-Identifier: Apache-2.0

/** The end of a process that runs until it is told to stop. */
export interface ProcessEnd {
  /** Aborted at the end. */
  readonly signal: AbortSignal;
  readonly reached: Promise<void>;
  /** Ends it from inside. */
  readonly now: () => void;
}

/** Waits for SIGTERM or SIGINT. A second signal kills as always. */
export function untilSignal(): ProcessEnd {
  const controller = new AbortController();
  const end = (): void => controller.abort();
  const reached = new Promise<void>((resolve) =>
    controller.signal.addEventListener('abort', () => resolve(), { once: true }),
  );
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, end);
  return { signal: controller.signal, reached, now: end };
}
