import type { ClientState } from '@sealwire/store';
import { clientStateSuite } from '@sealwire/store/testkit';
import { openIndexedDbState } from '@sealwire/store-indexeddb';
import { collecting } from './facts.js';

const names = new WeakMap<object, string>();
let count = 0;
let state: ClientState | undefined;

async function open(name = `suite-${Date.now()}-${count++}`) {
  const opened = await openIndexedDbState(name);
  names.set(opened, name);
  return opened;
}

clientStateSuite(collecting, () => open(), {
  reopen: async (before) => {
    await before.close();
    return open(names.get(before));
  },
  openBounded: ({ outboxEntries }) =>
    openIndexedDbState(`bounded-${Date.now()}-${count++}`, { maxOutboxEntries: outboxEntries }),
});

/** A message that names itself; never longer than 4 KiB. */
function jsonOf(index: number): Uint8Array {
  return new Uint8Array(4 + ((index * 37) % 4_000)).fill((index % 251) + 1);
}

async function outcome(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
    return 'resolved';
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

function current(): ClientState {
  if (state === undefined) throw new Error('no state is open in this page');
  return state;
}

/** The numbers of what is stored, or the first message that is not as it was appended. */
async function stored(): Promise<{ next: number; savedOrder: number; count: number; wrong?: number }> {
  const { nextIndex, savedOrder, outbox } = await current().load();
  const wrong = outbox.find(({ index, json }) => {
    const expected = jsonOf(Number(index));
    return json.length !== expected.length || !json.every((byte, i) => byte === expected[i]);
  });
  const numbers = { next: Number(nextIndex), savedOrder: Number(savedOrder), count: outbox.length };
  return wrong ? { ...numbers, wrong: Number(wrong.index) } : numbers;
}

/** A state to work on, for the Node process. */
const control = {
  open: (name: string) =>
    outcome(async () => {
      state = await openIndexedDbState(name);
    }),
  append: (from: number, howMany: number) =>
    outcome(() =>
      current().append(
        Array.from({ length: howMany }, (_, i) => ({ index: BigInt(from + i), json: jsonOf(from + i) })),
      ),
    ),
  save: (order: number) => outcome(() => current().save({ savedOrder: BigInt(order) })),
  close: () => outcome(() => current().close()),
  stored,
  /** Appends for ever, eight calls at a time; tells the console how far it is confirmed. */
  work: async () => {
    let { next } = await stored();
    const worker = async () => {
      for (;;) {
        const from = next;
        next += 3;
        if ((await control.append(from, 3)) !== 'resolved') return;
        console.log(`confirmed ${from + 3}`);
      }
    };
    for (let i = 0; i < 8; i++) void worker();
  },
  /** Another program of the page opens the database with a version. */
  openVersion: (name: string, version: number) =>
    new Promise<string>((resolve) => {
      const request = indexedDB.open(`sealwire/${name}`, version);
      request.onsuccess = () => {
        request.result.close();
        resolve('opened');
      };
      request.onerror = () => resolve(String(request.error?.name));
      request.onblocked = () => resolve('blocked');
    }),
};

declare global {
  interface Window {
    control: typeof control;
  }
}

window.control = control;
document.title = 'ready';
