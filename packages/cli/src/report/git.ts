// Repository and commit of the working folder: no process, and no wait before the command.

import { gitFacts as readGit } from '@stepwell/model/detect-git'
import type { Facts } from '@stepwell/model/span'
import { readSmallFile } from '../libc.ts'

/** Empty where `folder` is in no repository. */
export const gitFacts = (folder: string): Facts => readGit(folder, readSmallFile)
