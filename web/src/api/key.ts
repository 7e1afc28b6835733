/* The API key, where the server asks for one. Kept for this tab only. */

const STORAGE_KEY = 'vigil.api-key'

export function readApiKey(): string | null {
  return sessionStorage.getItem(STORAGE_KEY)
}

export function storeApiKey(key: string): void {
  sessionStorage.setItem(STORAGE_KEY, key)
}
