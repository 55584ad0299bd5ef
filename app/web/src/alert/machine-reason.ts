/**
 * What the machine gave as its reason, read from its own short English into names and values, so
 * that each catalogue says it in its own words. What is not known is said neutrally, never raw. Pure.
 */

/** Each stage of a chain, by name; the groups of its pattern are the values of its sentence. */
const STAGES = {
  looks: /^(\d+) of (\d+) looks$/,
  change_unmeasured: /^change not measured$/,
  change: /^inner change (\d+)$/,
  warmth: /^warmth (\d+)$/,
  grey: /^grey picture$/,
  faint: /^faint: (\d+) of (\d+) looks$/,
  fog: /^fog: (\d+) looks$/,
  unchecked: /^unchecked: .*$/,
  returned: /^returned after (\d+) s$/,
  unseen: /^not seen for (\d+) s$/,
  doubted: /^doubted: (?:witness (\d+)%)?(.*)$/,
  believed: /^believed: (?:witness (\d+)%)?(.*)$/,
  flame_follows: /^(?:fire|flame) follows smoke$/,
  lasting: /^still there, doubted$/,
  haze: /^wide haze on (\d+) cameras(?:: (.*))?$/,
  haze_gone: /^the haze is gone$/,
  called: /^corroborated by call (.+)$/,
  agrees: /^agrees: (.+)$/,
  device_agrees: /^device agrees: (.+)$/,
  device: /^device signal(?:: (.+))?$/,
  sia: /^value SIA ([A-Z]{2})(?:: (.+))?$/,
  reading: /^value (.+)$/,
  misdated: /^dated (\d+) s (ahead|back)$/,
  more_folded: /^(\d+) more folded$/,
  zones_too: /^also (.+)$/,
  cameras_clear: /^seen by none of (\d+) cameras at (\d\d:\d\d)$/,
  fire_too: /^fire too$/,
  smoke_too: /^smoke too$/,
  area_doubled: /^area doubled$/,
  surer: /^surer: ([\d.]+)$/,
  still_seen: /^still seen$/,
  crowd: /^(\d+) here, (\d+) allowed$/,
  for_seconds: /^for (\d+) s$/,
  stayed: /^here for (\d+) s, (\d+) s allowed$/,
  stopped: /^stopped for (\d+) s, (\d+) s allowed$/,
  left_line: /^left over the line$/,
  told_by_camera: /^told by the camera: (\w+)(?: (.+))?$/,
  seen_by_camera: /^seen by the camera itself$/,
  at_rest: /^at rest again$/,
  events_lost: /^a rule waits for its events: .*$/,
  events_come: /^its events come$/,
  crossings: /^(\d+) out, (\d+) in$/,
  flashes: /^(\d+) flashes in (\d+) s$/,
  flash_then_smoke: /^flash, then smoke$/,
  flash_then_fire: /^flash, then fire$/,
  film: /^film$/,
  drill: /^drill(?:_ended)?$/,
  network: /^(\d+) of (\d+) cameras: look at the network$/,
  no_look: /^no look for (\d+) s$/,
  camera_no_look: /^pictures come, and no look for (\d+) s$/,
  look_hangs: /^one look goes on for over (\d+) s$/,
  blind: /^the model does not see the known fire$/,
  looks_again: /^looks again$/,
  object_model: /^object model: .+$/,
  object_model_again: /^the object model looks again$/,
  no_room: /^(\d+) events found no room$/,
  none_lost: /^no more were lost$/,
  picture_frozen: /^picture: frozen$/,
  picture_dark: /^picture: dark$/,
  picture_covered: /^picture: covered$/,
  picture_moved: /^picture: moved$/,
  picture_blurred: /^picture: blurred$/,
  picture_damaged: /^picture: damaged$/,
  picture_ok: /^(?:picture: ok|pictures come)$/,
  queue_silent: /^the queue does not answer: .*$/,
  queue_answers: /^answers again$/,
  queue_full: /^the queue's memory is full, it takes no event: .*$/,
  queue_room: /^the queue has room$/,
  ids_spent: /^(?:somebody used up the stream's ids|an entry with an id of the far future).*$/,
  ids_right: /^ids are right$/,
  replicas_few: /^(\d+) of (\d+) replicas: events wait on the workers$/,
  replicas_enough: /^replicas enough$/,
  primary_moved: /^the queue's primary is (.+), it was (.+)$/,
  queue_waits: /^more than (\d+) events wait for the archive$/,
  unreadable: /^an event could not be read$/,
  no_new: /^no new ones$/,
  silent: /^no sign of life(?: of this centre)?$/,
  reports_again: /^reports again$/,
  lives_again: /^it lives again$/,
  spool_waits: /^events wait on the worker for over (\d+) s$/,
  drains: /^it drains$/,
  unproven: /^no self-test came through for (\d+) min$/,
  proven: /^proven$/,
  unwatched: /^(\d+) cameras have no worker: .*$/,
  all_watched: /^every camera has one$/,
  unnamed: /^(\d+) cameras run that stand in no configuration here: .*$/,
  all_named: /^every camera that runs is known$/,
  not_stopping: /^the camera does not stop turning: .*$/,
  missing: /^(\d+) events are missing$/,
  pictures: /^pictures$/,
  evidence_store: /^evidence store: .+$/,
  evidence_waits: /^evidence waits on the worker for over (\d+) s$/,
  evidence_failed: /^(\d+) events lack pictures or film$/,
  evidence_none_failed: /^no more failed$/,
  evidence_well: /^(?:evidence reaches its store|the same evidence store)$/,
  evidence_elsewhere: /^writes to another evidence store$/,
  disk_missing: /^(\d+) cameras are not recorded, no disk at (.+), known by (.+)$/,
  not_recorded: /^(\d+) cameras are not recorded: .*$/,
  recorded_again: /^recorded again$/,
  films_wait: /^(\d+) films wait on this machine's disk: .*$/,
  not_stored: /^film is not stored: .*$/,
  not_taken: /^it does not take what is due(?:: .*)?$/,
  test_failed: /^the daily test failed(?:: .*)?$/,
  refused: /^it refused messages$/,
  takes_again: /^takes everything again$/,
  log_waits: /^the log waits: .*$/,
  log_taken: /^takes the log again$/,
  exchange_lost: /^the exchange (.+) is not heard: .*$/,
  exchange_heard: /^heard again$/,
  device_silent: /^(.+) was silent for over (\d+) s$/,
  device_flood: /^(.+) sends more than (\d+) signals a minute too many$/,
  device_full: /^(.+): more than (\d+) different states wait, others are lost$/,
  device_ahead: /^(.+): its clock is (\d+) s ahead$/,
  device_behind: /^(.+): its clock is (\d+) s behind$/,
  feed_unread: /^the feed (.+) is not read: .*$/,
  feed_partly: /^(\d+) messages of the feed (.+) cannot be read: .*$/,
  feed_read: /^the feed is read again$/,
  link_up: /^the line to (.+) is up$/,
  link_lost: /^no line to (.+): .*$/,
  link_pictures: /^(\d+) pictures wait: the bound an hour is reached$/,
  link_items: /^(\d+) items wait for (.+)$/,
  disk_low: /^less than ([\d.]+ [GM]B) free$/,
  disk_full: /^the disk is full$/,
  disk_room: /^room again$/,
  clock_ahead: /^the clock is (\d+) s ahead of the (?:queue|archive)'s$/,
  clock_behind: /^the clock is (\d+) s behind the (?:queue|archive)'s$/,
  config_wrong: /^(\d+) problems in the configuration: (.+)$/,
  config_earlier_there:
    /^the last good configuration is in force, not applied: the files on its machine$/,
  config_earlier: /^the last good configuration is in force, not applied: (.+)$/,
  config_waits: /^only a restart of all applies: (.+)$/,
  config_right: /^right$/,
  no_login: /^its walls and tokens end in (\d+) days unless it logs in$/,
  login: /^logged in, or is over$/,
  guessed: /^too many wrong answers: (password|second factor)$/,
  not_guessed: /^quiet$/,
  backup_late: /^no backup was made for (\d+) hours$/,
  backup_failed: /^the last backup failed: .*$/,
  backup_made: /^backup made$/,
  certificate_ends: /^the site's certificate ends in (\d+) days$/,
  certificate_ended: /^the site's certificate has ended$/,
  certificate_lasts: /^the site's certificate lasts$/,
  clock_right: /^the clock is right$/,
  well_again: /^well again$/,
} as const satisfies Record<string, RegExp>;

/** A camera's own trouble: `unreachable: rtsp://… does not answer`. The detail is the engineer's. */
const CAMERA = /^([a-z_]+): .+$/;

type StageName = keyof typeof STAGES;

export type Stage =
  | { readonly name: StageName; readonly values: readonly string[] }
  | { readonly name: 'camera'; readonly values: readonly [string] }
  | { readonly name: 'unknown'; readonly values: readonly [] };

export function readChain(chain: string): readonly Stage[] {
  return chain
    .split(' · ')
    .map((stage) => stage.trim())
    .filter(Boolean)
    .map(readStage);
}

function readStage(text: string): Stage {
  for (const [name, pattern] of Object.entries(STAGES)) {
    const found = pattern.exec(text);
    if (found) return { name: name as StageName, values: found.slice(1) };
  }
  const camera = CAMERA.exec(text)?.[1];
  return camera ? { name: 'camera', values: [camera] } : { name: 'unknown', values: [] };
}

export type StageWords = Readonly<Record<StageName, (...values: string[]) => string>>;

interface Catalogue {
  readonly stages: StageWords;
  /** Why a camera gives no picture, by the machine's name. */
  readonly cameras: Readonly<Record<string, string>>;
  readonly unknown: string;
}

/**
 * The chain in a catalogue's words; unknown stages are told once, at the end. What the witness
 * judged reads like a sentence.
 */
export function sayChain(chain: string, catalogue: Catalogue): string {
  const said = sayStages(chain, catalogue);
  if (!/(?:believed|doubted): witness/.test(chain)) return said.join(' · ');
  const sentence = said.join(', ');
  return `${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`;
}

function sayStages(chain: string, { stages, cameras, unknown }: Catalogue): readonly string[] {
  const said = readChain(chain).map((stage) => {
    if (stage.name === 'unknown') return unknown;
    if (stage.name === 'camera') return cameras[stage.values[0]] ?? unknown;
    return stages[stage.name](...stage.values);
  });
  const known = said.filter((text) => text !== unknown);
  return known.length < said.length ? [...known, unknown] : known;
}
