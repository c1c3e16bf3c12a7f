// SPDX-License-Identifier: Apache-2.0

/** The first with the checkpoint calls and a time limit for locks (CUDA 12.8). */
export const FIRST_WITH_CHECKPOINT = 570;
/** The first that restores to other GPUs (CUDA 13.0). */
export const FIRST_WITH_MAP = 580;

/** 580 of `580.65.06`; 0 for what is no version. */
export function majorOf(driverVersion: string): number {
  return Number(/^\d+/.exec(driverVersion)?.[0] ?? 0);
}

/** Versions with a defect that a user should know of before a checkpoint, by beginning. */
const DEFECTS: readonly (readonly [version: string, defect: string])[] = [
  ['595.71', 'killing a process after its restore can hang the node (NVIDIA/cuda-checkpoint#53)'],
  ['610.57', 'locking a process with many threads can kill it (NVIDIA/cuda-checkpoint#58)'],
];

export function defectOf(driverVersion: string): string | undefined {
  return DEFECTS.find(([version]) => driverVersion === version || driverVersion.startsWith(`${version}.`))?.[1];
}
