// Sums and averages of the native histograms of a window.

import type { RangeFunction } from '../functions/define.ts'
import { unsupported } from './arithmetic.ts'

export const addHistograms: RangeFunction = () => unsupported()
export const averageHistograms: RangeFunction = () => unsupported()
