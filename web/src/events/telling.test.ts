import { describe, expect, it } from 'vitest'
import { describeArrivals } from '../app/announcer'
import { chartFactors, factorName, signed } from './factors'
import { groupPictures, tellingPicture } from './pictures'
import { aDetection, anEvent } from './testing'

describe('the reasons', () => {
  it('add up, and share one axis', () => {
    const chart = chartFactors([
      { name: 'object', points: 30, detail: 'a person' },
      { name: 'novelty', points: 20 },
      { name: 'recurrence', points: -10 },
    ])
    expect(chart.sum).toBe(40)
    expect(chart.zero).toBe(0.25)
    expect(chart.bars).toEqual([
      { name: 'Object', detail: 'a person', points: 30, from: 0.25, to: 1 },
      { name: 'Novelty', detail: null, points: 20, from: 0.25, to: 0.75 },
      { name: 'Recurrence', detail: null, points: -10, from: 0, to: 0.25 },
    ])
  })

  it('do not make one small factor look big, and need not be there', () => {
    expect(chartFactors([{ name: 'object', points: 5 }]).bars[0]!.to).toBe(0.25)
    expect(chartFactors([])).toEqual({ bars: [], zero: 0, sum: 0 })
  })

  it('are written for people', () => {
    expect(factorName('time_of_day')).toBe('Time of day')
    expect([12, -3, 0].map(signed)).toEqual(['+12', '−3', '0'])
  })
})

describe('the pictures', () => {
  it('are one per file, in the order they were taken, with all their boxes', () => {
    const pictures = groupPictures([
      aDetection(3, { file_path: 'b.jpg' }),
      aDetection(1, { file_path: 'a.jpg' }),
      aDetection(2, { file_path: 'a.jpg' }),
    ])
    expect(pictures.map((picture) => picture.boxes.map((box) => box.detectionId))).toEqual([
      [1, 2],
      [3],
    ])
    expect(pictures[0]).toMatchObject({ detectionId: 1, width: 640, height: 480 })
  })

  it('need neither boxes nor a size', () => {
    const [picture] = groupPictures([
      aDetection(1, { bbox_x: null, video_width: null, video_height: 0 }),
      aDetection(2, { file_path: '/cameras/porch/1.jpg', bbox_width: 0 }),
    ])
    expect(picture).toMatchObject({ boxes: [], width: null, height: null })
  })

  it('begin with the surest, the earliest of equals', () => {
    const pictures = groupPictures(
      [0.5, 0.9, 0.9, 0.7].map((confidence, index) => aDetection(index + 1, { confidence })),
    )
    expect(tellingPicture(pictures)).toBe(1)
    expect(tellingPicture([])).toBe(0)
  })
})

describe('what a screen reader is told', () => {
  it('is the event itself, or how many and the worst of them', () => {
    expect(describeArrivals([anEvent(1, { risk_level: 'high', summary: 'A person.' })])).toBe(
      'New event, high risk, Porch. A person.',
    )
    const burst = [anEvent(1), anEvent(2, { risk_level: 'critical' }), anEvent(3)]
    expect(describeArrivals(burst)).toBe('3 new events, the highest risk is critical.')
    expect(describeArrivals([])).toBe('')
  })
})
