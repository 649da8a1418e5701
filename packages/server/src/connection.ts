import {
  errorText,
  type Job,
  type JobResult,
  OrderedJobs,
  ServerSession,
  type SessionHardening,
} from '@sealwire/session';
import type { Claim } from '@sealwire/store';
import type { Cancel, Link, LinkClose } from '@sealwire/transport';
import type { HandshakesLimit, Pass } from './admission.js';
import { type Client, type Rival, replacedError } from './clients.js';
import { ServerError } from './errors.js';
import { LayoutMemory } from './layout-memory.js';
import { LiveSession } from './live-session.js';
import { lookUp, type Peer, unknownClient } from './peer.js';
import { SessionCommits, storeCode } from './session-commits.js';
import { SessionRsa } from './session-rsa.js';
import type { Shared } from './shared.js';
import { StallWatch } from './stall-watch.js';
import { StoreDeadline } from './store-deadline.js';
import type { Ticking } from './ticker.js';

/** Drives one session on one link: RSA, store, time, and the end. */
export class Connection implements Rival, Ticking {
  welcome = 0;
  readonly #shared: Shared;
  readonly #link: Link;
  readonly #session: ServerSession;
  readonly #rsa: SessionRsa;
  readonly #jobs: OrderedJobs;
  readonly #stall: StallWatch;
  readonly #pass: Pass;
  readonly #storeDeadline: StoreDeadline;
  readonly #gone: () => void;
  /** Per job in flight the bytes that it holds of a live session. */
  readonly #jobBytes: number[] = [];
  #claimedId: string | undefined;
  #peer: Peer | undefined;
  #live: LiveSession | undefined;
  #layouts: LayoutMemory | undefined;
  #unwatch: (() => void) | undefined;
  /** Of this session, once the store has given it. */
  #owned: { readonly client: Client; readonly epoch: bigint } | undefined;
  #newestEpoch = 0n;
  #finished = false;
  #cancelCut: Cancel = () => {};

