import { readFileSync } from 'node:fs';

const read = (name: string) => readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');

/** Self-signed for localhost, 127.0.0.1 and ::1; its key is public, so it must be trusted nowhere but here. */
export const testOnly = { cert: read('test-only.cert.pem'), key: read('test-only.key.pem') };
