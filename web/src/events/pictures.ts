/* The pictures of an event: one per file, with everything that was seen in it. */

import type { Detection } from '../api/types'
import { parseTime } from '../ui/time'

export interface Box {
  detectionId: number
  label: string
  confidence: number | null
  /** Pixels of the original, top left origin. */
  x: number
  y: number
  width: number
  height: number
}

export interface EventPicture {
  /** The detection whose image shows this picture. */
  detectionId: number
  takenAt: number
  /** Of the original; null when unknown, then the loaded image says it. */
  width: number | null
  height: number | null
  boxes: Box[]
}

export function groupPictures(detections: Detection[]): EventPicture[] {
  const byFile = new Map<string, EventPicture>()
  for (const detection of detections) {
    const picture = byFile.get(detection.file_path) ?? newPicture(detection)
    byFile.set(detection.file_path, picture)
    const box = toBox(detection)
    if (box) picture.boxes.push(box)
  }
  return [...byFile.values()].sort((a, b) => a.takenAt - b.takenAt)
}

/** Where to begin: the picture with the surest detection, the earliest of equals. */
export function tellingPicture(pictures: EventPicture[]): number {
  const best = pictures.map((picture) =>
    Math.max(0, ...picture.boxes.map((box) => box.confidence ?? 0)),
  )
  return Math.max(0, best.indexOf(Math.max(0, ...best)))
}

function newPicture(detection: Detection): EventPicture {
  return {
    detectionId: detection.id,
    takenAt: parseTime(detection.detected_at) ?? 0,
    width: positive(detection.video_width),
    height: positive(detection.video_height),
    boxes: [],
  }
}

function toBox(detection: Detection): Box | null {
  const { bbox_x, bbox_y, bbox_width, bbox_height } = detection
  if (bbox_x === null || bbox_y === null || !positive(bbox_width) || !positive(bbox_height)) {
    return null
  }
  return {
    detectionId: detection.id,
    label: detection.object_type ?? 'object',
    confidence: detection.confidence,
    x: bbox_x,
    y: bbox_y,
    width: bbox_width!,
    height: bbox_height!,
  }
}

function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null
}
