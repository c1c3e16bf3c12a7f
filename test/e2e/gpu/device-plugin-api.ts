// SPDX-License-Identifier: Apache-2.0
import type { GrpcObject, MethodDefinition, ServiceDefinition } from '@grpc/grpc-js';
import { fromJSON } from '@grpc/proto-loader';

type Field = readonly [number: number, type: string, rule?: 'repeated' | `map:${string}`];

/** Version of the interface between the kubelet and device plugins, as both sides say it. */
export const API_VERSION = 'v1beta1';
export const HEALTHY = 'Healthy';

/** A place of the node that a container sees. */
interface AllocatedMount {
  readonly containerPath: string;
  readonly hostPath: string;
  readonly readOnly: boolean;
}

/** A device node of the node that a container gets. */
interface AllocatedDevice {
  readonly containerPath: string;
  readonly hostPath: string;
  /** Letters of r, w and m. */
  readonly permissions: string;
}

/** What a container gets along with its devices. */
export interface Allocation {
  readonly envs: Readonly<Record<string, string>>;
  readonly mounts: readonly AllocatedMount[];
  readonly devices: readonly AllocatedDevice[];
}

export interface AllocateRequest {
  readonly containerRequests: readonly { readonly devicesIds: readonly string[] }[];
}

// The parts of the documented interface that are used here, with the numbers of their fields.
const DEFINITIONS = fromJSON(
  {
    nested: {
      [API_VERSION]: {
        nested: {
          Registration: service({ Register: ['RegisterRequest', 'Empty'] }),
          DevicePlugin: service({
            GetDevicePluginOptions: ['Empty', 'DevicePluginOptions'],
            ListAndWatch: ['Empty', 'ListAndWatchResponse', 'stream'],
            Allocate: ['AllocateRequest', 'AllocateResponse'],
          }),
          Empty: message({}),
          DevicePluginOptions: message({
            preStartRequired: [1, 'bool'],
            getPreferredAllocationAvailable: [2, 'bool'],
          }),
          RegisterRequest: message({
            version: [1, 'string'],
            endpoint: [2, 'string'],
            resourceName: [3, 'string'],
            options: [4, 'DevicePluginOptions'],
          }),
          ListAndWatchResponse: message({ devices: [1, 'Device', 'repeated'] }),
          Device: message({ ID: [1, 'string'], health: [2, 'string'] }),
          AllocateRequest: message({ containerRequests: [1, 'ContainerAllocateRequest', 'repeated'] }),
          ContainerAllocateRequest: message({ devicesIds: [1, 'string', 'repeated'] }),
          AllocateResponse: message({ containerResponses: [1, 'ContainerAllocateResponse', 'repeated'] }),
          ContainerAllocateResponse: message({
            envs: [1, 'string', 'map:string'],
            mounts: [2, 'Mount', 'repeated'],
            devices: [3, 'DeviceSpec', 'repeated'],
          }),
          Mount: message({ containerPath: [1, 'string'], hostPath: [2, 'string'], readOnly: [3, 'bool'] }),
          DeviceSpec: message({ containerPath: [1, 'string'], hostPath: [2, 'string'], permissions: [3, 'string'] }),
        },
      },
    },
  },
  { defaults: true, arrays: true, objects: true },
);

/** What a device plugin serves. */
export const DEVICE_PLUGIN = DEFINITIONS[`${API_VERSION}.DevicePlugin`] as unknown as ServiceDefinition;

/** What the kubelet serves to those who have devices. */
export const REGISTER = (
  DEFINITIONS[`${API_VERSION}.Registration`] as unknown as Readonly<
    Record<string, MethodDefinition<object, GrpcObject>>
  >
)['Register']!;

function message(fields: Readonly<Record<string, Field>>): object {
  const described = Object.entries(fields).map(([name, [id, type, rule]]) => {
    if (rule === undefined) return [name, { id, type }];
    return [name, rule === 'repeated' ? { id, type, rule } : { id, type, keyType: rule.slice('map:'.length) }];
  });
  return { fields: Object.fromEntries(described) as object };
}

function service(
  methods: Readonly<Record<string, readonly [requestType: string, responseType: string, stream?: 'stream']>>,
): object {
  const described = Object.entries(methods).map(([name, [requestType, responseType, stream]]) => {
    return [name, { requestType, responseType, ...(stream === undefined ? {} : { responseStream: true }) }];
  });
  return { methods: Object.fromEntries(described) as object };
}
