/** What a fire panel says by its SIA codes, and where. */

const CODES: Readonly<Record<string, string>> = {
  FA: 'fire alarm',
  FM: 'fire alarm, a neighbouring zone too',
  FG: 'fire alarm, no other zone confirms it',
  KA: 'heat alarm',
  SA: 'sprinkler flow',
  FH: 'fire alarm over',
  FR: 'fire zone normal again',
  KH: 'heat alarm over',
  KR: 'heat zone normal again',
  SH: 'sprinkler alarm over',
  SR: 'sprinkler normal again',
  FB: 'fire zone bypassed',
  KB: 'heat zone bypassed',
  SB: 'sprinkler zone bypassed',
  FU: 'fire zone in use again',
  KU: 'heat zone in use again',
  SU: 'sprinkler zone in use again',
  FS: 'supervision: fire detection not ready',
  KS: 'supervision: heat detection not ready',
  SS: 'supervision: sprinkler valve or pump not ready',
  FZ: 'supervision: a detector is missing',
  FV: 'supervision normal again',
  SQ: 'sprinkler supervision normal again',
  FT: 'fire zone fault',
  FW: 'fire supervision fault',
  FY: 'a fire detector does not answer',
  KT: 'heat zone fault',
  ST: 'sprinkler zone fault',
  UT: 'zone fault',
  FJ: 'fire zone repaired',
  FQ: 'fire supervision repaired',
  KJ: 'heat zone repaired',
  SJ: 'sprinkler zone repaired',
  UJ: 'zone repaired',
  AT: 'no mains power',
  AR: 'mains power is back',
  YT: 'battery low',
  YR: 'battery good again',
  YP: 'power supply fault',
  YQ: 'power supply good again',
  YC: 'no connection with the centre',
  YS: 'trouble on the line',
  YK: 'connection is back',
  ET: 'expansion module fault',
  ER: 'expansion module good again',
  LT: 'phone line lost',
  LR: 'phone line is back',
  TA: 'panel or detector was opened',
  TR: 'closed again',
};

/** The code's meaning, and the panel's own text where it has one. */
export function sia(code = '', text = ''): string {
  const meaning = CODES[code] ?? 'another signal of the panel';
  return `${meaning} (code ${code})${text ? `, panel text “${text}”` : ''}`;
}

/** A time that a device gave, too far from ours to be believed. */
export function misdated(seconds = '', direction = ''): string {
  const s = Number(seconds);
  const size =
    s >= 172_800
      ? `${Math.round(s / 86_400)} days`
      : s >= 7200
        ? `${Math.round(s / 3600)} h`
        : s >= 120
          ? `${Math.round(s / 60)} min`
          : `${s} s`;
  return `the device's time is ${size} ${direction === 'ahead' ? 'ahead' : 'behind'}, ours counts`;
}
