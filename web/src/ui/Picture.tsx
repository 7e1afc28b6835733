import { useState, type ComponentProps, type ReactNode } from 'react'

interface Props extends Omit<ComponentProps<'img'>, 'src' | 'children'> {
  src: string | null
  alt: string
  /** Shown while there is no picture, and when it cannot be had. */
  children?: ReactNode
}

/** An image with a fallback. A browser keeps the old picture until a new src has arrived. */
export function Picture({ src, alt, children, ...rest }: Props) {
  const [failed, setFailed] = useState<string | null>(null)
  if (src === null || failed === src) return <>{children}</>
  return (
    <img
      src={src}
      alt={alt}
      decoding="async"
      draggable={false}
      onError={() => setFailed(src)}
      {...rest}
    />
  )
}
