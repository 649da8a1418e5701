import type { Link } from '../link.js';
import { codeOfFailure, equal, until } from './assert.js';
import { Recorder } from './recorder.js';
import type { LinkSuiteSubject, OnPair, SuiteRunner } from './suite.js';

export function dialFacts(it: SuiteRunner['it'], onPair: OnPair, subject: LinkSuiteSubject): void {
  it('rejects a dial whose signal has aborted or aborts, with E_DIAL_ABORTED', async () => {
    const accepted: Link[] = [];
    const listener = await subject.listen((link) => accepted.push(link));
    const dial = subject.dialer(listener.url);
    try {
      equal(
        await codeOfFailure(() => dial({ signal: AbortSignal.abort() })),
        'E_DIAL_ABORTED',
        'aborted before',
      );
      const controller = new AbortController();
      const dialing = dial({ signal: controller.signal });
      controller.abort();
      equal(await codeOfFailure(() => dialing), 'E_DIAL_ABORTED', 'aborted meanwhile');
    } finally {
      for (const link of accepted) link.terminate();
      await listener.close();
    }
  });

  onPair('leaves open links alone when the listener closes, and refuses new ones', async (pair) => {
    const [atClient, atServer] = [new Recorder(pair.client), new Recorder(pair.server)];
    await pair.listener.close();
    await codeOfFailure(() => subject.dialer(pair.listener.url)({ signal: new AbortController().signal }));
    pair.client.send([Uint8Array.of(1)]);
    pair.server.send([Uint8Array.of(2)]);
    await atServer.count(1);
    await atClient.count(1);
    await pair.listener.close();
  });

  const { sendText } = subject;
  if (sendText === undefined) return;
  it('tells of a text message and stays open', async () => {
    const accepted: { link: Link; recorder: Recorder }[] = [];
    const listener = await subject.listen((link) => accepted.push({ link, recorder: new Recorder(link) }));
    try {
      await sendText(listener.url);
      await until(() => accepted[0]?.recorder.texts === 1, 'the text event');
      equal(accepted[0]?.recorder.closes.length, 0, 'close events');
      equal(accepted[0]?.recorder.received.length, 0, 'frames');
    } finally {
      for (const { link } of accepted) link.terminate();
      await listener.close();
    }
  });
}
