// Gives a process the share of a processor that Lambda gives a function's memory, where this machine lets us.
import { mkdir, rmdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** With so much memory a function has one whole processor. https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html */
const oneProcessorMb = 1_769

export function processorShare(memoryMb: number): number {
  return Math.min(1, memoryMb / oneProcessorMb)
}

/** Holds a process from now on to its share, until the process has ended and the limit is removed. */
export type ProcessorLimit = {
  readonly name: string
  limit(pid: number, share: number): Promise<{ remove(): Promise<void> }>
}

/** AWS does not say what Lambda's is. With Linux's 100 ms, the first 29 ms of every answer would go at full speed. */
const periodUs = 20_000

const cgroups = [
  {
    name: 'cpu.max of a cgroup',
    root: '/sys/fs/cgroup',
    settings: (quotaUs: number) => [['cpu.max', `${quotaUs} ${periodUs}`] as const],
  },
  {
    name: 'cpu.cfs_quota_us of a cgroup',
    root: '/sys/fs/cgroup/cpu',
    settings: (quotaUs: number) => [
      ['cpu.cfs_period_us', `${periodUs}`] as const,
      ['cpu.cfs_quota_us', `${quotaUs}`] as const,
    ],
  },
]

/** By a cgroup of version 2 or 1; undefined where none can be made, which takes root and a writable mount. */
export async function findProcessorLimit(): Promise<ProcessorLimit | undefined> {
  for (const { name, root, settings } of cgroups) {
    let made = 0
    const makeGroup = async (share: number): Promise<string> => {
      made += 1
      const group = join(root, `latchkey-bench-${process.pid}-${made}`)
      await mkdir(group)
      try {
        for (const setting of settings(Math.round(share * periodUs))) await write(group, setting)
        return group
      } catch (error) {
        await rmdir(group)
        throw error
      }
    }
    try {
      await rmdir(await makeGroup(1))
    } catch {
      continue
    }
    return {
      name,
      async limit(pid, share) {
        const group = await makeGroup(share)
        await write(group, ['cgroup.procs', `${pid}`])
        return { remove: () => rmdir(group) }
      },
    }
  }
  return undefined
}

/** Never makes the file: where there is none, the folder is no cgroup with this setting. */
async function write(group: string, [file, text]: readonly [string, string]): Promise<void> {
  await writeFile(join(group, file), text, { flag: 'r+' })
}
