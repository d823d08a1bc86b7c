// Where the page starts: the queries' cache, the router, and React on #root.

import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { router } from './app/router.tsx'
import './styles/index.css'

const queries = new QueryClient({
  defaultOptions: {
    // The live feed tells of news; asking again is for what the feed cannot know.
    queries: { refetchOnWindowFocus: false, retry: 1, retryDelay: 500 },
  },
})

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
