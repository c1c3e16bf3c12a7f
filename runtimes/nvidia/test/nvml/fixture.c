// SPDX-License-Identifier: Apache-2.0
// Not a driver: functions with the names and signatures of NVML, for a machine with three GPUs: one with all, one of an older kind that knows neither
// MIG nor persistence mode, and one that has fallen off the bus. The first has 100 processes.
// FIXTURE_INIT is what nvmlInit_v2 answers.
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEVICE(i) (0x100000000ull + (i))
#define INDEX(d) ((unsigned)((d) - 0x100000000ull))

typedef struct {
	unsigned pid;
	uint64_t used;
	unsigned gpu_instance, compute_instance;
} process_info;

typedef struct {
	char legacy[16];
	unsigned domain, bus, device, device_id, subsystem_id;
	char bus_id[32];
} pci_info;

static int begun;

static int text(char *to, unsigned length, const char *from)
{
	if (strlen(from) >= length)
		return 7;
	strcpy(to, from);
	return 0;
}

int nvmlInit_v2(void)
{
	const char *wanted = getenv("FIXTURE_INIT");
	int result = wanted ? atoi(wanted) : 0;
	begun = !result;
	return result;
}

int nvmlSystemGetDriverVersion(char *version, unsigned length)
{
	return begun ? text(version, length, "580.65.06") : 1;
}

int nvmlDeviceGetCount_v2(unsigned *count)
{
	*count = 3;
	return begun ? 0 : 1;
}

int nvmlDeviceGetHandleByIndex_v2(unsigned index, uint64_t *device)
{
	*device = DEVICE(index);
	return index == 1 ? 15 : 0;
}

int nvmlDeviceGetUUID(uint64_t device, char *uuid, unsigned length)
{
	char wanted[64];
	snprintf(wanted, sizeof wanted, "GPU-0000000%u-0000-0000-0000-000000000000", INDEX(device));
	return text(uuid, length, wanted);
}

int nvmlDeviceGetName(uint64_t device, char *name, unsigned length)
{
	return text(name, length, INDEX(device) ? "Old GPU" : "New GPU");
}

int nvmlDeviceGetMemoryInfo(uint64_t device, uint64_t memory[3])
{
	memory[0] = INDEX(device) ? 1ull << 30 : 80ull << 30;
	memory[1] = memory[0] / 4;
	memory[2] = memory[0] - memory[1];
	return 0;
}

int nvmlDeviceGetPersistenceMode(uint64_t device, unsigned *mode)
{
	*mode = 1;
	return INDEX(device) ? 3 : 0;
}

int nvmlDeviceGetMigMode(uint64_t device, unsigned *current, unsigned *pending)
{
	*current = 1;
	*pending = 0;
	return INDEX(device) ? 3 : 0;
}

int nvmlDeviceGetPciInfo_v3(uint64_t device, pci_info *pci)
{
	memset(pci, 0xff, sizeof *pci);
	snprintf(pci->bus_id, sizeof pci->bus_id, "00000000:0%u:00.0", INDEX(device));
	return 0;
}

int nvmlDeviceGetMinorNumber(uint64_t device, unsigned *minor)
{
	*minor = 5 - INDEX(device);
	return 0;
}

int nvmlDeviceGetComputeMode(uint64_t device, unsigned *mode)
{
	*mode = INDEX(device) ? 3 : 0;
	return 0;
}

int nvmlDeviceGetComputeRunningProcesses_v3(uint64_t device, unsigned *count, process_info *infos)
{
	unsigned room = *count;
	*count = INDEX(device) ? 0 : 100;
	if (room < *count)
		return 7;
	for (unsigned i = 0; i < *count; i++)
		infos[i] = (process_info){ .pid = 1000 + i, .used = i ? (uint64_t)i << 32 : ~0ull, .gpu_instance = ~0u };
	return 0;
}
