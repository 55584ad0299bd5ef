/** Server-sent events out of text that arrives in any pieces. Pure; see the WHATWG HTML standard §9.2. */

export interface ServerEvent {
  readonly name: string;
  readonly data: string;
  /** The last id seen up to and with this event; empty for none. */
  readonly id: string;
}

export class EventParser {
  #rest = '';
  #name = '';
  #data: string[] = [];
  #id: string;

  constructor(lastEventId = '') {
    this.#id = lastEventId;
  }

  /** The events completed by this piece of text. */
  feed(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    const whole = this.#rest + text;
    // A CR at the very end may be half of a CRLF: it waits for the next piece.
    const lines = whole.split(/\r\n|\n|\r(?!$)/);
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const event = this.#line(line);
      if (event) events.push(event);
    }
    return events;
  }

  #line(line: string): ServerEvent | null {
    if (line === '') return this.#dispatch();
    if (line.startsWith(':')) return null;
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (field === 'event') this.#name = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id' && !value.includes('\0')) this.#id = value;
    return null;
  }

  #dispatch(): ServerEvent | null {
    const { length } = this.#data;
    const event = { name: this.#name || 'message', data: this.#data.join('\n'), id: this.#id };
    this.#name = '';
    this.#data = [];
    return length > 0 ? event : null;
  }
}
