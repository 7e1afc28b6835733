import 'react'

declare module 'react' {
  interface CSSProperties {
    '--tile'?: string
  }
}
