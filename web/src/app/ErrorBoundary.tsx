import { Component, type ReactNode } from 'react'
import { Button } from '../ui/Button'

interface State {
  failed: Error | null
}

/** A fault of ours must not leave a blank page behind. */
export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { failed: null }

  static getDerivedStateFromError(failed: Error): State {
    return { failed }
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children
    return (
      <main role="alert" className="px-5 py-24 text-center">
        <h1 className="text-lg font-semibold">Error Loading Dashboard</h1>
        <p className="mt-2 text-soft">{this.state.failed.message}</p>
        <Button className="mt-5" onClick={() => window.location.reload()}>
          Reload Page
        </Button>
      </main>
    )
  }
}
