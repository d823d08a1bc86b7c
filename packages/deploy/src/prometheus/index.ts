import type { PackFile } from '../pack-file.ts'
import { ALERTING } from './alerting.ts'
import { ALERTING_TESTS } from './alerting-tests.ts'
import { ALERTMANAGER } from './alertmanager.ts'
import { COLLECTOR_ALERTING } from './collector-alerting.ts'
import { COLLECTOR_ALERTING_TESTS } from './collector-alerting-tests.ts'
import { CONFIG, FLAGS_FILE } from './config.ts'
import { ENGINE_ALERTING } from './engine-alerting.ts'
import { ENGINE_ALERTING_TESTS } from './engine-alerting-tests.ts'
import { ERROR_CLASS_TESTS } from './error-class-tests.ts'
import { RECORDING } from './recording-file.ts'
import { RECORDING_TESTS } from './recording-tests.ts'
import { SPENDING_TESTS } from './spending-tests.ts'
import { STEPS_ABSENT_TESTS } from './steps-absent-tests.ts'
import { STEPS_STUCK_TESTS } from './steps-stuck-tests.ts'

export const PROMETHEUS: readonly PackFile[] = [
  CONFIG,
  FLAGS_FILE,
  RECORDING,
  RECORDING_TESTS,
  ALERTING,
  ALERTING_TESTS,
  ERROR_CLASS_TESTS,
  STEPS_STUCK_TESTS,
  SPENDING_TESTS,
  STEPS_ABSENT_TESTS,
  ENGINE_ALERTING,
  ENGINE_ALERTING_TESTS,
  COLLECTOR_ALERTING,
  COLLECTOR_ALERTING_TESTS,
  ALERTMANAGER,
]
