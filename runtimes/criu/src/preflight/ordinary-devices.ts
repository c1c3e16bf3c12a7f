// SPDX-License-Identifier: Apache-2.0

/** null, zero, full, random, urandom, tty, ptmx. */
const ORDINARY = ['1:3', '1:5', '1:7', '1:8', '1:9', '5:0', '5:2'];
/** Terminals of devpts. */
const TERMINALS = [136, 137, 138, 139, 140, 141, 142, 143];

/** True for devices without a state of their own, or whose state CRIU carries. */
export function isOrdinaryDevice(rdev: number): boolean {
  const [major] = splitDeviceNumber(rdev);
  return ORDINARY.includes(deviceNumber(rdev)) || TERMINALS.includes(major);
}

/** `major:minor`. */
export function deviceNumber(rdev: number): string {
  return splitDeviceNumber(rdev).join(':');
}

/** As Linux has them in one number: the low 8 bits of the minor one below the 12 of the major one, the rest above. */
export function splitDeviceNumber(rdev: number): readonly [major: number, minor: number] {
  return [(rdev >>> 8) & 0xfff, (rdev & 0xff) | ((rdev >>> 12) & 0xfff00)];
}
