/** Short words to the officer about what just happened. They leave by themselves or at Esc. */

type NoticeTone = 'info' | 'warning' | 'bad';

interface Notice {
  readonly id: number;
  readonly text: string;
  readonly tone: NoticeTone;
}

const STAY_MS = 8_000;
/** Who took an alert first, and what was not sent, must not be missed. */
const STAY_LONG_MS = 30_000;
const MOST = 4;

class Notices {
  list = $state.raw<readonly Notice[]>([]);
  #last = 0;

  tell(text: string, tone: NoticeTone = 'info'): void {
    this.#last += 1;
    const notice = { id: this.#last, text, tone };
    this.list = [...this.list.filter((each) => each.text !== text), notice].slice(-MOST);
    setTimeout(() => this.dismiss(notice.id), tone === 'info' ? STAY_MS : STAY_LONG_MS);
  }

  dismiss(id: number): void {
    this.list = this.list.filter((notice) => notice.id !== id);
  }

  clear(): void {
    this.list = [];
  }
}

export const notices = new Notices();
