import { useQuery } from '@tanstack/react-query'
import { getPipeline } from '../api/client'

const POLL_MS = 10_000

export interface PipelineState {
  /** What stands still in the server and why; null when all is well or nothing is known. */
  trouble: string | null
  cameraRoot: string | null
}

export function usePipeline(): PipelineState {
  const { data } = useQuery({
    queryKey: ['pipeline'],
    queryFn: ({ signal }) => getPipeline(signal),
    refetchInterval: POLL_MS,
  })
  return {
    trouble: data?.last_error || null,
    cameraRoot: data?.file_watcher?.camera_root.replace(/\/+$/, '') ?? null,
  }
}
