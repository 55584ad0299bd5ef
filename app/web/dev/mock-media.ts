/** Pictures and films for the mock: drawn as SVG, or cut with ffmpeg out of a folder of films. */

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

export interface Blob {
  readonly type: string;
  readonly bytes: Buffer;
}

export class Media {
  #films: string[] = [];
  readonly #kept = new Map<string, Blob>();
  readonly #folder = join(tmpdir(), 'thapcanh-mock-media');

  constructor(folder: string | undefined) {
    mkdirSync(this.#folder, { recursive: true });
    if (folder && existsSync(folder)) {
      this.#films = readdirSync(folder)
        .filter((name) => name.endsWith('.mp4'))
        .sort()
        .map((name) => join(folder, name));
    }
  }

  picture(index: number): Blob {
    const film = this.#films[index % Math.max(1, this.#films.length)];
    return this.#keep(`picture-${index}`, () =>
      film
        ? {
            type: 'image/jpeg',
            bytes: this.#cut(film, 'jpg', ['-ss', '2', '-i', film, '-frames:v', '1']),
          }
        : { type: 'image/svg+xml', bytes: Buffer.from(scene(index)) },
    );
  }

  film(index: number): Blob {
    const film = this.#films[index % Math.max(1, this.#films.length)];
    const source = film
      ? ['-t', '15', '-i', film, '-an']
      : ['-f', 'lavfi', '-i', `testsrc2=size=960x540:rate=15:duration=15`];
    return this.#keep(`film-${index}`, () => ({
      type: 'video/mp4',
      bytes: this.#cut(film ?? `drawn-${index}`, 'mp4', [
        ...source,
        '-c:v',
        'libx264',
        '-preset',
        'veryfast',
        '-pix_fmt',
        'yuv420p',
        '-movflags',
        '+faststart',
      ]),
    }));
  }

  #cut(name: string, ending: string, options: string[]): Buffer {
    const path = join(this.#folder, `${basename(name, '.mp4')}.${ending}`);
    if (!existsSync(path)) execFileSync('nice', ['ffmpeg', '-v', 'error', '-y', ...options, path]);
    return readFileSync(path);
  }

  #keep(key: string, make: () => Blob): Blob {
    const known = this.#kept.get(key);
    if (known) return known;
    const made = make();
    this.#kept.set(key, made);
    return made;
  }
}

/** A street at night with something burning in it, different for each number. */
function scene(seed: number): string {
  const random = (n: number) => Math.abs(Math.sin(seed * 12.9898 + n * 78.233) * 43758.5453) % 1;
  const hue = Math.floor(random(1) * 60 + 200);
  const houses = Array.from({ length: 9 }, (_, i) => {
    const height = 150 + random(i + 2) * 190;
    return `<rect x="${i * 110 - 20}" y="${400 - height}" width="104" height="${height}" fill="hsl(${hue} 14% ${14 + random(i) * 10}%)"/>`;
  }).join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 960 540" width="960" height="540"><defs>
<radialGradient id="f" cx="50%" cy="80%"><stop offset="0" stop-color="#fff3b0"/><stop offset=".35" stop-color="#ff9d2e"/><stop offset="1" stop-color="#d5400000"/></radialGradient>
<radialGradient id="s"><stop offset="0" stop-color="#444b"/><stop offset="1" stop-color="#4440"/></radialGradient></defs>
<rect width="960" height="540" fill="hsl(${hue} 18% 10%)"/>${houses}<path d="M0 400h960v140H0z" fill="#26292d"/><path d="M430 540 470 400h20l60 140z" fill="#34383d"/>
<ellipse cx="580" cy="150" rx="230" ry="150" fill="url(#s)"/><ellipse cx="585" cy="290" rx="110" ry="150" fill="url(#f)"/></svg>`;
}
