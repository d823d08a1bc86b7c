import { PER_TASK_LABELS } from '@stepwell/model'
import { yamlFile } from '../pack-file.ts'
import { RECORDING_GROUP } from './recording.ts'
import { USUAL_GROUPS } from './usual.ts'

export const RECORDING = yamlFile(
  'prometheus/agent-recording.yaml',
  `Steps without the labels that have a value for each run or task (${PER_TASK_LABELS.join(', ')}), for what is asked
over weeks. Sum what is recorded, do not average it: where nothing ran there is no sample. tests/recording.yaml has the
failure rate, the success rate, quantiles and the number of steps.`,
  { groups: [RECORDING_GROUP, ...USUAL_GROUPS] },
  {
    'groups.1.rules': 'What alerts hold against: the mean duration of a step in the last week,',
    'groups.2.rules': 'and what an agent spent in an hour.',
  },
)
