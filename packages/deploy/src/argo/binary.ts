// How `stepwell` gets into the pod of an agent.

import { STEPWELL_IMAGE } from './container.ts'

export interface Binary {
  /** Where the container finds it. */
  readonly path: string
  /** What the template has beside its container. */
  readonly template: Readonly<Record<string, unknown>>
  /** What the container has for it. */
  readonly container: Readonly<Record<string, unknown>>
}

const IN_IMAGE = '/usr/local/bin/stepwell'
const FOLDER = '/opt/stepwell'
const MOUNT = { name: 'stepwell', mountPath: FOLDER }

/** Copied before the agent starts: works with any image of an agent, on any Kubernetes. */
export const COPIED: Binary = {
  path: `${FOLDER}/stepwell`,
  template: {
    volumes: [{ name: MOUNT.name, emptyDir: {} }],
    initContainers: [
      {
        name: 'stepwell',
        image: STEPWELL_IMAGE,
        command: ['cp', IN_IMAGE, FOLDER],
        volumeMounts: [MOUNT],
      },
    ],
  },
  container: { volumeMounts: [MOUNT] },
}

/** The image is mounted as it is: nothing is copied. Kubernetes 1.35, or 1.31 with the feature `ImageVolume`. */
export const MOUNTED: Binary = {
  path: `${FOLDER}${IN_IMAGE}`,
  template: {
    volumes: [
      { name: MOUNT.name, image: { reference: STEPWELL_IMAGE, pullPolicy: 'IfNotPresent' } },
    ],
  },
  container: { volumeMounts: [{ ...MOUNT, readOnly: true }] },
}

/** The agent's own image has it. */
export const OWN: Binary = { path: IN_IMAGE, template: {}, container: {} }
