/* src/api/schema.d.ts from docs/openapi.yaml. The file is committed, so that what changes on the wire
 * is seen in a review; it is written only when it differs. With --check nothing is written and a
 * difference is an error. */

import { readFile, writeFile } from 'node:fs/promises'
import openapiTS, { astToString } from 'openapi-typescript'

const source = new URL('../../docs/openapi.yaml', import.meta.url)
const target = new URL('../src/api/schema.d.ts', import.meta.url)

const header = '/* Generated from docs/openapi.yaml by `npm run generate`. Do not edit. */\n\n'
const wanted = header + astToString(await openapiTS(source))
const present = await readFile(target, 'utf8').catch(() => '')

if (wanted !== present) {
  if (process.argv.includes('--check')) {
    console.error('src/api/schema.d.ts is not what docs/openapi.yaml says: npm run generate')
    process.exit(1)
  }
  await writeFile(target, wanted)
}
