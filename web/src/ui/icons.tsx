/* Line icons on a 20 px grid. They are decoration; the name stands in the text beside them. */

import type { ReactNode } from 'react'

function Icon({ children, size = 18 }: { children: ReactNode; size?: number }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 20 20"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.6"
      strokeLinecap="round"
      strokeLinejoin="round"
      className="shrink-0"
    >
      {children}
    </svg>
  )
}

interface IconProps {
  size?: number
}

export const CheckIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="m4.5 10.5 3.5 3.5 7.5-8" />
  </Icon>
)
export const CloseIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="m5 5 10 10M15 5 5 15" />
  </Icon>
)
export const UpIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="m5 12 5-5 5 5" />
  </Icon>
)
export const DownIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="m5 8 5 5 5-5" />
  </Icon>
)
export const LeftIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="m12 5-5 5 5 5" />
  </Icon>
)
export const RightIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="m8 5 5 5-5 5" />
  </Icon>
)
export const HelpIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M7.3 7.4a2.8 2.8 0 1 1 4 2.5c-.9.5-1.3 1-1.3 2" />
    <path d="M10 14.9v.1" />
  </Icon>
)
export const CameraIcon = (props: IconProps) => (
  <Icon {...props}>
    <rect x="2.5" y="5.5" width="11" height="9" rx="2" />
    <path d="m13.5 9.2 4-2.2v6l-4-2.2" />
  </Icon>
)
export const AlertIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M10 3.2 17.6 16.5H2.4Z" />
    <path d="M10 8.2v3.6M10 14.2v.1" />
  </Icon>
)
export const BoxIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M3.5 7V3.5H7M13 3.5h3.5V7M16.5 13v3.5H13M7 16.5H3.5V13" />
  </Icon>
)
export const EyeIcon = (props: IconProps) => (
  <Icon {...props}>
    <path d="M2 10s3-5.2 8-5.2S18 10 18 10s-3 5.2-8 5.2S2 10 2 10Z" />
    <circle cx="10" cy="10" r="2.2" />
  </Icon>
)
export function Mark({ size = 26 }: IconProps) {
  return (
    <svg aria-hidden="true" viewBox="0 0 32 32" width={size} height={size} className="shrink-0">
      <path
        d="M6.5 7.5 16 25.5l9.5-18"
        fill="none"
        stroke="currentColor"
        strokeWidth="2.8"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
      <circle cx="16" cy="10.2" r="3.4" fill="var(--color-brand)" />
    </svg>
  )
}
