// Where the control groups of this process are mounted: version 2, version 1, or both at once (hybrid), in the
// host's view or a container's (cgroups(7), cgroup_namespaces(7), proc_pid_mountinfo(5)).

import { readText } from './proc.ts'

export interface CgroupFolder {
  readonly version: 1 | 2
  readonly path: string
}

export type Controller = 'cpuacct' | 'memory' | 'blkio'

interface Mount {
  /** The group that is mounted there. */
  readonly group: string
  readonly path: string
  readonly type: string
  readonly options: readonly string[]
}

/**
 * Folders that may account for a controller's resource, by version 1's name of it.
 * @param root where the file system begins.
 */
export function cgroupFolders(controller: Controller, root = ''): CgroupFolder[] {
  const mounts = readMounts(root)
  const folders: CgroupFolder[] = []
  for (const line of (readText(`${root}/proc/self/cgroup`) ?? '').split('\n')) {
    const [, hierarchy, controllers, group] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? []
    if (group === undefined) continue
    const version = hierarchy === '0' ? 2 : 1
    if (version === 1 && !controllers!.split(',').includes(controller)) continue
    for (const mount of mounts) {
      const fits =
        version === 2
          ? mount.type === 'cgroup2'
          : mount.type === 'cgroup' && mount.options.includes(controller)
      const below = fits ? pathBelow(mount.group, group) : undefined
      if (below !== undefined) folders.push({ version, path: `${root}${mount.path}${below}` })
    }
  }
  return folders
}

/** Undefined where the mount shows another part of the hierarchy. */
function pathBelow(mounted: string, group: string): string | undefined {
  if (mounted === '/') return group === '/' ? '' : group
  return group === mounted || group.startsWith(`${mounted}/`)
    ? group.slice(mounted.length)
    : undefined
}

function readMounts(root: string): Mount[] {
  const mounts: Mount[] = []
  for (const line of (readText(`${root}/proc/self/mountinfo`) ?? '').split('\n')) {
    const [before = '', after = ''] = line.split(' - ')
    const [, , , group, path] = before.split(' ')
    const [type, , options] = after.split(' ')
    if (path && (type === 'cgroup' || type === 'cgroup2'))
      mounts.push({
        group: unescaped(group!),
        path: unescaped(path),
        type,
        options: (options ?? '').split(','),
      })
  }
  return mounts
}

/** Blanks and the like are written in octal. */
const unescaped = (text: string) =>
  text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
