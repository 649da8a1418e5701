import { readFile } from 'node:fs/promises';

/** The whole lines of a journal that may still be written. */
export async function readJournal<Line>(file: string): Promise<Line[]> {
  const text = await readFile(file, 'utf8');
  const whole = text.slice(0, text.lastIndexOf('\n') + 1);
  return whole.split('\n').flatMap((line): Line[] => (line === '' ? [] : [JSON.parse(line)]));
}
