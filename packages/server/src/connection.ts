import type { Layout } from '@sealwire/framing';
import {
  errorText,
  type Job,
  type JobResult,
  type JobsPort,
  OrderedJobs,
  ServerSession,
  type ServerSessionPort,
  type SessionHardening,
} from '@sealwire/session';
import type { Claim } from '@sealwire/store';
import type { Cancel, Link, LinkClose, LinkEvents } from '@sealwire/transport';
import type { HandshakesLimit, Pass } from './admission.js';
import { type Client, type Rival, replacedError } from './clients.js';
import { ServerError } from './errors.js';
import { HelloRsa } from './hello-rsa.js';
import { LayoutMemory } from './layout-memory.js';
import { LiveSession, type LiveSessionPort } from './live-session.js';
import { lookUp, type Peer, unknownClient } from './peer.js';
import { PeerKeyJobs, type PeerKeyPort } from './peer-key-jobs.js';
import { SessionCommits, storeCode } from './session-commits.js';
import type { Shared } from './shared.js';
import { StallWatch } from './stall-watch.js';
import { StoreDeadline } from './store-deadline.js';
import type { Ticking } from './ticker.js';

/** What a connection has until its session is live. */
interface Entering {
  readonly pass: Pass;
  readonly rsa: HelloRsa;
  readonly deadline: StoreDeadline;
}

/**
 * Drives one session on one link: RSA, store, time, and the end. It is itself what link, session and jobs call, because a
 * function for each call would be much of what an idle connection takes.
 */
