/**
 * Keeps a reader of stdout that goes away, as `head` does, from ending the program with a stack trace.
 *
 * @param gone called once, when a line could not be written; what is written later is dropped
 */
export function whenOutputCloses(gone: () => void): void {
  let told = false;
  // Stays, because each further line fails again.
  process.stdout.on('error', () => {
    if (told) return;
    told = true;
    gone();
  });
  process.stderr.on('error', () => {});
}
