import { useQuery } from '@tanstack/react-query'
import { listCameras } from '../api/client'
import type { Camera } from '../api/types'
import { CAMERAS_KEY } from '../app/vigil'

/* Pictures in which nothing is seen make no message; their time is learned by asking. */
const POLL_MS = 20_000

export interface CamerasState {
  cameras: Camera[]
  loading: boolean
  error: Error | null
}

export function useCameras(): CamerasState {
  const query = useQuery({
    queryKey: CAMERAS_KEY,
    queryFn: ({ signal }) => listCameras(signal),
    refetchInterval: POLL_MS,
  })
  return {
    cameras: query.data?.items ?? [],
    loading: query.isPending,
    error: query.data ? null : query.error,
  }
}