export class Connection
  implements Rival, Ticking, LinkEvents, ServerSessionPort, JobsPort, LiveSessionPort, PeerKeyPort
{
  welcome = 0;
  readonly #shared: Shared;
  readonly #link: Link;
  readonly #session: ServerSession;
  readonly #jobs = new OrderedJobs(this);
  readonly #peerKeyJobs: PeerKeyJobs;
  readonly #stall: StallWatch;
  readonly #gone: (connection: Connection) => void;
  #entering: Entering | undefined;
  #claimedId: string | undefined;
  #peer: Peer | undefined;
  #live: LiveSession | undefined;
  #layouts: LayoutMemory | undefined;
  #unwatch: (() => void) | undefined;
  /** Of this session, once the store has given it. */
  #owned: { readonly client: Client; readonly epoch: bigint } | undefined;
  #newestEpoch = 0n;
  #finished = false;
  #cancelCut: Cancel | undefined;

  /** @param gone called when the link is closed, after everything else */
  constructor(shared: Shared, link: Link, pass: Pass, gone: (connection: Connection) => void) {
    const { settings, sessionOptions } = shared;
    this.#shared = shared;
    this.#link = link;
    this.#gone = gone;
    this.#peerKeyJobs = new PeerKeyJobs(shared.turns, settings.scheduler, this);
    this.#stall = new StallWatch(link, settings.scheduler);
    const rsa = new HelloRsa(shared, pass, (limit) => {
      // In the time of a refusal; but a 1008 would stop honest clients that share an address with others.
      this.#session.turnAway(1013, this.#overloaded(limit));
    });
    this.#entering = { pass, rsa, deadline: new StoreDeadline(settings) };
    const options = sessionOptions(link.pinging !== undefined);
    this.#session = new ServerSession(options, this, settings.crypto, settings.scheduler);
    shared.ticker.add(this);
    link.start(this);
  }

  /** The client whose session this is, while it is live. */
  get clientId(): string | undefined {
    return this.#live === undefined || this.#finished ? undefined : this.#peer?.clientId;
  }

  tick(now: number): void {
    this.#live?.tick();
    const { scheduler, stallTimeout } = this.#shared.settings;
    // While we do not read, its pongs do not reach us either.
    const paused = this.#live?.pressure.paused === true;
    if (this.#stall.stalledFor(!paused && !this.#session.hasRoom) >= stallTimeout) {
      const words = `not one byte drained, or no ping was answered, in ${stallTimeout} ms`;
      this.#session.destroy();
      this.#finish(4102, '', new ServerError('E_TOO_SLOW', words), false);
      // A peer that takes nothing would not take a close either.
      return this.#link.terminate();
    }
    if (now < this.#session.nextTick) return;
    const silentFor = paused ? 0 : this.#link.silentFor;
    if (silentFor !== undefined) this.#session.heard(scheduler.now() - silentFor);
    if (scheduler.now() >= this.#session.nextTick) this.#session.tick();
  }

  replaced(): void {
    const error = replacedError();
    this.#live?.abort(error);
    this.#session.fail(4000, '4000 the client id connected again', error);
  }

  /** Lets what runs finish, then closes. */
  async retire(): Promise<void> {
    this.#live?.stop();
    await this.#live?.settled();
    // Behind the delivery of what the last handler published.
    const takeTurn = () => this.sendAway(1012, new ServerError('E_CLOSED', 'the server drains'));
    this.#shared.turns.queue({ takeTurn });
  }

  /** Closes without an ERROR. What still runs is aborted. */
  sendAway(code: number, error: Error): void {
    if (this.#finished) return;
    this.#live?.abort(error);
    this.#session.flush();
    this.#session.destroy();
    this.end(code, '', error);
  }

  terminate(): void {
    this.#link.terminate();
  }

  /** It has kept the server waiting while others wanted its place. */
  makeRoom(limit: HandshakesLimit): void {
    this.#entering?.pass.leave(false);
    this.sendAway(1013, this.#overloaded(limit));
  }

  frames(frames: readonly Uint8Array[]): void {
    if (this.#live === undefined) {
      this.#session.receive(frames);
      return this.#restIfRefused();
    }
    this.#session.heard();
    if (this.#live.closing) return;
    for (const { length } of frames) this.#live.hold(1, length);
    this.#peerKeyJobs.take(frames);
  }

  receive(frame: Uint8Array): void {
    this.#session.receive([frame]);
    // After what it caused is counted, so that the pressure does not dip in between.
    this.#live?.hold(-1, -frame.length);
  }

  text(): void {
    this.#session.receiveText();
    this.#restIfRefused();
  }

  drain(): void {
    this.#live?.drained();
  }

  pong(): void {
    const { hasRoom } = this.#session;
    if (this.#session.receivePong()) this.#stall.ponged();
    if (!hasRoom) this.#live?.published();
  }

  close({ code, reason, cause }: LinkClose): void {
    this.#cancelCut?.();
    this.#session.destroy();
    this.#finish(code, errorText(reason), cause, false);
    this.#gone(this);
  }

  transmit(frames: readonly Uint8Array[]): void {
    // The welcome: the proof is to come.
    this.#entering?.pass.waits(true);
    this.#stall.send(frames);
  }

  ping(): void {
    this.#link.pinging?.ping();
  }

  run(job: Job): void {
    this.#entering?.pass.waits(false);
    this.#live?.hold(1, job.bytes.length);
    this.#jobs.run(job);
  }

  async execute(job: Job): Promise<JobResult> {
    if (job.kind === 'decrypt') return this.#entering?.rsa.open(job.bytes);
    return this.#peerKeyJobs.run(this.#peer?.publicKey, job);
  }

  complete(result: JobResult, { bytes }: Job): void {
    // All jobs of a handshake are done before its session is live.
    const live = this.#live;
    this.#session.complete(result);
    live?.hold(-1, -bytes.length);
  }

  completed(): void {
    this.#session.flush();
  }

  identify(clientId: string, lastSeenOrder: bigint): void {
    this.#claimedId = clientId;
    void this.#identify(clientId, lastSeenOrder);
  }

  live(hardening: SessionHardening): void {
    const peer = this.#peer;
    const owned = this.#owned;
    if (peer === undefined || owned === undefined) return;
    this.#entering = undefined;
    const { clientId, lastSeenOrder } = peer;
    const { layout, store } = this.#shared.settings;
    const commits = new SessionCommits(store, clientId, owned.epoch);
    if (layout === 'auto') this.#layouts = new LayoutMemory(commits, peer.storedLayout);
    const [session, link] = [this.#session, this.#link];
    const options = { clientId, client: owned.client, lastSeenOrder, commits, session, link };
    this.#live = new LiveSession(this.#shared, options, this);
    const { emit, hardenedClients } = this.#shared;
    const { remoteAddress } = link;
    emit({ type: 'session-opened', clientId, remoteAddress, hardening });
    if (hardenedClients.opened(clientId, hardening === 'hardened')) {
      emit({ type: 'downgraded', clientId, remoteAddress });
    }
  }

  layoutKnown(layout: Layout): void {
    this.#layouts?.known(layout);
    this.#live?.layoutKnown();
  }

  message(sequence: bigint, json: Uint8Array): void {
    this.#layouts?.heardFrame();
    this.#live?.message(sequence, json);
  }

  request(requestId: bigint, json: Uint8Array): void {
    this.#layouts?.heardFrame();
    this.#live?.request(requestId, json);
  }

  end(code: number, reason: string, error: Error): void {
    this.#layouts?.ended(error);
    this.#finish(code, reason, error, code === 1012 || code === 1013);
    this.#link.close(code, reason);
    if (this.#live !== undefined) return;
    // A peer that proved nothing has no time of its own to confirm it: it would have a place in the transport meanwhile.
    const { deadlines, scheduler } = this.#shared.settings;
    this.#cancelCut = scheduler.after(deadlines.refusal, () => this.#link.terminate());
  }

  async #identify(clientId: string, lastSeenOrder: bigint): Promise<void> {
    const { rsa, deadline } = this.#entering ?? {};
    if (rsa === undefined || deadline === undefined) return;
    let peer: Peer;
    try {
      peer = await lookUp(this.#shared, clientId, lastSeenOrder, deadline);
    } catch (error) {
      return this.#finished ? undefined : this.#storeFailed(clientId, error);
    }
    if (this.#finished) return;
    this.#peer = peer;
    this.welcome = this.#shared.nextWelcome();
    const { publicKey, lastSequence, layout, requireHardening } = peer;
    const { modulusBytes, spki: clientSpki } = publicKey;
    const keys = { modulusBytes, clientSpki, serverSpki: rsa.serverSpki };
    this.#session.identified({ ...keys, requireHardening, lastSequence, layout });
  }

  async claim(): Promise<void> {
    const peer = this.#peer;
    const { pass, deadline } = this.#entering ?? {};
    if (peer === undefined || pass === undefined || deadline === undefined) return;
    const { clients, settings } = this.#shared;
    const { clientId } = peer;
    if (!this.#shared.logins.admit(clientId)) {
      // It cost RSA and came to nothing, whoever it is.
      pass.leave(false);
      return this.sendAway(1013, this.#overloaded('loginRate'));
    }
    pass.proved(clientId);
    this.#shared.keys.proved(clientId, peer.publicKey);
    if (!clients.has(clientId) && clients.size >= settings.limits.maxSessions) {
      return this.sendAway(1013, this.#overloaded('maxSessions'));
    }
    const client = clients.enter(clientId, this);
    if (client === undefined) return this.replaced();
    let claim: Claim;
    try {
      // Watched before the claim, so that a claim of another node after it cannot be missed.
      this.#unwatch = settings.store.watch(
        clientId,
        () => this.#live?.published(),
        (epoch) => {
          this.#newestEpoch = epoch;
          if (this.#owned !== undefined && epoch > this.#owned.epoch) this.replaced();
        },
      );
      claim = await deadline.within(clients.claim(settings.store, clientId, client, peer.epoch));
    } catch (error) {
      if (storeCode(error) !== 'E_FENCED') return this.#storeFailed(clientId, error);
      // Whoever is still there dials again, with a newer welcome.
      const words = 'the client connected at another node during the handshake';
      return this.sendAway(1012, new ServerError('E_REPLACED', words, { cause: error }));
    }
    if (this.#finished) return;
    if (this.#newestEpoch > claim.epoch || !clients.take(client, this)) return this.replaced();
    this.#owned = { client, epoch: claim.epoch };
    this.#session.claimed(claim.lastSequence);
  }

  /** A refusal comes later than its cause, and what a stranger sends until then is for nobody. */
  #restIfRefused(): void {
    if (this.#session.state === 'refused') this.#link.pausing?.pause();
  }

  #storeFailed(clientId: string, cause: unknown): void {
    const error = cause instanceof Error ? cause : new Error(String(cause));
    this.#shared.emit({ type: 'store-failed', clientId, error });
    this.sendAway(1013, new ServerError('E_STORE', 'the store cannot be asked: see the cause', { cause }));
  }

  #overloaded(limit: string): ServerError {
    this.#shared.overloads.add(limit, this.#link.remoteAddress);
    return new ServerError('E_OVERLOADED', `${limit} is reached`);
  }

  /** @param blameless the server ends it for a reason of its own */
  #finish(code: number, reason: string, error: Error | undefined, blameless: boolean): void {
    if (this.#finished) return;
    this.#finished = true;
    const { clients, emit, ticker } = this.#shared;
    const { remoteAddress } = this.#link;
    ticker.delete(this);
    this.#entering?.pass.leave(blameless);
    this.#entering?.deadline.end();
    this.#entering?.rsa.end();
    this.#peerKeyJobs.end();
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
