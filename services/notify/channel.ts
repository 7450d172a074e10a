import type { Http } from '../../providers/contract.ts';
import type { Message } from './message.ts';
import type { Notice } from './notice.ts';

/** What a channel sends: the same however often it is sent. */
export interface Parcel {
  /** Stays the same when it is sent again: for receivers that know what they have. */
  readonly id: string;
  readonly recipient: string;
  readonly notice: Notice;
  readonly message: Message;
}

/** One way to reach people. It sends once, and says what came of it: waiting and trying again are not its business. */
export interface Channel {
  /** How this channel's own syntax writes text that is to be read as it stands. */
  escape(text: string): string;
  /** Resolves when the target has taken it. Throws DeliveryFailure. */
  send(parcel: Parcel, call: ChannelCall): Promise<void>;
}

/** What a channel is given for one attempt. */
export interface ChannelCall {
  /** Epoch milliseconds. */
  readonly now: number;
  /** Aborts at the attempt's deadline and when the process shuts down. */
  readonly signal: AbortSignal;
  /** Ends with the signal. */
  readonly http: Http;
  /** What an overloaded server asked for, in milliseconds. */
  retryAfterMs(answer: {
    readonly status: number;
    readonly headers: Readonly<Record<string, string>>;
  }): number | undefined;
  /** A text of the settings, or what `{ env }`, `{ file }` or `{ secret }` in its place leads to. Throws ProviderError `refused`. */
  resolve(value: unknown): Promise<string>;
  /** Where sockets may lead, for packages that open their own. Throws when the address is out of bounds. */
  connectable(host: string): Promise<string>;
}

/** `refused`: what is sent, or where to, is wrong, and would be again. `passing`: it may work later. */
export class DeliveryFailure extends Error {
  override readonly name = 'DeliveryFailure';
  readonly kind: 'refused' | 'passing';
  /** The target asked to be left alone for so long. */
  readonly retryAfterMs: number | undefined;
  constructor(
    kind: 'refused' | 'passing',
    message: string,
    extra: { retryAfterMs?: number | undefined; cause?: unknown } = {},
  ) {
    super(message, extra.cause === undefined ? undefined : { cause: extra.cause });
    this.kind = kind;
    this.retryAfterMs = extra.retryAfterMs;
  }
}
