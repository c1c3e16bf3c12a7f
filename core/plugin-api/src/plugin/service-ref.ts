// SPDX-License-Identifier: Apache-2.0
import { brand, hasBrand, type Branded } from '../brand.js';

/** Names a service and carries its type. Two refs with the same id are the same service, in whatever copy of this package. */
export interface ServiceRef<T> extends Branded<'service-ref'> {
  /** Dotted: `grit.logger`; third parties begin with their package's name. */
  readonly id: string;
  /**
   * `single`: one plugin at most provides it. `many`: each plugin provides its own under its name in grit.yaml
   * (storages, triggers).
   */
  readonly multiplicity: 'single' | 'many';
  /** Only for the type checker; never there. */
  readonly service?: T;
}

/** Makes a ref; done once, at the top of a module. */
export function createServiceRef<T>(options: {
  readonly id: string;
  readonly multiplicity?: 'single' | 'many';
}): ServiceRef<T> {
  return brand({ id: options.id, multiplicity: options.multiplicity ?? 'single' }, 'service-ref');
}

/** True for a ref made by any copy of this package. */
export function isServiceRef(value: unknown): value is ServiceRef<unknown> {
  return hasBrand(value, 'service-ref');
}

/** A service together with its ref. */
export interface ServiceBinding<T = unknown> extends Branded<'service-binding'> {
  readonly ref: ServiceRef<T>;
  readonly service: T;
}

/** Says that `service` is what the ref stands for; used in what a plugin's `create` returns. */
export function provide<T>(ref: ServiceRef<T>, service: NoInfer<T>): ServiceBinding<T> {
  return brand({ ref, service }, 'service-binding');
}
