/* The calls the dashboard makes, by the names of docs/openapi.yaml. */

import { request } from './http'
import type {
  CameraList,
  DetectionList,
  EventList,
  EventUpdate,
  PipelineStatus,
  SecurityEvent,
} from './types'

export const EVENT_PAGE = 100
/** Detections of one event that are shown; batches are closed at 500. */
export const EVENT_DETECTIONS_MAX = 500

export function listEvents(cursor: string | null, signal: AbortSignal): Promise<EventList> {
  const query = new URLSearchParams({ limit: String(EVENT_PAGE) })
  if (cursor) query.set('cursor', cursor)
  return request(`/api/events?${query}`, { signal })
}

export function getEvent(id: number, signal?: AbortSignal): Promise<SecurityEvent> {
  return request(`/api/events/${id}`, signal ? { signal } : {})
}

export function updateEvent(id: number, change: EventUpdate): Promise<SecurityEvent> {
  return request(`/api/events/${id}`, { method: 'PATCH', body: change })
}

export function listEventDetections(id: number, signal: AbortSignal): Promise<DetectionList> {
  return request(`/api/events/${id}/detections?limit=${EVENT_DETECTIONS_MAX}`, { signal })
}

export function listCameras(signal: AbortSignal): Promise<CameraList> {
  return request('/api/cameras', { signal })
}

export function getPipeline(signal: AbortSignal): Promise<PipelineStatus> {
  return request('/api/system/pipeline', { signal })
}

// ---- addresses of pictures; they need no key ----

export function thumbnailUrl(detectionId: number): string {
  return `/api/detections/${detectionId}/image`
}

export function pictureUrl(detectionId: number): string {
  return `/api/detections/${detectionId}/image?full=true`
}

/** `version` changes when there may be a newer picture, so that the browser asks again. */
export function snapshotUrl(cameraId: string, version: number): string {
  return `/api/cameras/${encodeURIComponent(cameraId)}/snapshot?v=${version}`
}
