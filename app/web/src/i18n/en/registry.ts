/** Words of the registry of cameras, in English. */

import type { Field, Recorded } from '../../registry/entry';

const fields: Record<Field, string> = {
  id: 'Camera id',
  name: 'Name',
  source: 'Address of the analysed stream',
  main_source: 'Address of the live stream',
  tls_pin: 'Certificate fingerprint',
  agency: 'Agency',
  area: 'Area',
  lat: 'Latitude',
  lon: 'Longitude',
  bearing_deg: 'Bearing (degrees)',
  valid_from: 'Watched from',
  valid_to: 'Watched until',
};
const otherKeys: Readonly<Record<string, string>> = {
  zones: 'Zones',
  lines: 'Lines',
  masks: 'Masks',
  privacy_masks: 'Privacy masks',
  ptz: 'PTZ camera',
  enabled: 'Watched',
  onvif: 'ONVIF address',
  phone: 'Telephone',
  parent: 'Lies in the area',
  record: 'Recording',
  transport: 'Transport',
};
const hints: Partial<Record<Field, string>> = {
  id: 'empty: made of the name',
  source: 'rtsp://user:password@10.0.0.17/stream2',
  tls_pin: 'SHA-256, only for rtsps:// and https://',
  bearing_deg: '0 is north, 90 is east',
  valid_from: '2026-11-26T08:00:00+07:00',
  valid_to: '2026-12-26T08:00:00+07:00',
};
const recorded: Record<Recorded, string> = {
  as_site: 'as the site says',
  on: 'all day',
  off: 'not recorded',
};
const origins: Readonly<Record<string, string>> = {
  form: 'changed on the screen',
  import: 'imported',
  undo: 'undone',
};

export const registry = {
  registry: {
    table: 'Cameras',
    search: 'Search by id, name, agency, area, address',
    everyAgency: 'Every agency',
    everyArea: 'Every area',
    watched: 'Watched',
    onAndOff: 'On and off',
    on: 'on',
    off: 'off',
    loading: 'Loading…',
    count: (total: number) => `${total.toLocaleString('en-GB')} cameras`,
    add: 'Add a camera',
    importFile: 'Import a file',
    inFiles:
      'The cameras of this site stand in its files. To change them here, an administrator sets [registry] source = "database".',
    choose: 'Choose a camera to see, change and draw, and to see who changed it.',
    pick: (name: string) => `Pick ${name}`,
    pickAll: 'Pick all that are loaded',
    bulk: (count: number) => `Picked ${count.toLocaleString('en-GB')}`,
    keepAgency: 'Keep the agency',
    keepArea: 'Keep the area',
    keepState: 'Keep on or off',
    save: 'Save',
    saved: 'Saved. It takes effect within seconds.',
    cancel: 'Close',
    newCamera: 'New camera',
    parts: 'Parts of the camera',
    tabs: { facts: 'Facts', shapes: 'Zones, lines, masks', rule: 'Rules', history: 'History' },
    fields,
    otherKeys,
    hints,
    recorded,
    enabled: 'Watched',
    ptz: 'The camera turns (PTZ)',
    events: 'Listen to the camera’s own signals (ONVIF)',
    remove: 'Remove',
    removeSure: 'Really? Press again',
    removeShape: (name: string) => `Remove ${name}`,
    noShapes: 'Nothing is drawn on this camera yet.',
    undo: 'Undo',
    origins,
    ruleKind: 'Alert on',
    ruleEventHow: 'This rule looks at no picture: the camera’s signal is an alert at once.',
    ruleEventOff:
      'The rule takes effect once “Listen to the camera’s own signals (ONVIF)” is on for this camera.',
    ruleAdd: 'Add the rule',
    ruleSaved: 'Added. The rule takes effect within seconds.',
    ruleChange: 'Change',
    ruleChangeOne: (id: string) => `Change the rule ${id}`,
    ruleChanged: 'Changed. It takes effect within seconds.',
    ruleKeep: 'Save the rule',
    ruleOfOthers: 'This rule watches other cameras too: what is changed here is changed for all.',
    rulesOf: 'Rules of this camera',
    noRules: 'No rule of its own.',
    defaultRules:
      'Flame and smoke in the whole picture are found on every camera, unless another rule replaces that for all.',
    wholePicture: 'The whole picture',
    importHow:
      'CSV (UTF-8), XLSX or TOML. First you see what would change; with one wrong line nothing is imported.',
    importNow: 'Import',
    importPlan: 'Would import:',
    importDone: 'Imported:',
    importCounts: (created: number, changed: number, unchanged: number) =>
      `${created} new, ${changed} changed, ${unchanged} as they were.`,
    importWrong: (count: number) =>
      `${count} errors, nothing was imported. Mend the file, then choose it again:`,
    line: (line: number) => `Line ${line}`,
  },
};
