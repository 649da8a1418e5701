import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';
import { type LmdbServerStore, openLmdbStore } from '../src/index.js';
import { scratch } from './scratch.js';
import { PLENTY } from './tools.js';

/** More of them: `CRASH_KILLS=1000 CRASH_SEED=7 pnpm --filter @sealwire/store-lmdb run test test/crash.test.ts`. */
const { CRASH_KILLS = 10, CRASH_SEED = 1 } = process.env;
const [KILLS, SEED] = [Number(CRASH_KILLS), Number(CRASH_SEED)];
/** Of a store that is being made and opened; the others come later, under load. */
const EARLY = Math.ceil(KILLS / 4);
const TIMEOUT = 60_000 + KILLS * 5000;

const { directory, remove } = scratch();
afterAll(remove);
const child = fileURLToPath(new URL('crash-child.mjs', import.meta.url));

interface Confirmed {
  readonly clientId: string;
  readonly sequence: string;
  readonly told: readonly (readonly [clientId: string, order: string])[];
}

interface Message {
  readonly by: string;
  readonly sequence: string;
  readonly n: number;
  readonly count: number;
}

/** Kills the child so many milliseconds after it was started, or after it had confirmed so many commits. */
async function killed(
  path: string,
  seed: number,
  after: { readonly ms: number } | { readonly confirmed: number; readonly ms: number },
): Promise<Confirmed[]> {
  const process = spawn('node', [child, path, String(seed)], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  let lines = 0;
  let begun = !('confirmed' in after);
  const kill = () => setTimeout(() => process.kill('SIGKILL'), after.ms);
  if (begun) kill();
  process.stdout.on('data', (data: Buffer) => {
    output += data;
    for (const byte of data) if (byte === 10) lines += 1;
    // The first line says that the store is open.
    if (begun || !('confirmed' in after) || lines <= after.confirmed) return;
    begun = true;
    kill();
  });
  const [code, signal] = await once(process, 'close');
  expect({ code, signal }).toEqual({ code: null, signal: 'SIGKILL' });
  const whole = output.slice(0, output.lastIndexOf('\n') + 1).split('\n');
  return whole.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
}

/** All that was confirmed is there; what is there is whole, in order and without holes. */
async function check(store: LmdbServerStore, confirmed: readonly Confirmed[]): Promise<void> {
  const places = new Map<string, Set<string>>();
  const parts = new Map<string, number>();
  const last = new Map<string, bigint>();
  for (let c = 0; c < 8; c++) {
    const clientId = `client-${c}`;
    const { lastSequence, head } = await store.read(clientId);
    last.set(clientId, lastSequence);
    const value = await store.get(`last/${clientId}`);
    expect(value ? new TextDecoder().decode(value) : '-1').toBe(String(lastSequence));
    const { entries } = await store.readLog(clientId, 0n, PLENTY);
    expect(entries.length).toBe(Number(head));
    for (const [i, entry] of entries.entries()) {
      if (entry.order !== BigInt(i + 1)) throw new Error(`ORDER ${entry.order} of ${clientId} at place ${i}`);
      const { by, sequence, n, count }: Message = JSON.parse(new TextDecoder().decode(entry.json));
      const id = `${by} ${sequence} ${count}`;
      parts.set(id, (parts.get(id) ?? 0) + 1);
      const where = places.get(`${by} ${sequence}`) ?? new Set();
      places.set(`${by} ${sequence}`, where.add(`${n} ${clientId} ${entry.order}`));
    }
  }
  for (const [id, found] of parts) {
    const [by = '', sequence = '', count] = id.split(' ');
    if (found !== Number(count) || BigInt(sequence) > last.get(by)!)
      throw new Error(`${id} is kept in part: ${found}`);
  }
  for (const { clientId, sequence, told } of confirmed) {
    if (BigInt(sequence) > last.get(clientId)!)
      throw new Error(`SEQUENCE ${sequence} of ${clientId} is lost`);
    for (const [n, [to, order]] of told.entries()) {
      const found = places.get(`${clientId} ${sequence}`)?.has(`${n} ${to} ${order}`);
      if (!found) throw new Error(`ORDER ${order} of ${to}, published by ${clientId} ${sequence}, is lost`);
    }
  }
}

it(`loses nothing that was confirmed and keeps nothing in part when it is killed (seed ${SEED})`, {
  timeout: TIMEOUT,
}, async () => {
  let state = SEED >>> 0;
  const random = (below: number) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  for (let n = 0; n < EARLY; n++) {
    const path = directory();
    const confirmed = await killed(path, n, { ms: 30 + random(400) });
    const store = await openLmdbStore(path);
    await check(store, confirmed);
    await store.close();
  }
  const path = directory();
  const confirmed: Confirmed[] = [];
  for (let n = EARLY; n < KILLS; n++) {
    const after = { confirmed: random(80), ms: random(15) };
    confirmed.push(...(await killed(path, SEED * 1000 + n, after)));
    const store = await openLmdbStore(path);
    await check(store, confirmed);
    await store.close();
  }
  expect(confirmed.length).toBeGreaterThan(KILLS);
});
