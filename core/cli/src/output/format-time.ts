// SPDX-License-Identifier: Apache-2.0
/** `340 ms`, `12.4 s`, `3m05s`, `2h07m`. */
export function formatDuration(ms: number): string {
  if (ms < 1_000) return `${String(Math.round(ms))} ms`;
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1_000);
  if (seconds < 3_600) return `${String(Math.floor(seconds / 60))}m${pad(seconds % 60)}s`;
  return `${String(Math.floor(seconds / 3_600))}h${pad(Math.floor(seconds / 60) % 60)}m`;
}

/** `12s`, `5m`, `3h`, `9d` ago. */
export function formatAge(at: number, now: number): string {
  const seconds = Math.max(0, Math.round((now - at) / 1_000));
  if (seconds < 60) return `${String(seconds)}s`;
  if (seconds < 3_600) return `${String(Math.floor(seconds / 60))}m`;
  if (seconds < 86_400) return `${String(Math.floor(seconds / 3_600))}h`;
  return `${String(Math.floor(seconds / 86_400))}d`;
}

/** `2026-11-25 07:12:03.214Z`. */
export function formatMoment(at: number | undefined): string {
  return at === undefined ? '-' : new Date(at).toISOString().replace('T', ' ');
}

function pad(value: number): string {
  return String(value).padStart(2, '0');
}
