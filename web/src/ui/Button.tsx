import type { ComponentProps } from 'react'

const SHAPE =
  'inline-flex min-h-9 items-center justify-center gap-1.5 rounded-md text-[0.8125rem] font-medium ' +
  'transition-colors disabled:opacity-45 pointer-coarse:min-h-11'

const TONES = {
  plain: 'border border-line-strong bg-panel px-3 text-text hover:bg-raised',
  quiet: 'px-2 text-soft hover:bg-raised hover:text-text',
  strong: 'bg-text px-3.5 text-page hover:bg-white',
}

interface Props extends ComponentProps<'button'> {
  tone?: keyof typeof TONES
}

export function Button({ tone = 'plain', className = '', type = 'button', ...rest }: Props) {
  return <button type={type} className={`${SHAPE} ${TONES[tone]} ${className}`} {...rest} />
}

/** A button that shows only an icon; `label` is its name. */
export function IconButton({ label, className = '', ...rest }: ComponentProps<'button'> & { label: string }) {
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      className={
        'grid size-9 shrink-0 place-items-center rounded-md text-soft transition-colors ' +
        'hover:bg-raised hover:text-text disabled:opacity-30 disabled:hover:bg-transparent ' +
        `pointer-coarse:size-11 ${className}`
      }
      {...rest}
    />
  )
}
