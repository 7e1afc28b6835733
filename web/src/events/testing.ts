/* Events and detections for tests, with only what a test is about written out. */

import type { Detection, SecurityEvent } from '../api/types'

export function anEvent(id: number, more: Partial<SecurityEvent> = {}): SecurityEvent {
  return {
    id,
    camera_id: 'porch',
    camera_name: 'Porch',
    started_at: new Date(Date.UTC(2026, 0, 1, 12, 0, id)).toISOString(),
    ended_at: null,
    risk_score: 40,
    risk_level: 'medium',
    summary: `Event ${id}`,
    reasoning: null,
    llm_prompt: null,
    reviewed: false,
    notes: null,
    snooze_until: null,
    detection_count: 1,
    detection_ids: [id],
    thumbnail_url: null,
    enrichment_status: null,
    deleted_at: null,
    factors: [],
    assessed_by: 'rules',
    object_types: ['motion'],
    is_fast_path: false,
    version: 1,
    ...more,
  }
}

export function aDetection(id: number, more: Partial<Detection> = {}): Detection {
  return {
    id,
    camera_id: 'porch',
    file_path: `/cameras/porch/${id}.jpg`,
    file_type: 'image/jpeg',
    detected_at: new Date(Date.UTC(2026, 0, 1, 12, 0, id)).toISOString(),
    object_type: 'motion',
    confidence: 0.5,
    bbox_x: 10,
    bbox_y: 20,
    bbox_width: 30,
    bbox_height: 40,
    thumbnail_path: null,
    media_type: 'image',
    duration: null,
    video_codec: null,
    video_width: 640,
    video_height: 480,
    track_id: null,
    track_confidence: null,
    enrichment_data: null,
    ...more,
  }
}