  /** @param gone called when the link is closed, after everything else */
  constructor(shared: Shared, link: Link, pass: Pass, gone: () => void) {
    const { settings } = shared;
    this.#shared = shared;
    this.#link = link;
    this.#pass = pass;
    this.#storeDeadline = new StoreDeadline(settings);
    this.#gone = gone;
    this.#stall = new StallWatch(link, () => settings.scheduler.now());
    this.#rsa = new SessionRsa(shared, pass, (limit) => {
      // In the time of a refusal; but a 1008 would stop honest clients that share an address with others.
      this.#session.turnAway(1013, this.#overloaded(limit));
    });
    this.#jobs = new OrderedJobs(
      (job) => this.#rsa.execute(job),
      (result) => this.#complete(result),
      () => this.#session.flush(),
    );
    this.#session = new ServerSession(
      {
        modulusBytes: settings.serverKeys.map((key) => key.publicKey.modulusBytes),
        layout: settings.layout,
        pings: link.pinging !== undefined,
        maxClientIdLength: settings.limits.maxClientIdLength,
        maxPipelinedBytes: settings.limits.maxPipelinedBytes,
        hardening: settings.hardening,
        context: settings.context,
        checkpoint: true,
        replays: shared.replays,
        requireHighRequestIds: settings.requireHighRequestIds,
        deadlines: settings.deadlines,
      },
      {
        run: (job) => this.#run(job),
        transmit: (frames) => this.#transmit(frames),
        ping: () => link.pinging?.ping(),
        identify: (clientId, lastSeenOrder) => void this.#identify(clientId, lastSeenOrder),
        claim: () => void this.#claim(),
        live: (hardening) => this.#openLive(hardening),
        layoutKnown: (layout) => {
          this.#layouts?.known(layout);
          this.#live?.layoutKnown();
        },
        message: (sequence, json) => {
          this.#layouts?.heardFrame();
          this.#live?.message(sequence, json);
        },
        request: (requestId, json) => {
          this.#layouts?.heardFrame();
          this.#live?.request(requestId, json);
        },
        end: (code, reason, error) => this.#end(code, reason, error),
      },
      settings.crypto,
      settings.scheduler,
    );
    shared.ticker.add(this);
    link.start({
      frames: (frames) => this.#receive(frames),
      text: () => this.#session.receiveText(),
      drain: () => this.#live?.wake(),
      pong: () => {
        if (this.#session.receivePong()) this.#stall.progress();
      },
      close: (close) => this.#linkClosed(close),
    });
  }

  /** The client whose session this is, while it is live. */
  get clientId(): string | undefined {
    return this.#live === undefined || this.#finished ? undefined : this.#peer?.clientId;
  }

  tick(): void {
    this.#live?.tick();
    const { scheduler, stallTimeout } = this.#shared.settings;
    if (this.#stall.stalledFor() >= stallTimeout) {
      return this.#cutOff(new ServerError('E_TOO_SLOW', `not one byte drained in ${stallTimeout} ms`));
    }
    // While we do not read, its pongs do not reach us either.
    const silentFor = this.#live?.pressure.paused === true ? 0 : this.#link.silentFor;
    if (silentFor !== undefined) this.#session.heard(scheduler.now() - silentFor);
    if (scheduler.now() >= this.#session.nextTick) this.#session.tick();
  }

  replaced(): void {
    const error = replacedError();
    this.#live?.abort(error);
    this.#session.fail(4000, '4000 the client id connected again', error);
  }

  /** Lets what runs finish, then closes. */
  async drain(): Promise<void> {
    this.#live?.stop();
    await this.#live?.settled();
    this.close(1012, new ServerError('E_CLOSED', 'the server drains'));
  }

  /** Closes without an ERROR. What still runs is aborted. */
  close(code: number, error: Error): void {
    if (this.#finished) return;
    this.#live?.abort(error);
    this.#session.flush();
    this.#session.destroy();
    this.#end(code, '', error);
  }

  terminate(): void {
    this.#link.terminate();
  }

  /** It has kept the server waiting while others wanted its place. */
  makeRoom(limit: HandshakesLimit): void {
    this.#pass.leave(false);
    this.close(1013, this.#overloaded(limit));
  }

  #receive(frames: readonly Uint8Array[]): void {
    this.#session.receive(this.#live?.closing === true ? [] : frames);
  }

  #transmit(frames: readonly Uint8Array[]): void {
    // The welcome: the proof is to come.
    if (this.#live === undefined) this.#pass.waits(true);
    this.#stall.send(frames);
  }

  #run(job: Job): void {
    if (this.#live === undefined) this.#pass.waits(false);
    const held = this.#live === undefined ? 0 : job.bytes.length;
    this.#jobBytes.push(held);
    if (held > 0) this.#live?.hold(1, held);
    this.#jobs.run(job);
  }

  #complete(result: JobResult): void {
    this.#session.complete(result);
    // After what the result caused is counted, so that the pressure does not dip in between.
    const held = this.#jobBytes.shift() ?? 0;
    if (held > 0) this.#live?.hold(-1, -held);
  }

  async #identify(clientId: string, lastSeenOrder: bigint): Promise<void> {
    this.#claimedId = clientId;
    let peer: Peer;
    try {
      peer = await lookUp(this.#shared, clientId, lastSeenOrder, this.#storeDeadline);
    } catch (error) {
      return this.#finished ? undefined : this.#storeFailed(clientId, error);
    }
    if (this.#finished) return;
    this.#peer = peer;
    this.#rsa.peerKey = peer.publicKey;
    this.welcome = this.#shared.nextWelcome();
    const { publicKey, lastSequence, layout, requireHardening } = peer;
    this.#session.identified({
      modulusBytes: publicKey.modulusBytes,
      clientSpki: publicKey.spki,
      serverSpki: this.#rsa.serverSpki,
      requireHardening,
      lastSequence,
      layout,
    });
  }

  async #claim(): Promise<void> {
    const peer = this.#peer;
    if (peer === undefined) return;
    const { clients, settings } = this.#shared;
    const { clientId } = peer;
    if (!this.#shared.logins.admit(clientId)) {
      // It cost RSA and came to nothing, whoever it is.
      this.#pass.leave(false);
      return this.close(1013, this.#overloaded('loginRate'));
    }
    this.#pass.proved(clientId);
    if (!clients.has(clientId) && clients.size >= settings.limits.maxSessions) {
      return this.close(1013, this.#overloaded('maxSessions'));
    }
    const client = clients.enter(clientId, this);
    if (client === undefined) return this.replaced();
    let claim: Claim;
    try {
      // Watched before the claim, so that a claim of another node after it cannot be missed.
      this.#unwatch = settings.store.watch(
        clientId,
        () => this.#live?.wake(),
        (epoch) => this.#claimedElsewhere(epoch),
      );
      claim = await this.#storeDeadline.within(clients.claim(settings.store, clientId, client, peer.epoch));
    } catch (error) {
      if (storeCode(error) === 'E_FENCED') return this.#beatenElsewhere(error);
      return this.#storeFailed(clientId, error);
    }
    if (this.#finished) return;
    if (this.#newestEpoch > claim.epoch || !clients.take(client, this)) return this.replaced();
    this.#owned = { client, epoch: claim.epoch };
    this.#session.claimed(claim.lastSequence);
  }

  /** Whoever is still there dials again, with a newer welcome. */
  #beatenElsewhere(cause: unknown): void {
    const words = 'the client connected at another node during the handshake';
    this.close(1012, new ServerError('E_REPLACED', words, { cause }));
  }

  #claimedElsewhere(epoch: bigint): void {
    this.#newestEpoch = epoch;
    if (this.#owned !== undefined && epoch > this.#owned.epoch) this.replaced();
  }

  #openLive(hardening: SessionHardening): void {
    const peer = this.#peer;
    const owned = this.#owned;
    if (peer === undefined || owned === undefined) return;
    const { clientId, lastSeenOrder } = peer;
    const { layout, store } = this.#shared.settings;
    const commits = new SessionCommits(store, clientId, owned.epoch);
    if (layout === 'auto') this.#layouts = new LayoutMemory(commits, peer.storedLayout);
    this.#live = new LiveSession(
      this.#shared,
      {
        clientId,
        client: owned.client,
        lastSeenOrder,
        commits,
        session: this.#session,
        link: this.#link,
      },
      {
        fail: (code, text, error) => this.#session.fail(code, text, error),
        close: (code, error) => this.close(code, error),
      },
    );
    const { emit, hardenedClients } = this.#shared;
    const { remoteAddress } = this.#link;
    emit({ type: 'session-opened', clientId, remoteAddress, hardening });
    if (hardenedClients.opened(clientId, hardening === 'hardened')) {
      emit({ type: 'downgraded', clientId, remoteAddress });
    }
  }

  #storeFailed(clientId: string, cause: unknown): void {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.#shared.emit({ type: 'store-failed', clientId, error });
    this.close(1013, new ServerError('E_STORE', 'the store cannot be asked: see the cause', { cause }));
  }

  #overloaded(limit: string): ServerError {
    this.#shared.overloads.add(limit, this.#link.remoteAddress);
    return new ServerError('E_OVERLOADED', `${limit} is reached`);
  }

  /** A peer that takes nothing would not take a close either. */
  #cutOff(error: Error): void {
    this.#session.destroy();
    this.#finish(4102, '', error, false);
    this.#link.terminate();
  }

  #end(code: number, reason: string, error: Error): void {
    this.#layouts?.ended(error);
    this.#finish(code, reason, error, code === 1012 || code === 1013);
    this.#link.close(code, reason);
    if (this.#live !== undefined) return;
    // A peer that proved nothing has no time of its own to confirm it: it would have a place in the transport meanwhile.
    const { deadlines, scheduler } = this.#shared.settings;
    this.#cancelCut = scheduler.after(deadlines.refusal, () => this.#link.terminate());
  }

  #linkClosed({ code, reason, cause }: LinkClose): void {
    this.#cancelCut();
    this.#session.destroy();
    this.#finish(code, errorText(reason), cause, false);
    this.#gone();
  }

  /** @param blameless the server ends it for a reason of its own */
  #finish(code: number, reason: string, error: Error | undefined, blameless: boolean): void {
    if (this.#finished) return;
    this.#finished = true;
    const { clients, emit, ticker } = this.#shared;
    const { remoteAddress } = this.#link;
    ticker.delete(this);
    this.#pass.leave(blameless);
    this.#storeDeadline.end();
    this.#rsa.end();
    this.#unwatch?.();
    this.#live?.end();
    if (this.#live !== undefined) clients.linger(this.#live.clientId, this.#live.client, this.#live);
    if (this.#peer !== undefined) clients.leave(this.#peer.clientId, this);
    if (this.#live === undefined) {
      const why = this.#peer?.decoy === true ? unknownClient(error) : error;
      emit({ type: 'handshake-refused', clientId: this.#claimedId, remoteAddress, code, error: why });
    } else {
      const clientId = this.#peer?.clientId ?? '';
      emit({ type: 'session-closed', clientId, remoteAddress, code, reason, error });
    }
  }
}
