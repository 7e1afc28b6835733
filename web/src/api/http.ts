/* Requests to our own server: JSON in, JSON out, and errors a person can read. */

import { isRecord } from '../live/frame'
import { readApiKey } from './key'

export const REQUEST_TIMEOUT_MS = 15_000

export class ApiError extends Error {
  constructor(
    /** 0 when there was no answer. */
    readonly status: number,
    message: string,
    readonly retryAfterMs: number | null = null,
  ) {
    super(message)
  }
}

interface Request {
  method?: 'GET' | 'PATCH'
  body?: object
  signal?: AbortSignal
}

export async function request<T>(path: string, options: Request = {}): Promise<T> {
  const response = await send(path, options)
  const body: unknown = await response.json().catch(() => null)
  if (!response.ok) {
    throw new ApiError(response.status, describe(response.status, body), retryAfter(response))
  }
  if (body === null) throw new ApiError(response.status, 'The answer could not be read')
  return body as T
}

async function send(path: string, { method = 'GET', body, signal }: Request): Promise<Response> {
  const headers = new Headers({ Accept: 'application/json' })
  const key = readApiKey()
  if (key) headers.set('X-API-Key', key)
  if (body) headers.set('Content-Type', 'application/json')
  const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
  try {
    return await fetch(path, {
      method,
      headers,
      body: body ? JSON.stringify(body) : null,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
    })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new ApiError(0, timeout.aborted ? 'No answer within 15 s' : 'The server cannot be reached')
  }
}

/* Three shapes of error: a problem, a validation failure, and {message}. */
function describe(status: number, body: unknown): string {
  if (isRecord(body)) {
    if (typeof body.detail === 'string') return body.detail
    if (isRecord(body.error) && typeof body.error.message === 'string') return body.error.message
    if (typeof body.message === 'string') return body.message
  }
  return `The server answered ${status}`
}

function retryAfter(response: Response): number | null {
  const seconds = Number(response.headers.get('Retry-After') ?? NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : null
}
