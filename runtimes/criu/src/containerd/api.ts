// SPDX-License-Identifier: Apache-2.0

type Field = readonly [number: number, type: string, rule?: 'repeated' | `map:${string}`];

/**
 * The parts of the interfaces of containerd 2 and of the CRI that are used here, with the numbers of their fields. They are in no file of
 * their own, so there is none to be found at run time.
 */
export const CONTAINERD_API = {
  nested: {
    google: inPackage('protobuf', {
      Any: message({ typeUrl: [1, 'string'], value: [2, 'bytes'] }),
      Empty: message({}),
      Timestamp: message({ seconds: [1, 'int64'], nanos: [2, 'int32'] }),
    }),
    containerd: {
      nested: {
        services: {
          nested: {
            containers: inPackage('v1', {
              Containers: service({ List: ['ListContainersRequest', 'ListContainersResponse'] }),
              ListContainersRequest: message({ filters: [1, 'string', 'repeated'] }),
              ListContainersResponse: message({ containers: [1, 'Container', 'repeated'] }),
              Runtime: message({ name: [1, 'string'], options: [2, 'google.protobuf.Any'] }),
              Container: message({
                id: [1, 'string'],
                labels: [2, 'string', 'map:string'],
                runtime: [4, 'Runtime'],
                spec: [5, 'google.protobuf.Any'],
                snapshotter: [6, 'string'],
                snapshotKey: [7, 'string'],
                createdAt: [8, 'google.protobuf.Timestamp'],
              }),
            }),
            tasks: inPackage('v1', {
              Tasks: service({ List: ['ListTasksRequest', 'ListTasksResponse'] }),
              ListTasksRequest: message({ filter: [1, 'string'] }),
              ListTasksResponse: message({ tasks: [1, 'Process', 'repeated'] }),
              Process: message({
                containerId: [1, 'string'],
                id: [2, 'string'],
                pid: [3, 'uint32'],
                status: [4, 'Status'],
              }),
              Status: { values: { UNKNOWN: 0, CREATED: 1, RUNNING: 2, STOPPED: 3, PAUSED: 4, PAUSING: 5 } },
            }),
            snapshots: inPackage('v1', {
              Snapshots: service({ Mounts: ['MountsRequest', 'MountsResponse'] }),
              MountsRequest: message({ snapshotter: [1, 'string'], key: [2, 'string'] }),
              MountsResponse: message({ mounts: [1, 'Mount', 'repeated'] }),
              Mount: message({
                type: [1, 'string'],
                source: [2, 'string'],
                target: [3, 'string'],
                options: [4, 'string', 'repeated'],
              }),
            }),
            version: inPackage('v1', {
              Version: service({ Version: ['google.protobuf.Empty', 'VersionResponse'] }),
              VersionResponse: message({ version: [1, 'string'], revision: [2, 'string'] }),
            }),
          },
        },
        runc: inPackage('v1', { Options: message({ binaryName: [6, 'string'], root: [7, 'string'] }) }),
      },
    },
    runtime: inPackage('v1', {
      RuntimeService: service({ ContainerStatus: ['ContainerStatusRequest', 'ContainerStatusResponse'] }),
      ContainerStatusRequest: message({ containerId: [1, 'string'] }),
      ContainerStatusResponse: message({ status: [1, 'ContainerStatus'] }),
      ContainerStatus: message({ id: [1, 'string'], finishedAt: [6, 'int64'], exitCode: [7, 'int32'] }),
    }),
  },
};

function inPackage(name: string, nested: object): object {
  return { nested: { [name]: { nested } } };
}

function message(fields: Readonly<Record<string, Field>>): object {
  const entries = Object.entries(fields).map(([name, [id, type, rule]]) => {
    const more = rule === undefined ? {} : rule === 'repeated' ? { rule } : { keyType: rule.slice('map:'.length) };
    return [name, { id, type, ...more }];
  });
  return { fields: Object.fromEntries(entries) as object };
}

function service(methods: Readonly<Record<string, readonly [requestType: string, responseType: string]>>): object {
  const entries = Object.entries(methods).map(([name, [requestType, responseType]]) => [
    name,
    { requestType, responseType },
  ]);
  return { methods: Object.fromEntries(entries) as object };
}
