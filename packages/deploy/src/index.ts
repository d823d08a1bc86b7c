export { type Derivation, derivation } from './collector/index.ts'
