export * from './derivation.ts'
