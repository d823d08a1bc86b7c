import type { PackFile } from '../pack-file.ts'
import { ALERTING } from './alerting.ts'
import { ALERTING_TESTS } from './alerting-tests.ts'
import { ALERTMANAGER } from './alertmanager.ts'
import { CONFIG, FLAGS_FILE } from './config.ts'
import { RECORDING } from './recording.ts'
import { RECORDING_TESTS } from './recording-tests.ts'

export const PROMETHEUS: readonly PackFile[] = [
  CONFIG,
  FLAGS_FILE,
  RECORDING,
  RECORDING_TESTS,
  ALERTING,
  ALERTING_TESTS,
  ALERTMANAGER,
]
