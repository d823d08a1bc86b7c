// Builds the page into dist/web at the root of the checkout, where `stepwell up` serves it from.

import { fileURLToPath } from 'node:url'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  plugins: [react()],
  build: {
    outDir: fileURLToPath(new URL('../../dist/web', import.meta.url)),
    emptyOutDir: true,
    target: 'es2022',
    // Small files would become data: URLs, which the page's policy allows for images only.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
})
