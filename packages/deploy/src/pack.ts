// What the production pack consists of: each part lists its files here.

import type { PackFile } from './pack-file.ts'

/** Every generated file of `deploy/`, by its path there. */
export const PACK: readonly PackFile[] = []
