import { Core } from '../src/core.js';
import { createDataFile, formatOf } from '../src/create.js';
import { findStore, makeStore, newMarker } from '../src/directory.js';
import { type LmdbStoreOptions, normalizeOptions } from '../src/options.js';
import { Reader } from '../src/reader.js';
import { openWriter, type RowWriter } from '../src/writer.js';

/** A core on a real file, with whatever the test puts between it and the writer. */
export async function openCore(
  path: string,
  between: (writer: RowWriter) => RowWriter,
  options: LmdbStoreOptions = {},
): Promise<Core> {
  const complete = normalizeOptions(options);
  const marker = newMarker();
  await makeStore(path, marker, (file) => createDataFile(file, marker));
  const found = findStore(path);
  if (found === undefined) throw new Error('no store was made');
  const writer = await openWriter(found.file, formatOf(found.marker), complete.maxSize);
  return new Core(new Reader(found.file, complete.maxSize), between(writer), complete);
}

/** Lets a test hold every write up, or let it fail. */
export function gate(writer: RowWriter) {
  const held: { let(): void; fail(error: Error): void }[] = [];
  let open = true;
  const gated: RowWriter = {
    buffer: () => writer.buffer(),
    release: (rows) => writer.release(rows),
    close: () => writer.close(),
    write: async (rows, grows) => {
      if (!open) await new Promise<void>((resolve, reject) => held.push({ let: resolve, fail: reject }));
      await writer.write(rows, grows);
    },
  };
  return {
    gated,
    held,
    close: () => {
      open = false;
    },
    open: () => {
      open = true;
      for (const each of held.splice(0)) each.let();
    },
  };
}
