import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app/App'
import { ErrorBoundary } from './app/ErrorBoundary'
import { Vigil, VigilProvider } from './app/vigil'
import './ui/styles.css'

const vigil = new Vigil(window.location.origin)
vigil.start()

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <ErrorBoundary>
      <VigilProvider value={vigil}>
        <QueryClientProvider client={vigil.queries}>
          <App />
        </QueryClientProvider>
      </VigilProvider>
    </ErrorBoundary>
  </StrictMode>,
)
