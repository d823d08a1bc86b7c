export * from './collector/derivation.ts'
