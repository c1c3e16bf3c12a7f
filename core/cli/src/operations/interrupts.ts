// SPDX-License-Identifier: Apache-2.0
/** Calls the listener for each Ctrl-C until the returned function is called; without a listener Ctrl-C ends the process. */
export function onInterrupt(listener: (count: number) => void): () => void {
  let count = 0;
  const handler = () => listener(++count);
  process.on('SIGINT', handler);
  return () => void process.off('SIGINT', handler);
}
